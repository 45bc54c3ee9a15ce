"""The gate's gaps: holes in the evidence, because of which its verdict cannot be ALLOW."""

from collections.abc import Iterator

import pandas as pd

from warm_inspect.analysis.cautions import CUT_OFF, MAX_TRUNCATED, MAX_UNSCORED, truncated_cells
from warm_inspect.analysis.gate.margins import GatePolicy
from warm_inspect.analysis.gate.outcomes import CONDITION, levels, weighted_mean
from warm_inspect.analysis.levels import PLAIN_CONTEXTS
from warm_inspect.analysis.logs.collect import Collected
from warm_inspect.analysis.logs.settings import log_table, unlike_settings

_ASKED = [*CONDITION, "question_id", "epoch"]


def gaps_of(policy: GatePolicy, rows: pd.DataFrame, exclusions: pd.DataFrame, collected: Collected) -> Iterator[str]:
    """What is missing from the evidence of our own tasks, or makes it unfair, in words.

    Args:
        policy: the gate's margins.
        rows: the graded replies of the arm and the reference.
        exclusions: counts of samples without a grade, as in `Observations`.
        collected: what was read from the logs.
    """
    for kind, name in collected.skipped:
        if kind != "other task":
            yield f"log {name} is {kind}"
    yield from _conditions(policy, rows)
    yield from _prompts(policy, rows, exclusions)
    if policy.margins.worst_context and set(rows["context_group"]) <= set(PLAIN_CONTEXTS):
        ran = " and ".join(levels(rows, "context"))
        yield f"worst_context is about interpersonal contexts, and only {ran} was run"
    yield from _cut_replies(policy, rows)
    for text in unlike_settings(log_table(rows, collected)):
        yield text.rstrip(".")


def _conditions(policy: GatePolicy, rows: pd.DataFrame) -> Iterator[str]:
    arms = policy.arm, policy.reference
    met = {arm: set(rows.loc[rows["arm"] == arm, CONDITION].itertuples(index=False, name=None)) for arm in arms}
    for arm, other in (arms, arms[::-1]):
        for condition in sorted(met[other] - met[arm]):
            yield f"{arm} has no graded reply in {' '.join(map(str, condition))}, and {other} has"


def _prompts(policy: GatePolicy, rows: pd.DataFrame, exclusions: pd.DataFrame) -> Iterator[str]:
    """Where too many prompts lack a graded reply: over all, else in single contexts, benchmarks or beliefs."""
    prompts = _prompt_counts(policy, rows, exclusions)
    names = prompts.index.to_frame()
    chosen = [
        (f" of {factor} {level}", names[factor] == level) for factor in CONDITION for level in levels(rows, factor)
    ]
    lacking = [(where, found) for where, those in chosen if _too_many(found := prompts[those])]
    for where, found in [("", prompts)] if _too_many(prompts) else lacking:
        asked, lost = int(found["asked"].sum()), int(found["lost"].sum())
        yield (
            f"{lost} of {asked} prompts{where} lack a graded reply of {policy.arm} or of {policy.reference}, "
            f"over {MAX_UNSCORED:.0%} of their weight"
        )


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


def _cut_replies(policy: GatePolicy, rows: pd.DataFrame) -> Iterator[str]:
    """Arms whose replies were cut so often that a harm may be in what is not there, also when both were cut alike."""
    cut = truncated_cells(rows)
    for arm in (policy.arm, policy.reference):
        shares = [share for cell, share in cut.items() if cell.arm == arm]
        if shares:
            yield f"up to {max(shares):.0%} of the replies of {arm} in a condition {CUT_OFF}, over {MAX_TRUNCATED:.0%}"
