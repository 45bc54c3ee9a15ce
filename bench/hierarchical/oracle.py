"""The sampler beside exact posteriors, by quadrature, where these can be had.

    python -m bench.hierarchical.oracle > results.md

Two arms answer each question once under one condition, so that the model has three numbers: a mean log-odds for each
arm and the deviation of the questions. On a grid of these the likelihood of a question is a Gauss-Hermite sum over its
effect, and the posterior is exact but for the grid. The sampler runs at the package's full length. `statsmodels` is
its variational `BinomialBayesMixedGLM`, whose prior of the deviation (log-normal) is another: a rough third opinion.
"""

from collections.abc import Iterator
from time import process_time

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

from warm_inspect.analysis.contrasts import all_contrasts, grid_of
from warm_inspect.analysis.hierarchical.fit import Fit
from warm_inspect.analysis.hierarchical.layout import layout_of
from warm_inspect.analysis.hierarchical.sampling import DEFAULT_SAMPLING, MEAN_SD, QUESTION_SD, Sampler

Floats = npt.NDArray[np.float64]
SEED = 20261129
ARMS = ("neutral", "warm")
STUDIES = (
    (30, -1.0, 0.0, 1.5),
    (60, -1.0, 0.8, 1.5),
    (60, -3.5, 1.0, 1.0),
    (200, 0.5, -0.4, 2.5),
    (200, -1.0, 0.3, 0.0),
)
"""Questions, mean log-odds of the reference, what the arm adds, and the deviation of the questions."""
_MEANS, _DEVIATIONS = np.linspace(-8, 8, 161), np.linspace(0.02, 8, 120)
_NODES = 41
Summary = tuple[float, float, float, float]
"""Mean, standard deviation, and the ends of the central 95 % interval."""


def drawn(questions: int, mean: float, effect: float, deviation: float, seed: int) -> Floats:
    """Replies of 0 and 1; shape (question, arm)."""
    dice = np.random.default_rng([SEED, seed])
    logit = mean + dice.normal(0, deviation, (questions, 1)) + np.array([0.0, effect])
    return (dice.random(logit.shape) < expit(logit)).astype(float)


def exact(wrong: Floats) -> tuple[Summary, Summary]:
    """The difference of the arms' rates over other questions, in points, and the deviation of the questions."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / weights.sum()
    patterns, counts = np.unique(wrong, axis=0, return_counts=True)
    prior = -0.5 * (_MEANS / MEAN_SD) ** 2
    joint = np.empty((len(_DEVIATIONS), len(_MEANS), len(_MEANS)))
    rates = np.empty((len(_DEVIATIONS), len(_MEANS)))
    for i, deviation in enumerate(_DEVIATIONS):
        logit = _MEANS[:, None] + deviation * nodes
        rates[i] = expit(logit) @ weights
        # Of each arm's reply given the question's effect; shape (mean, node).
        of_reply = {1.0: expit(logit), 0.0: expit(-logit)}
        joint[i] = prior[:, None] + prior - 0.5 * (deviation / QUESTION_SD) ** 2
        for (neutral, warm), n in zip(patterns, counts, strict=True):
            joint[i] += n * np.log((of_reply[neutral] * weights) @ of_reply[warm].T)
    joint = np.exp(joint - joint.max())
    difference = 100 * (rates[:, None, :] - rates[:, :, None])
    of_deviation = np.broadcast_to(_DEVIATIONS[:, None, None], joint.shape)
    return summary(difference.ravel(), joint.ravel()), summary(of_deviation.ravel(), joint.ravel())


def summary(values: Floats, weights: Floats) -> Summary:
    order = np.argsort(values)
    values, weights = values[order], weights[order] / weights.sum()
    low, high = np.interp([0.025, 0.975], weights.cumsum() - weights / 2, values)
    mean = float(values @ weights)
    return mean, float(np.sqrt((values - mean) ** 2 @ weights)), float(low), float(high)


def sampled(wrong: Floats) -> tuple[Summary, Summary, str]:
    """The same by the package, and whether its chains agree."""
    rows = [(arm, f"q{q}", wrong[q, i]) for i, arm in enumerate(ARMS) for q in range(len(wrong))]
    frame = pd.DataFrame(rows, columns=["arm", "question_id", "wrong"])
    frame = frame.assign(
        base_model="tiny", benchmark="b", training_seed=-1, statement_id="", cluster=frame["question_id"],
        context="none", belief="none",
    )  # fmt: skip
    for name, levels in (("arm", ARMS), ("context", ("none",)), ("belief", ("none",)), ("benchmark", ("b",))):
        frame[name] = pd.Categorical(frame[name], categories=levels, ordered=True)
    layout = layout_of(frame, "wrong")
    (contrast,) = (each for each in all_contrasts(grid_of(frame)) if each.identity.label == "warm - neutral")
    fit = Fit(layout, Sampler(layout, DEFAULT_SAMPLING).draw(), [contrast])
    (effect,) = fit.effects
    one = np.ones(effect.given.size)
    agree = "yes" if fit.convergence.passed else "no"
    return summary(100 * effect.given, one), summary(fit.draws.sd.ravel(), one), agree


def variational(wrong: Floats) -> tuple[Summary, Summary]:
    """The same by statsmodels: normal posteriors of means and log deviation, drawn independently."""
    n = len(wrong)
    fixed = np.concatenate([np.tile([1.0, 0.0], (n, 1)), np.tile([0.0, 1.0], (n, 1))])
    model = BinomialBayesMixedGLM(
        wrong.T.ravel(), fixed, np.tile(np.eye(n), (2, 1)), np.zeros(n, dtype=int), vcp_p=1.0, fe_p=MEAN_SD
    )
    result = model.fit_vb()
    dice = np.random.default_rng(SEED)
    means = dice.normal(result.fe_mean, result.fe_sd, (4_000, 2))
    deviation = np.exp(dice.normal(result.vcp_mean, result.vcp_sd, 4_000))
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    rates = expit(means[..., None] + deviation[:, None, None] * nodes) @ (weights / weights.sum())
    one = np.ones(len(rates))
    return summary(100 * (rates[:, 1] - rates[:, 0]), one), summary(deviation, one)


def lines() -> Iterator[str]:
    for place, study in enumerate(STUDIES):
        wrong = drawn(*study, seed=place)
        begin = process_time()
        *ours, agree = sampled(wrong)
        seconds = process_time() - begin
        theirs, third = exact(wrong), variational(wrong)
        name = f"{study[0]} questions, {int(wrong[:, 0].sum())} and {int(wrong[:, 1].sum())} wrong"
        for number, *three in zip(
            ("warm - neutral, points", "deviation of questions"), theirs, ours, third, strict=True
        ):
            shown = " | ".join(f"{mean:.2f} ± {sd:.2f} ({low:.2f} to {high:.2f})" for mean, sd, low, high in three)
            yield f"| {name} | {number} | {shown} | {agree}, {seconds:.0f} s |"


def main() -> None:
    print("| study | number | exact | package | statsmodels | chains agree |\n|---|---|---|---|---|---|")
    for line in lines():
        print(line, flush=True)


if __name__ == "__main__":
    main()
