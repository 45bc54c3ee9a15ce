"""How often the hierarchical intervals hold what was planted, beside those of the clustered contrasts.

    python -m bench.hierarchical.coverage [--repetitions 40] [--worlds statements,seeds] > results.md

Worlds are drawn from the model's own form, with the deviations of `PLANTED`. The truth of an effect is computed from
them: over other questions, for the statements and adapters that were drawn, and over others of those too. The sampler
runs shorter than in the package (2 chains of 300 + 500 draws), so its own error is in the numbers.
"""

import argparse
import os
import sys
from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from math import sqrt
from time import process_time

import numpy as np
import numpy.typing as npt
import pandas as pd

from warm_inspect.analysis.contrasts import CellTable, all_contrasts, estimate, grid_of
from warm_inspect.analysis.hierarchical.fit import Fit
from warm_inspect.analysis.hierarchical.layout import layout_of
from warm_inspect.analysis.hierarchical.probabilities import mean_rate
from warm_inspect.analysis.hierarchical.sampling import Sampler, Sampling
from warm_inspect.analysis.hierarchical.spread import spread_of

Floats = npt.NDArray[np.float64]
SAMPLING = Sampling(chains=2, warmup=300, draws=500)
FIRST_SEED = 20261129
ARMS = ("neutral", "warm")
BELIEFS = ("none", "incorrect")
PLANTED = {
    "question": 1.2,
    "question × arm": 0.7,
    "question × belief": 0.7,
    "statement": 0.6,
    "statement × arm": 0.4,
    "seed": 0.6,
    "base model": 0.5,
    "base model × arm": 0.5,
}
"""Standard deviations in log-odds; every other one is 0."""
_QUESTION = sum(sd**2 for name, sd in PLANTED.items() if name.startswith("question"))
_STATEMENT = PLANTED["statement"] ** 2 + PLANTED["statement × arm"] ** 2
_SEED = PLANTED["seed"] ** 2
_BASE = PLANTED["base model"] ** 2 + PLANTED["base model × arm"] ** 2


@dataclass(frozen=True)
class World:
    questions: int
    contexts: tuple[str, ...]
    statements: int
    seeds: int
    bases: int = 1


WORLDS = {
    "statements": World(60, ("none", "emotion_sad"), 6, 1),
    "seeds": World(50, ("none",), 0, 5),
    "bases": World(40, ("none",), 0, 1, bases=4),
}


def mean_logit(arm: str, context: str, belief: str) -> float:
    warm, stated = arm == "warm", belief == "incorrect"
    return -1.0 + 0.4 * warm + 0.6 * stated + 0.3 * (context != "none") + 0.4 * (warm and stated)


def rate(logit: float, variance: float) -> float:
    return float(mean_rate(np.array([logit]), np.array([variance]))[0])


def drawn(world: World, seed: int) -> tuple[pd.DataFrame, dict[tuple[str, str, str], tuple[float, float]]]:
    """The replies; and of each cell the true rate for what was drawn, and over others too."""
    dice = np.random.default_rng(seed)
    sd = {
        name: value if not name.startswith("statement") or world.statements else 0.0 for name, value in PLANTED.items()
    }
    sd["seed"] *= world.seeds > 1
    question = dice.normal(0, sd["question"], world.questions)
    by_arm, by_belief = (dice.normal(0, sd[f"question × {name}"], (world.questions, 2)) for name in ("arm", "belief"))
    statement = dice.normal(0, sd["statement"], max(world.statements, 1))
    by_statement = dice.normal(0, sd["statement × arm"], (max(world.statements, 1), 2))
    # Of each arm and training in each base model.
    adapter = dice.normal(0, sd["seed"], (world.bases, 2, world.seeds))
    if world.bases > 1:
        adapter += dice.normal(0, PLANTED["base model"], (world.bases, 1, 1))
        adapter += dice.normal(0, PLANTED["base model × arm"], (world.bases, 2, 1))
    rows = []
    truths: dict[tuple[str, str, str], tuple[float, float]] = {}
    for (i, arm), context, (j, belief) in product(enumerate(ARMS), world.contexts, enumerate(BELIEFS)):
        spoken = context != "none"
        counts: dict[float, int] = defaultdict(int)
        for base, q, seed_ in product(range(world.bases), range(world.questions), range(world.seeds)):
            level = q % max(world.statements, 1)
            given = mean_logit(arm, context, belief) + adapter[base, i, seed_]
            given += (statement[level] + by_statement[level, i]) * spoken
            counts[given] += 1
            wrong = dice.random() < 1 / (1 + np.exp(-(given + question[q] + by_arm[q, i] + by_belief[q, j])))
            spoken_by = f"{context}/{level}" if spoken else ""
            rows.append((f"base{base}", arm, seed_, context, belief, f"q{q}", spoken_by, float(wrong)))
        for_these = sum(n * rate(given, _QUESTION) for given, n in counts.items()) / sum(counts.values())
        others = _QUESTION + _STATEMENT * bool(world.statements and spoken)
        others += _SEED * (world.seeds > 1) + _BASE * (world.bases > 1)
        truths[arm, context, belief] = for_these, rate(mean_logit(arm, context, belief), others)
    names = ["base_model", "arm", "training_seed", "context", "belief", "question_id", "statement_id", "wrong"]
    frame = pd.DataFrame(rows, columns=names).assign(benchmark="triviaqa")
    frame = frame.assign(cluster=frame["question_id"])
    for name, levels in (("arm", ARMS), ("context", world.contexts), ("belief", BELIEFS), ("benchmark", ("triviaqa",))):
        frame[name] = pd.Categorical(frame[name], categories=levels, ordered=True)
    return frame, truths


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repetitions", type=int, default=40)
    options.add_argument("--worlds", default=",".join(WORLDS))
    options.add_argument("--first", type=int, default=0)
    given = options.parse_args()
    print("| world | number | method | covers, % | mean width | mean error |\n|---|---|---|---|---|---|")
    for name in given.worlds.split(","):
        report(name, WORLDS[name], range(given.first, given.first + given.repetitions))


