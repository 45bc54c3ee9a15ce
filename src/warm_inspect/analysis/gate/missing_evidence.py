"""The gate's gaps: holes in the evidence, because of which its verdict cannot be ALLOW."""

from collections.abc import Iterator

import pandas as pd

from warm_inspect.analysis.contrasts import CONDITION
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.gate.margins import GatePolicy
from warm_inspect.analysis.gate.outcomes import levels
from warm_inspect.analysis.logs import Collected, Log
from warm_inspect.analysis.observations import log_table, plain_contexts, unlike_settings

_SHOWN = 4
"""Conditions that a gap names."""


def gaps_of(policy: GatePolicy, replies: pd.DataFrame, collected: Collected) -> Iterator[Note]:
    """The gaps in the evidence of this package's tasks, and what makes it unfair; a single missing reply is no gap.

    Args:
        policy: the gate's margins.
        replies: those of the arm and the reference, as `replies_of` gives them.
        collected: what was read from the logs.
    """
    for kind, name in collected.skipped:
        if kind != "other task":
            yield Note(Code.LOG_SKIPPED, log=name, kind=kind)
    for log in _logs_of(replies, collected):
        if log.lacking:
            yield Note(Code.SAMPLES_GONE, log=log.name, n=log.lacking, total=log.sample_count + log.lacking)
        if log.chosen_singly:
            yield Note(Code.SAMPLES_CHOSEN, log=log.name, chosen=log.chosen)
    yield from _conditions(policy, replies)
    if policy.margins.worst_context and set(replies["context_group"]) <= plain_contexts():
        ran = " and ".join(levels(replies, "context"))
        yield Note(Code.NO_CONTEXT_RUN, contexts=ran)
    yield from unlike_settings(log_table(replies, collected))


def left_out(replies: pd.DataFrame, collected: Collected) -> Iterator[Note]:
    """A warning for each log in which an option left out samples of the task, though not one by one."""
    for log in _logs_of(replies, collected):
        if log.chosen and not log.chosen_singly:
            yield Note(Code.SAMPLES_LEFT_OUT, log=log.name, chosen=log.chosen)


def undeclared_looks(policy: GatePolicy, replies: pd.DataFrame) -> Iterator[Note]:
    """A warning where logs grew in more parts than verdicts are declared: each part may have had one of its own."""
    parts = int(replies.groupby(["arm", "benchmark"])["log_id"].nunique().max())
    if parts > policy.looks:
        yield Note(Code.UNDECLARED_LOOKS, parts=parts, looks=policy.looks)


def _logs_of(replies: pd.DataFrame, collected: Collected) -> list[Log]:
    """The logs that the replies are from."""
    ids = set(replies["log_id"].astype(str))
    return [log for log in collected.logs if log.eval_id in ids]


def _conditions(policy: GatePolicy, replies: pd.DataFrame) -> Iterator[Note]:
    arms = policy.arm, policy.reference
    met = {arm: set(replies.loc[replies["arm"] == arm, CONDITION].itertuples(index=False, name=None)) for arm in arms}
    for arm, other in (arms, arms[::-1]):
        if lacking := [" ".join(map(str, condition)) for condition in sorted(met[other] - met[arm])]:
            more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
            said = f"{', '.join(lacking[:_SHOWN])}{more}"
            yield Note(Code.CONDITION_LACKING, arm=arm, n=len(lacking), other=other, conditions=said)
