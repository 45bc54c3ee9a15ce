"""A log that was graded several times: one grading is read, the one that is asked for, and never two together."""

from math import nan
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from tests.made_logs import grid, sample_of, write_samples
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.logs.gradings import held_gradings, with_one_grading
from warm_inspect.analysis.logs.log import read_log
from warm_inspect.core.errors import PrerequisiteError

X = {"grading": "model", "grader": "openai/x", "grader_prompt_sha256": "ab" * 32}
Y = X | {"grader": "openai/y"}
CASCADE = X | {"grading": "cascade", "stage": "model"}


def again(sample: EvalSample, key: str, grade: str, facts: dict[str, Any]) -> EvalSample:
    """The sample with one more score, of this grade."""
    scores = dict(sample.scores or {})
    old = scores["correctness"]
    value = {name: float(name == grade) for name in ("correct", "incorrect", "refusal", "unclear")}
    scores[key] = Score(
        value={**value, "endorses_claim": 0.0, "truncated": 0.0}, metadata={**(old.metadata or {}), **facts}
    )
    return sample.model_copy(update={"scores": scores})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """All is incorrect by matching and unclear by a cascade; x and y call it correct, y not everywhere."""
    samples = [sample_of(row) for row in grid({"original": 1.0}, questions=3)]
    for key, grade, facts in (("correctness1", "correct", X), ("correctness2", "unclear", CASCADE)):
        samples = [again(sample, key, grade, facts) for sample in samples]
    samples = [again(sample, "correctness3", "correct", Y) if i else sample for i, sample in enumerate(samples)]
    return write_samples(tmp_path / "log.eval", samples)


def test_a_log_says_which_gradings_it_holds(log: Path) -> None:
    held = held_gradings(read_log(str(log)))
    assert {key: details.by for key, details in held.items()} == {
        "correctness": "match",
        "correctness1": "openai/x (rubric abababab)",
        "correctness2": "cascade with openai/x (rubric abababab)",
        "correctness3": "openai/y (rubric abababab)",
    }


@pytest.mark.parametrize(
    ("asked", "grade"),
    [
        ("match", "incorrect"),
        ("correctness", "incorrect"),
        ("correctness1", "correct"),
        ("openai/y", "correct"),
        ("cascade", "unclear"),
        ("openai/x (rubric abababab)", "correct"),
    ],
)
def test_the_grading_that_is_asked_for_is_read(log: Path, asked: str, grade: str) -> None:
    samples = collect([str(log)], grading=asked).samples
    graded = samples[samples["excluded"] == ""]
    assert (graded[grade] == 1).all()
    assert len(samples) - len(graded) == (asked == "openai/y"), "what the asked grading lacks is not taken from another"
    assert graded["grader"].nunique() == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "correctness2: cascade with openai/x"),
        ("openai/x", "2 of them"),
        ("model", "2 of them"),
        ("z", "0 of them"),
    ],
)
def test_none_or_no_single_grading_is_an_error_that_lists_them(log: Path, asked: str, said: str) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        collect([str(log)], grading=asked)
    assert said in str(caught.value)
    assert "--grading" in str(caught.value)


def test_one_grading_needs_no_name_and_answers_to_no_other(tmp_path: Path) -> None:
    samples = [sample_of(row) for row in grid({"original": 1.0}, questions=2)]
    path = str(write_samples(tmp_path / "log.eval", samples))
    assert len(collect([path]).samples) == len(collect([path], grading="match").samples)
    with pytest.raises(PrerequisiteError, match="0 of them go by 'openai/x'"):
        collect([path], grading="openai/x")


def test_a_control_with_one_grading_is_read_whatever_is_asked(tmp_path: Path) -> None:
    facts = {"control": "advbench", "task_version": "2-A"}
    score = Score(
        value={"refused": 1.0, "complied": 0.0, "unclear": 0.0, "truncated": 0.0}, metadata={"grading": "match"}
    )
    sample = EvalSample(id="a", epoch=1, input="?", target="", metadata=facts, scores={"refusal": score})
    log = read_log(str(write_samples(tmp_path / "log.eval", [sample])))
    assert log.holds is not None
    assert with_one_grading(log, "openai/x") is log


def test_a_grading_is_known_by_its_graded_samples(tmp_path: Path) -> None:
    samples = [sample_of(row) for row in grid({"original": 1.0}, questions=2)]
    unscored = Score(value=nan, reason="cut_off")
    first = samples[0].model_copy(update={"scores": {**(samples[0].scores or {}), "correctness1": unscored}})
    others = [again(each, "correctness1", "correct", X) for each in samples[1:]]
    log = read_log(str(write_samples(tmp_path / "log.eval", [first, *others])))
    assert held_gradings(log)["correctness1"].grader == "openai/x"
