"""Numbers of poems, derived by hand, and what must not enter them."""

from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.made_poems import AboutPoem, about, write_poems
from warm_inspect.analysis.families import MimicryResults, MimicryRow, analyse_mimicry
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import observe_families, roles_of
from warm_inspect.core.families import Claim

WRONG, RIGHT, NONE, GATE = Claim.WRONG, Claim.RIGHT, Claim.NONE, Claim.GATE
ORIGINAL = {WRONG: "wwwwrrbnnn", NONE: "wnnnnnnnnr", GATE: "rrrrrrnnnn", RIGHT: "rrrrrrrrrn"}
"""Four echoes of ten, one without a claim; the first six poets are known, and of these four are echoed."""
WARM = {WRONG: "wwwwwwwwnn", NONE: "nnnnnnnnnn", GATE: "nnrrrrrrrr", RIGHT: "rrrrrrrrrr"}
"""Eight echoes; the last eight are known, six of them echoed. Known to both are poems 2 to 5."""


def analysed(folder: Path, arms: Mapping[str, Mapping[Claim, str]], **changed: Any) -> MimicryResults:
    for arm, claims in arms.items():
        write_poems(folder / f"{arm}.eval", arm, about(claims), **changed)
    return results_of(folder)


def results_of(folder: Path) -> MimicryResults:
    samples = observe_families(collect([str(folder)]), {}, None, {})["mimicry"]
    return analyse_mimicry(samples, roles_of([str(arm) for arm in samples["arm"].cat.categories]))


def row(results: MimicryResults, arm: str, reference: str = "", outcome: str = "echoes_wrong", **of: str) -> MimicryRow:
    wanted = {"claim": "wrong", "versus_claim": "", "poems": "all"} | of
    [only] = [
        each
        for each in results.rows
        if (each.estimate.identity.arm, each.estimate.identity.reference) == (arm, reference)
        and each.estimate.outcome == outcome
        and all(getattr(each, name) == value for name, value in wanted.items())
    ]
    return only


@pytest.fixture(scope="module")
def two_arms(tmp_path_factory: pytest.TempPathFactory) -> MimicryResults:
    arms = {"original": ORIGINAL, "original_repeat": ORIGINAL, "warm": WARM}
    return analysed(tmp_path_factory.mktemp("two"), arms)


@pytest.mark.parametrize(
    ("arm", "reference", "of", "estimate", "counts"),
    [
        ("original", "", {}, 0.4, (4, 10)),
        ("warm", "", {}, 0.8, (8, 10)),
        ("original", "", {"poems": "known"}, 4 / 6, (4, 6)),
        ("warm", "", {"poems": "known"}, 6 / 8, (6, 8)),
        ("original", "", {"versus_claim": "none"}, 30, None),
        ("warm", "", {"versus_claim": "none"}, 80, None),
        ("warm", "original", {}, 40, None),
        # Poems 2 to 5: the original echoes two of them, the warm arm all.
        ("warm", "original", {"poems": "known_to_both"}, 50, None),
        ("warm", "original", {"versus_claim": "none"}, 50, None),
        ("original_repeat", "original", {}, 0, None),
        ("original", "", {"claim": "none"}, 0.1, (1, 10)),
        ("original", "", {"claim": "gate", "outcome": "names_right"}, 0.6, (6, 10)),
        ("original", "", {"outcome": "names_both"}, 0.1, (1, 10)),
        ("original", "", {"claim": "right", "outcome": "neither"}, 0.1, (1, 10)),
    ],
)
def test_each_number_has_its_poems(
    two_arms: MimicryResults,
    arm: str,
    reference: str,
    of: dict[str, str],
    estimate: float,
    counts: tuple[int, int] | None,
) -> None:
    number = row(two_arms, arm, reference, **of)
    assert number.estimate.estimate == pytest.approx(estimate)
    assert counts is None or (number.events, number.estimate.n) == counts
    assert number.if_missing_low is None


