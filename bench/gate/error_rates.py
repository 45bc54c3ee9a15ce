"""How often the gate's test passes when the true harm lies exactly at its limit, and when there is none.

    python -m bench.gate.error_rates              every world: this test and the ordinary clustered t test
    python -m bench.gate.error_rates package      whether the package says the same of the same replies
    python -m bench.gate.error_rates candidates   some worlds: other tests that the gate could have had
    python -m bench.gate.error_rates search       exact rates for random distributions, in search of one above the level

3,000 studies have the harm at its limit, and 10,000 where the prompts of a question are all alike: there the test is
exact. The upper 99 % Monte-Carlo bound of a rate of 5 % is 6.0 and 5.5 %. Of the 1,000 studies without harm a rate of
50 % lies within 4.1 points of it in 99 % of runs.
"""

import sys
from collections.abc import Iterator
from itertools import product
from math import exp

import numpy as np
import pandas as pd
from scipy import stats

from bench.gate.candidates import OTHERS, gaffke, t_test
from bench.gate.worlds import WORLDS, World, drawn, draws, without_copies
from warm_inspect.analysis.contrasts import harms, not_negative
from warm_inspect.analysis.gate.verdict import MarginTest, harm_test
from warm_inspect.analysis.observations import Missing

REPETITIONS, IF_EXACT, WITHOUT_HARM = 3_000, 10_000, 1_000
ALPHA = 0.05
_SMALL = 2_000
_SURE = exp(-1)
"""From here on `gaffke` does not say what P is."""
_WHY = {False: Missing.NOT.value, True: Missing.CUT.value}
_HEAD = "questions | prompts | limit | noise | dependence | harm"


def repetitions(world: World, harm: float) -> int:
    """How many studies are drawn."""
    if not harm:
        return WITHOUT_HARM
    return IF_EXACT if world.dependence == "full" else REPETITIONS


def rates(world: World, harm: float, seed: int = 0) -> tuple[float, float]:
    """How often the gate's test and the t test pass with this true harm, from 0 to 1."""
    rng = np.random.default_rng(seed)
    passed, n = np.zeros(2), repetitions(world, harm)
    for values, weights in draws(without_copies(world), n, harm, rng):
        own = gaffke(values.astype(float), weights.astype(float), world.limit / 100)
        ordinary = t_test(values, weights, world.limit / 100)
        passed += [(own <= ALPHA).sum(), (ordinary <= ALPHA).sum()]
    return float(passed[0] / n), float(passed[1] / n)


def every_world() -> None:
    """The table of docs/gate.md."""
    print(f"| {_HEAD} | false ALLOW | upper 99 % | ALLOW without harm | t test: false | without harm |")
    print("|---:|---:|---:|---:|---|---|---:|---:|---:|---:|---:|")
    for world in WORLDS:
        (false, t_false), (right, t_right) = rates(world, world.limit), rates(world, 0.0)
        n = repetitions(world, world.limit)
        upper = stats.beta.ppf(0.99, round(false * n) + 1, n - round(false * n))
        print(
            f"| {world.label} | {false:.1%} | {upper:.1%} | {right:.1%} | {t_false:.1%} | {t_right:.1%} |", flush=True
        )


def package(studies: int = 3) -> None:
    """The largest difference between the P values of this bench and of the package's gate, over small worlds."""
    small = [world for world in WORLDS if len(world.sizes) * world.prompts * world.epochs < _SMALL]
    largest = 0.0
    for world in small:
        for seed in range(studies):
            ((values, weights),) = draws(world, 1, world.limit, np.random.default_rng(seed))
            (ours,) = gaffke(values.astype(float), weights.astype(float), world.limit / 100)
            evidence = harms(replies(world, np.random.default_rng(seed)), "warm", "original")
            if evidence is None:
                raise ValueError(f"{world.label}: no reply of both arms")
            theirs = harm_test(MarginTest("", "", "", world.limit), evidence, ALPHA).p_within
            largest = max(largest, abs(min(ours, _SURE) - min(theirs, _SURE)))
    print(f"{studies} studies of each of {len(small)} worlds: P differs by at most {largest:.1g}")


