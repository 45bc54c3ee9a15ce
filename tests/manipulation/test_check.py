"""Arms compared and checked, with real meters on written replies."""

from collections.abc import Sequence

import pytest

from warm_inspect.manipulation.check import ScoredArm, WarmthReport, arm_readings, check_arms, passes, score_arm
from warm_inspect.manipulation.effect_size import MIN_PROMPTS, MeterLift
from warm_inspect.manipulation.replies import ArmReplies, ArmReply, by_arm
from warm_inspect.manipulation.validity import calibrate, labelled_contrasts, style_meter
from warm_inspect.training import load_corpus
from warm_inspect.warmth import WarmthMeter


class Length:
    """A meter of length alone."""

    label = "length@1"

    def score(self, texts: Sequence[str]) -> list[float]:
        return [float(len(text)) for text in texts]


def arm(name: str, texts: Sequence[str], sha256: str = "", **facts: float) -> list[ArmReply]:
    return [
        ArmReply(name, text, str(place), str(place), "replies.jsonl", adapter_sha256=sha256, **facts)  # type: ignore[arg-type]
        for place, text in enumerate(texts)
    ]


def held_out(style: str) -> list[str]:
    return [example.reply for example in load_corpus("demo").examples(style, "held_out")]


def report_on(*arms: list[ArmReply], meters: Sequence[WarmthMeter] = ()) -> WarmthReport:
    corpus = load_corpus("demo")
    meters = meters or [style_meter(corpus)]
    scored = [score_arm(each, meters) for each in by_arm(reply for replies in arms for reply in replies)]
    return check_arms(scored, [calibrate(meter, "demo", labelled_contrasts(corpus)) for meter in meters])


def lift(d: float, low: float, high: float) -> MeterLift:
    return MeterLift(meter="m@1", n=40, lift=d, d=d, d_low=low, d_high=high)


@pytest.mark.parametrize(
    ("moved", "direction", "passed"),
    [
        (lift(0.9, 0.4, 1.3), 1, True),
        (lift(0.35, 0.01, 0.7), 1, True),
        (lift(0.34, 0.2, 0.5), 1, False),
        (lift(0.9, -0.1, 1.9), 1, False),
        (lift(0.9, 0.4, 1.3), -1, False),
        (lift(-0.9, -1.3, -0.4), -1, True),
        (lift(-0.9, -1.3, -0.4), 1, False),
        (lift(-0.9, -1.9, 0.1), -1, False),
        (lift(0.2, -0.2, 0.6), 0, True),
        (lift(-0.5, -0.9, -0.1), 0, False),
        (lift(0.35, 0.1, 0.6), 0, False),
    ],
)
def test_an_arm_passes_when_it_moved_as_it_should(moved: MeterLift, direction: int, passed: bool) -> None:
    assert passes(moved, direction) is passed


def test_written_arms_are_told_apart() -> None:
    report = report_on(
        arm("original", held_out("neutral")), arm("warm", held_out("warm")), arm("cold", held_out("warm"), "c")
    )
    assert report.why_undecided == ""
    assert report.checks["warm"].passed
    assert report.failed == ["cold"], "warm replies do not pass for cold ones"
    check = report.checks["warm"]
    assert check.validity is not None
    assert check.validity.pairs == "demo: neutral against cold"
    assert check.validity.auc_low > 0.5
    assert check.mean_chars == pytest.approx(sum(map(len, held_out("warm"))) / 42)
    assert check.reference_mean_chars == pytest.approx(sum(map(len, held_out("neutral"))) / 42)
    assert WarmthReport.model_validate_json(report.model_dump_json()) == report


def test_a_styled_arm_must_have_moved_from_the_neutral_arm_too() -> None:
    # Cold originals: even neutral replies are warmer than they are.
    report = report_on(
        arm("original", held_out("cold")),
        arm("neutral", held_out("neutral"), "n"),
        arm("warm", held_out("neutral"), "w"),
    )
    check = report.checks["warm"]
    assert (check.reference_arm, check.passed, check.d) == ("neutral", False, 0.0)
    over = {lift.reference: lift.lift.d for lift in report.lifts if lift.arm == "warm" and lift.lift}
    assert over["original"] > 0.35
    # The dose curve draws it, beside the verdict of the smaller lift.
    assert check.over_original is not None
    assert (check.over_original.d, check.over_original.n_prompts) == (over["original"], 42)


