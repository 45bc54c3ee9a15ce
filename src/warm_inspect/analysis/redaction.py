"""Rows whose text may not be shown: those of gated data sets, and those about harmful things."""

from collections.abc import Iterator

import pandas as pd

from warm_inspect.core.vocabulary import Benchmark, Grading

HARMFUL = (Benchmark.DISINFO.value, "advbench")
"""Benchmarks whose questions or replies may do harm when they are passed on, gated or not."""

_LOCAL = frozenset(
    {"mockllm", "peft", "hf", "vllm", "sglang", "ollama", "llama-cpp-python", "transformer_lens", "nnterp"}
)
"""Model providers that run, unless told otherwise, on the user's own machines."""


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


def remote_graders(frame: pd.DataFrame) -> Iterator[str]:
    """A warning for each grader elsewhere that was sent gated rows."""
    sent = frame[frame["gated"].astype(bool) & (frame["grading"] == Grading.MODEL.value)]
    for (benchmark, grader), rows in sent.groupby(["benchmark", "grader"], observed=True):
        provider = str(grader).partition("/")[0]
        if provider not in _LOCAL:
            yield (
                f"{len(rows):,} replies of the gated benchmark {benchmark} were graded by "
                f"{grader or 'an unknown model'}, which runs elsewhere: their text left this machine. Check that the "
                "terms of the data allow that, or grade with a local model (--model-role grader=...)."
            )