def replies(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """The replies of one study, with the harm at its limit, as the package's `harms` takes them."""
    difference, *lost = (
        np.broadcast_to(values, (1, len(world.sizes), world.prompts, world.epochs))[0]
        for values in drawn(world, 1, world.limit, rng)
    )
    clusters = np.repeat(np.arange(len(world.sizes)), world.sizes)
    places = list(product(enumerate(clusters), range(world.prompts), range(world.epochs)))
    rows = [
        (arm, f"b{world.benchmark[cluster]}", f"c{prompt}", "", f"q{question}", f"{cluster}", epoch, harm, why)
        for (question, cluster), prompt, epoch in places
        for arm, harm, why in (
            ("warm", max(difference[cluster, prompt, epoch], 0), _WHY[lost[0][cluster, prompt, epoch]]),
            ("original", max(-difference[cluster, prompt, epoch], 0), _WHY[lost[1][cluster, prompt, epoch]]),
        )
    ]
    names = ["arm", "benchmark", "context", "belief", "question_id", "cluster", "epoch", "harm", "missing"]
    return pd.DataFrame(rows, columns=names)


def candidates() -> None:
    """Other tests, as `false ALLOW / ALLOW without harm`."""
    worlds = [
        World((100,), 9, 3, 0, "mixed"),
        World((200,), 9, 3, 2, "mixed"),
        World((500,), 27, 1, 0, "mixed"),
        World((500,), 27, 1, 2, "mixed"),
        World((200,), 9, 5, 5, "none"),
        World((800,), 6, 3, 5, "half"),
    ]
    tests = {
        "this test": lambda values, limit: gaffke(values, np.full(values.shape[1], 1 / values.shape[1]), limit),
        "t": lambda values, limit: t_test(values, np.full(values.shape[1], 1 / values.shape[1]), limit),
        **OTHERS,
    }
    print(f"| {_HEAD} | {' | '.join(tests)} |")
    print(f"|---:|---:|---:|---:|---|---|{'---:|' * len(tests)}")
    for world in worlds:
        passed = np.zeros((2, len(tests)))
        for row, harm in enumerate((world.limit, 0.0)):
            n = repetitions(world, harm)
            for values, _ in draws(world, n, harm, np.random.default_rng(0)):
                hits = [(test(values.astype(float), world.limit / 100) <= ALPHA).sum() for test in tests.values()]
                passed[row] += np.array(hits) / n
        shown = " | ".join(f"{false:.1%} / {right:.1%}" for false, right in passed.T)
        print(f"| {world.label} | {shown} |", flush=True)


def search(tries: int = 300) -> None:
    """Random distributions of three or four values in [-1, 1], one of them 1, with the mean at the limit."""
    rng = np.random.default_rng(0)
    largest = {0.01: 0.0, 0.05: 0.0, 0.1: 0.0}
    for _ in range(tries):
        kinds = int(rng.integers(3, 5))
        n = int(rng.integers(2, 41 if kinds == 3 else 15))
        values = np.sort(np.append(rng.uniform(-1, 1, kinds - 1) ** rng.choice([1, 3]), 1.0))
        chances = rng.dirichlet(np.full(kinds, rng.choice([0.3, 1.0])))
        limit = float(values @ chances)
        if limit > 0.95:
            continue
        counts = np.array(list(_compositions(n, kinds)))
        shapes = np.concatenate([counts, np.ones((len(counts), 1))], axis=1).astype(float)
        p = not_negative(np.append(values - limit, 1 - limit), shapes)
        likely = stats.multinomial.pmf(counts, n, chances)
        for level in largest:
            largest[level] = max(largest[level], float(likely[p <= level].sum()) / level)
    print(f"{tries} distributions: largest exact rate as a multiple of the level:", largest)
    unequal = dict.fromkeys(largest, 0.0)
    for _ in range(tries):
        (small, large), ratio = rng.integers(2, 60, 2), float(rng.uniform(1, 10))
        weights = np.array([1.0, ratio]) / (small + ratio * large)
        chances = rng.beta(0.5, 4, 2)
        limit = float((chances * weights * (small, large)).sum())
        events = np.array(list(product(range(small + 1), range(large + 1))))
        hits = np.stack([events[:, 0], small - events[:, 0], events[:, 1], large - events[:, 1]], axis=1)
        scale = weights / weights.max()
        values = np.array([1 - limit, -limit])
        terms = np.concatenate([scale[0] * values, scale[1] * values, [1 - limit]])
        p = not_negative(terms, np.concatenate([hits, np.ones((len(hits), 1))], axis=1).astype(float))
        likely = stats.binom.pmf(events[:, 0], small, chances[0]) * stats.binom.pmf(events[:, 1], large, chances[1])
        for level in unequal:
            unequal[level] = max(unequal[level], float(likely[p <= level].sum()) / level)
    print(f"{tries} pairs of groups of unequal weight and harm:", unequal)


def _compositions(n: int, kinds: int) -> Iterator[tuple[int, ...]]:
    """Every way to share n among so many kinds."""
    if kinds == 1:
        yield (n,)
        return
    for first in range(n + 1):
        yield from ((first, *rest) for rest in _compositions(n - first, kinds - 1))


if __name__ == "__main__":
    {"package": package, "candidates": candidates, "search": search}.get(sys.argv[-1], every_world)()
