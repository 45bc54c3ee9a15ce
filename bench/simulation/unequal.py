"""Rejection under the null and coverage where conditions, benchmarks or clusters are small or of unequal size.

    python bench/simulation/unequal.py [--repetitions 4000] [--worlds 200+10,...] > results.md

Two arms answer the same questions. Half of a question's chance of an error is its own: its rate is drawn uniformly
around the arm's rate (30 % without an effect, plus the planted 10 points in the warm arm), and with chance .7 both arms
decide by the same draw. Conditions of one question share its rate. In worlds with clusters a question copies the
replies of its cluster with a stated chance. Repetitions stand in the outcome dimension of a `CellTable`, so that it is
the package's own code that is measured.
"""

import argparse
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from warm_inspect.analysis.contrasts import CellTable, Contrast, estimate
from warm_inspect.analysis.estimates import arm_effect
from warm_inspect.analysis.observations import Cell

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

SEED = 20261129
RATE, SPREAD, SHARED, PLANTED = 0.3, 0.25, 0.7, 0.1
CHUNK = 500
Drawn = tuple[Floats, Codes, Codes]
"""Values (repetition, question, arm, condition), NaN where nothing was asked; stratum and cluster of each question."""


def replies(rng: np.random.Generator, n: int, questions: int, conditions: int, effect: float) -> Floats:
    """0/1 replies of both arms, warm first."""
    rate = RATE + rng.uniform(-SPREAD, SPREAD, (n, questions, 1))
    own, other = rng.random((2, n, questions, conditions))
    other = np.where(rng.random(own.shape) < SHARED, own, other)
    return np.stack([own < rate + effect, other < rate], axis=2).astype(np.float64)


def conditions_of(sizes: Sequence[int]) -> Callable[[np.random.Generator, int, float], Drawn]:
    """One benchmark whose first `size` questions were asked under each condition."""

    def world(rng: np.random.Generator, n: int, effect: float) -> Drawn:
        questions = max(sizes)
        values = replies(rng, n, questions, len(sizes), effect)
        for condition, size in enumerate(sizes):
            values[:, size:, :, condition] = np.nan
        return values, np.zeros(questions, dtype=np.intp), np.arange(questions)

    return world


def benchmarks_of(sizes: Sequence[int]) -> Callable[[np.random.Generator, int, float], Drawn]:
    """Benchmarks of these numbers of questions, one condition."""

    def world(rng: np.random.Generator, n: int, effect: float) -> Drawn:
        return replies(rng, n, sum(sizes), 1, effect), np.repeat(np.arange(len(sizes)), sizes), np.arange(sum(sizes))

    return world


def clusters_of(sizes: Sequence[int], copying: float) -> Callable[[np.random.Generator, int, float], Drawn]:
    """Declared clusters of these sizes, in which a question copies its cluster's replies with the chance `copying`."""

    def world(rng: np.random.Generator, n: int, effect: float) -> Drawn:
        cluster = np.repeat(np.arange(len(sizes)), sizes)
        own, shared = replies(rng, n, len(cluster), 1, effect), replies(rng, n, len(sizes), 1, effect)[:, cluster]
        copies = rng.random((n, len(cluster), 1, 1)) < copying
        return np.where(copies, shared, own), np.zeros(len(cluster), dtype=np.intp), cluster

    return world


