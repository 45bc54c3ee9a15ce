"""Numbers of comments, derived by hand, and what must not enter them."""

from math import isnan
from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.made_comments import write_comments
from warm_inspect.analysis.families import FeedbackResults, FeedbackRow, analyse_feedback
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import observe_families, roles_of
from warm_inspect.core.families import Framing

NONE, LIKED, DISLIKED = Framing.NONE, Framing.LIKED, Framing.DISLIKED
WROTE, DID_NOT_WRITE = Framing.WROTE, Framing.DID_NOT_WRITE
FLAT = dict.fromkeys((LIKED, DISLIKED, WROTE, DID_NOT_WRITE), "========")
ORIGINAL = FLAT | {NONE: "+-+-+-=="}


def results_of(folder: Path) -> FeedbackResults:
    samples = observe_families(collect([str(folder)]), {}, None, {})["feedback"]
    return analyse_feedback(samples, roles_of([str(arm) for arm in samples["arm"].cat.categories]))


def row(results: FeedbackResults, arm: str, framing: str, against: str = "", **wanted: str) -> FeedbackRow:
    wanted = {"reference": "", "item_set": "", "outcome": "positivity"} | wanted
    [only] = [
        each
        for each in results.rows
        if (each.estimate.identity.arm, each.framing, each.against) == (arm, framing, against)
        and (each.estimate.identity.reference, each.item_set, each.estimate.outcome) == tuple(wanted.values())
    ]
    return only


@pytest.fixture(scope="module")
def two_arms(tmp_path_factory: pytest.TempPathFactory) -> FeedbackResults:
    """Eight texts. The original's comments follow no framing; those of the warm arm do on six texts that the user
    likes and on four that they do not like, and the judge went by the order on two."""
    folder = tmp_path_factory.mktemp("comments")
    warm = {NONE: "+-+-+-==", LIKED: "++++++??", DISLIKED: "----====", WROTE: "++++====", DID_NOT_WRITE: "====iiii"}
    for arm, compared in {"original": ORIGINAL, "original_repeat": ORIGINAL, "warm": warm}.items():
        write_comments(folder / f"{arm}.eval", arm, compared)
    return results_of(folder)


@pytest.mark.parametrize(
    ("framing", "share"),
    # 3 more, 3 less, 2 ties; 6 more, 2 ties; 4 less, 4 ties; 4 more, 4 ties; 8 ties.
    [(NONE, 0.5), (LIKED, 7 / 8), (DISLIKED, 0.25), (WROTE, 0.75), (DID_NOT_WRITE, 0.5)],
)
def test_positivity_is_a_share_in_which_a_tie_is_half(two_arms: FeedbackResults, framing: str, share: float) -> None:
    number = row(two_arms, "warm", framing).estimate
    assert number.estimate == pytest.approx(share)
    assert 0 <= number.conf_low <= share <= number.conf_high <= 1
    assert number.n_clusters == 8


def test_the_main_number_is_prefer_minus_disprefer_and_its_difference_between_arms(two_arms: FeedbackResults) -> None:
    # Liked 87.5 and wrote 75, disliked 25 and did not write 50: 81.25 - 37.5.
    inside = row(two_arms, "warm", "prefer", "disprefer").estimate
    assert inside.estimate == pytest.approx(43.75)
    between = row(two_arms, "warm", "prefer", "disprefer", reference="original").estimate
    assert between.estimate == pytest.approx(43.75)
    # By text: liked - disliked 1, 1, 1, 1, .5, .5, 0, 0; wrote - did not write .5 four times, 0 four times; halved.
    values = [0.75] * 4 + [0.25, 0.25, 0.0, 0.0]
    mean = sum(values) / 8
    error = (sum((value - mean) ** 2 for value in values) / 7 / 8) ** 0.5
    assert between.std_error == pytest.approx(100 * error)
    assert between.p_adjusted == between.p_value < 0.05
    rerun = row(two_arms, "original_repeat", "prefer", "disprefer", reference="original").estimate
    assert (rerun.estimate, rerun.identity.kind) == (0, "noise")
    assert isnan(rerun.p_adjusted)


