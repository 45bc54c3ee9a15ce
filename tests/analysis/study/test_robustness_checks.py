"""The robustness checks of a study."""

from tests.made_logs import frame_of, grid
from warm_inspect.analysis.contrasts import (
    grid_of,
)
from warm_inspect.analysis.study.analysis import robustness_checks

FRAME = frame_of(grid({"original": 0.35, "neutral": 0.4, "warm": 0.6}, questions=40, benchmarks=("triviaqa", "medqa")))


def test_every_check_is_made_once() -> None:
    rows = list(robustness_checks(FRAME, grid_of(FRAME)))
    keys = [(row.analysis, row.term, row.contrast, row.outcome) for row in rows]
    assert len(set(keys)) == len(keys)
    assert {"two_way", "bootstrap", "conditional_logit", "marginal_effect"} <= {row.term for row in rows}