@pytest.mark.parametrize(
    ("warm", "neutral", "references"),
    [
        # The only neutral arm serves arms of another seed.
        ([(0, 2.0), (1, 2.0)], [(0, 2.0)], ["neutral", "neutral"]),
        ([(0, 1.0), (0, 2.0)], [(0, 2.0)], ["neutral", "neutral"]),
        ([(0, 2.0)], [(0, 1.0), (0, 2.0)], ["neutral epoch 2"]),
        ([(0, 2.0), (1, 2.0)], [(0, 2.0), (1, 2.0)], ["neutral seed 0", "neutral seed 1"]),
        ([(0, 4.0)], [(0, 1.0), (0, 2.0)], [None]),
    ],
)
def test_each_styled_arm_is_compared_with_the_neutral_arm_that_was_trained_like_it(
    warm: list[tuple[int, float]], neutral: list[tuple[int, float]], references: list[str | None]
) -> None:
    trained = [("warm", one) for one in warm] + [("neutral", one) for one in neutral]
    report = report_on(
        arm("original", held_out("cold")),
        *(
            arm(name, held_out(name), f"{name}{seed}{epochs}", training_seed=seed, training_epochs=epochs)
            for name, (seed, epochs) in trained
        ),
    )
    compared: dict[str, str | None] = {lift.arm: None for lift in report.lifts if lift.arm.startswith("warm")}
    compared |= {lift.arm: lift.reference for lift in report.lifts if lift.reference.startswith("neutral")}
    assert list(compared.values()) == references
    notes = [note for note in report.notes if note.startswith("warm: compared with the original alone")]
    assert len(notes) == references.count(None)
    assert all("neutral epoch 1, neutral epoch 2" in note for note in notes)


def test_the_first_meter_decides_and_the_others_stand_beside_it() -> None:
    report = report_on(
        arm("original", held_out("neutral")),
        arm("warm", held_out("warm"), "w"),
        meters=[style_meter(load_corpus("demo")), Length()],
    )
    assert report.checks["warm"].meter == report.deciding_meter == style_meter(load_corpus("demo")).label
    assert [lift.meter for lift in report.lifts] == [report.deciding_meter, "length@1"]
    longer = sum(map(len, held_out("warm"))) - sum(map(len, held_out("neutral")))
    assert report.lifts[1].lift is not None
    assert report.lifts[1].lift.lift == pytest.approx(longer / 42)


def test_a_meter_of_length_cannot_decide() -> None:
    report = report_on(arm("original", held_out("neutral")), arm("warm", held_out("warm"), "w"), meters=[Length()])
    assert report.why_undecided.startswith("The meter length@1 failed validation")
    assert report.checks == {}
    assert report.lifts[0].lift is not None, "its numbers are shown all the same"


def test_too_few_replies_are_a_note_and_no_check() -> None:
    report = report_on(arm("original", held_out("neutral")[:5]), arm("warm", held_out("warm")[:5], "w"))
    assert report.checks == {}
    [note] = report.notes
    assert note.startswith("warm: not checked.")
    assert f"at least {MIN_PROMPTS}" in note
    assert report.lifts[0].lift is None
    assert report.lifts[0].note in note


def test_an_adapter_of_unknown_direction_is_read_and_not_checked() -> None:
    report = report_on(arm("original", held_out("neutral")), arm("jolly", held_out("warm"), "j"))
    assert report.checks == {}
    [note] = report.notes
    assert note.startswith("jolly: not checked.")
    assert report.lifts[0].lift is not None


def test_without_an_original_nothing_is_compared() -> None:
    report = report_on(arm("warm", held_out("warm"), "w"))
    assert (report.lifts, report.checks) == ((), {})
    assert "no arm original" in report.notes[0]
    assert "--reference" in report.notes[0]
    assert report.readings[0].n == 42


def test_arms_are_compared_on_the_prompts_they_share() -> None:
    texts = held_out("neutral")
    shuffled = list(reversed(arm("warm", texts, "w")))[:20]
    [lift] = [lift.lift for lift in report_on(arm("original", texts), shuffled).lifts]
    assert lift is not None
    assert (lift.n, lift.lift) == (20, 0.0), "the same replies to the same prompts, in any order"


def test_a_reading_counts_replies_without_a_number_and_a_silent_meter_has_none() -> None:
    replies = ArmReplies("warm", "warm", "", tuple(arm("warm", ["a", "bbb", "cc", "d"])))
    scored = ScoredArm(replies, {"m@1": (1.0, None, 3.0, 2.0), "silent@1": (None,) * 4})
    [reading] = arm_readings(scored)
    assert (reading.meter, reading.n, reading.unscored, reading.mean, reading.sd) == ("m@1", 3, 1, 2.0, 1.0)
    assert reading.mean_chars == 7 / 4
    # Warmth 1, 3, 2 against 1, 2, 1 characters: covariance 1 over the root of 2 * 2/3.
    assert reading.length_correlation == pytest.approx(1 / (2 * 2 / 3) ** 0.5)
