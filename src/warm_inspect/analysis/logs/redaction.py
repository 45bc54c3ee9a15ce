"""Rows whose text may not be shown, those of gated data sets and harmful ones, and the graders that saw it."""

from collections import Counter
from collections.abc import Iterable, Iterator

import pandas as pd

from warm_inspect.analysis.logs.log import Log
from warm_inspect.analysis.notes import Code, Note
from warm_inspect.core.restricted import ADVICE, HARMFUL, benchmark_of, is_restricted, runs_here
from warm_inspect.core.vocabulary import Grading


def restricted(frame: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows of observations, or of collected samples, are gated or harmful."""
    return frame["gated"].astype(bool) | frame["benchmark"].astype(str).isin(HARMFUL)


def redacted(exclusions: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """The exclusions, with the reasons of benchmarks that have restricted rows cut to their kind.

    What a foreign scorer adds to a reason may quote the reply.

    Args:
        exclusions: counts by reason, arm, benchmark, context, belief.
        samples: the collected samples, graded or not.
    """
    hidden = set(samples.loc[restricted(samples), "benchmark"].astype(str))
    kinds = exclusions["reason"].map(lambda reason: reason.partition(":")[0])
    reasons = exclusions["reason"].where(~exclusions["benchmark"].isin(hidden), kinds)
    by = [name for name in exclusions.columns if name != "n"]
    return exclusions.assign(reason=reasons).groupby(by, as_index=False)[["n"]].sum()


def remote_graders(frame: pd.DataFrame, controls: Iterable[Log]) -> Iterator[Note]:
    """A warning for each grader elsewhere that was sent gated or harmful rows.

    Args:
        frame: the study's graded replies.
        controls: logs of control benchmarks.
    """
    by_model = (frame["grading"] == Grading.MODEL.value) | (frame["stage"] == Grading.MODEL.value)
    sent = frame[restricted(frame) & by_model]
    graded = Counter(zip(sent["benchmark"].astype(str), sent["grader"].astype(str), strict=True))
    graded.update(_graded_controls(controls))
    for (benchmark, grader), n in sorted(graded.items()):
        if not runs_here(grader):
            shown = grader or "an unknown model"
            yield Note(Code.REMOTE_GRADER, n=n, benchmark=benchmark, grader=shown, advice=ADVICE)


def _graded_controls(controls: Iterable[Log]) -> Iterator[tuple[str, str]]:
    """Benchmark and grader of each restricted sample that a model graded."""
    for sample in (sample for log in controls for sample in log.samples.values()):
        if is_restricted(sample.metadata):
            facts = [score.metadata for score in sample.scores.values()]
            graders = {str(fact["grader"]) for fact in facts if fact.get("grading") == Grading.MODEL.value}
            yield from ((benchmark_of(sample.metadata), grader) for grader in graders)
