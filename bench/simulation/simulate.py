"""Rejection under the null and coverage of planted effects, for our errors and for the published ones.

    python bench/simulation/simulate.py [--repetitions 4000] [--worlds a,b,c] > results.md

Each world draws replies of 200 questions to two arms. "Null" is a zero difference on the PROBABILITY scale over the
population the world names, solved numerically: log-odds effects of mean zero are no null. Repetitions stand in the
outcome dimension of a `CellTable`, so that the package's own code is what is measured. The published errors are those
of a logistic regression on the arm alone that takes every reply as independent: with one benchmark, one base model and
one condition the fit is saturated and its Wald statistic and marginal effect have the closed form used here.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import expit, logit

from warm_inspect.analysis.contrasts import CellTable, Contrast, estimate, mean_over, two_way
from warm_inspect.analysis.estimates import Estimate, arm_effect
from warm_inspect.analysis.observations import Cell

Floats = npt.NDArray[np.float64]

SEED = 20261122
QUESTIONS = 200
CONTEXTS = 9
STATEMENTS = 5
SEEDS = 5
PLANTED = 0.05
CHUNK = 250
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
ARMS = ("warm", "original")


@dataclass(frozen=True)
class Drawn:
    """Replies of some repetitions, and the effect that an interval should cover."""

    values: Floats
    """0/1 outcomes averaged over repeated prompts; shape (repetition, question, arm, condition)."""
    rows: tuple[Floats, Floats]
    """Errors and replies of each arm as the published model counts them; shape (repetition, arm) each."""
    truth: float
    conditional: Floats | None = None
    """The effect for the statements or adapters that were drawn; shape (repetition,)."""
    statement: npt.NDArray[np.intp] | None = None


def mean_p(mean: float, spread: float) -> float:
    """The mean probability of a normal log-odds."""
    return float(WEIGHTS @ expit(mean + spread * NODES))


def shift(base: float, spread: float, extra: float, effect: float) -> float:
    """The mean log-odds effect whose probabilities differ by `effect`, its own spread being `extra`."""
    target = mean_p(base, spread) + effect
    return float(brentq(lambda mu: mean_p(base + mu, np.hypot(spread, extra)) - target, -8, 8))


def replies(rng: np.random.Generator, p: Floats, repeats: int = 1) -> Floats:
    return rng.binomial(repeats, p) / repeats


def counted(values: Floats, repeats: int = 1) -> tuple[Floats, Floats]:
    errors = values.sum(axis=(1, 3)) * repeats
    return errors, np.full_like(errors, values.shape[1] * values.shape[3] * repeats)


def arms(eta: Floats, effect: Floats | float) -> Floats:
    """Log-odds of both arms from those of the original; a new axis of arms at place 2."""
    return np.stack([eta + effect, np.broadcast_to(eta, np.broadcast_shapes(eta.shape, np.shape(effect)))], axis=2)


def world_a(rng: np.random.Generator, n: int, effect: float) -> Drawn:
    """Question intercepts only."""
    mu = shift(-1.0, 1.5, 0.0, effect)
    eta = rng.normal(-1.0, 1.5, (n, QUESTIONS, 1)) + np.zeros((1, 1, CONTEXTS))
    values = replies(rng, expit(arms(eta, mu)))
    return Drawn(values, counted(values), effect)


def world_b(rng: np.random.Generator, n: int, effect: float) -> Drawn:
    """Each question has an arm effect of its own."""
    mu = shift(-1.0, 1.5, 2.0, effect)
    eta = rng.normal(-1.0, 1.5, (n, QUESTIONS, 1)) + np.zeros((1, 1, CONTEXTS))
    values = replies(rng, expit(arms(eta, rng.normal(mu, 2.0, (n, QUESTIONS, 1)))))
    return Drawn(values, counted(values), effect)


def world_c(rng: np.random.Generator, n: int, effect: float, own: float = 0.5) -> Drawn:
    """One context voiced by 5 statements, each with a difficulty and an arm effect of its own; 8 replies a prompt."""
    level, repeats = 0.5, 8
    base = np.hypot(1.0, level)
    mu = shift(-1.0, float(base), own, effect)
    statement = np.arange(QUESTIONS) % STATEMENTS
    difficulty, change = rng.normal(0, level, (n, STATEMENTS)), rng.normal(mu, own, (n, STATEMENTS))
    eta = rng.normal(-1.0, 1.0, (n, QUESTIONS)) + difficulty[:, statement]
    values = replies(rng, expit(arms(eta[..., None], change[:, statement][..., None])), repeats)
    # The effect for these five statements, over the population of questions.
    conditional = np.array(
        [
            np.mean([mean_p(-1 + d + c, 1.0) - mean_p(-1 + d, 1.0) for d, c in zip(*pair, strict=True)])
            for pair in zip(difficulty, change, strict=True)
        ]
    )
    return Drawn(values, counted(values, repeats), effect, conditional, statement)


def world_g(rng: np.random.Generator, n: int, effect: float) -> Drawn:
    """World c with twice the spread of the statements' arm effects, so that five of them make a skewed sample."""
    return world_c(rng, n, effect, own=1.0)


