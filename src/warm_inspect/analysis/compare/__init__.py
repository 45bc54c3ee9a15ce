"""Two logs of any Inspect task, paired and compared sample by sample.

`pair` finds the samples that both hold and `logs.ValueMap` turns score values into numbers; `compare_logs` tests every
metric that both logs score.
"""

from warm_inspect.analysis.compare.comparison import GROUPS, Comparison, MetricComparison, compare_logs
from warm_inspect.analysis.compare.pairs import Pairs, comparable_metrics, pair, pair_frame, parse_value_map

__all__ = [
    "GROUPS", "Comparison", "MetricComparison", "Pairs", "comparable_metrics", "compare_logs",
    "pair", "pair_frame", "parse_value_map",
]  # fmt: skip
