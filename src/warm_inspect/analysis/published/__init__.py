"""The published analysis as it was published, for logs (`analyze --paper`) and for tables of cell counts.

It is there so that our own numbers can be compared with it: its regressions, McNemar tests and raw differences, each
with the assumptions that were made there.
"""

from warm_inspect.analysis.published.as_published import (
    CELL_COLUMNS,
    MCNEMAR,
    MCNEMAR_POOLED,
    analyse_as_published,
    cell_effect,
)
from warm_inspect.analysis.published.count_study import CountStudy, analyse_counts
from warm_inspect.analysis.published.raw_differences import RAW, RAW_BASE_MODELS

__all__ = [
    "CELL_COLUMNS", "MCNEMAR", "MCNEMAR_POOLED", "RAW", "RAW_BASE_MODELS", "CountStudy", "analyse_as_published",
    "analyse_counts", "cell_effect",
]  # fmt: skip