def report(name: str, world: World, repetitions: range) -> None:
    hits: dict[tuple[str, str], list[tuple[bool, float, float]]] = defaultdict(list)
    begin = process_time()
    for repetition in repetitions:
        frame, truths = drawn(world, FIRST_SEED + repetition)
        layout = layout_of(frame, "wrong")
        contrasts = [each for each in all_contrasts(grid_of(frame)) if not each.identity.benchmark]
        fit = Fit(layout, Sampler(layout, SAMPLING).draw(), contrasts)
        table = CellTable.build(frame, ["wrong"])
        for effect in fit.effects:
            contrast = effect.contrast
            truth = [
                100
                * float(np.mean([sum(w * truths[tuple(cell)][k] for cell, w in b.items()) for b in contrast.blocks]))
                for k in (0, 1)
            ]
            row = estimate(table, contrast)[0]
            for method, low, point, high, true in (
                ("clustered contrast, for these", row.conf_low, row.estimate, row.conf_high, truth[0]),
                ("model, for these", *summary(effect.given), truth[0]),
                ("clustered contrast, for others", row.conf_low, row.estimate, row.conf_high, truth[1]),
                ("model, for others", *summary(effect.drawn), truth[1]),
            ):
                hits[contrast.identity.label, method].append((low <= true <= high, high - low, point - true))
        for part in spread_of(layout, fit.draws):
            if part.effect in PLANTED:
                true = PLANTED[part.effect]
                hits[f"sd of {part.effect}", "model"].append(
                    (part.sd[1] <= true <= part.sd[2], part.sd[2] - part.sd[1], part.sd[0] - true)
                )
        print(
            f"{name} {repetition}: {process_time() - begin:.0f} s, {fit.convergence}",
            file=sys.stderr,
            flush=True,
        )
        if path := os.environ.get("RAW"):
            pd.to_pickle(dict(hits), f"{path}-{name}-{repetitions.start}.pkl")
    pooled: dict[tuple[str, str], list[tuple[bool, float, float]]] = defaultdict(list)
    for (label, method), values in hits.items():
        pooled[label, method] += values
        if not label.startswith("sd of"):
            pooled["all contrasts", method] += values
    for (label, method), values in pooled.items():
        covers, widths, errors = map(np.array, zip(*values, strict=True))
        print(
            f"| {name} | {label} | {method} | {100 * covers.mean():.1f} | {widths.mean():.2f} | {errors.mean():+.2f} |"
        )
    n = len(repetitions)
    margin, cost = 196 * sqrt(0.95 * 0.05 / n), (process_time() - begin) / n
    print(f"\n{name}: {n} repetitions, 95 % within {margin:.1f} points, {cost:.0f} s of processor each\n")


def summary(draws: Floats) -> tuple[float, float, float]:
    low, high = np.quantile(100 * draws, [0.025, 0.975])
    return float(low), float(100 * draws.mean()), float(high)


if __name__ == "__main__":
    main()
