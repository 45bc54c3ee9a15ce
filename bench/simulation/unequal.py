"""Rejection under the null and coverage where conditions, benchmarks or clusters are small or of unequal size.

    python bench/simulation/unequal.py [--repetitions 4000] [--worlds 200+10,...] > results.md

Two arms answer the same questions. Half of a question's chance of an error is its own: its rate is drawn uniformly
around the arm's rate (30 % without an effect, plus the planted 10 points in the warm arm), and with chance .7 both arms
decide by the same draw. Conditions of one question share its rate. In worlds with clusters a question copies the
replies of its cluster with a stated chance. Repetitions stand in the outcome dimension of a `CellTable`, so that it is
the package's own code that is measured. On the same draws "ordinary" is the sandwich variance over all clusters (CRV1)
with clusters - 1 degrees of freedom. A rate counts the studies that have a test or an interval.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from scipy import stats

from warm_inspect.analysis.contrasts import CellTable, Contrast, components_of, estimate
from warm_inspect.analysis.estimates import arm_effect
from warm_inspect.analysis.observations import Cell

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

SEED = 20261129
RATE, SPREAD, SHARED, PLANTED = 0.3, 0.25, 0.7, 0.1
CHUNK = 500
_ROUNDING = 1e-9
"""In points."""
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
    "clusters of 40 (2) and 1 (120), copying 1": clusters_of([40] * 2 + [1] * 120, 1.0),
    "clusters of 5 (10) and 1 (150), copying 0": clusters_of([5] * 10 + [1] * 150, 0.0),
    "clusters of 5 (10) and 1 (150), copying 1": clusters_of([5] * 10 + [1] * 150, 1.0),
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


@dataclass(frozen=True)
class Counts:
    """What the studies of one effect gave: whether each has an interval, rejects zero, covers the effect."""

    points: Floats
    errors: Floats
    interval: Mask
    rejects: Mask
    covers: Mask

    @property
    def rejected(self) -> float:
        """In percent."""
        return 100 * float(self.rejects[self.interval].mean())

    @property
    def covered(self) -> float:
        """In percent."""
        return 100 * float(self.covers[self.interval].mean())

    @property
    def stated(self) -> float:
        """The errors that the studies state over the true one."""
        return float(np.sqrt(np.nanmean(self.errors**2)) / self.points.std(ddof=1))


def ours(table: CellTable, contrast: Contrast, effect: float) -> Counts:
    """The package's contrast; an exact bound rejects nothing where it holds zero."""
    rows = estimate(table, contrast)
    point, error, p, low, high = (
        np.array([getattr(row, name) for row in rows])
        for name in ("estimate", "std_error", "p_value", "conf_low", "conf_high")
    )
    within = (low - _ROUNDING <= 100 * effect) & (100 * effect <= high + _ROUNDING)
    return Counts(point, error, ~np.isnan(low), p < 0.05, within)


def ordinary(table: CellTable, contrast: Contrast, effect: float) -> Counts:
    """Clustered errors that know nothing of sizes."""
    components = components_of(table, contrast)
    if components is None:
        raise ValueError("a world without replies")
    codes = np.unique(components.cluster, return_inverse=True)[1]
    groups = int(codes.max()) + 1
    moved = np.stack([np.bincount(codes, row, groups) for row in components.influence])
    point, error = 100 * components.points, 100 * np.sqrt((moved**2).sum(axis=1) * groups / (groups - 1))
    half = stats.t.ppf(0.975, groups - 1) * error
    rejects = (error > _ROUNDING) & (np.abs(point) > half)
    covers = np.abs(point - 100 * effect) <= half + _ROUNDING
    return Counts(point, error, np.ones(len(point), dtype=bool), rejects, covers)


def both(name: str, effect: float, repetitions: int) -> tuple[Counts, Counts]:
    """A world's studies with this effect, by the package and by ordinary clustered errors."""
    rng = np.random.default_rng([SEED, list(WORLDS).index(name), int(effect > 0)])
    parts = []
    for start in range(0, repetitions, CHUNK):
        values, stratum, cluster = WORLDS[name](rng, min(CHUNK, repetitions - start), effect)
        conditions = [f"c{i}" for i in range(values.shape[3])]
        blocks = tuple({Cell("warm", each, "none"): 1.0, Cell("original", each, "none"): -1.0} for each in conditions)
        contrast = Contrast("simulation", arm_effect("warm", "original"), blocks)
        table = table_of(values, stratum, cluster)
        parts.append((ours(table, contrast, effect), ordinary(table, contrast, effect)))
    package, sandwich = zip(*parts, strict=True)
    return joined(package), joined(sandwich)


def joined(parts: Sequence[Counts]) -> Counts:
    """The studies of all parts."""
    return Counts(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Counts)))


def row_of(name: str, repetitions: int) -> str:
    """The world's row; "none" where no study has an interval, which is a matter of its sizes alone."""
    (null, plain_null), (planted, plain) = (both(name, effect, repetitions) for effect in (0.0, PLANTED))
    of_package = ["none"] * 4
    if planted.interval.any():
        of_package = [f"{value:.1f}" for value in (null.rejected, null.covered, planted.covered)]
        of_package.append(f"{(null.stated + planted.stated) / 2:.2f}")
    of_plain = [f"{plain_null.rejected:.1f}", f"{plain.covered:.1f}", f"{(plain_null.stated + plain.stated) / 2:.2f}"]
    return f"| {name} | {' | '.join([*of_package, *of_plain])} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=4_000)
    parser.add_argument("--worlds", nargs="*", default=list(WORLDS))
    options = parser.parse_args()
    half = 100 * 2.5758 * np.sqrt(0.05 * 0.95 / options.repetitions)
    print(f"{options.repetitions} studies for each effect, seed {SEED}; a rate of 5 % or 95 % lies within {half:.2f} "
          "points of it in 99 % of runs.\n\n| world | rejects under the null, % | covers zero under the null, % | "
          "covers 10 points, % | error stated / true | ordinary: rejects, % | ordinary: covers 10 "
          f"points, % | ordinary: error stated / true |\n{'|---' * 8}|")  # fmt: skip
    for name in options.worlds:
        print(row_of(name, options.repetitions), flush=True)


if __name__ == "__main__":
    main()