def world_d(rng: np.random.Generator, n: int, effect: float) -> Drawn:
    """Five training seeds; each pair of adapters has an effect of its own. Conditions stand for seeds here."""
    mu = shift(-1.0, 1.5, 0.5, effect)
    eta = rng.normal(-1.0, 1.5, (n, QUESTIONS, 1)) + np.zeros((1, 1, SEEDS))
    change = rng.normal(mu, 0.5, (n, 1, SEEDS))
    values = replies(rng, expit(arms(eta, change)))
    conditional = np.array([np.mean([mean_p(-1 + c, 1.5) - mean_p(-1, 1.5) for c in row]) for row in change[:, 0]])
    return Drawn(values, counted(values), effect, conditional)


def world_e(rng: np.random.Generator, n: int, effect: float) -> Drawn:
    """Error rates of 2 %; the planted effect is one point."""
    effect = effect / 5
    base = float(brentq(lambda b: mean_p(b, 1.0) - 0.02, -12, 0))
    mu = shift(base, 1.0, 0.0, effect)
    eta = rng.normal(base, 1.0, (n, QUESTIONS, 1)) + np.zeros((1, 1, CONTEXTS))
    values = replies(rng, expit(arms(eta, mu)))
    return Drawn(values, counted(values), effect)


def world_f(rng: np.random.Generator, n: int, effect: float) -> Drawn:
    """The warm arm refuses 20 % instead of 5 %, in place of correct replies; the published policy drops refusals."""
    mu = shift(-1.0, 1.5, 0.0, effect)
    eta = rng.normal(-1.0, 1.5, (n, QUESTIONS, 1)) + np.zeros((1, 1, CONTEXTS))
    p = expit(arms(eta, mu))
    refusal = np.array([0.2, 0.05])[None, None, :, None] * (1 - p)
    u = rng.random(p.shape)
    wrong, refused = (u < p).astype(float), (u >= p) & (u < p + refusal)
    answered = (~refused).astype(float).sum(axis=(1, 3))
    return Drawn(wrong, (wrong.sum(axis=(1, 3)), answered), effect)


WORLDS = {"a": world_a, "b": world_b, "c": world_c, "d": world_d, "e": world_e, "f": world_f, "g": world_g}


def table_of(values: Floats, statement: npt.NDArray[np.intp] | None) -> CellTable:
    """The package's table, one outcome for each repetition."""
    conditions = values.shape[3]
    cells = [Cell(arm, f"c{i}", "none") for arm in ARMS for i in range(conditions)]
    codes = np.full((QUESTIONS, len(cells)), -1, dtype=np.intp)
    if statement is not None:
        codes[:] = statement[:, None]
    return CellTable(
        outcomes=tuple(map(str, range(len(values)))),
        columns={cell: i for i, cell in enumerate(cells)},
        values=values.reshape(len(values), QUESTIONS, -1),
        stratum=np.zeros(QUESTIONS, dtype=np.intp),
        cluster=np.arange(QUESTIONS),
        benchmarks=("simulated",),
        names=("simulated",),
        statement=codes,
    )


