"""The gate's control logs: two logs of any task, one of the reference and one of the arm, in which higher is better.

Logs of the known control benchmarks are found among the logs of the study; those of any other task the user names.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any

import pandas as pd

from warm_inspect.analysis.compare import Comparison, Pairs, compare_logs
from warm_inspect.analysis.contrasts import harms
from warm_inspect.analysis.controls import by_control, check_controls, same_model, with_arm
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.gate.margins import GatePolicy
from warm_inspect.analysis.gate.verdict import MarginTest, harm_test
from warm_inspect.analysis.logs import Log, Sample, ValueMap, metric_scorers, metric_values, unlike_log_settings
from warm_inspect.analysis.observations import Missing, Roles, joined_clusters, why_missing
from warm_inspect.core.arm_names import split_persona
from warm_inspect.core.controls import CONTROL_BENCHMARKS, UNCLEAR, ControlBenchmark, ControlKind
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import NONE, TRUNCATED

_REFERENCE, _ARM = "reference", "arm"


@dataclass(frozen=True)
class ControlPair:
    """A reference's and an arm's log of one control task."""

    kind: ControlKind
    """What it tests, which is the margin's name."""
    reference: Log
    arm: Log
    score: str = ""
    """The score to compare, for a known control benchmark; empty leaves the choice to the margin."""


def control_pairs(
    policy: GatePolicy, frame: pd.DataFrame, logs: Iterable[Log], named: Sequence[ControlPair]
) -> tuple[list[ControlPair], list[Note]]:
    """The pairs of control logs of reference and arm among a study's logs, and what is missing from them.

    A margin for which the user names a pair is about that pair alone.

    Args:
        policy: the gate's margins.
        frame: the study's graded replies.
        logs: the study's logs of control benchmarks.
        named: the pairs that the user gives.

    Raises:
        PrerequisiteError: two logs of an arm on one control, or logs that must not be compared.
    """
    arms = policy.reference, policy.arm
    of_user = {each.kind for each in named}
    wanted = {kind for kind in ControlKind if policy.margins.control(kind) is not None and kind not in of_user}
    asked = [log for log in logs if isinstance(log.holds, ControlBenchmark) and log.holds.kind in wanted]
    placed, unplaced = with_arm(asked, frame, Roles(), arms)
    pairs: list[ControlPair] = []
    # One that is known to be of a third arm tells nothing about these two; any other may hold the harm.
    gaps = [note for note in unplaced if _may_be_of(note, arms)]
    for group in by_control(placed).values():
        benchmark = group[0].benchmark
        sides = [log for log in group if log.arm in arms]
        if not sides:
            continue
        check_controls(sides, policy.reference)
        by_arm = {log.arm: log.log for log in sides}
        if len(by_arm) == 2:
            pairs.append(ControlPair(benchmark.kind, by_arm[policy.reference], by_arm[policy.arm], benchmark.score))
        else:
            lacking = policy.arm if policy.reference in by_arm else policy.reference
            one = next(iter(by_arm))
            gaps.append(Note(Code.ONE_CONTROL_LOG, benchmark=benchmark.title, arm=one, lacking=lacking))
    return pairs, gaps


def _may_be_of(left_out: Note, arms: Collection[str]) -> bool:
    reason = left_out.values["reason"]
    return not isinstance(reason, Note) or "arm" not in reason.values or reason.values["arm"] in arms


def compare_controls(policy: GatePolicy, logs: ControlPair) -> Comparison:
    """The reference's and the arm's control log, on the one score that the margin is about.

    Raises:
        PrerequisiteError: the margins have none for the logs, or the logs hold several scores.
    """
    margin = policy.margins.control(logs.kind)
    if margin is None:
        raise PrerequisiteError(f"The margins have no {logs.kind}", f"Add {logs.kind}: {{points: NUMBER}}")
    score = logs.score or margin.score
    # The reference is log A, so that a difference is what the arm adds.
    comparison = compare_logs(logs.reference, logs.arm, scores=[score] if score else [])
    if len(comparison.metrics) > 1:
        scores = ", ".join(metric.metric for metric in comparison.metrics)
        raise PrerequisiteError(
            f"The control logs of {logs.kind} hold several scores: {scores}. "
            f"Choose one in the margins: {logs.kind}: {{points: {margin.points:g}, score: NAME}}"
        )
    return comparison


def control_tests(policy: GatePolicy, compared: Sequence[tuple[str, Comparison]]) -> Iterator[MarginTest]:
    """The tests of the margins on control logs, one for each pair of logs."""
    for kind in ControlKind:
        name, margin = kind.value, policy.margins.control(kind)
        if margin is None:
            continue
        blank = MarginTest(name, "control logs", margin.score, margin.points)
        pairs = [comparison for margin_name, comparison in compared if margin_name == name]
        if not pairs:
            known = ", ".join(each.task for each in CONTROL_BENCHMARKS.values() if each.kind is kind)
            yield replace(blank, notes=(Note(Code.NO_CONTROL_LOGS, tasks=known, margin=name),))
        for comparison in pairs:
            (metric,) = comparison.metrics
            evidence = harms(_replies(comparison.pairs, metric.metric), _ARM, _REFERENCE)
            named = replace(blank, cell=comparison.pairs.a.task, outcome=metric.metric)
            yield harm_test(named, evidence, policy.level) if evidence else named


