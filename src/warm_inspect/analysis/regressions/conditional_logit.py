"""Conditional logistic regression of matched pairs: the arm's log-odds with every prompt as its own stratum.

A sensitivity check: what a prompt has in itself drops out, whatever its distribution. The conditional likelihood of
pairs depends on the discordant ones alone, and the log of their ratio maximises it. Errors are clustered by question.

Source: Breslow and Day 1980, Statistical methods in cancer research I, chapter 7.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log, nan, sqrt

import numpy as np
import pandas as pd

from warm_inspect.analysis.estimates import LOG_ODDS, Code, Estimate, Identity, clustered, not_estimable, worth_of
from warm_inspect.analysis.observations import paired_replies

CONDITIONAL = "conditional_logit"


def matched_pairs(frame: pd.DataFrame, arm: str, reference: str, outcomes: Sequence[str]) -> pd.DataFrame:
    """One row per pair of replies to one prompt: its cluster, context, belief, and the change of each outcome."""
    pairs = paired_replies(frame, arm, reference, outcomes)
    changes = {outcome: pairs[outcome] - pairs[f"{outcome}_reference"] for outcome in outcomes}
    return pairs[["cluster", "context", "belief"]].assign(**changes)


def conditional_log_odds(pairs: pd.DataFrame, outcomes: Sequence[str], identity: Identity) -> Iterator[Estimate]:
    """The log-odds of each outcome between the arms, within prompts.

    Args:
        pairs: made by `matched_pairs`.
        outcomes: columns of it.
        identity: what the pairs compare.
    """
    for outcome in outcomes:
        change = pairs[outcome].to_numpy(dtype=np.float64)
        more, less = int((change > 0).sum()), int((change < 0).sum())
        row = Estimate("sensitivity", CONDITIONAL, outcome, identity, nan, LOG_ODDS, n=len(pairs))
        discordant = change != 0
        clusters = np.unique(pd.factorize(pairs["cluster"])[0][discordant], return_inverse=True)[1]
        groups = len(np.unique(clusters))
        row = replace(row, n_clusters=groups)
        if not more or not less:
            why = not_estimable(Code.ONE_SIDED, n=more + less) if more + less else not_estimable(Code.NO_PAIR_DIFFERS)
            yield replace(row, notes=(why,))
            continue
        # With one binary regressor the conditional likelihood is binomial in the discordant pairs, with its maximum at
        # the logarithm of their ratio. Below are its scores and its information there.
        row = replace(row, estimate=log(more / less))
        if groups < 2:
            yield replace(row, notes=(not_estimable(Code.FEWER_THAN_TWO_DIFFER),))
            continue
        share = more / (more + less)
        scores = np.bincount(clusters, (change[discordant] > 0) - share)
        information = (more + less) * share * (1 - share)
        variance = groups / (groups - 1) * float((scores**2).sum()) / information**2
        if variance < 1e-12:
            yield replace(row, notes=(not_estimable(Code.BALANCED),))
            continue
        yield clustered(row, sqrt(variance), worth_of(np.bincount(clusters).astype(np.float64)))
