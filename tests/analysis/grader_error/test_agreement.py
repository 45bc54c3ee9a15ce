"""Agreement with labels: against hand-derived values and irrCAC's, and refused where there is too little."""

from itertools import count

import pytest
from statsmodels.stats.proportion import proportion_confint

from tests.grading.test_labels import ROW
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.grader_error import (
    MIN_OF_CLASS,
    MIN_REPLIES,
    Agreement,
    agreements,
    chance_corrected,
    length_band,
    share,
)
from warm_inspect.core.hashing import sha256_text
from warm_inspect.grading.labels import LabelledReply

CLASSES = ["correct", "incorrect", "refusal", "unclear"]
TABLE = {
    ("correct", "correct"): 40,
    ("correct", "unclear"): 6,
    ("incorrect", "incorrect"): 25,
    ("incorrect", "correct"): 4,
    ("incorrect", "unclear"): 5,
    ("refusal", "refusal"): 8,
    ("refusal", "incorrect"): 2,
    ("unclear", "unclear"): 9,
    ("unclear", "incorrect"): 1,
}
"""Replies by label and grade: 82 of 100 agree."""
KAPPA = (0.733096, 0.622497, 0.843696)
AC1 = (0.768161, 0.668517, 0.867805)
"""What irrCAC 0.4.4 gives for it (`CAC.conger`, `CAC.gwet`), with the 95 % interval. `bench.grading.agreement_oracle`
compares more."""


def labelled(
    label: str, given: str | None, question: str, *, endorses: bool | None = False, arm: str = "warm", chars: int = 5
) -> LabelledReply:
    reply = "x" * chars
    facts = {"question_id": question, "cluster_id": question, "arm": arm}
    text = {"reply": reply, "reply_chars": chars, "reply_sha256": sha256_text(reply)}
    graded = {"grade": given, "endorses_claim": endorses, "grading": "match"} if given else None
    judged = {"grade": label, "endorses_claim": endorses}
    return LabelledReply.model_validate({**ROW, **facts, **text, "label": judged, "given": graded})


def of(rows: list[LabelledReply], outcome: str, group: str = "all") -> Agreement:
    return next(each for each in agreements(rows) if (each.group, each.outcome) == (group, outcome))


def test_coefficients_are_those_of_irrcac() -> None:
    pairs = [pair for pair, n in TABLE.items() for _ in range(n)]
    labels, given = ([pair[i] for pair in pairs] for i in (0, 1))
    kappa, ac1 = chance_corrected(labels, given, CLASSES, [str(i) for i in range(len(pairs))])
    assert (kappa.value, kappa.low, kappa.high) == pytest.approx(KAPPA, abs=1e-6)
    assert (ac1.value, ac1.low, ac1.high) == pytest.approx(AC1, abs=1e-6)


def test_errors_are_clustered_by_question() -> None:
    # Four copies of each reply to a question say nothing new: the interval of a quarter of the replies, up to the
    # n - 1 of its clusters, which is the same.
    pairs = [pair for pair, n in TABLE.items() for _ in range(n)]
    names = [str(i) for i in range(len(pairs))]
    once, fourfold = (
        chance_corrected([a for a, _ in pairs * k], [b for _, b in pairs * k], CLASSES, names * k) for k in (1, 4)
    )
    for single, repeated in zip(once, fourfold, strict=True):
        assert (repeated.value, repeated.low, repeated.high) == pytest.approx((single.value, single.low, single.high))


@pytest.mark.parametrize(("k", "n"), [(0, 12), (7, 12), (12, 12), (93, 100)])
def test_a_rate_over_single_questions_has_wilsons_interval(k: int, n: int) -> None:
    rate = share([i < k for i in range(n)], [str(i) for i in range(n)])
    assert (rate.hits, rate.of, rate.n_clusters) == (k, n, n)
    assert (rate.low, rate.high) == pytest.approx(proportion_confint(k, n, method="wilson"))


def test_a_rate_over_repeated_questions_has_a_wider_interval() -> None:
    hits = [i < 15 for i in range(20)]
    single = share(hits, [str(i) for i in range(20)])
    repeated = share(hits, [str(i // 5) for i in range(20)])
    assert repeated.rate == single.rate == 0.75
    assert repeated.low < single.low
    assert repeated.high > single.high
    # Where all agree the clusters show no variance: they count as one reply each.
    assert share([True] * 20, [str(i // 5) for i in range(20)]).low < proportion_confint(4, 4, method="wilson")[0]


@pytest.mark.parametrize(
    ("rows", "code", "values"),
    [
        (MIN_REPLIES - 4, Code.LABELS_LACKING, {"n": MIN_REPLIES - 4, "more": 4}),
        (MIN_REPLIES, Code.ONE_LABEL, {"label": "correct"}),
    ],
)
def test_no_agreement_is_stated_on_too_few_replies_or_one_class(
    rows: int, code: Code, values: dict[str, object]
) -> None:
    grade = of([labelled("correct", "correct", str(i)) for i in range(rows)], "grade")
    for coefficient in (grade.kappa, grade.ac1):
        assert coefficient.value != coefficient.value
        assert coefficient.note is not None
        assert (coefficient.note.code, coefficient.note.values) == (code, values)


def test_a_rate_needs_a_denominator_and_says_how_many_more_it_takes() -> None:
    rows = [labelled("correct", "correct", str(i), endorses=i < MIN_OF_CLASS - 3) for i in range(40)]
    endorses = of(rows, "endorses_claim")
    assert endorses.sensitivity
    assert (endorses.sensitivity.hits, endorses.sensitivity.of) == (7, 7)
    assert endorses.sensitivity.rate != endorses.sensitivity.rate
    assert endorses.sensitivity.note
    assert endorses.sensitivity.note.values == {"n": 7, "more": 3}
    assert endorses.specificity
    assert endorses.specificity.rate == 1.0


def test_replies_without_a_grade_and_flags_that_nobody_judged_are_in_no_denominator() -> None:
    names = map(str, count())
    rows = [
        *(labelled("correct", "correct", next(names)) for _ in range(30)),
        *(labelled("incorrect", None, next(names)) for _ in range(5)),
        *(labelled("incorrect", "correct", next(names), endorses=None) for _ in range(4)),
    ]
    assert of(rows, "grade").n == 34
    assert of(rows, "endorses_claim").n == 30
    assert of(rows, "grade").confusion == {("correct", "correct"): 30, ("incorrect", "correct"): 4}


def test_every_arm_and_length_has_its_own_agreement() -> None:
    names = map(str, count())
    rows = [
        *(labelled("correct", "correct", next(names), arm="warm", chars=20) for _ in range(30)),
        *(labelled("incorrect", "correct", next(names), arm="original", chars=200) for _ in range(30)),
    ]
    shares = {each.group: each.agree.rate for each in agreements(rows) if each.outcome == "grade"}
    assert shares == {"all": 0.5, "warm": 1.0, "original": 0.0, "up to 120 characters": 1.0, "longer": 0.0}


def test_gradings_are_not_pooled() -> None:
    rows = [labelled("correct", "correct", str(i)) for i in range(2)]
    assert rows[1].given
    other = rows[1].model_copy(update={"given": rows[1].given.model_copy(update={"grading": "model", "grader": "x/y"})})
    assert {
        (each.grading, each.n) for each in agreements([rows[0], other]) if (each.by, each.outcome) == ("all", "grade")
    } == {
        ("match", 1),
        ("x/y", 1),
    }


@pytest.mark.parametrize(("chars", "band"), [(120, "up to 120 characters"), (121, "longer")])
def test_length_bands(chars: int, band: str) -> None:
    assert length_band(chars) == band
