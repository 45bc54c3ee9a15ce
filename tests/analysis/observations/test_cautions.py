"""Gated and harmful rows: their text stays hidden, and a grader elsewhere is told of."""

import pandas as pd
import pytest

from tests.made_logs import frame_of, grid, study_of
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.observations import redacted, remote_graders
from warm_inspect.analysis.observations.cautions import restricted


@pytest.mark.parametrize(
    ("benchmark", "gated", "hidden"),
    [("triviaqa", False, False), ("triviaqa", True, True), ("disinfo", False, True), ("advbench", False, True)],
)
def test_gated_and_harmful_rows_are_restricted(benchmark: str, gated: bool, hidden: bool) -> None:
    assert list(restricted(pd.DataFrame({"benchmark": [benchmark], "gated": [gated]}))) == [hidden]


@pytest.mark.parametrize(
    ("item_set", "gated", "hidden"), [("triviaqa", False, 0), ("triviaqa", True, 1), ("disinfo", False, 1)]
)
def test_samples_of_a_family_are_restricted_by_the_set_of_their_item(item_set: str, gated: bool, hidden: int) -> None:
    facts = {"item_set": [item_set], "gated": [gated], "grading": ["model"], "stage": [""], "grader": ["openai/x"]}
    frame = pd.DataFrame(facts)
    assert restricted(frame).sum() == hidden
    said = list(remote_graders([frame]))
    assert [note.values["benchmark"] for note in said] == [item_set] * hidden


def test_reasons_of_restricted_benchmarks_are_cut_to_their_kind() -> None:
    samples = pd.DataFrame({"benchmark": ["triviaqa", "medqa"], "gated": [False, True]})
    rows = [("unscored: a", "triviaqa", 1), ("unscored: a", "medqa", 2), ("unscored: b", "medqa", 3)]
    reasons = redacted(pd.DataFrame(rows, columns=["reason", "benchmark", "n"]), samples)
    assert set(reasons.itertuples(index=False, name=None)) == {("unscored: a", "triviaqa", 1), ("unscored", "medqa", 5)}


@pytest.mark.parametrize(
    ("grader", "benchmark", "gated", "warned"),
    [
        ("openai/gpt-4o-2024-08-06", "triviaqa", True, True),
        ("", "triviaqa", True, True),
        ("openai/gpt-4o-2024-08-06", "triviaqa", False, False),
        ("openai/gpt-4o-2024-08-06", "disinfo", False, True),
        ("mockllm/model", "triviaqa", True, False),
        ("hf/grader", "disinfo", True, False),
    ],
)
def test_a_grader_elsewhere_is_warned_of(grader: str, benchmark: str, gated: bool, warned: bool) -> None:
    samples = grid(
        {"original": 0.3, "warm": 0.3}, 4, benchmarks=[benchmark], gated=gated, grading="model", grader=grader
    )
    said = [warning.values for warning in remote_graders([frame_of(samples)], ())]
    assert bool(said) == warned
    if warned:
        shown = grader or "an unknown model"
        assert [said[0][name] for name in ("n", "benchmark", "grader")] == [32, benchmark, shown]


@pytest.mark.slow
@pytest.mark.parametrize(("grading", "warned"), [("match", False), ("model", True)])
def test_a_study_warns_of_it_and_matching_sends_nothing_anywhere(grading: str, warned: bool) -> None:
    samples = grid({"original": 0.3, "warm": 0.3}, questions=4, gated=True, grading=grading, grader="openai/gpt-4o")
    assert (Code.REMOTE_GRADER in {warning.code for warning in study_of(samples).warnings}) == warned
