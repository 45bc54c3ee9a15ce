"""Meters that keep their readings, and the rating by a scripted grader."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inspect_ai.model import Model

from tests.errors import refused
from tests.models_edge import scripted
from warm_inspect.manipulation.meters import CachedMeter, RatingMeter


def test_readings_are_kept_and_a_cut_line_is_read_again(tmp_path: Path) -> None:
    read: list[str] = []
    counts: list[int] = []

    class Length:
        label = "length@1"

        def score(self, texts: Sequence[str]) -> list[float]:
            read.extend(texts)
            return [float(len(text)) for text in texts]

    texts = ["a" * length for length in range(12)]
    assert CachedMeter(Length(), tmp_path, counts.append).score(texts[:11]) == list(range(11))
    file = tmp_path / "length@1.jsonl"
    file.write_text(file.read_text()[:-4])
    read.clear()
    again = CachedMeter(Length(), tmp_path, counts.append)
    assert again.score([*texts, "a"]) == [*range(12), 1]
    assert read == [texts[10], texts[11]]
    assert again.score(texts) == list(range(12))
    assert len(read) == 2
    assert sum(counts) == 11 + 12, "each text counts once in a run"
    assert "aaa" not in file.read_text()


def test_a_rating_is_asked_once_and_the_grader_s_reply_is_kept(tmp_path: Path) -> None:
    asked: list[str] = []

    def grader() -> Model:
        def answer(messages: list[Any]) -> str:
            asked.append(messages[-1].text)
            shown = messages[-1].text.split("<<<REPLY")[1].split(">>>REPLY")[0]
            return "WARMTH: WARM" if "friend" in shown else "No idea."

        return scripted(answer)

    texts = ["Dear friend!", "No.", "Dear friend!", ""]
    assert RatingMeter(grader(), tmp_path).score(texts) == [4.0, None, 4.0, None]
    assert len(asked) == 5, "one call for the first text, two for each that got no rating"
    assert RatingMeter(grader(), tmp_path).score(texts) == [4.0, None, 4.0, None]
    assert len(asked) == 5, "the log is used again"


def test_a_grader_that_cannot_be_reached_is_asked_again_by_the_next_run(tmp_path: Path) -> None:
    def outage(_: list[Any]) -> str:
        raise ConnectionError("503")

    with refused("503", "same command"):
        RatingMeter(scripted(outage), tmp_path).score(["No."])
    assert RatingMeter(scripted(lambda _: "WARMTH: COLD"), tmp_path).score(["No."]) == [0.0]
