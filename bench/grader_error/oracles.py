"""Corrected rates beside those of ppi-python, judgy and cje-eval, on drawn grades and labels.

    pip install ppi-python judgy cje-eval
    nice -n 10 python -m bench.grader_error.oracles

Prints the largest difference in 40 draws, in percentage points. Each reply is to a question of its own, as two of the
oracles know no clusters; labelled and other replies are apart where an oracle wants them so.
"""

import warnings
from collections.abc import Iterator

import click
import numpy as np
import numpy.typing as npt
from cje import calibrated_mean_ci
from judgy import estimate_success_rate
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate
from scipy import stats

from warm_inspect.analysis.grader_error.estimators import Estimated, Labelled, prediction_powered, rogan_gladen

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@click.command()
@click.option("--draws", default=40, show_default=True)
def main(draws: int) -> None:
    """Print the largest differences."""
    rng = np.random.default_rng(0)
    worst: dict[str, float] = {}
    for _ in range(draws):
        for name, difference in differences(rng):
            worst[name] = max(worst.get(name, 0.0), abs(100 * difference))
    for name, difference in worst.items():
        print(f"{name:64} {difference:.2g}")


def differences(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    """Our number less that of an oracle, for one draw."""
    n, other = int(rng.integers(80, 200)), int(rng.integers(300, 900))
    rate, hits, spared = rng.uniform(0.2, 0.7), rng.uniform(0.7, 0.98), rng.uniform(0.7, 0.98)
    label = rng.random(n + other) < rate
    grade = np.where(rng.random(n + other) < np.where(label, hits, spared), label, ~label)
    chosen = np.arange(n + other) < n
    labelled = counts(label, grade, chosen)
    apart, together = graded(grade, ~chosen), graded(grade, np.ones_like(chosen))
    y, f, rest = (np.asarray(each, dtype=float) for each in (label[:n], grade[:n], grade[n:]))

    for name, tuning in (("tuned", None), ("plain", 1.0)):
        ours = prediction_powered(apart, labelled, tuning)
        yield (
            f"ppi-python, {name}: estimate",
            float(ours.point) - float(ppi_mean_pointestimate(y, f, rest, lam=tuning)[0]),
        )
        low, high = ppi_mean_ci(y, f, rest, alpha=0.05, lam=tuning)
        yield f"ppi-python, {name}: standard error", float(ours.std_error) - half(low, high)

    inverted = rogan_gladen(apart, labelled)
    np.random.seed(int(rng.integers(2**31)))  # judgy draws from the global state
    theirs, low, high = estimate_success_rate(label[:n], grade[:n], grade[n:], bootstrap_iterations=2_000)
    yield "judgy: estimate", float(np.clip(inverted.point, 0, 1)) - theirs
    # judgy takes the graded rate as known: the same of ours, by leaving out its influence.
    known = Estimated(apart.point, 0 * apart.influence, apart.unseen, apart.df)
    yield (
        "judgy: standard error, its graded rate taken as known",
        float(rogan_gladen(known, labelled).std_error) - half(low, high),
    )
    yield "judgy: standard error, ours with that of the graded rate", float(inverted.std_error) - half(low, high)

    partly = np.where(chosen, label.astype(float), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        calibrated = calibrated_mean_ci(grade.astype(float), partly, cluster_ids=np.arange(n + other))
    ours = prediction_powered(together, labelled)
    yield "cje-eval: estimate", float(ours.point) - float(calibrated.estimate)
    yield "cje-eval: standard error", float(ours.std_error) - float(calibrated.se)


def graded(grade: Bools, used: Bools) -> Estimated:
    """The graded rate of the replies that are used."""
    n, point = int(used.sum()), grade[used].mean()
    influence = np.where(used, grade - point, 0.0) / n
    return Estimated(np.asarray(point), influence, np.zeros(()), np.asarray(n - 1.0))


def counts(label: Bools, grade: Bools, chosen: Bools) -> Labelled:
    """The labelled replies."""
    kinds = (label & grade, label & ~grade, ~label & grade, ~label & ~grade)
    hits, misses, false_alarms, spared = ((chosen & kind).astype(float) for kind in kinds)
    return Labelled(hits, misses, false_alarms, spared, np.asarray(float(chosen.sum())))


def half(low: float | Floats, high: float | Floats) -> float:
    """The standard error behind a normal 95 % interval."""
    return float((np.ravel(high)[0] - np.ravel(low)[0]) / 2 / stats.norm.ppf(0.975))


if __name__ == "__main__":
    main()
