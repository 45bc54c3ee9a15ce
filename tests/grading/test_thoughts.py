import pytest

from tests.hanging import ends_within
from warm_inspect.grading.thoughts import without_thoughts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Paris.", "Paris."),
        ("", ""),
        ("<think>Lyon? No.</think>\nParis.", "Paris."),
        ("<THINK>\nLyon\n</Think> Paris. <think>Sure?</think> Yes.", "Paris.  Yes."),
        ("<thinking>Lyon</thinking>Paris.", "Paris."),
        # The chat template opened the thought.
        ("Lyon? No.</think>\nParis.", "Paris."),
        # A tag quoted within a thought does not open another one.
        ("<think>It says <think> first.</think>Paris.", "Paris."),
        ("<think>It quotes </think> and goes on </think>Paris.", "Paris."),
        ("<think>Lyon, or Paris", None),
        ("Paris. <think>But wait", None),
        ("<think></think>", ""),
        ("I think Paris.", "I think Paris."),
    ],
)
def test_only_what_is_outside_thoughts_is_said(text: str, said: str | None) -> None:
    assert without_thoughts(text) == said


@pytest.mark.parametrize("part", ["<think>", "</think>", "<", "< / think ", "<think></think>"])
def test_a_megabyte_of_tags_is_read_in_linear_time(part: str) -> None:
    with ends_within(60):
        without_thoughts(part * (1_000_000 // len(part)))
