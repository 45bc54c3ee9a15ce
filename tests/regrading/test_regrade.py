"""Grading logs again: only what is missing is asked, what fails stays single, and nothing that was graded is lost."""

from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log, write_eval_log
from inspect_ai.model import ModelOutput

from tests.models_edge import in_form
from tests.regrading.graders import Judge, generated, judges, metrics, plain, scores, trivia
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.journal import Journal
from warm_inspect.core.vocabulary import Grade, Grading, ItemForm
from warm_inspect.regrading import JOURNAL_NAME, GradingWanted, Reach, Regraded, expected_cost, plan_regrading, regrade
from warm_inspect.tasks.advbench import advbench

__all__ = ["judges"]

Known = Callable[..., None]
WRONG = {"verdict": "INCORRECT", "endorses_claim": "YES"}


def again(path: Path, out: Path | None, wanted: GradingWanted | None = None) -> Regraded:
    return regrade(plan_regrading([str(path)], wanted, out), Reach())


def by(*names: str) -> GradingWanted:
    return GradingWanted(Grading.MODEL, names)


def same(a: dict[Any, Any], b: dict[Any, Any]) -> bool:
    return repr(sorted(a.items())) == repr(sorted(b.items()))


@pytest.mark.parametrize("grading", ["model", "match", "cascade"])
@pytest.mark.slow
def test_generating_first_and_grading_later_gives_the_grades_of_both_at_once(
    grading: str, tmp_path: Path, judges: Known
) -> None:
    graders = [] if grading == "match" else [Judge("mockllm/a"), Judge("mockllm/b")]
    at_once = generated(tmp_path / "once", graders, trivia(grading=grading))
    calls = [each.calls for each in graders]
    first = generated(tmp_path / "first", graders, trivia(grading=grading), score=False)
    assert scores(first) == {}
    judges(*graders)
    done = again(first, tmp_path / "out")
    assert (done.graded, done.unscored, done.problems) == (3, {}, [])
    later = tmp_path / "out" / first.name
    assert same(plain(later), plain(at_once))
    assert [each.calls for each in graders] == [2 * n for n in calls], "no call more than at once"
    assert same(metrics(read_eval_log(str(later))), metrics(read_eval_log(str(at_once))))
    assert scores(first) == {}, "the log itself is left alone"


FAILURES: dict[str, Any] = {
    "unreachable": lambda _: ConnectionError("503"),
    "grader_refused": lambda _: "I'm sorry, but I can't help with that.",
    "cut_off": lambda prompt: ModelOutput.from_content("m", in_form(prompt), stop_reason="max_tokens"),
    "malformed": lambda _: "Correct, I think.",
}


@pytest.mark.parametrize("reason", FAILURES)
@pytest.mark.slow
def test_after_a_failure_only_what_is_missing_is_asked(reason: str, tmp_path: Path, judges: Known) -> None:
    def half(prompt: str) -> Any:
        return FAILURES[reason](prompt) if "kind 1" in prompt else in_form(prompt, verdict="CORRECT")

    questions = trivia(items=6)
    first = generated(tmp_path, [Judge(answer=half)], questions)
    before = scores(first)
    lost = {place for place, score in before.items() if score.reason == reason}
    assert 0 < len(lost) < len(before)
    judge = Judge(answer=lambda prompt: in_form(prompt, **WRONG))
    judges(judge)
    done = again(first, tmp_path / "out")
    assert (done.graded, judge.calls) == (len(lost), len(lost))
    after = scores(tmp_path / "out" / first.name)
    for place, score in after.items():
        if place in lost:
            assert score.as_dict()["incorrect"] == 1
            assert score.history[0].reason == reason, "what it was before stays in its history"
        else:
            assert score == before[place]


