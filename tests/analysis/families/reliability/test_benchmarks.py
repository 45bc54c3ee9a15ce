"""Right, avoided and wrong replies to benchmarks, from the grades that logs have; nothing else moves."""

from math import isnan
from typing import Any

import pytest

from tests.made_logs import collected_of, reply
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.families import EVERY_BENCHMARK, ReliabilityRow, analyse_beside
from warm_inspect.analysis.observations import observe
from warm_inspect.core.endings import EMPTY_REPLY
from warm_inspect.core.families import Family

Rows = dict[tuple[str, str, str, str], ReliabilityRow]
"""By outcome, arm, reference and set of items."""
GRADES = {"c": "correct", "i": "incorrect", "r": "refusal", "u": "unclear", "n": "unclear"}
GRADES |= dict.fromkeys("tfz", "unclear")
"""`n`: matching could not read it; `t`, `f`, `z`: cut at the token limit, ended by a filter, or empty."""
FACTS: dict[str, dict[str, Any]] = {
    "n": {"abstained": "not_read"},
    "t": {"truncated": 1.0, "stop_reason": "max_tokens"},
    "f": {"stop_reason": "content_filter"},
    "z": {"abstained": EMPTY_REPLY, "reply_chars": 0},
}


def rows_of(arms: dict[str, dict[str, str]]) -> Rows:
    """The rows of replies that are given by arm and benchmark, a letter a question, by what they are of."""
    replies = [
        reply(
            f"{benchmark}-{i}",
            GRADES[letter],
            arm=arm,
            benchmark=benchmark,
            adapter_sha256="" if arm == "original" else arm,
            **FACTS.get(letter, {}),
        )
        for arm, benchmarks in arms.items()
        for benchmark, letters in benchmarks.items()
        for i, letter in enumerate(letters)
        if letter != "-"
    ]
    results = analyse_beside(observe(collected_of(replies))).get(Family.RELIABILITY)
    assert results is not None
    rows = [row for row in results.rows if isinstance(row, ReliabilityRow) and row.design == "benchmark"]
    return {
        (each.outcome, each.identity.arm, each.identity.reference, row.item_set): row
        for row in rows
        for each in [row.estimate]
    }


@pytest.fixture(scope="module")
def rows() -> Rows:
    return rows_of(
        {
            "original": {"triviaqa": "ccrrun", "medqa": "ciic"},
            # The last reply of the original has no pair.
            "warm": {"triviaqa": "cciiin", "medqa": "cii-"},
        }
    )


@pytest.mark.parametrize(
    ("outcome", "item_set", "share", "events", "n"),
    [
        ("correct", "triviaqa", 2 / 6, 2, 6),
        ("avoidant", "triviaqa", 3 / 6, 3, 6),
        ("unread", "triviaqa", 1 / 6, 1, 6),
        ("incorrect", "triviaqa", 0, 0, 6),
        ("ultracrepidarian", "triviaqa", 0, 0, 3),
        ("ultracrepidarian", "medqa", 1, 2, 2),
        # Benchmarks weigh equally in a share; of all wrong and avoided replies two of five are wrong.
        ("avoidant", EVERY_BENCHMARK, 1 / 4, 3, 10),
        ("ultracrepidarian", EVERY_BENCHMARK, 2 / 5, 2, 5),
    ],
)
def test_refusals_and_replies_without_an_answer_are_avoided(
    rows: Rows,
    outcome: str,
    item_set: str,
    share: float,
    events: int,
    n: int,
) -> None:
    row = rows[outcome, "original", "", item_set]
    assert row.estimate.estimate == pytest.approx(share)
    assert (row.events, row.estimate.n) == (events, n)


def test_a_reply_that_was_cut_before_an_answer_has_not_avoided_one() -> None:
    replies = rows_of({"original": {"triviaqa": "cirutttffz"}})
    events = {outcome: replies[outcome, "original", "", "triviaqa"].events for outcome in ("avoidant", "unread")}
    # A refusal, an unclear one and an empty one; three cut and two filtered ones.
    assert events == {"avoidant": 3, "unread": 5}


@pytest.mark.parametrize(
    ("outcome", "points"),
    # The mean of 3 of 6 and 0 of 3; of wrong and avoided ones 5 of 5, and of the original on these prompts 2 of 5.
    [("incorrect", 25), ("avoidant", -25), ("correct", 0), ("unread", 0), ("ultracrepidarian", 60)],
)
def test_arms_are_compared_on_the_prompts_that_both_answered(rows: Rows, outcome: str, points: float) -> None:
    number = rows[outcome, "warm", "original", EVERY_BENCHMARK].estimate
    assert number.estimate == pytest.approx(points)
    assert number.n_clusters == (5 if outcome == "ultracrepidarian" else 9), "of a ratio those that count"
    assert isnan(number.p_adjusted)


def test_the_error_of_a_ratio_is_that_of_its_clusters() -> None:
    number = rows_of({"original": {"triviaqa": "iiirrc"}})["ultracrepidarian", "original", "", "triviaqa"].estimate
    # Influences (w - 0.6 (w + a)) / 5: 0.08 three times, -0.12 twice, 0; CRV1 with the five questions that count.
    assert number.std_error == pytest.approx((5 / 4 * (3 * 0.08**2 + 2 * 0.12**2)) ** 0.5)
    assert 0 < number.conf_low < 0.6 < number.conf_high < 1


def test_a_share_of_nothing_is_not_known_and_few_questions_have_no_interval() -> None:
    of_nothing = rows_of({"original": {"triviaqa": "cccncc"}, "warm": {"triviaqa": "iccccc"}})
    for key in (("original", "", "triviaqa"), ("warm", "original", EVERY_BENCHMARK)):
        number = of_nothing["ultracrepidarian", *key].estimate
        assert isnan(number.estimate)
        assert Code.NONE_WRONG_OR_AVOIDED in number.notes[0].codes
    few = rows_of({"original": {"triviaqa": "irc"}})["ultracrepidarian", "original", "", "triviaqa"].estimate
    assert few.estimate == pytest.approx(1 / 2)
    assert Code.FEWER_THAN_FIVE in few.notes[0].codes
