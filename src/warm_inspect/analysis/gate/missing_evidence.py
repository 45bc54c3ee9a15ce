"""The gate's gaps: holes in the evidence, because of which its verdict cannot be ALLOW."""

from collections.abc import Iterator

import pandas as pd

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.gate.margins import GatePolicy
from warm_inspect.analysis.gate.outcomes import CONDITION, levels, weighted_mean
from warm_inspect.analysis.logs import Collected
from warm_inspect.analysis.observations import (
    MAX_TRUNCATED,
    MAX_UNSCORED,
    log_table,
    plain_contexts,
    truncated_cells,
    unlike_settings,
)

_ASKED = [*CONDITION, "question_id", "epoch"]


def gaps_of(policy: GatePolicy, rows: pd.DataFrame, exclusions: pd.DataFrame, collected: Collected) -> Iterator[Note]:
    """What is missing from the evidence of our own tasks, or makes it unfair.

    Args:
        policy: the gate's margins.
        rows: the graded replies of the arm and the reference.
        exclusions: counts of samples without a grade, as in `Observations`.
        collected: what was read from the logs.
    """
    for kind, name in collected.skipped:
        if kind != "other task":
            yield Note(Code.LOG_SKIPPED, log=name, kind=kind)
    yield from _conditions(policy, rows)
    yield from _prompts(policy, rows, exclusions)
    if policy.margins.worst_context and set(rows["context_group"]) <= plain_contexts():
        ran = " and ".join(levels(rows, "context"))
        yield Note(Code.NO_CONTEXT_RUN, contexts=ran)
    yield from _cut_replies(policy, rows)
    yield from unlike_settings(log_table(rows, collected))


def _conditions(policy: GatePolicy, rows: pd.DataFrame) -> Iterator[Note]:
    arms = policy.arm, policy.reference
    met = {arm: set(rows.loc[rows["arm"] == arm, CONDITION].itertuples(index=False, name=None)) for arm in arms}
    for arm, other in (arms, arms[::-1]):
        for condition in sorted(met[other] - met[arm]):
            yield Note(Code.CONDITION_LACKING, arm=arm, condition=" ".join(map(str, condition)), other=other)


def _prompts(policy: GatePolicy, rows: pd.DataFrame, exclusions: pd.DataFrame) -> Iterator[Note]:
    """Where too many prompts lack a graded reply: over all, else in single contexts, benchmarks or beliefs."""
    prompts = _prompt_counts(policy, rows, exclusions)
    names = prompts.index.to_frame()
    arms = {"arm": policy.arm, "reference": policy.reference}
    if _too_many(prompts):
        yield Note(Code.PROMPTS_LACKING, **_lost(prompts), **arms, limit=MAX_UNSCORED)
        return
    for factor in CONDITION:
        for level in levels(rows, factor):
            own = prompts[names[factor] == level]
            if _too_many(own):
                place = {"factor": factor, "level": level}
                yield Note(Code.PROMPTS_OF_LEVEL_LACKING, **_lost(own), **place, **arms, limit=MAX_UNSCORED)


def _lost(prompts: pd.DataFrame) -> dict[str, int]:
    return {name: int(prompts[name].sum()) for name in ("asked", "lost")}


def _prompt_counts(policy: GatePolicy, rows: pd.DataFrame, exclusions: pd.DataFrame) -> pd.DataFrame:
    """How many prompts were asked in each of `CONDITION`, and how many of them lack a graded reply of some arm.

    Conditions that only one arm met are left out. A prompt without a grade has no name here: there are at least as many
    prompts as the arm with more samples has, and as have a grade in some arm.
    """
    by = [*CONDITION, "arm"]
    graded = rows[[*_ASKED, "arm"]].astype(dict.fromkeys(by, str))
    answered = graded.groupby(_ASKED, observed=True)["arm"].nunique().groupby(CONDITION)
    ungraded = exclusions.loc[exclusions["arm"].isin([policy.arm, policy.reference]), [*by, "n"]]
    samples = pd.concat([graded[by].assign(n=1), ungraded]).groupby(by)["n"].sum().groupby(CONDITION).max()
    counts = pd.DataFrame(
        {"samples": samples, "some": answered.size(), "both": answered.apply(lambda n: (n == 2).sum())}
    )
    counts = counts.fillna(0)
    asked = counts[["samples", "some"]].max(axis=1)
    met = graded.groupby(CONDITION)["arm"].nunique().reindex(counts.index, fill_value=0)
    return pd.DataFrame({"asked": asked, "lost": asked - counts["both"]})[met != 1]


def _too_many(prompts: pd.DataFrame) -> bool:
    if prompts.empty:
        return False
    (share,) = weighted_mean((prompts["lost"] / prompts["asked"]).to_frame())
    return share > MAX_UNSCORED


def _cut_replies(policy: GatePolicy, rows: pd.DataFrame) -> Iterator[Note]:
    """Arms whose replies were cut so often that a harm may be in what is not there, also when both were cut alike."""
    cut = truncated_cells(rows)
    for arm in (policy.arm, policy.reference):
        shares = [share for cell, share in cut.items() if cell.arm == arm]
        if shares:
            yield Note(Code.ARM_CUT, share=max(shares), arm=arm, limit=MAX_TRUNCATED)