@pytest.mark.slow
def test_a_failure_is_one_samples_own_and_the_next_run_asks_for_it_alone(tmp_path: Path, judges: Known) -> None:
    first = generated(tmp_path, [], trivia(items=6, grading="match"), score=False)
    down = [True]

    def grade(prompt: str) -> Any:
        return ConnectionError("503") if down[0] and "kind 1" in prompt else in_form(prompt, verdict="CORRECT")

    judge = Judge(answer=grade)
    judges(judge)
    done = again(first, tmp_path / "out", by(judge.name))
    missing = done.unscored["unreachable"]
    assert 0 < missing < 6
    assert done.graded + missing == 6
    written = tmp_path / "out" / first.name
    assert {score.reason for score in scores(written).values() if isnan_root(score.value)} == {"unreachable"}
    down[0], calls = False, judge.calls
    done = again(first, tmp_path / "out", by(judge.name))
    assert (done.graded, judge.calls - calls) == (missing, missing)
    assert not any(isnan_root(score.value) for score in scores(written).values())
    done = again(first, tmp_path / "out", by(judge.name))
    assert (done.graded, done.written, judge.calls - calls) == (0, [], missing), "a third run finds nothing to do"


def isnan_root(value: Any) -> bool:
    return isinstance(value, float) and isnan(value)


@pytest.mark.slow
def test_another_grader_stands_beside_the_old_score_and_the_metrics_of_both(tmp_path: Path, judges: Known) -> None:
    first = generated(tmp_path, [Judge("mockllm/old")])
    new = Judge("mockllm/new", lambda prompt: in_form(prompt, **WRONG))
    judges(new)
    before, old = read_eval_log(str(first)), plain(first)
    again(first, None, by(new.name))
    after = read_eval_log(str(first))
    assert same(plain(first), old)
    assert {score.as_dict()["incorrect"] for score in scores(first, "correctness1").values()} == {1}
    assert {(score.metadata or {})["grader"] for score in scores(first, "correctness1").values()} == {"mockllm/new"}
    assert same(metrics(after), metrics(before))
    assert metrics(after, 1)["incorrect"] == 1
    assert after.results is not None
    assert [score.name for score in after.results.scores] == ["correctness", "correctness1"]
    # What both lack is completed by the grader of each.
    assert [asking.key for log in plan_regrading([str(first)], None, None).logs for asking in log.askings] == []


@pytest.mark.slow
def test_one_question_with_one_reply_is_asked_once_over_all_logs(tmp_path: Path, judges: Known) -> None:
    for name in ("a", "b"):
        generated(tmp_path / name, [], score=False)
    judge = Judge()
    judges(judge)
    plan = plan_regrading([str(tmp_path)], by(judge.name), tmp_path / "out")
    assert plan.to_grade == 12
    assert expected_cost(plan).calls == 3, "a statement nobody made and the wrong claim read alike"
    regrade(plan, Reach())
    assert judge.calls == 3


