"""The model and its draws: a Bernoulli-logit model with crossed random effects, drawn by NumPyro's NUTS.

    logit P(outcome) = mean(benchmark, arm, context, belief) + sum of the effects of the reply's levels

The mean of each cell of a benchmark is Normal(0, 2.5), on the log-odds scale.
The effects of one set are Normal(0, sd), with sd HalfNormal(2) for questions and HalfNormal(1) for every other set.
They are drawn in units of their sd (non-centred).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from warm_inspect.analysis.estimates import Floats
from warm_inspect.analysis.hierarchical.layout import Layout, Source

if TYPE_CHECKING:
    from numpyro.infer import MCMC

MEAN_SD = 2.5
QUESTION_SD, OTHER_SD = 2.0, 1.0
"""Scales of the priors, in log-odds."""
SEED = 20261129
_STEPS = 63
"""Steps of a typical draw, for the forecast of the time."""
_BASE_MEGABYTES = 600
"""What a process with the sampler holds before it draws."""


@dataclass(frozen=True)
class Sampling:
    """How long the sampler runs, and how small its steps are."""

    chains: int = 4
    warmup: int = 1000
    draws: int = 2000
    """Of each chain, after the warm-up."""
    acceptance: float = 0.9
    """The acceptance probability that the step size is tuned to."""

    @property
    def careful(self) -> "Sampling":
        """The same with smaller steps and twice as long: for a fit whose chains did not agree."""
        return Sampling(self.chains, 2 * self.warmup, 2 * self.draws, 0.97)


DEFAULT_SAMPLING = Sampling()


@dataclass(frozen=True)
class Draws:
    """Draws from the posterior; the first two axes of each array are chain and draw."""

    mean: Floats
    """Of each benchmark and cell, in log-odds; shape (chain, draw, benchmark, cell)."""
    sd: Floats
    """Of each set of effects, in the order of `Layout.effects`; shape (chain, draw, effect)."""
    shared: tuple[Floats, ...]
    """The effects of each shared set, in log-odds; shape (chain, draw, level)."""
    divergent: int
    """Draws whose step left the region where the sampler can be trusted."""


@dataclass(frozen=True)
class Forecast:
    """What a fit will take on this machine."""

    replies: int
    effects: int
    seconds: float
    megabytes: float


class Sampler:
    """The sampler of one layout."""

    def __init__(self, layout: Layout, sampling: Sampling) -> None:
        self._layout = layout
        self._sampling = sampling
        self._data = _data(layout)

    def forecast(self) -> Forecast:
        """What drawing will take, from the time of the gradient on this machine."""
        import jax
        from numpyro.infer.util import initialize_model

        start = initialize_model(jax.random.PRNGKey(SEED), _model, model_kwargs=self._data)
        gradient = jax.jit(jax.grad(start.potential_fn))
        at = start.param_info.z
        jax.block_until_ready(gradient(at))
        times = []
        for _ in range(20):
            begin = perf_counter()
            jax.block_until_ready(gradient(at))
            times.append(perf_counter() - begin)
        plan = self._sampling
        latent = sum(np.size(value) for value in at.values())
        kept = latent - np.size(at["z_question"])
        return Forecast(
            replies=int(self._layout.replies.sum()),
            effects=self._layout.latent,
            # The least of the times: the others hold what else the machine did.
            seconds=plan.chains * (plan.warmup + plan.draws) * _STEPS * min(times),
            megabytes=_BASE_MEGABYTES + plan.chains * plan.draws * kept * 8 / 1e6,
        )

    def draw(self, bar: bool = False) -> Draws:
        """The draws; the same on one machine each time.

        Args:
            bar: whether to show the library's progress bar on the error stream.
        """
        import jax

        sampler = _compiled(self._sampling, bar, tuple(np.shape(value) for value in self._data.values()))
        # The effects of single questions, most of all numbers, are not kept: nothing asks for them.
        sampler.run(jax.random.PRNGKey(SEED), **self._data, extra_fields=("diverging", "~z.z_question"))
        kept = {name: np.asarray(value, dtype=np.float64) for name, value in sampler.get_samples(True).items()}
        scales = np.array(_scales(self._layout))
        sd = kept["sd"] * scales
        first = len(self._layout.of_question)
        ends = np.cumsum([each.levels for each in self._layout.shared])[:-1]
        units = np.split(kept["z_shared"], ends, axis=-1) if self._layout.shared else []
        return Draws(
            mean=MEAN_SD * kept["mean"],
            sd=sd,
            shared=tuple(sd[..., first + i, None] * z for i, z in enumerate(units)),
            divergent=int(np.asarray(sampler.get_extra_fields()["diverging"]).sum()),
        )


@cache
def _compiled(plan: Sampling, bar: bool, shapes: tuple[tuple[int, ...], ...]) -> "MCMC":
    """The library's sampler for data of these shapes: compiling it takes as long as a small fit."""
    from numpyro.infer import MCMC, NUTS

    return MCMC(
        NUTS(_model, target_accept_prob=plan.acceptance),
        num_warmup=plan.warmup,
        num_samples=plan.draws,
        num_chains=plan.chains,
        chain_method="sequential",
        progress_bar=bar,
        jit_model_args=True,
    )


