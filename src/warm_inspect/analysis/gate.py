"""The release gate: one checkpoint against a reference arm, over the margins of a policy, for the items they ran."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from scipy import stats

from warm_inspect.analysis.cautions import MAX_UNSCORED
from warm_inspect.analysis.cells import Cell, CellTable, Contrast, estimate
from warm_inspect.analysis.collect import Collected
from warm_inspect.analysis.gate_controls import (
    ControlLogs,
    compare_controls,
    control_gaps,
    control_tests,
    directions,
    found_controls,
)
from warm_inspect.analysis.margins import DEFAULT_OUTCOMES, GatePolicy, OutcomeMargin, WarmthMargin
from warm_inspect.analysis.noninferiority import MarginTest, Verdict, decide, harm_test
from warm_inspect.analysis.observations import Observations
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.vocabulary import Grade

BELIEF = "incorrect"
"""The belief under which adopting the user's wrong answer is counted."""
_PROMPT = ["benchmark", "question_id", "cluster", "context", "belief", "epoch"]
_CONDITION = ["benchmark", "context", "belief"]
_CHECKPOINT = ["base_model", "base_sha256", "adapter_sha256", "training_seed", "model"]
# Keeps a resampled interval without width from dividing by zero.
_LEAST_SPREAD = 1e-9


@dataclass(frozen=True)
class GateReport:
    """The verdict on one checkpoint, for these items."""

    verdict: Verdict
    policy: GatePolicy
    tests: tuple[MarginTest, ...]
    gaps: tuple[str, ...]
    """Holes in the evidence, because of which the verdict cannot be ALLOW."""
    checkpoint: Mapping[str, str]
    """Base model, adapter hash and training seed of the arm."""
    items: Mapping[str, str]
    """Per benchmark: its task version, data revision and number of questions."""


def run_gate(
    policy: GatePolicy, observations: Observations, collected: Collected, controls: Sequence[ControlLogs] = ()
) -> GateReport:
    """The gate on the graded replies of our tasks and on control logs; deterministic.

    Logs of the known control benchmarks are among the collected ones; `controls` are pairs of logs of any other task.

    Raises:
        PrerequisiteError: an arm is not in the logs, or stands for more than one checkpoint; or control logs cannot be
            compared.
    """
    frame = observations.frame
    for arm in (policy.arm, policy.reference):
        if arm not in observations.arms:
            raise unknown_value("arm", arm, observations.arms, "Name the arms of other models with: --arm NAME=MODEL")
        _one_checkpoint(frame, arm)
    rows = frame[frame["arm"].isin([policy.arm, policy.reference])]
    found, missing = found_controls(policy, frame, collected.controls, controls)
    compared = [(logs.margin, compare_controls(policy, logs)) for logs in (*controls, *found)]
    tests = [*_outcome_tests(policy, rows), *control_tests(policy, compared), *_warmth_tests(policy, rows)]
    gaps = (
        *_gaps(policy, rows, observations.exclusions, collected),
        *missing,
        *(gap for margin, found in compared for gap in control_gaps(policy, rows, margin, found)),
    )
    verdict, decided = decide(tests, policy.alpha, gaps)
    return GateReport(verdict, policy, tuple(decided), gaps, _checkpoint(rows, policy.arm), _items(rows))


def _one_checkpoint(frame: pd.DataFrame, arm: str) -> None:
    found = frame.loc[frame["arm"] == arm, _CHECKPOINT].astype(str).drop_duplicates()
    if len(found) > 1:
        names = "; ".join(f"{row.model} (seed {row.training_seed})" for row in found.itertuples())
        raise PrerequisiteError(
            f"Arm {arm} stands for {len(found)} checkpoints: {names}. A gate decides on one: give the logs of one."
        )


def _outcome_tests(policy: GatePolicy, rows: pd.DataFrame) -> Iterator[MarginTest]:
    """The tests of the margins on our own tasks, one for each context, benchmark, or set of conditions."""
    for name, default in DEFAULT_OUTCOMES.items():
        margin: OutcomeMargin | None = getattr(policy.margins, name)
        if margin is None:
            continue
        blank = MarginTest(name, "", margin.outcome or default, margin.points)
        if name == "worst_context":
            cells = [(f"context={level}", rows[rows["context"] == level]) for level in _levels(rows, "context")]
        elif name == "worst_benchmark":
            cells = [(f"benchmark={level}", rows[rows["benchmark"] == level]) for level in _levels(rows, "benchmark")]
        elif name == "belief_endorsement":
            cells = [(f"belief={BELIEF}", rows[rows["belief"] == BELIEF])]
        else:
            cells = [("overall", rows)]
        for cell, chosen in cells:
            yield _outcome_test(replace(blank, cell=cell), policy, chosen)


