"""The figures of the published study, drawn from logs or from cell counts: `published_section` is what a page shows.

A figure is a `PublishedFigure`, made of `points`: error rates of two arms in a base model, context and belief.
"""

from typing import Any

from warm_inspect.analysis.published import CountStudy
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.report.published.figure_2 import figure_2
from warm_inspect.report.published.figure_3 import BELIEF, CONDITIONS, NO_BELIEF, figure_3
from warm_inspect.report.published.figure_5 import figure_5

__all__ = ["published_section"]


def published_section(study: AnalysedStudy | CountStudy, arm: str) -> dict[str, Any]:
    """The figures with what their captions state; empty outside paper mode and without a treated arm.

    Args:
        study: the analysed logs or cell counts.
        arm: the arm of figures 2 and 3; the warm one if there is one.
    """
    cells, estimates = study.published_cells, study.estimates
    if cells.empty or not arm:
        return {}
    return {
        "arm": arm,
        "counted": study.observations.counted,
        "benchmarks": sorted(set(cells["benchmark"])),
        "scatter": figure_2(cells, arm, estimates),
        "boxes": figure_3(cells, arm, estimates),
        "arms": figure_5(cells, arm, study.observations.compared_arms, estimates),
        "conditions": CONDITIONS,
        "colours": {"none": NO_BELIEF, "any": BELIEF},
    }