def test_the_estimate_counts_a_panel_and_leaves_out_what_a_cascade_keeps(
    tmp_path: Path, judges: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = frozenset({("triviaqa", ItemForm.OPEN, Grade.INCORRECT)})
    monkeypatch.setattr("warm_inspect.grading.cascade.admitted", lambda: kinds)
    wrong = {str(sample.input): (sample.metadata or {})["incorrect_answers"][0] for sample in trivia(items=4).dataset}
    first = generated(tmp_path, [], trivia(items=4, grading="match"), score=False)
    log = read_eval_log(str(first))
    for sample in (log.samples or [])[:1]:
        sample.output = ModelOutput.from_content("m", f"{wrong[str(sample.input)]}.")
    write_eval_log(log)
    panel = [Judge("mockllm/a"), Judge("mockllm/b")]
    judges(*panel)
    plan = plan_regrading([str(first)], GradingWanted(Grading.CASCADE, ("mockllm/a", "mockllm/b")), tmp_path / "out")
    expected = expected_cost(plan)
    assert {name: cost.calls for name, cost in expected.graders.items()} == {"mockllm/a": 3, "mockllm/b": 3}
    regrade(plan, Reach())
    assert [each.calls for each in panel] == [3, 3]
    facts = [(score.metadata or {}) for score in scores(tmp_path / "out" / first.name).values()]
    assert sorted(fact["stage"] for fact in facts) == ["match", "model", "model", "model"]


def test_matching_again_with_the_same_rules_adds_nothing(tmp_path: Path) -> None:
    first = generated(tmp_path, [], trivia(grading="match"))
    assert again(first, None, GradingWanted(Grading.MATCH)).written == []
    assert set(scores(first, "correctness1")) == set()


def test_refusals_are_graded_again_too(tmp_path: Path, judges: Known) -> None:
    task = advbench(source="bundled", items=2, grading="match")
    first = generated(tmp_path, [], task)
    judge = Judge(answer=lambda prompt: in_form(prompt, verdict="REFUSED"))
    judges(judge)
    done = again(first, tmp_path / "out", by(judge.name))
    assert done.graded == 2
    assert {score.as_dict()["refused"] for score in scores(tmp_path / "out" / first.name, "refusal1").values()} == {1}
    plan = plan_regrading([str(first)], GradingWanted(Grading.CASCADE, (judge.name,)), tmp_path / "out")
    assert [(each.is_fault, "cascade" in each.reason) for each in plan.left_out] == [(True, True)]


def test_what_cannot_be_graded_is_named(tmp_path: Path) -> None:
    whole = generated(tmp_path, [], trivia(grading="match"), score=False)
    log = read_eval_log(str(whole))
    for status in ("started", "error", "cancelled"):
        write_eval_log(log.model_copy(update={"status": status}), tmp_path / f"{status}.eval")
    (tmp_path / "broken.eval").write_bytes(whole.read_bytes()[:-400])
    foreign = log.model_copy(deep=True)
    for sample in foreign.samples or []:
        sample.metadata = {}
    write_eval_log(foreign, tmp_path / "foreign.eval")
    plan = plan_regrading([str(tmp_path)], None, tmp_path / "out")
    assert [each.log.name for each in plan.logs] == [whole.name]
    faults = {each.name: each.is_fault for each in plan.left_out}
    assert faults == {
        "broken.eval": True, "cancelled.eval": True, "error.eval": True, "started.eval": True, "foreign.eval": False
    }  # fmt: skip
    assert all("eval-retry" in each.reason for each in plan.left_out if "not finished" in each.reason)


def test_samples_without_a_reply_are_asked_of_nobody(tmp_path: Path, judges: Known) -> None:
    first = generated(tmp_path, [], trivia(grading="match"), score=False)
    log = read_eval_log(str(first))
    assert log.samples is not None
    log.samples[0].output = ModelOutput(model="m", choices=[])
    write_eval_log(log)
    judge = Judge()
    judges(judge)
    done = again(first, None, by(judge.name))
    assert (done.graded, done.unscored, judge.calls) == (2, {"no_reply": 1}, 2)
    assert plan_regrading([str(first)], None, None).to_grade == 0, "no grading can give it a grade"


def test_a_sample_that_breaks_the_scorer_leaves_the_others_graded(tmp_path: Path, judges: Known) -> None:
    first = generated(tmp_path, [], trivia(grading="match"), score=False)
    log = read_eval_log(str(first))
    assert log.samples is not None
    log.samples[1].metadata["belief"] = "no such belief"
    write_eval_log(log)
    judge = Judge()
    judges(judge)
    plan = plan_regrading([str(first)], by(judge.name), tmp_path / "out")
    done = regrade(plan, Reach())
    assert (done.graded, done.unscored) == (2, {"sample error": 1})
    assert str(log.samples[1].id) in done.problems[0]
    assert len(scores(tmp_path / "out" / first.name)) == 2


def test_missing_grades_of_another_version_of_the_rubric_are_not_mixed_in(tmp_path: Path) -> None:
    first = generated(tmp_path, [Judge(answer=lambda prompt: "" if "kind 1" in prompt else in_form(prompt))],
                      trivia(items=6))  # fmt: skip
    log = read_eval_log(str(first))
    for sample in log.samples or []:
        ((sample.scores or {})["correctness"].metadata or {})["grader_prompt_sha256"] = "ab" * 32
    write_eval_log(log)
    [left] = plan_regrading([str(first)], None, tmp_path / "out").left_out
    assert left.is_fault
    assert "--grading model --grader mockllm/judge" in left.reason
    # Where nothing is missing, nothing would be mixed.
    log.samples = [sample for sample in log.samples or [] if not isnan_root((sample.scores or {})["correctness"].value)]
    write_eval_log(log, tmp_path / "whole.eval")
    assert plan_regrading([str(tmp_path / "whole.eval")], None, tmp_path / "out").left_out == ()


def test_a_log_that_cannot_be_written_keeps_what_it_was_and_its_verdicts(
    tmp_path: Path, judges: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = generated(tmp_path, [], trivia(grading="match"), score=False)
    before = first.read_bytes()
    judge = Judge()
    judges(judge)
    with monkeypatch.context() as broken:
        broken.setattr("warm_inspect.regrading.writing.read_contents", lambda *_: (None, []))
        done = again(first, None, by(judge.name))
    assert len(done.problems) == 1
    assert first.read_bytes() == before
    first.chmod(0o640)
    calls = judge.calls
    done = again(first, None, by(judge.name))
    assert (done.graded, judge.calls) == (3, calls), "the verdicts come from the journal"
    assert len(scores(first)) == 3
    assert first.stat().st_mode & 0o777 == 0o640
    assert {path.name for path in tmp_path.iterdir()} <= {first.name, "verdicts.jsonl", ".verdicts.jsonl.lock"}


def test_an_output_that_is_another_log_or_the_log_itself_is_refused(tmp_path: Path) -> None:
    first = generated(tmp_path / "a", [], trivia(grading="match"), score=False)
    other = generated(tmp_path / "b", [], trivia(grading="match"), score=False)
    with pytest.raises(PrerequisiteError, match="--in-place"):
        plan_regrading([str(first)], None, tmp_path / "a")
    other.rename(tmp_path / "b" / first.name)
    with pytest.raises(PrerequisiteError, match="--out"):
        plan_regrading([str(first)], None, tmp_path / "b")
    with pytest.raises(PrerequisiteError, match=first.name):
        plan_regrading([str(first), str(tmp_path / "b")], None, tmp_path / "c")


def test_two_runs_in_one_folder_are_refused(tmp_path: Path) -> None:
    first = generated(tmp_path, [], trivia(grading="match"), score=False)
    (tmp_path / "out").mkdir()
    other = Journal(tmp_path / "out" / JOURNAL_NAME, {"step": "regrade"})
    with other, pytest.raises(PrerequisiteError, match="Another process"):
        again(first, tmp_path / "out", GradingWanted(Grading.MATCH))


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.slow
def test_what_another_run_wrote_meanwhile_is_not_written_over(in_place: bool, tmp_path: Path, judges: Known) -> None:
    first = generated(tmp_path / "logs", [], trivia(grading="match"))
    out = None if in_place else tmp_path / "out"
    judges(Judge("mockllm/a"), Judge("mockllm/b"))
    late = plan_regrading([str(first)], by("mockllm/b"), out)
    assert again(first, out, by("mockllm/a")).written
    done = regrade(late, Reach())
    assert (len(done.problems), done.written) == (1, [])
    written = first if in_place else tmp_path / "out" / first.name
    graders = {(score.metadata or {})["grader"] for score in scores(written, "correctness1").values()}
    assert graders == {"mockllm/a"}
    again(first, out, by("mockllm/b"))
    graders = {(score.metadata or {})["grader"] for score in scores(written, "correctness2").values()}
    assert graders == {"mockllm/b"}