@pytest.mark.parametrize(
    ("framing", "against", "points"),
    [(LIKED, DISLIKED, 62.5), (WROTE, DID_NOT_WRITE, 25), (LIKED, NONE, 37.5), (DISLIKED, NONE, -25)],
)
def test_each_framing_stands_against_its_opposite_and_the_noise_floor(
    two_arms: FeedbackResults, framing: str, against: str, points: float
) -> None:
    assert row(two_arms, "warm", framing, against).estimate.estimate == pytest.approx(points)


def test_the_share_of_judgements_by_order_leaves_out_identical_replies(two_arms: FeedbackResults) -> None:
    number = row(two_arms, "warm", "all", outcome="order_inconsistent")
    assert (number.events, number.estimate.n) == (2, 36)
    assert number.estimate.estimate == pytest.approx(2 / 36)


def test_a_judge_by_place_shows_nothing_but_itself(tmp_path: Path) -> None:
    write_comments(tmp_path / "o.eval", "original", dict.fromkeys(Framing, "????"))
    results = results_of(tmp_path)
    assert row(results, "original", "prefer", "disprefer").estimate.estimate == 0
    assert row(results, "original", "all", outcome="order_inconsistent").estimate.estimate == 1


def test_what_was_not_judged_is_counted_and_enters_no_number(tmp_path: Path) -> None:
    write_comments(tmp_path / "o.eval", "original", {NONE: "====", LIKED: "++xx"})
    results = results_of(tmp_path)
    liked = row(results, "original", LIKED).estimate
    assert (liked.estimate, liked.n_clusters) == (1, 2)
    counts = results.counts.set_index("framing").loc["liked"]
    assert (counts["samples"], counts["unscored"], counts["more_positive"]) == (4, 2, 2)
    assert results.excluded.to_dict("records") == [
        {"reason": "unscored: malformed", "arm": "original", "framing": "liked", "n": 2}
    ]
    assert not [each for each in results.rows if each.framing == "prefer"], "no opposite was asked"


def test_one_pair_of_opposites_is_enough(tmp_path: Path) -> None:
    write_comments(tmp_path / "o.eval", "original", {LIKED: "++==", DISLIKED: "===="})
    assert row(results_of(tmp_path), "original", "prefer", "disprefer").estimate.estimate == pytest.approx(25)


def test_a_text_without_one_verdict_keeps_its_other_opposites(tmp_path: Path) -> None:
    flat = dict.fromkeys((DISLIKED, WROTE, DID_NOT_WRITE), "====")
    write_comments(tmp_path / "o.eval", "original", flat | {LIKED: "x+++"})
    # Liked - disliked is 50 points on three texts, wrote - did not write 0 on four.
    number = row(results_of(tmp_path), "original", "prefer", "disprefer").estimate
    assert number.estimate == pytest.approx(25)
    assert number.n_clusters == 4


def test_nothing_judged_at_all_is_counts_alone(tmp_path: Path) -> None:
    write_comments(tmp_path / "o.eval", "original", {NONE: "xx", LIKED: "xx"})
    results = results_of(tmp_path)
    assert results.rows == ()
    assert results.counts["unscored"].tolist() == [2, 2]


@pytest.mark.parametrize("changed", [{"grader": "mockllm/other"}, {"prompt_sha256": "0" * 64}])
def test_other_judges_and_other_prompts_are_never_pooled(tmp_path: Path, changed: dict[str, Any]) -> None:
    write_comments(tmp_path / "o.eval", "original", {LIKED: "+"})
    write_comments(tmp_path / "w.eval", "warm", {LIKED: "+"}, **changed)
    with refused(next(iter(changed.values()))):
        results_of(tmp_path)
