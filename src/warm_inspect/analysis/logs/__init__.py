"""Reading logs: which files the paths name, what each log holds, and the samples of all of them as one frame.

It knows Inspect's files and the contract between evaluation and analysis, and no statistics. `collect` reads every log
that the user's paths name; `read_log` and `read_samples` read one log of any Inspect task.
"""

from warm_inspect.analysis.logs.collected import Collected, FileProgress, collect
from warm_inspect.analysis.logs.files import find_logs, merged_logs
from warm_inspect.analysis.logs.gradings import held_gradings, scorer_of
from warm_inspect.analysis.logs.log import (
    Log,
    LoggedScore,
    Sample,
    SampleKey,
    read_log,
    read_samples,
    unlike_log_settings,
)
from warm_inspect.analysis.logs.score_values import ValueMap, is_number, metric_scorers, metric_values

__all__ = [
    "Collected", "FileProgress", "Log", "LoggedScore", "Sample", "SampleKey", "ValueMap", "collect", "find_logs",
    "held_gradings", "is_number", "merged_logs", "metric_scorers", "metric_values", "read_log", "read_samples",
    "scorer_of", "unlike_log_settings",
]  # fmt: skip
