"""Wrong replies that a grader takes for right: planted rates, and denominators of their own."""

from math import isnan
from pathlib import Path

import pytest

from tests.analysis.families.reliability.test_analysis import analysed, row
from tests.made_problems import Solved
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.families import ReliabilityResults


def judged(words: str) -> list[Solved]:
    """A problem for each word: what each reply was, and what the grader took it for, as `ic` or `f` for no answer."""
    return [
        Solved(f"p{place}", place % 2, f"{column:02}", pair[0], judged=pair[1:])
        for place, word in enumerate(words.split())
        for column, pair in enumerate(word.split("/"), 1)
    ]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> ReliabilityResults:
    """Of six wrong replies one passes in the original and three in the warm arm; of four right ones three."""
    return analysed(
        tmp_path_factory.mktemp("judged"),
        {
            "original": judged("ic/cc ii/cc ii/cc ii/ci ii ii"),
            "warm": judged("ic/cc ic/cc ic/cc ii/ci ii iu"),
        },
    )


def test_each_arm_has_its_own_denominator(results: ReliabilityResults) -> None:
    numbers = {arm: row(results, "wrong_passed", arm) for arm in ("original", "warm")}
    assert {arm: (each.events, each.estimate.n) for arm, each in numbers.items()} == {
        "original": (1, 6), "warm": (3, 6),
    }  # fmt: skip
    right = row(results, "right_passed", "warm")
    assert (right.events, right.estimate.n) == (3, 4)
    assert right.estimate.estimate == pytest.approx(3 / 4)
    easy = row(results, "wrong_passed", "warm", difficulty="0")
    assert (easy.events, easy.estimate.n) == (2, 3)


def test_wrong_replies_of_two_arms_are_compared_with_clustered_errors(results: ReliabilityResults) -> None:
    number = row(results, "wrong_passed", "warm", "original").estimate
    assert number.estimate == pytest.approx(100 * (3 / 6 - 1 / 6))
    # Differences of influences by problem: (1/2 - 5/6)/6, (1/2 + 1/6)/6 twice, (-1/2 + 1/6)/6 three times; CRV1.
    influences = [-1 / 3 / 6, 2 / 3 / 6, 2 / 3 / 6, *[-1 / 3 / 6] * 3]
    assert number.std_error == pytest.approx(100 * (6 / 5 * sum(each**2 for each in influences)) ** 0.5)
    assert number.n_clusters == 6
    assert isnan(number.p_adjusted)


def test_an_arm_without_a_wrong_reply_has_no_such_share(tmp_path: Path) -> None:
    results = analysed(tmp_path, {"original": judged("cc cc ci cc cc"), "warm": judged("ic ic ii ic ic")})
    for number in (row(results, "wrong_passed", "original"), row(results, "wrong_passed", "warm", "original")):
        assert isnan(number.estimate.estimate)
        assert Code.NONE_JUDGED in number.estimate.notes[0].codes


def test_without_a_grader_there_is_no_such_number(tmp_path: Path) -> None:
    results = analysed(tmp_path, {"original": judged("i c i"), "warm": judged("i i i")})
    assert not [each for each in results.rows if each.estimate.outcome in ("wrong_passed", "right_passed")]