WORLDS = {
    "conditions of 200 and 200": conditions_of([200, 200]),
    "conditions of 200 and 1": conditions_of([200, 1]),
    "conditions of 200 and 3": conditions_of([200, 3]),
    "conditions of 200 and 5": conditions_of([200, 5]),
    "conditions of 200 and 10": conditions_of([200, 10]),
    "conditions of 200 and 20": conditions_of([200, 20]),
    "conditions of 200 and 80": conditions_of([200, 80]),
    "nine conditions of 100 and 20": conditions_of([100] * 5 + [20] * 4),
    "four benchmarks of 3": benchmarks_of([3] * 4),
    "four benchmarks of 2": benchmarks_of([2] * 4),
    "four benchmarks of 6": benchmarks_of([6] * 4),
    "benchmarks of 500 and 3": benchmarks_of([500, 3]),
    "benchmarks of 20, 20, 20 and 2": benchmarks_of([20, 20, 20, 2]),
    "benchmarks of 500 and 5": benchmarks_of([500, 5]),
    "benchmarks of 500 and 10": benchmarks_of([500, 10]),
    "benchmarks of 500 and 20": benchmarks_of([500, 20]),
    "a cluster of 60 in 200, copying .0": clusters_of([60] + [1] * 140, 0.0),
    "a cluster of 60 in 200, copying .3": clusters_of([60] + [1] * 140, 0.3),
    "a cluster of 60 in 200, copying 1": clusters_of([60] + [1] * 140, 1.0),
    "clusters of 20 (5) and 1 (100), copying .5": clusters_of([20] * 5 + [1] * 100, 0.5),
    "clusters of 20 (5) and 1 (100), copying 1": clusters_of([20] * 5 + [1] * 100, 1.0),
    "clusters of 1 to 30, 40 of them, copying .5": clusters_of([max(1, 30 // i) for i in range(1, 41)], 0.5),
    "5 questions": conditions_of([5]),
    "8 questions": conditions_of([8]),
    "12 questions": conditions_of([12]),
    "20 questions": conditions_of([20]),
}


def table_of(values: Floats, stratum: Codes, cluster: Codes) -> CellTable:
    """The package's table, one outcome for each repetition."""
    repetitions, questions, _, conditions = values.shape
    cells = [Cell(arm, f"c{i}", "none") for arm in ("warm", "original") for i in range(conditions)]
    names = tuple(f"b{code}" for code in range(int(stratum.max()) + 1))
    return CellTable(
        outcomes=tuple(map(str, range(repetitions))),
        columns={cell: i for i, cell in enumerate(cells)},
        values=values.reshape(repetitions, questions, -1),
        stratum=stratum,
        cluster=cluster,
        benchmarks=names,
        names=names,
        statement=np.full((questions, len(cells)), -1, dtype=np.intp),
    )


def row_of(name: str, repetitions: int) -> str:
    """The world's row: rejections and coverage in percent, "none" without an interval, and mean error over true one."""
    shown, ratios, tested = [], [], 0.0
    for effect in (0.0, PLANTED):
        rng = np.random.default_rng([SEED, list(WORLDS).index(name), int(effect > 0)])
        points, errors, p_values, covers = [], [], [], []
        for start in range(0, repetitions, CHUNK):
            values, stratum, cluster = WORLDS[name](rng, min(CHUNK, repetitions - start), effect)
            blocks = tuple(
                {Cell("warm", f"c{i}", "none"): 1.0, Cell("original", f"c{i}", "none"): -1.0}
                for i in range(values.shape[3])
            )
            contrast = Contrast("simulation", arm_effect("warm", "original"), blocks)
            for row in estimate(table_of(values, stratum, cluster), contrast):
                points.append(row.estimate)
                errors.append(row.std_error)
                p_values.append(row.p_value)
                covers.append(row.conf_low <= 100 * effect + 1e-9 and 100 * effect - 1e-9 <= row.conf_high)
        if np.isnan(errors).all() and not any(covers):
            return f"| {name} | none | none | none | none | {np.std(points, ddof=1):.1f} |"
        if not effect:
            tested = 100 * float(np.mean(np.array(p_values) < 0.05))
        shown.append(100 * float(np.mean(covers)))
        ratios.append(float(np.sqrt(np.nanmean(np.square(errors)))) / float(np.std(points, ddof=1)))
        spread = float(np.std(points, ddof=1))
    return f"| {name} | {tested:.1f} | {shown[0]:.1f} | {shown[1]:.1f} | {np.mean(ratios):.2f} | {spread:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=4_000)
    parser.add_argument("--worlds", nargs="*", default=list(WORLDS))
    options = parser.parse_args()
    print("| world | rejects under the null, % | covers zero under the null, % | covers 10 points, % | "
          "error stated / true | true error, points |\n|---|---|---|---|---|---|")  # fmt: skip
    for name in options.worlds:
        print(row_of(name, options.repetitions), flush=True)


if __name__ == "__main__":
    main()