def _scales(layout: Layout) -> list[float]:
    """The scale of the prior of each standard deviation."""
    return [QUESTION_SD if each.name == Source.QUESTION.value else OTHER_SD for each in layout.effects]


def _data(layout: Layout) -> Mapping[str, Any]:
    """What the model is given, as arrays of single precision."""
    columns = len(layout.columns)
    loads = [np.eye(each.levels, dtype=np.float32)[:, each.codes] for each in layout.of_question]
    first = np.cumsum([0, *(each.levels for each in layout.shared)])
    none = int(first[-1])
    starts = zip(layout.shared, first[:-1], strict=True)
    codes = [np.where(each.codes < 0, none, each.codes + start) for each, start in starts]
    return {
        "hits": layout.hits.astype(np.float32),
        "replies": layout.replies.astype(np.float32),
        "benchmark": np.eye(len(layout.benchmarks), dtype=np.float32)[layout.benchmark],
        "cell": np.eye(len(layout.cells), dtype=np.float32)[:, layout.cell],
        "scales": np.array(_scales(layout), dtype=np.float32),
        "loads": np.concatenate(loads),
        "of_load": np.repeat(np.arange(len(loads)), [len(each) for each in loads]),
        "of_level": np.repeat(np.arange(len(loads), len(loads) + len(codes)), [each.levels for each in layout.shared]),
        "shared": np.array(codes, dtype=np.int32).reshape(len(codes), len(layout.hits), columns),
    }


def _model(
    hits: Any,  # noqa: ANN401 - arrays of NumPy or of JAX
    replies: Any,  # noqa: ANN401
    benchmark: Any,  # noqa: ANN401
    cell: Any,  # noqa: ANN401
    scales: Any,  # noqa: ANN401
    loads: Any,  # noqa: ANN401
    of_load: Any,  # noqa: ANN401
    of_level: Any,  # noqa: ANN401
    shared: Any,  # noqa: ANN401
) -> None:
    """The log joint density, up to a constant.

    Args:
        hits: replies with the outcome; shape (question, column).
        replies: all replies; shape (question, column).
        benchmark: whether a question is of a benchmark, 0 or 1; shape (question, benchmark).
        cell: whether a column is of a cell, 0 or 1; shape (cell, column).
        scales: of the prior of each standard deviation.
        loads: which columns a level of a set of the question reaches; shape (level, column).
        of_load: the set of each of these levels.
        of_level: the set of each level of the shared sets.
        shared: the level of each cell in each shared set, the number of levels for none; shape (set, question, column).
    """
    import jax.numpy as jnp
    import numpyro
    from jax.nn import softplus
    from numpyro.distributions import HalfNormal, Normal

    def standard(name: str, *shape: int) -> Any:  # noqa: ANN401
        return numpyro.sample(name, Normal(0.0, 1.0).expand(shape).to_event(len(shape)))

    # Effects are standard normals times their deviation: drawn themselves, those of a small deviation would lie in a
    # funnel for which no step size is right.
    mean = MEAN_SD * standard("mean", benchmark.shape[1], len(cell))
    sd = numpyro.sample("sd", HalfNormal(1.0).expand([len(scales)]).to_event(1)) * scales
    logit = benchmark @ mean @ cell
    logit = logit + standard("z_question", len(hits), len(loads)) @ (sd[of_load][:, None] * loads)
    if len(shared):
        # Behind the last level stands a zero, for cells without a level.
        effects = jnp.append(sd[of_level] * standard("z_shared", len(of_level)), 0.0)
        logit = logit + effects[shared].sum(axis=0)
    # The binomial log-likelihood by its counts, without the constant.
    numpyro.factor("replies", jnp.sum(hits * logit - replies * softplus(logit)))
