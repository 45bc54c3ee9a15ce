"""`reliability`: right, avoided and wrong answers by difficulty, and how far wording decides them."""

from warm_inspect.analysis.families.reliability.analysis import analyse_reliability, problem_cells
from warm_inspect.analysis.families.reliability.benchmarks import with_benchmarks
from warm_inspect.analysis.families.reliability.rows import (
    BENCHMARK,
    EVERY_BENCHMARK,
    ReliabilityResults,
    ReliabilityRow,
)

__all__ = [
    "BENCHMARK", "EVERY_BENCHMARK", "ReliabilityResults", "ReliabilityRow", "analyse_reliability", "problem_cells",
    "with_benchmarks",
]  # fmt: skip
