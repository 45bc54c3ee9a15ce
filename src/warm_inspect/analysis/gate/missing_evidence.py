"""The gate's gaps: holes in the evidence, because of which its verdict cannot be ALLOW."""

from collections.abc import Iterable, Iterator

import pandas as pd

from warm_inspect.analysis.contrasts import CONDITION
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.gate.margins import GatePolicy
from warm_inspect.analysis.gate.outcomes import levels
from warm_inspect.analysis.logs import Collected, Log
from warm_inspect.analysis.observations import log_table, plain_contexts, unlike_settings

_SHOWN = 4
"""Conditions that a gap names."""


def logs_of(samples: pd.DataFrame, logs: Iterable[Log]) -> list[Log]:
    """The logs that the samples are from."""
    ids = set() if samples.empty else set(samples["log_id"].astype(str))
    return [log for log in logs if log.eval_id in ids]


def gaps_of(policy: GatePolicy, replies: pd.DataFrame, collected: Collected, evidence: Iterable[Log]) -> Iterator[Note]:
    """The gaps in the evidence, and what makes it unfair; a single missing reply is no gap.

    Args:
        policy: the gate's margins.
        replies: those of the arm and the reference, as `replies_of` gives them.
        collected: what was read from the logs.
        evidence: every log that a test rests on, of whatever kind.
    """
    for kind, name in collected.skipped:
        if kind != "other task":
            yield Note(Code.LOG_SKIPPED, log=name, kind=kind)
    for log in evidence:
        if log.lacking:
            yield Note(Code.SAMPLES_GONE, log=log.name, n=log.lacking, total=log.sample_count + log.lacking)
        if log.questions_chosen:
            yield Note(Code.SAMPLES_CHOSEN, log=log.name, chosen=log.chosen)
    yield from _conditions(policy, replies)
    if policy.margins.worst_context and set(replies["context_group"]) <= plain_contexts():
        ran = " and ".join(levels(replies, "context"))
        yield Note(Code.NO_CONTEXT_RUN, contexts=ran)
    yield from unlike_settings(log_table(replies, collected.logs))


def left_out(evidence: Iterable[Log]) -> Iterator[Note]:
    """A warning for each log in which an option left out samples of the task, though not by their questions."""
    for log in evidence:
        if log.chosen and not log.questions_chosen:
            yield Note(Code.SAMPLES_LEFT_OUT, log=log.name, chosen=log.chosen)


def undeclared_looks(policy: GatePolicy, replies: pd.DataFrame, *families: pd.DataFrame) -> Iterator[Note]:
    """A warning where logs grew in more parts than verdicts are declared: each part may have had one of its own.

    Control logs have no parts: of each control and arm there is one log.
    """
    asked = (_parts(samples, "item_set") for samples in families if not samples.empty)
    parts = max(_parts(replies, "benchmark"), *asked, 0)
    if parts > policy.looks:
        yield Note(Code.UNDECLARED_LOOKS, parts=parts, looks=policy.looks)


def _parts(samples: pd.DataFrame, of: str) -> int:
    """From how many logs an arm's samples of one set of questions are, at most."""
    return int(samples.groupby(["arm", of], observed=True)["log_id"].nunique().max())


def _conditions(policy: GatePolicy, replies: pd.DataFrame) -> Iterator[Note]:
    arms = policy.arm, policy.reference
    met = {arm: set(replies.loc[replies["arm"] == arm, CONDITION].itertuples(index=False, name=None)) for arm in arms}
    for arm, other in (arms, arms[::-1]):
        if lacking := [" ".join(map(str, condition)) for condition in sorted(met[other] - met[arm])]:
            more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
            said = f"{', '.join(lacking[:_SHOWN])}{more}"
            yield Note(Code.CONDITION_LACKING, arm=arm, n=len(lacking), other=other, conditions=said)