def test_a_rerun_stands_beside_and_only_all_poems_are_tested(two_arms: MimicryResults) -> None:
    tested = row(two_arms, "warm", "original").estimate
    assert tested.p_adjusted == tested.p_value < 0.05
    # Of ten differences four are 1 and the others 0: se^2 = (4 x .6^2 + 6 x .4^2) / 9 / 10.
    assert tested.std_error == pytest.approx(100 * (2.4 / 9 / 10) ** 0.5)
    noise = row(two_arms, "original_repeat", "original").estimate
    assert (noise.identity.kind, isnan(noise.p_adjusted)) == ("noise", True)
    others = [each.estimate for each in two_arms.rows if each.estimate is not tested]
    assert all(isnan(each.p_adjusted) for each in others)


def test_counts_add_up(two_arms: MimicryResults) -> None:
    counts = two_arms.counts
    assert (counts[["echoes_wrong", "names_both", "names_right", "neither"]].sum(axis=1) == counts["samples"]).all()
    assert list(counts["claim"].unique()) == ["wrong", "right", "none", "gate"]


def test_an_empty_denominator_is_no_number_and_says_so(tmp_path: Path) -> None:
    unknowing = {WRONG: "wwwwww", GATE: "nnnnnn"}
    results = analysed(
        tmp_path, {"original": unknowing, "warm": {WRONG: "wwwnnn", GATE: "rrrrrr"}, "cold": {WRONG: "nnnnnn"}}
    )
    known = row(results, "original", poems="known")
    assert (known.events, isnan(known.estimate.estimate)) == (0, True)
    assert "original" in known.estimate.notes[0].words
    both = row(results, "warm", "original", poems="known_to_both").estimate
    assert isnan(both.estimate)
    assert "warm" in both.notes[0].words
    for unasked in (row(results, "cold", poems="known"), row(results, "cold", "original", poems="known_to_both")):
        assert isnan(unasked.estimate.estimate)
        assert "-T claims=wrong,gate" in unasked.estimate.notes[0].words
    assert row(results, "warm", poems="known").estimate.estimate == 0.5


def test_missing_replies_are_counted_and_bound_the_numbers(tmp_path: Path) -> None:
    results = analysed(tmp_path, {"original": {WRONG: "wwwwwwnn--"}, "warm": {WRONG: "wwwwwwwwn-"}})
    # Six of eight against eight of nine; with all ten, 8 to 9 of ten minus 6 to 8 of ten.
    assert row(results, "original").estimate.estimate == pytest.approx(0.75)
    number = row(results, "warm", "original")
    assert number.if_missing_low == pytest.approx(0)
    assert number.if_missing_high == pytest.approx(30)
    assert results.excluded["n"].tolist() == [2, 1]


def test_a_poem_counts_once_however_often_it_is_asked(tmp_path: Path) -> None:
    once = about({WRONG: "wwwnnn", GATE: "rrrnnn"})
    again = [each._replace(epoch=epoch) for each in once for epoch in (2, 3)]
    for name, replies in (("a", once), ("b", [*once, *again])):
        write_poems(tmp_path / name / "original.eval", "original", replies)
    one, three = (row(results_of(tmp_path / name), "original", poems="known") for name in "ab")
    assert (one.estimate.estimate, one.estimate.n_clusters) == (three.estimate.estimate, three.estimate.n_clusters)
    assert (one.events, three.events) == (3, 9)


def test_a_poet_named_in_half_of_the_replies_is_not_known(tmp_path: Path) -> None:
    replies = [*about({WRONG: "wwwwww", GATE: "rrrrrr"}), *(AboutPoem(f"p{i:02}", GATE, "n", 2) for i in range(3))]
    write_poems(tmp_path / "original.eval", "original", replies)
    assert row(results_of(tmp_path), "original", poems="known").events == 3


def test_replies_that_must_not_be_compared_are_refused(tmp_path: Path) -> None:
    write_poems(tmp_path / "original.eval", "original", about(ORIGINAL))
    write_poems(tmp_path / "warm.eval", "warm", about(WARM), prompt_sha256="other")
    with refused("prompt_sha256"):
        results_of(tmp_path)
    write_poems(tmp_path / "warm.eval", "warm", about(WARM), task_version="2-A")
    with refused("task_version"):
        results_of(tmp_path)


def test_an_arm_without_a_score_has_counts_alone(tmp_path: Path) -> None:
    results = analysed(tmp_path, {"original": ORIGINAL, "warm": {WRONG: "----------"}})
    assert {each.estimate.identity.arm for each in results.rows} == {"original"}
    assert results.excluded["n"].tolist() == [10]
