"""Logs that are cut off, tampered with or tiny: a clear error, a counted exclusion or a stated limit."""

import json
from collections.abc import Callable
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import fsspec  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.errors import refused
from tests.made_logs import reply, write_log
from warm_inspect.analysis.logs import collect, find_logs
from warm_inspect.analysis.logs.log import read_log
from warm_inspect.analysis.logs.measured import measured_frame
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import analyse
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.measurements import BENCHMARKS

Summaries = list[dict[str, Any]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("logs") / "whole.eval", [reply(f"q{i}") for i in range(4)])


def rewritten(log: Path, target: Path, change: Callable[[Summaries], Any]) -> Path:
    """A copy of the log whose summaries were changed."""
    with ZipFile(log) as source, ZipFile(target, "w") as copy:
        copy.writestr("header.json", source.read("header.json"))
        copy.writestr("summaries.json", json.dumps(change(json.loads(source.read("summaries.json")))))
    return target


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1), noise=st.binary(max_size=6))
def test_a_log_cut_anywhere_is_unreadable_or_whole(whole: Path, tmp_path: Path, cut: float, noise: bytes) -> None:
    content = whole.read_bytes()
    (tmp_path / "cut.eval").write_bytes(content[: int(cut * len(content))] + noise)
    left_out = "found 0 logs of other tasks, (0 unfinished and 1|1 unfinished and 0) unreadable"
    try:
        samples = len(collect([str(tmp_path)]).samples)
    except PrerequisiteError:
        with pytest.raises(PrerequisiteError, match=left_out):
            collect([str(tmp_path)])
    else:
        assert samples == 4


def without_metadata(rows: Summaries) -> Summaries:
    return [row | {"metadata": {}} if i == 2 else row for i, row in enumerate(rows)]


def with_grade(value: Any) -> Callable[[Summaries], Summaries]:
    def change(rows: Summaries) -> Summaries:
        score = rows[1]["scores"]["correctness"]
        return [rows[0], rows[1] | {"scores": {"correctness": score | {"value": value}}}, *rows[2:]]

    return change


def with_details(details: Any) -> Callable[[Summaries], Summaries]:
    def change(rows: Summaries) -> Summaries:
        score = rows[1]["scores"]["correctness"] | {"metadata": details}
        return [rows[0], rows[1] | {"scores": {"correctness": score}}, *rows[2:]]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_metadata, r"sample none/none · q2: metadata missing or wrong \(belief, benchmark"),
        (lambda rows: [row | {"metadata": row["metadata"] | {"seed": "x"}} for row in rows], r"wrong \(seed\)"),
        (with_grade({"correct": nan}), "sample none/none · q1: the score"),
        (with_grade("C"), "the score 'correctness' is not a 0 or 1"),
        (with_grade([1]), "the score 'correctness' is not a 0 or 1"),
        (lambda rows: {"not": "a list"}, "1 unreadable"),
        (lambda rows: [{"id": 1}], "1 unreadable"),
        (lambda rows: [row | {"metadata": ["x"]} for row in rows], "1 unreadable"),
        (lambda rows: [row | {"scores": "C"} for row in rows], "1 unreadable"),
        (with_details({"reply_chars": "long"}), "the metadata of the score 'correctness' is not what"),
    ],
)
def test_summaries_outside_the_contract_are_errors(
    whole: Path, tmp_path: Path, change: Callable[[Summaries], Any], message: str
) -> None:
    log = rewritten(whole, tmp_path / "odd.eval", change)
    with pytest.raises(PrerequisiteError, match=message):
        collect([str(log)])


@pytest.mark.parametrize("details", [1.5, "grading", [{}]])
def test_details_that_are_no_fields_make_a_log_unreadable(whole: Path, tmp_path: Path, details: object) -> None:
    with refused("odd.eval"):
        read_log(str(rewritten(whole, tmp_path / "odd.eval", with_details(details))))


def test_a_score_without_grades_is_held_to_its_shares_and_says_so(whole: Path, tmp_path: Path) -> None:
    shares = replace(BENCHMARKS, one_of=(), flags=(), optional=(), shares=("correct",))
    good, odd = (
        read_log(str(rewritten(whole, tmp_path / f"{value}.eval", with_grade({"correct": value}))))
        for value in (0.5, 3)
    )
    assert list(measured_frame(good, shares)["correct"])[1] == 0.5
    with refused("sample none/none · q1", "is not a number from 0 to 1 for each of correct. "):
        measured_frame(odd, shares)


@pytest.mark.parametrize("value", [nan, None])
def test_a_missing_grade_is_never_a_number(whole: Path, tmp_path: Path, value: float | None) -> None:
    observed = observe(collect([str(rewritten(whole, tmp_path / "nan.eval", with_grade(value)))]))
    assert len(observed.frame) == 3
    assert observed.exclusions["n"].sum() == 1


def test_a_sample_that_ran_again_counts_once(whole: Path, tmp_path: Path) -> None:
    log = rewritten(whole, tmp_path / "again.eval", lambda rows: [*rows, rows[0]])
    assert len(collect([str(log)]).samples) == 4


def test_names_in_any_script_stay_what_they_are(tmp_path: Path) -> None:
    name = "模型/ünï 🤖 <b>"
    rows = [reply(f"вопрос-{i}", arm="", base_model=name) for i in range(2)]
    log = write_log(tmp_path / "日志.eval", rows, model=name)
    frame = observe(collect([str(log)]), {name: "original"}).frame
    assert set(frame["model"]) == {name}
    assert list(frame["question_id"]) == ["вопрос-0", "вопрос-1"]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_study_of_three_replies_says_what_it_cannot_estimate(tmp_path: Path, n: int) -> None:
    for arm, grade in (("original", "correct"), ("warm", "incorrect")):
        write_log(tmp_path / f"{arm}.eval", [reply(f"q{i}", grade, arm=arm) for i in range(n)])
    collected = collect([str(tmp_path)])
    estimates = analyse(observe(collected), collected, paper=True).estimates
    unknown = estimates[estimates["std_error"].isna() & estimates["p_value"].isna()]
    counted = unknown["term"].isin(["minimum_detectable_effect", "cohens_g"])
    assert unknown.loc[~counted, "note_codes"].str.contains("not_estimable|exact_bound").all()
    assert estimates[estimates["analysis"] == "paper_1"]["note_codes"].str.contains("separation|not_estimable").all()


def test_what_macos_puts_beside_a_log_is_no_log(whole: Path, tmp_path: Path) -> None:
    for name, content in (("a.eval", whole.read_bytes()), ("._a.eval", b"\0\5\x16\7")):
        (tmp_path / name).write_bytes(content)
        fsspec.filesystem("memory").pipe(f"/mac/{name}", content)
    assert collect([str(tmp_path)]).complete
    assert find_logs(["memory://mac"]) == ["memory:///mac/a.eval"]


def test_logs_are_read_from_any_file_system(whole: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/study/deep/whole.eval", whole.read_bytes())
    assert find_logs(["memory://study"]) == find_logs(["memory://study/**/*.eval"])
    assert len(collect(["memory://study"]).samples) == 4
    with pytest.raises(PrerequisiteError, match="No file or folder memory://nowhere"):
        collect(["memory://nowhere"])
    with pytest.raises(PrerequisiteError, match="cannot be read"):
        collect(["nobody-knows://this"])
