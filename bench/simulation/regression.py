"""Rejection under the null of a regression's effect in a context that few questions met.

    python bench/simulation/regression.py [--repetitions 1000] > results.md

Two arms without any difference answer 200 questions plainly and the first few of them under sadness too. Log-odds are
-1 with a normal effect of the question of standard deviation 1, and 0.5 more under sadness. What is looked at is the
marginal effect of `logit_context` under sadness. "questions - 1" is the same error with as many degrees of freedom.
"""

import argparse

import numpy as np
import pandas as pd
from scipy import stats

from warm_inspect.analysis.regressions import OURS, fit

SEED = 20261129
QUESTIONS = 200
TERM = "marginal_effect"
CONTEXTS = ("none", "emotion_sad")
(SPEC,) = (spec for spec in OURS if spec.name == "logit_context")


def replies(rng: np.random.Generator, few: int) -> pd.DataFrame:
    """The replies of one study."""
    question = rng.normal(-1, 1, QUESTIONS)
    rows = [
        (arm, context, f"q{i}", float(rng.random() < 1 / (1 + np.exp(-question[i] - 0.5 * (context != "none")))))
        for arm in ("warm", "original")
        for context, n in zip(CONTEXTS, (QUESTIONS, few), strict=True)
        for i in range(n)
    ]
    frame = pd.DataFrame(rows, columns=["arm", "context", "question_id", "incorrect"])
    frame = frame.assign(belief="none", base_model="tiny", benchmark="triviaqa", cluster=frame["question_id"])
    frame["context"] = pd.Categorical(frame["context"], categories=CONTEXTS)
    return frame


def row_of(few: int, repetitions: int) -> str:
    """How many studies have a test, and how often it rejects."""
    rng = np.random.default_rng([SEED, few])
    ours, ordinary, untested = [], [], 0
    for _ in range(repetitions):
        rows = fit(SPEC, replies(rng, few), "incorrect", "warm", "original").estimates
        tested = [each for each in rows if each.term == TERM and each.identity.context == "emotion_sad"]
        tested = [each for each in tested if not np.isnan(each.p_value)]
        untested += not tested
        ours += [each.p_value < 0.05 for each in tested]
        ordinary += [2 * stats.t.sf(abs(each.statistic), each.n_clusters - 1) < 0.05 for each in tested]
    if not ours:
        return f"| {few} | {untested} | none | none |"
    return f"| {few} | {untested} | {100 * np.mean(ours):.1f} | {100 * np.mean(ordinary):.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=1_000)
    options = parser.parse_args()
    half = 100 * 2.5758 * np.sqrt(0.05 * 0.95 / options.repetitions)
    print(f"{options.repetitions} studies of each size, seed {SEED}; a rate of 5 % lies within {half:.2f} points of it "
          "in 99 % of runs.\n")  # fmt: skip
    print(
        "| questions under sadness | studies without a test | rejects, % | with questions - 1, % |\n|---|---|---|---|"
    )
    for few in (6, 10, 20):
        print(row_of(few, options.repetitions), flush=True)


if __name__ == "__main__":
    main()
