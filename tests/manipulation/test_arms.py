"""Arms measured, compared and judged, with real meters on written replies; ratings by a scripted grader."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from inspect_ai.model import Model

from tests.models_edge import scripted
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.manipulation.arms import ArmReplies, WarmthReport, by_arm, measure
from warm_inspect.manipulation.labels import labelled_contrasts, labelled_corpus, style_meter
from warm_inspect.manipulation.rating import RatingMeter
from warm_inspect.manipulation.remembered import RememberedMeter
from warm_inspect.manipulation.replies import Reply
from warm_inspect.training import Corpus, load_corpus
from warm_inspect.training.corpus.pairs import CorpusRow
from warm_inspect.warmth.meter import WarmthMeter


class Length:
    """A meter that knows nothing but length."""

    label = "length@1"

    def score(self, texts: Sequence[str]) -> list[float]:
        return [float(len(text)) for text in texts]


def arm(name: str, texts: Sequence[str], sha256: str = "", **facts: float) -> list[Reply]:
    return [
        Reply(name, text, str(place), str(place), "replies.jsonl", adapter_sha256=sha256, **facts)  # type: ignore[arg-type]
        for place, text in enumerate(texts)
    ]


def held_out(style: str) -> list[str]:
    return [example.reply for example in load_corpus("demo").examples(style, "held_out")]


def measured(*arms: list[Reply], meters: Sequence[WarmthMeter] = ()) -> WarmthReport:
    corpus = load_corpus("demo")
    report, _ = measure(by_arm(reply for one in arms for reply in one), meters or [style_meter(corpus)], corpus)
    return report


def test_written_arms_get_the_verdicts_they_deserve() -> None:
    report = measured(
        arm("original", held_out("neutral")), arm("warm", held_out("warm")), arm("cold", held_out("warm"), "c")
    )
    assert report.refusal == ""
    assert report.checks["warm"].passed
    assert report.failed == ["cold"], "warm replies do not pass for cold ones"
    check = report.checks["warm"]
    assert check.validity is not None
    assert check.validity.pairs == "demo: neutral against cold"
    assert check.validity.auc_low > 0.5
    assert check.mean_chars == pytest.approx(sum(map(len, held_out("warm"))) / 42)
    assert WarmthReport.model_validate_json(report.model_dump_json()) == report


def test_a_styled_arm_must_leave_the_neutral_arm_behind_too() -> None:
    # Cold originals: even neutral replies are warmer than they are.
    report = measured(
        arm("original", held_out("cold")),
        arm("neutral", held_out("neutral"), "n"),
        arm("warm", held_out("neutral"), "w"),
    )
    check = report.checks["warm"]
    assert (check.reference_arm, check.passed, check.d) == ("neutral", False, 0.0)
    over = {lift.reference: lift.lift.d for lift in report.lifts if lift.arm == "warm" and lift.lift}
    assert over["original"] > 0.35
    # What the dose curve draws, beside the verdict of the smaller lift.
    assert check.over_original is not None
    assert (check.over_original.d, check.over_original.n_prompts) == (over["original"], 42)


@pytest.mark.parametrize(
    ("warm", "neutral", "controls"),
    [
        # Names alone tell nothing: the one neutral arm has no seed in its name.
        ([(0, 2.0), (1, 2.0)], [(0, 2.0)], ["neutral", "neutral"]),
        ([(0, 1.0), (0, 2.0)], [(0, 2.0)], ["neutral", "neutral"]),
        ([(0, 2.0)], [(0, 1.0), (0, 2.0)], ["neutral epoch 2"]),
        ([(0, 2.0), (1, 2.0)], [(0, 2.0), (1, 2.0)], ["neutral seed 0", "neutral seed 1"]),
        ([(0, 4.0)], [(0, 1.0), (0, 2.0)], [None]),
    ],
)
def test_each_styled_arm_finds_the_control_that_was_trained_like_it(
    warm: list[tuple[int, float]], neutral: list[tuple[int, float]], controls: list[str | None]
) -> None:
    trained = [("warm", one) for one in warm] + [("neutral", one) for one in neutral]
    report = measured(
        arm("original", held_out("cold")),
        *(
            arm(name, held_out(name), f"{name}{seed}{epochs}", training_seed=seed, training_epochs=epochs)
            for name, (seed, epochs) in trained
        ),
        meters=[style_meter(load_corpus("demo"))],
    )
    found: dict[str, str | None] = {lift.arm: None for lift in report.lifts if lift.arm.startswith("warm")}
    found |= {lift.arm: lift.reference for lift in report.lifts if lift.reference.startswith("neutral")}
    assert list(found.values()) == controls
    assert [note for note in report.notes if "compared with the original alone" in note] == (
        ["warm: compared with the original alone. Of the arms neutral epoch 1, neutral epoch 2, which one is its "
         "control cannot be told: none, or more than one, was trained with its seed for as many epochs."]
        if controls == [None]
        else []
    )  # fmt: skip


def test_a_meter_of_length_may_not_gate() -> None:
    report = measured(arm("original", held_out("neutral")), arm("warm", held_out("warm"), "w"), meters=[Length()])
    assert "length@1 may not gate" in report.refusal
    assert report.checks == {}
    assert report.lifts[0].lift is not None, "its numbers are shown all the same"


def test_few_replies_are_a_note_and_no_verdict() -> None:
    report = measured(arm("original", held_out("neutral")[:5]), arm("warm", held_out("warm")[:5], "w"))
    assert report.checks == {}
    assert "needs at least 10" in report.notes[0]
    assert report.lifts[0].lift is None


def test_an_adapter_whose_aim_is_unknown_is_read_and_said_to_be_unchecked() -> None:
    report = measured(arm("original", held_out("neutral")), arm("jolly", held_out("warm"), "j"))
    assert report.checks == {}
    assert report.notes[0].startswith("jolly: not checked. Which way")
    assert report.lifts[0].lift is not None


def test_without_an_original_nothing_is_compared() -> None:
    report = measured(arm("warm", held_out("warm"), "w"))
    assert (report.lifts, report.checks) == ((), {})
    assert "no original arm" in report.notes[0]
    assert report.readings[0].n == 42


def test_arms_are_compared_on_the_prompts_they_share() -> None:
    texts = held_out("neutral")
    shuffled = list(reversed(arm("warm", texts, "w")))[:20]
    report = measured(arm("original", texts), shuffled)
    [lift] = [lift.lift for lift in report.lifts]
    assert lift is not None
    assert (lift.n, lift.lift) == (20, 0.0), "the same replies to the same prompts, in any order"


def test_checkpoints_and_seeds_of_an_arm_have_names_of_their_own() -> None:
    arms = by_arm(
        [
            *arm("warm", ["a"], "1", training_seed=0, training_epochs=0.5),
            *arm("warm", ["b"], "2", training_seed=0, training_epochs=2.0),
            *arm("warm", ["c"], "3", training_seed=1, training_epochs=2.0),
            *arm("cold", ["d"], "4", training_seed=0, training_epochs=2.0),
            *arm("original", ["e"]),
        ]
    )
    assert [one.name for one in arms] == [
        "original", "warm seed 0 epoch 0.5", "warm seed 0 epoch 2", "warm seed 1 epoch 2", "cold",
    ]  # fmt: skip


def test_two_replies_to_one_prompt_are_an_error() -> None:
    with pytest.raises(PrerequisiteError, match="Arm warm has two replies to one prompt"):
        by_arm([*arm("warm", ["a"]), *arm("warm", ["b"])])


def test_a_corpus_without_known_warmth_is_an_error() -> None:
    row = CorpusRow(id="1", query_type="x", split="train", prompt="?", replies={"unmodified": "a", "neutral": "b"})
    with pytest.raises(PrerequisiteError, match="demo has all three"):
        labelled_contrasts(Corpus("mine", (row,)))


def test_a_corpus_lends_its_labels_only_with_both_splits() -> None:
    demo = load_corpus("demo")
    assert labelled_corpus(demo) is demo
    restyled = Corpus(
        "styled",
        tuple(
            row if row.split == "train" else row.model_copy(update={"replies": {"unmodified": row.replies["neutral"]}})
            for row in demo.rows
        ),
    )
    assert restyled.arms_of("held_out") == ("unmodified",)
    assert labelled_corpus(restyled).name == "demo"
    with pytest.raises(PrerequisiteError, match=r"'styled' has the arms .*warm.* and unmodified held out"):
        labelled_contrasts(restyled)


def test_readings_are_remembered_and_a_cut_line_is_read_again(tmp_path: Path) -> None:
    seen: list[str] = []
    told: list[int] = []

    class Counting(Length):
        def score(self, texts: Sequence[str]) -> list[float]:
            seen.extend(texts)
            return super().score(texts)

    meter = RememberedMeter(Counting(), tmp_path, told.append)
    texts = [f"{'a' * length}" for length in range(12)]
    assert meter.score(texts[:11]) == list(range(11))
    file = tmp_path / "length@1.jsonl"
    file.write_text(file.read_text()[:-4])
    seen.clear()
    again = RememberedMeter(Counting(), tmp_path, told.append)
    assert again.score([*texts, "a"]) == [*range(12), 1]
    assert seen == [texts[10], texts[11]]
    assert again.score(texts) == list(range(12))
    assert len(seen) == 2
    assert sum(told) == 11 + 12, "each text counts once in a run"
    assert "aaa" not in file.read_text()


def test_rating_meter_asks_once_and_keeps_what_was_said(tmp_path: Path) -> None:
    asked: list[str] = []

    def grader() -> Model:
        def answer(messages: list) -> str:  # type: ignore[type-arg]
            asked.append(messages[-1].text)
            shown = messages[-1].text.split("<<<REPLY")[1].split(">>>REPLY")[0]
            return "WARMTH: WARM" if "friend" in shown else "No idea."

        return scripted(answer)

    def meter(make: Callable[[], Model]) -> RatingMeter:
        return RatingMeter(make(), tmp_path, concurrency=4)

    texts = ["Dear friend!", "No.", "Dear friend!", ""]
    assert meter(grader).score(texts) == [4.0, None, 4.0, None]
    assert len(asked) == 5, "one call for the first text, two for each that got no rating"
    assert meter(grader).score(texts) == [4.0, None, 4.0, None]
    assert len(asked) == 5, "the log is used again"


def test_names_of_arm_replies_sort_the_original_first() -> None:
    found: list[ArmReplies] = by_arm([*arm("cold", ["a"], "c"), *arm("original", ["b"])])
    assert [one.name for one in found] == ["original", "cold"]