def contrast_of(conditions: range) -> Contrast:
    blocks = tuple({Cell("warm", f"c{i}", "none"): 1.0, Cell("original", f"c{i}", "none"): -1.0} for i in conditions)
    return Contrast("simulation", arm_effect("warm", "original"), blocks)


def published(drawn: Drawn) -> tuple[Floats, Floats, Floats]:
    """The P value's z and the interval of the marginal effect, every reply being independent."""
    errors, n = drawn.rows
    p = errors / n
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (logit(p[:, 0]) - logit(p[:, 1])) / np.sqrt((1 / (n * p * (1 - p))).sum(axis=1))
    half = 1.959964 * np.sqrt((p * (1 - p) / n).sum(axis=1))
    effect = p[:, 0] - p[:, 1]
    return np.nan_to_num(z), effect - half, effect + half


def intervals(rows: list[Estimate]) -> tuple[Floats, Floats, Floats]:
    p, low, high = (np.array([getattr(row, name) for row in rows]) for name in ("p_value", "conf_low", "conf_high"))
    return p, low / 100, high / 100


def methods(name: str, drawn: Drawn) -> Iterator[tuple[str, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
    """Each method's name, whether it rejects, and whether its interval covers what it claims to cover."""
    table = table_of(drawn.values, drawn.statement)
    everything = contrast_of(range(drawn.values.shape[3]))
    p, low, high = intervals(estimate(table, everything))
    covers = (low <= drawn.truth) & (drawn.truth <= high)
    yield "clustered by question", p < 0.05, covers
    if drawn.conditional is not None:
        inside = (low <= drawn.conditional) & (drawn.conditional <= high)
        what = "statements" if name in "cg" else "adapters"
        yield f"clustered by question, for these {what}", np.full(len(p), False), inside
    if name in "cg":
        p, low, high = intervals(two_way(table, everything))
        yield "two-way, df 4", p < 0.05, (low <= drawn.truth) & (drawn.truth <= high)
    if name == "d":
        by_seed = [estimate(table, contrast_of(range(i, i + 1))) for i in range(SEEDS)]
        rows = [
            mean_over(seeds, arm_effect("warm", "original"), "training seeds") for seeds in zip(*by_seed, strict=True)
        ]
        p, low, high = intervals(rows)
        yield "paired by seed, t with 4 df", p < 0.05, (low <= drawn.truth) & (drawn.truth <= high)
    z, low, high = published(drawn)
    yield "published, every reply independent", np.abs(z) > 1.959964, (low <= drawn.truth) & (drawn.truth <= high)


def run(world: Callable[[np.random.Generator, int, float], Drawn], name: str, repetitions: int) -> None:
    rates_by_method: dict[str, list[list[float]]] = {}
    for planted in (0.0, PLANTED):
        rng = np.random.default_rng([SEED, ord(name), int(planted > 0)])
        for start in range(0, repetitions, CHUNK):
            drawn = world(rng, min(CHUNK, repetitions - start), planted)
            for method, rejects, covers in methods(name, drawn):
                rates = rates_by_method.setdefault(method, [[], [], []])
                if planted:
                    rates[1].extend(covers)
                else:
                    rates[0].extend(rejects)
                    rates[2].extend(covers)
    for method, (rejected, covered, covered_null) in rates_by_method.items():
        shown = "-" if "for these" in method else f"{100 * np.mean(rejected):.2f}"
        print(
            f"| {name} | {method} | {shown} | {100 * np.mean(covered):.2f} | {100 * np.mean(covered_null):.2f} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=4_000)
    parser.add_argument("--worlds", default=",".join(WORLDS))
    options = parser.parse_args()
    half = 2.5758 * np.sqrt(0.05 * 0.95 / options.repetitions)
    print(f"{options.repetitions} repetitions, {QUESTIONS} questions, seed {SEED}; a rate of 5 % or 95 % lies within "
          f"{100 * half:.2f} points of it in 99 % of runs.\n")  # fmt: skip
    print(
        "| world | method | rejects under the null, % | covers the planted effect, % | covers zero under the null, % |"
    )
    print("|---|---|---|---|---|")
    for name in options.worlds.split(","):
        run(WORLDS[name], name, options.repetitions)


if __name__ == "__main__":
    main()
