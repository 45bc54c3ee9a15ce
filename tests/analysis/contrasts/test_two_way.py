"""Errors by question and statement, against the textbook formula written out in loops."""

from collections import defaultdict
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from warm_inspect.analysis.contrasts import CellTable, Contrast, estimate, two_way
from warm_inspect.analysis.contrasts.condition_means import Block
from warm_inspect.analysis.estimates import Code, arm_effect, not_estimable
from warm_inspect.analysis.observations import Cell

SAD: Block = {Cell("warm", "emotion_sad", "none"): 1.0, Cell("original", "emotion_sad", "none"): -1.0}
FILLER: Block = {Cell("warm", "filler", "none"): 1.0, Cell("original", "filler", "none"): -1.0}
WARM = arm_effect("warm", "original")
PLAIN: Block = {Cell("warm", "none", "none"): 1.0, Cell("original", "none", "none"): -1.0}


def frame(questions: int = 30, statements: int = 5, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    effects = rng.normal(0, 0.3, statements)
    rows = []
    for i in range(questions):
        for context in ("none", "filler", "emotion_sad"):
            for arm in ("original", "warm"):
                which = (i * 3 + len(context)) % statements
                p = 0.3 + 0.3 * (arm == "warm") + (context != "none") * effects[which]
                statement = "" if context == "none" else f"{context}/{which}"
                rows.append([f"q{i}", arm, context, statement, float(rng.random() < np.clip(p, 0, 1))])
    replies = pd.DataFrame(rows, columns=["question_id", "arm", "context", "statement_id", "y"])
    return replies.assign(base_model="tiny", benchmark="a", belief="none", cluster=replies["question_id"])


def by_loops(data: pd.DataFrame, context: str) -> tuple[float, float]:
    """Effect and two-way error of one context in points: a mean of differences with two crossed groupings."""
    wide = data[data["context"] == context].pivot_table("y", ["question_id", "statement_id"], "arm").reset_index()
    difference = (wide["warm"] - wide["original"]).to_numpy()
    deviations = (difference - difference.mean()) / len(difference)
    n, s = len(difference), wide["statement_id"].nunique()
    sums: dict[str, float] = defaultdict(float)
    for statement, deviation in zip(wide["statement_id"], deviations, strict=True):
        sums[statement] += deviation
    questions = n / (n - 1) * (deviations**2).sum()
    statements = s / (s - 1) * sum(value**2 for value in sums.values())
    # Each pair of question and statement is one question here, so the pairs take away what the questions add.
    return 100 * difference.mean(), 100 * sqrt(max(questions, questions + statements - questions))


@pytest.mark.parametrize("seed", range(4))
def test_one_context_equals_the_formula_in_loops(seed: int) -> None:
    data = frame(seed=seed)
    (row,) = two_way(CellTable.build(data, ["y"]), Contrast("test", WARM, (SAD,)))
    effect, error = by_loops(data, "emotion_sad")
    assert (row.estimate, row.std_error) == pytest.approx((effect, error))
    assert (row.df, row.n_clusters, row.n) == (4, 5, 30)
    assert row.conf_high - row.estimate == pytest.approx(stats.t.ppf(0.975, 4) * error)


def test_contexts_without_statements_add_to_the_questions_alone() -> None:
    table = CellTable.build(frame(), ["y"])
    assert two_way(table, Contrast("test", WARM, (PLAIN,))) == []
    (mixed,) = two_way(table, Contrast("test", WARM, (PLAIN, SAD)))
    (one_way,) = estimate(table, Contrast("test", WARM, (PLAIN, SAD)))
    assert mixed.estimate == one_way.estimate
    assert mixed.df == 4


def test_a_cue_minus_a_filler_counts_the_statements_of_both() -> None:
    change = {**SAD, **{cell: -value for cell, value in FILLER.items()}}
    (row,) = two_way(CellTable.build(frame(), ["y"]), Contrast("test", WARM, (change,)))
    # Ten statements enter; the test has the degrees of freedom of the context with fewest.
    assert (row.n_clusters, row.df) == (10, 4)


def test_a_single_statement_is_not_estimable() -> None:
    data = frame(statements=1)
    (row,) = two_way(CellTable.build(data, ["y"]), Contrast("test", WARM, (SAD,)))
    assert row.notes == (not_estimable(Code.SINGLE_STATEMENT),)
    assert not row.estimable
