"""The study that most tests look at."""

import pytest

from tests.made_logs import grid, study_of
from warm_inspect.analysis.study import AnalysedStudy


@pytest.fixture(scope="session")
def plain_study() -> AnalysedStudy:
    """Four arms in which warm is wrong far more often, and the original was asked twice."""
    return study_of(grid({"original": 0.3, "original_repeat": 0.3, "neutral": 0.3, "warm": 0.8}))
