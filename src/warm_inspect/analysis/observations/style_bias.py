"""How much the style of a reply moves the grades that a study rests on, as it was measured with written replies."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd
import yaml

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.core.content import content_folder

MAX_STYLE_BIAS = 2.0
"""Percentage points of measured style bias above which a headline or a verdict says so first."""


def style_biases(frame: pd.DataFrame) -> tuple[Note, ...]:
    """A note for each grading of these replies whose style bias was measured.

    `warm-inspect grader style` measures it. For the gradings that need no model the figure is part of the package; of
    graders that are models none is known here.
    """
    gradings = sorted(set(frame["grading"].unique()) & _measured().keys())
    return tuple(Note(Code.STYLE_BIAS, grading=grading, **_measured()[grading]) for grading in gradings)


def is_large(bias: Note) -> bool:
    """Whether a measured style bias must be said first."""
    return abs(float(str(bias.values["points"]))) > MAX_STYLE_BIAS


@cache
def _measured() -> Mapping[str, Mapping[str, Any]]:
    text = content_folder("styles").joinpath("measured.yaml").read_text(encoding="utf-8")
    measured: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return measured