def _replies(pairs: Pairs, metric: str) -> pd.DataFrame:
    """Every reply of two control logs, those in one of them only too, with the harm that `harms` takes."""
    sides = ((pairs.a, _REFERENCE), (pairs.b, _ARM))
    samples = [(sample, arm) for log, arm in sides for sample in log.samples.values()]
    # A score with keys is a bare NaN on the samples that it lacks.
    scorer = {name: scorer for sample, _ in samples for name, scorer in metric_scorers(sample.scores).items()}[metric]
    rows = [_reply(sample, arm, pairs.cluster, metric, scorer) for sample, arm in samples]
    replies = pd.DataFrame(rows).assign(benchmark="", context="", belief="")
    missing = why_missing(replies).mask(replies["harm"].isna(), Missing.UNGRADED.value)
    return replies.assign(missing=missing, cluster=joined_clusters(replies["cluster"], replies["prompt"]))


def _reply(sample: Sample, arm: str, cluster: str, metric: str, scorer: str) -> dict[str, Any]:
    """A row of `_replies`. Scores of tasks that are not ours do not say how a reply ended: then nothing is known."""
    values = metric_values(sample.scores)
    details = sample.scores[scorer].metadata if scorer in sample.scores else {}
    try:
        score = ValueMap().number(values.get(metric))
    except ValueError:
        # Of samples in one log only nobody has looked at the values.
        score = nan
    return {
        "arm": arm,
        "question_id": sample.id,
        "cluster": str(sample.metadata.get(cluster) or sample.id),
        "prompt": "\n".join((sample.input, sample.choices, sample.target)),
        "epoch": sample.epoch,
        "harm": 1 - score,
        "abstained": details.get("abstained"),
        "grading": details.get("grading", ""),
        "stop_reason": details.get("stop_reason", ""),
        "reply_chars": details.get("reply_chars", -1),
        **{key: values.get(f"{scorer}.{key}") for key in (TRUNCATED, UNCLEAR)},
    }


def control_gaps(policy: GatePolicy, frame: pd.DataFrame, margin: str, comparison: Comparison) -> Iterator[Note]:
    """What keeps a pair of control logs from being evidence: another checkpoint or setting, or no end.

    Args:
        policy: the gate's margins.
        frame: the study's graded replies, of every arm.
        margin: the margin that the pair is about.
        comparison: the pair.
    """
    models = set(frame["model"].astype(str))
    for log, arm in ((comparison.pairs.a, policy.reference), (comparison.pairs.b, policy.arm)):
        for said, expected in _contradictions(log, frame, arm):
            yield Note(Code.CONTROL_OF_OTHER_ARM, margin=margin, log=log.name, said=said, arm=arm, expected=expected)
        model = str(frame.loc[frame["arm"] == arm, "model"].iloc[0])
        # A folder of one name elsewhere may be the same adapter moved, but not where the study knows it as another.
        if log.model != model and (log.model in models or not same_model(log.model, model)):
            yield Note(
                Code.CONTROL_OF_OTHER_MODEL, margin=margin, log=log.name, model=log.model, arm=arm, expected=model
            )
        if not log.finished:
            yield Note(Code.CONTROL_UNFINISHED, margin=margin, log=log.name, status=log.status)
    for name, of_reference, of_arm in unlike_log_settings(comparison.pairs.a, comparison.pairs.b):
        yield Note(
            Code.CONTROLS_UNLIKE,
            margin=margin,
            setting=name,
            of_reference=of_reference,
            reference=policy.reference,
            of_arm=of_arm,
            arm=policy.arm,
        )


def _contradictions(log: Log, frame: pd.DataFrame, arm: str) -> Iterator[tuple[str, str]]:
    """What the samples of a control log say of their checkpoint that the study says otherwise of the arm, with both.

    Other people's tasks say nothing of it. An arm may have another name in the study, where its adapter, or a model's
    name that no other arm has, tells which it is.
    """
    rows = frame[frame["arm"] == arm]
    for field in ("persona", "adapter_sha256", "base_sha256"):
        held = set(rows[field].astype(str))
        for said in sorted(_said(log, field) - held):
            if field != "base_sha256" or (said and held != {""}):
                yield f"{field} {said or NONE}", ", ".join(sorted(held)) or NONE
    told_by_adapter = bool(_said(log, "adapter_sha256") - {""})
    shared = frame.loc[frame["model"].isin(list(rows["model"].unique())), "arm"].nunique() > 1
    named, (bare, _) = {log.arm} if log.arm else _said(log, "arm") - {""}, split_persona(arm)
    for said in sorted(named - {bare}):
        if shared and not told_by_adapter:
            yield f"arm {said}", bare


def _said(log: Log, field: str) -> set[str]:
    return {str(sample.metadata[field]) for sample in log.samples.values() if field in sample.metadata}