def _outcome_test(blank: MarginTest, policy: GatePolicy, rows: pd.DataFrame) -> MarginTest:
    sign = -1.0 if blank.outcome == Grade.CORRECT else 1.0
    sides = [rows.loc[rows["arm"] == arm, [*_PROMPT, blank.outcome]] for arm in (policy.arm, policy.reference)]
    pairs = sides[0].merge(sides[1], on=_PROMPT, suffixes=("_arm", "_reference"))
    if pairs.empty:
        return replace(blank, note=f"no prompt here has a graded reply of both {policy.arm} and {policy.reference}")
    conditions = pairs[["context", "belief"]].astype(str).drop_duplicates().itertuples(index=False, name=None)
    blocks = tuple(
        {Cell(policy.arm, *condition): sign, Cell(policy.reference, *condition): -sign} for condition in conditions
    )
    (row,) = estimate(CellTable.build(rows, [blank.outcome]), Contrast("gate", blank.cell, blocks))
    gap = sign * (pairs[f"{blank.outcome}_arm"] - pairs[f"{blank.outcome}_reference"])
    return harm_test(
        blank,
        row.estimate,
        row.std_error,
        row.n_clusters,
        **directions(gap),
        differing=int(pairs.loc[gap != 0, "cluster"].nunique()),
    )


def _warmth_tests(policy: GatePolicy, rows: pd.DataFrame) -> Iterator[MarginTest]:
    """Superiority of warmth: the harm is the lift that is missing, so that all tests point one way."""
    margin: WarmthMargin | None = policy.margins.warmth
    if margin is None:
        return
    facts = rows[rows["arm"] == policy.arm].iloc[0]
    blank = MarginTest("warmth", f"lift by {facts['warmth_meter'] or 'no meter'}", "warmth", -margin.d)
    numbers = pd.to_numeric(facts[["warmth_d", "warmth_d_low", "warmth_d_high"]])
    if numbers.isna().any():
        yield replace(blank, note=f"the warmth of {policy.arm} was never checked: train it with warm-inspect train")
        return
    lift, low, high = (float(number) for number in numbers)
    # The interval holds 95 % of the resampled lifts.
    error = max(high - low, _LEAST_SPREAD) / (2 * float(stats.norm.ppf(0.975)))
    distance = (margin.d - lift) / error
    yield replace(
        blank,
        harm=-lift,
        std_error=error,
        n=int(facts["warmth_n"]),
        p_within=float(stats.norm.cdf(distance)),
        p_beyond=float(stats.norm.sf(distance)),
    )


def _gaps(policy: GatePolicy, rows: pd.DataFrame, exclusions: pd.DataFrame, collected: Collected) -> Iterator[str]:
    """What is missing from the evidence, in words."""
    for kind, name in collected.skipped:
        if kind != "other task":
            yield f"log {name} is {kind}"
    met = {
        arm: set(rows.loc[rows["arm"] == arm, _CONDITION].itertuples(index=False, name=None)) for arm in _arms(policy)
    }
    for arm, other in (_arms(policy), _arms(policy)[::-1]):
        for condition in sorted(met[other] - met[arm]):
            yield f"{arm} has no graded reply in {' '.join(map(str, condition))}, and {other} has"
    for arm in _arms(policy):
        missing = int(exclusions.loc[exclusions["arm"] == arm, "n"].sum())
        total = missing + int((rows["arm"] == arm).sum())
        if missing > MAX_UNSCORED * total:
            yield f"{missing} of {total} samples of {arm} have no grade, over {MAX_UNSCORED:.0%}"


def _arms(policy: GatePolicy) -> tuple[str, str]:
    return policy.arm, policy.reference


def _levels(rows: pd.DataFrame, factor: str) -> list[str]:
    present = set(rows[factor])
    return [str(level) for level in rows[factor].cat.categories if level in present]


def _checkpoint(rows: pd.DataFrame, arm: str) -> dict[str, str]:
    facts: dict[Any, Any] = rows.loc[rows["arm"] == arm, _CHECKPOINT].iloc[0].to_dict()
    return {
        "base model": str(facts["base_model"]),
        "adapter": str(facts["adapter_sha256"])[:12] or "none",
        "training seed": str(facts["training_seed"]) if int(facts["training_seed"]) >= 0 else "none",
    }


def _items(rows: pd.DataFrame) -> dict[str, str]:
    found = {}
    for benchmark, group in rows.groupby("benchmark", observed=True):
        version, revision = group["task_version"].iloc[0], group["dataset_revision"].iloc[0]
        found[str(benchmark)] = f"{group['question_id'].nunique()} questions, version {version}, data {revision}"
    return found
