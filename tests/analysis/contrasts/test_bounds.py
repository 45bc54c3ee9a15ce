"""Effects with every missing reply at its best and at its worst, by hand."""

from collections.abc import Sequence
from math import isnan

import pytest

from tests.made_logs import Reply, collected_of, reply, study_of
from warm_inspect.analysis.contrasts import BEST, WORST, Contrast, ReplyBounds, all_contrasts, grid_of
from warm_inspect.analysis.estimates import CONTRAST, Code, Estimate, arm_effect
from warm_inspect.analysis.observations import Cell, observe, replies_asked_for

OUTCOMES = ("incorrect", "truncated")


def ten(arm: str, wrong: int = 0, **facts: str) -> list[Reply]:
    """Ten questions, the last so many answered wrong."""
    return [
        reply(f"q{i}", "incorrect" if i >= 10 - wrong else "correct", arm=arm, log_id=arm, **facts) for i in range(10)
    ]


def lossy(benchmark: str = "truthfulqa") -> list[Reply]:
    """Of warm one reply is cut, one without a grade, one filtered, one not understood; of the original one is cut."""
    original, warm = ten("original", 1, benchmark=benchmark), ten("warm", 3, benchmark=benchmark)
    warm[0] |= {"truncated": 1.0}
    warm[1] |= {"excluded": "unscored: error"}
    warm[2] |= {"stop_reason": "content_filter"}
    warm[3] |= {"abstained": "ambiguous", "correct": 0.0, "unclear": 1.0}
    original[4] |= {"truncated": 1.0}
    return [*original, *warm]


def cases(rows: list[Reply], label: str = "warm - original") -> dict[tuple[str, str], Estimate]:
    observed = observe(collected_of(rows))
    bounds = ReplyBounds.of(replies_asked_for(observed), OUTCOMES)
    assert bounds
    contrasts: dict[str, Contrast] = {each.identity.label: each for each in all_contrasts(grid_of(observed.frame))}
    return {(row.outcome, row.term): row for row in bounds.cases(contrasts[label])}


def test_missing_replies_count_against_the_arm_and_for_it() -> None:
    rows = cases(lossy())
    # Wrong: 3 of warm and 1 of the original. At worst also 4 of warm; at best also 1 of the original.
    assert rows["incorrect", WORST].estimate == pytest.approx(100 * (7 - 1) / 10)
    assert rows["incorrect", BEST].estimate == pytest.approx(100 * (3 - 2) / 10)
    # What was cut is known: at worst 1 cut, 3 more that could have been; at best 1. The original has 1.
    assert rows["truncated", WORST].estimate == pytest.approx(100 * (4 - 1) / 10)
    assert rows["truncated", BEST].estimate == pytest.approx(0)
    notes = {row.outcome: row.notes[-1] for row in rows.values()}
    assert {name: (note.values["n"], note.values["asked"]) for name, note in notes.items()} == {
        "incorrect": (5, 20), "truncated": (3, 20),
    }  # fmt: skip
    for row in rows.values():
        assert row.conf_low <= row.estimate <= row.conf_high
        assert isnan(row.p_value)


def test_a_contrast_of_cells_that_nobody_ran_has_no_cases() -> None:
    bounds = ReplyBounds.of(replies_asked_for(observe(collected_of(lossy()))), OUTCOMES)
    assert bounds
    never = {Cell("agreeing", "none", "third_party"): 1.0, Cell("answering", "none", "third_party"): -1.0}
    assert list(bounds.cases(Contrast("arm_effect", arm_effect("agreeing", "answering"), (never,)))) == []


def test_without_a_missing_reply_there_are_no_cases() -> None:
    plain = observe(collected_of([*ten("original", 1), *ten("warm", 3)]))
    assert ReplyBounds.of(replies_asked_for(plain), OUTCOMES) is None
    # Missing replies of another benchmark are none of these.
    other = [row | {"log_id": f"{row['arm']}-m"} for row in lossy("medqa")]
    both = [*ten("original", 1), *ten("warm", 3), *other]
    assert cases(both, "warm - original | benchmark=truthfulqa") == {}
    assert cases(both, "warm - original | benchmark=medqa")["incorrect", WORST].estimate == pytest.approx(60)


@pytest.mark.parametrize("arm", ["original", "warm"])
def test_questions_that_one_arm_was_never_asked_are_missing(arm: str) -> None:
    arms = {"original": ten("original", 1), "warm": ten("warm", 3)}
    # The first four are right in both.
    arms[arm] = arms[arm][4:]
    rows = cases([*arms["original"], *arms["warm"]])
    ends = {"warm": (-10 + 30, 60), "original": (-20, 20)}
    best, worst = ends[arm]
    assert rows["incorrect", BEST].estimate == pytest.approx(best)
    assert rows["incorrect", WORST].estimate == pytest.approx(worst)
    note = rows["incorrect", WORST].notes[-1]
    assert (note.values["n"], note.values["asked"]) == (4, 20)


def epochs(arm: str, asked: Sequence[int], seeds: int = 1) -> list[Reply]:
    """Questions that were each asked in so many epochs, and answered right, of so many adapters of an arm."""
    return [
        reply(f"q{i}", arm=arm, epoch=epoch, training_seed=seed, log_id=f"{arm}-{seed}")
        for i, number in enumerate(asked)
        for epoch in range(1, number + 1)
        for seed in range(seeds)
    ]


@pytest.mark.parametrize(
    ("asked", "seeds", "worst", "missing", "replies"),
    [
        # Half of the questions in none of 5 epochs.
        ([5] * 5 + [0] * 5, 1, 50, 25, 100),
        # One question in 1 of 5 epochs: 4 of its 5 replies at worst.
        ([5] * 9 + [1], 1, 8, 4, 100),
        ([5] * 9 + [1], 2, 8, 8, 150),
    ],
)
def test_what_was_never_run_is_missing_in_each_epoch_and_of_each_adapter(
    asked: list[int], seeds: int, worst: float, missing: int, replies: int
) -> None:
    rows = cases([*epochs("original", [5] * 10), *epochs("warm", asked, seeds)])
    assert rows["incorrect", WORST].estimate == pytest.approx(worst)
    assert rows["incorrect", BEST].estimate == pytest.approx(0)
    note = rows["incorrect", WORST].notes[-1]
    assert (note.values["n"], note.values["asked"]) == (missing, replies)


@pytest.mark.slow
def test_every_effect_between_arms_has_its_cases_around_it() -> None:
    rows = study_of(lossy()).estimates
    effects = rows[(rows["analysis"] == "arm_effect") & (rows["term"] == CONTRAST) & rows["estimate"].notna()]
    ends = {term: rows[rows["term"] == term].set_index(["contrast", "outcome"])["estimate"] for term in (BEST, WORST)}
    assert len(effects) > 10
    for row in effects.to_dict("records"):
        key = row["contrast"], row["outcome"]
        assert ends[BEST][key] <= ends[WORST][key]
    assert Code.MISSING_TAKEN.name.lower() in rows.loc[rows["term"] == WORST, "note_codes"].iloc[0]
