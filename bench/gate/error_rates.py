"""How often one test of the gate passes, or is exceeded, when the true harm lies exactly at its limit.

    python bench/gate/error_rates.py

Each row is a world of paired replies; both rates should stay near or below alpha = 5 %. The last column is the
ordinary clustered t test of the same data. The 99 % Monte-Carlo half-width of 5 % is 1.0 points. The second table is
about two benchmarks of unequal size, which weigh equally.
"""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from scipy import stats

from warm_inspect.analysis.contrasts import CellTable, Contrast, MarginTest, Part, estimate, harm_test
from warm_inspect.analysis.estimates import arm_effect
from warm_inspect.analysis.observations import Cell

REPETITIONS = 3_000
ALPHA = 0.05


@dataclass(frozen=True)
class World:
    questions: int
    prompts: int
    limit: float
    """Percentage points; also the true harm."""
    noise: float
    """Chance, in percent, of a difference either way that is no harm on balance."""
    dependence: float
    """Chance that all prompts of a question differ alike."""


WORLDS = [
    World(100, 1, 3, 0, 0),
    World(100, 1, 5, 0, 0),
    World(200, 1, 5, 0, 0),
    World(60, 1, 10, 5, 0),
    World(400, 1, 2, 1, 0),
    World(150, 2, 5, 10, 0.2),
    World(60, 6, 5, 5, 0),
    World(60, 6, 5, 5, 0.3),
    World(60, 6, 3, 0, 0.5),
    World(60, 6, 3, 0, 1),
    World(30, 9, 2, 0, 0),
    World(30, 9, 2, 0, 1),
]


def simulate(world: World, seed: int = 0) -> tuple[float, float, float]:
    rng = np.random.default_rng(seed)
    n, limit, noise = world.questions, world.limit / 100, world.noise / 100
    within = beyond = ordinary = 0
    for _ in range(REPETITIONS):
        alike = rng.random((n, 1)) < world.dependence
        u = np.where(alike, rng.random((n, 1)), rng.random((n, world.prompts)))
        d = np.where(u < limit + noise, 1.0, np.where(u > 1 - noise, -1.0, 0.0))
        harm, error = 100 * float(d.mean()), 100 * float(d.mean(axis=1).std(ddof=1)) / sqrt(n)
        up, down = float(d.clip(min=0).mean()), float(-d.clip(max=0).mean())
        blank = MarginTest("simulated", "", "", world.limit)
        differing = int((d != 0).any(axis=1).sum())
        test = harm_test(blank, harm, error or nan, n, up=up, down=down, differing=differing)
        within += test.p_within <= ALPHA
        beyond += test.p_beyond <= ALPHA
        ordinary += error > 0 and stats.t.cdf((harm - world.limit) / error, n - 1) <= ALPHA
    return within / REPETITIONS, beyond / REPETITIONS, ordinary / REPETITIONS


@dataclass(frozen=True)
class UnequalWorld:
    """Two benchmarks that weigh equally, one prompt for each question."""

    sizes: tuple[int, int]
    limit: float
    """Percentage points; also the true harm over both."""
    noise: float
    """As in `World`, in either benchmark."""
    small_harm: float
    """Percentage points in the second benchmark."""


UNEQUAL = [
    UnequalWorld((300, 6), 5, 0, 5),
    UnequalWorld((300, 6), 5, 0, 10),
    UnequalWorld((300, 20), 5, 0, 5),
    UnequalWorld((300, 20), 5, 0, 10),
    UnequalWorld((300, 20), 5, 5, 10),
    UnequalWorld((300, 40), 5, 0, 10),
    UnequalWorld((300, 40), 5, 5, 10),
    UnequalWorld((300, 40), 5, 10, 5),
    UnequalWorld((500, 125), 5, 0, 5),
    UnequalWorld((500, 125), 5, 5, 10),
]
_CELLS = Cell("arm", "", ""), Cell("reference", "", "")


def simulate_unequal(world: UnequalWorld, seed: int = 0) -> tuple[float, float, float]:
    rng = np.random.default_rng(seed)
    stratum = np.repeat([0, 1], world.sizes)
    harms = np.array([2 * world.limit - world.small_harm, world.small_harm])[stratum] / 100
    u, noise = rng.random((REPETITIONS, len(stratum))), world.noise / 100
    d = np.where(u < harms + noise, 1.0, np.where(u > 1 - noise, -1.0, 0.0))
    table = CellTable(
        outcomes=("",) * REPETITIONS,
        columns={cell: i for i, cell in enumerate(_CELLS)},
        values=np.stack([d.clip(min=0), -d.clip(max=0)], axis=2),
        stratum=stratum.astype(np.intp),
        cluster=np.arange(len(stratum), dtype=np.intp),
        benchmarks=("large", "small"),
        names=("large", "small"),
        statement=np.full((len(stratum), 2), -1, dtype=np.intp),
    )
    within = beyond = ordinary = 0
    contrast = Contrast("simulated", arm_effect("arm", "reference"), ({_CELLS[0]: 1.0, _CELLS[1]: -1.0},))
    for gap, row in zip(d, estimate(table, contrast), strict=True):
        sides = [gap[stratum == i] for i in (0, 1)]
        up, down = (float(np.mean([(sign * side).clip(min=0).mean() for side in sides])) for sign in (1, -1))
        parts = [Part(0.5, len(side), int((side != 0).sum())) for side in sides]
        blank = MarginTest("simulated", "", "", world.limit)
        differing = int((gap != 0).sum())
        test = harm_test(
            blank, row.estimate, row.std_error, row.n_clusters, up=up, down=down, differing=differing, parts=parts
        )
        within += test.p_within <= ALPHA
        beyond += test.p_beyond <= ALPHA
        ordinary += stats.t.cdf((row.estimate - world.limit) / row.std_error, row.n_clusters - 1) <= ALPHA
    return within / REPETITIONS, beyond / REPETITIONS, ordinary / REPETITIONS


def main() -> None:
    print("| questions | prompts | limit | noise | dependence | passed | exceeded | ordinary test passed |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    for world in WORLDS:
        rates = " | ".join(f"{rate:.1%}" for rate in simulate(world))
        facts = f"{world.questions} | {world.prompts} | {world.limit} | {world.noise} | {world.dependence}"
        print(f"| {facts} | {rates} |", flush=True)
    print("\n| questions | limit | noise | harm in the smaller | passed | exceeded | ordinary test passed |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for unequal in UNEQUAL:
        rates = " | ".join(f"{rate:.1%}" for rate in simulate_unequal(unequal))
        sizes = " + ".join(map(str, unequal.sizes))
        print(f"| {sizes} | {unequal.limit} | {unequal.noise} | {unequal.small_harm} | {rates} |", flush=True)


if __name__ == "__main__":
    main()
