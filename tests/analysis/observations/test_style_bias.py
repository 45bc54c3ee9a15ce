"""A measured style bias of the grading is a note of every study, first in line where it is large."""

import pandas as pd
import pytest

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.observations import MAX_STYLE_BIAS, is_large, style_biases


def note(points: float) -> Note:
    return Note(
        Code.STYLE_BIAS, grading="match", outcome="correct", first="warm", second="terse", content="right",
        points=points, low=points - 1, high=points + 1, items=80,
    )  # fmt: skip


def test_gradings_that_were_measured_have_a_note_and_models_none() -> None:
    frame = pd.DataFrame({"grading": ["match", "model", "match"]})
    [bias] = style_biases(frame)
    assert (bias.code, bias.values["grading"]) == (Code.STYLE_BIAS, "match")
    assert style_biases(frame[frame["grading"] == "model"]) == ()


@pytest.mark.parametrize(("points", "large"), [(2.1, True), (-2.1, True), (MAX_STYLE_BIAS, False), (0.0, False)])
def test_a_bias_is_large_in_either_direction(points: float, large: bool) -> None:
    assert is_large(note(points)) is large
