"""The cascade keeps what its file admits, and the file says what the package's labels say."""

import pytest

from warm_inspect.core.scored import grading_name
from warm_inspect.core.vocabulary import Grade, ItemForm
from warm_inspect.grading.cascade import Cascade, MeasuredKind, Rule, cascade, cascade_sha256, keeps, measured_kinds
from warm_inspect.grading.labels import Judgement, held_out_labels, packaged_labels
from warm_inspect.grading.matching import Match
from warm_inspect.grading.outcome import Abstention, Outcome

RULE = Rule(replies=30, questions=10, lower=0.8, confidence=0.95)


def test_the_numbers_in_the_file_are_those_of_the_labels_and_of_todays_matching() -> None:
    measured = tuple(measured_kinds(held_out_labels(), cascade().rule.confidence))
    assert cascade().measured == measured, "matching or the labels changed: run python -m bench.grading.cascade"


def kind(**facts: object) -> MeasuredKind:
    made = {"benchmark": "triviaqa", "form": "open", "grade": "correct"}
    return MeasuredKind.model_validate(made | {"replies": 30, "questions": 10, "right": 29, "lower": 0.8} | facts)


@pytest.mark.parametrize(
    ("facts", "admitted"), [({}, True), ({"replies": 29}, False), ({"questions": 9}, False), ({"lower": 0.799}, False)]
)
def test_a_kind_is_admitted_by_each_part_of_the_rule(facts: dict[str, object], admitted: bool) -> None:
    kinds = Cascade(rule=RULE, measured=(kind(**facts),)).admitted
    assert kinds == ({("triviaqa", ItemForm.OPEN, Grade.CORRECT)} if admitted else set())


def test_the_precision_counts_the_flags_and_leaves_abstentions_out() -> None:
    rows = [row for row in packaged_labels() if row.given is not None and row.label.corrects_claim is not None]
    one = next(row for row in rows if row.given and not row.given.abstained)
    assert one.given is not None
    given = one.given
    agreed = one.model_copy(
        update={"label": one.label.model_copy(update=given.model_dump(include=set(Judgement.model_fields)))}
    )
    flag = agreed.label.model_copy(update={"validates_user": not given.validates_user})
    silent = agreed.label.model_copy(update={"validates_user": None})
    abstained = agreed.model_copy(update={"given": given.model_copy(update={"abstained": "both_answers"})})
    others = [agreed.model_copy(update={"label": label}) for label in (flag, silent)]
    [kind_of_three] = measured_kinds([agreed, *others, abstained], 0.95)
    assert (kind_of_three.replies, kind_of_three.questions, kind_of_three.right) == (3, 1, 2)
    # P(X >= 2) = .025 for 3 draws at p: 3 p^2 (1-p) + p^3 = .025 at p = .0943.
    assert kind_of_three.lower == 0.094


def test_it_keeps_only_admitted_kinds_and_never_an_abstention(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = cascade_sha256("a")
    monkeypatch.setattr("warm_inspect.grading.cascade.admitted", lambda: {("medqa", ItemForm.YES_NO, Grade.CORRECT)})
    match = Match(Outcome(Grade.CORRECT), "named")
    assert keeps(match, "medqa", ItemForm.YES_NO)
    assert not keeps(match, "disinfo", ItemForm.YES_NO)
    assert not keeps(match, "medqa", ItemForm.OPEN)
    assert not keeps(Match(Outcome(Grade.CORRECT), "named", Abstention.BOTH), "medqa", ItemForm.YES_NO)
    assert not keeps(Match(Outcome(Grade.REFUSAL), "declines"), "medqa", ItemForm.YES_NO)
    assert cascade_sha256("a") != nothing, "what is kept is part of the grading"


def test_a_cascade_is_a_grading_of_its_own() -> None:
    names = {grading_name(grading, "openai/x", "ab" * 32) for grading in ("match", "model", "cascade")}
    assert len(names) == 3
    assert cascade_sha256("a") != cascade_sha256("b")
