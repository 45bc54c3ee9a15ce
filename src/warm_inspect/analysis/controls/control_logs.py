"""The control logs of a study: which arm each is of, and whether those of one control may be compared.

Our own control tasks write the arm into their samples. Other people's tasks know the model's name only: it is looked up
among the models of the study's own logs, which know their arms from the adapters' manifests or from the user.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from warm_inspect.analysis.compare import pair
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.logs import Log, ValueMap, metric_values, unlike_log_settings
from warm_inspect.analysis.observations import Roles
from warm_inspect.core.arm_names import require_adapter_arm, with_persona
from warm_inspect.core.controls import ControlBenchmark
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import NONE

_FACTS = ["arm", "base_model", "training_seed", "adapter_sha256"]


@dataclass(frozen=True)
class ControlLog:
    """One log of a control benchmark, and the arm it is of."""

    benchmark: ControlBenchmark
    log: Log
    arm: str
    base_model: str
    training_seed: int
    """-1 without an adapter."""


def same_model(one: str, other: str) -> bool:
    """Whether two model names mean one model: equal, or adapters whose folder has one name and lies elsewhere."""
    return one == other or _tail(one) == _tail(other)


def with_arm(
    logs: Iterable[Log], frame: pd.DataFrame, roles: Roles, compared: Collection[str] = ()
) -> tuple[list[ControlLog], list[Note]]:
    """The control logs whose arm is known, and why the others were left out.

    Args:
        logs: logs of control benchmarks.
        frame: the study's graded replies, of the checkpoints that stand for their arms.
        roles: what the arms are for: the name of a model stands for its arm, and not for the rerun of that.
        compared: the arms that the logs are wanted of: a model that several arms have stands for one of these.

    Raises:
        PrerequisiteError: a log's samples say that they are an adapter's and of the original arm.
    """
    models = frame[frame["persona"] == NONE]
    known = models[["model", *_FACTS]].drop_duplicates().astype({"training_seed": int})
    placed, notes = [], []
    for log in logs:
        metadata = next(iter(log.samples.values())).metadata
        benchmark = log.holds
        if not isinstance(benchmark, ControlBenchmark):
            continue
        named = log.arm or str(metadata.get("arm") or "")
        if named and metadata.get("adapter_sha256"):
            require_adapter_arm(named, log.name)
        if metadata.get("arm"):
            facts, problem = _recorded({**metadata, "arm": named}, log.model, known)
        else:
            facts, problem = _looked_up(log.model, named, known, roles.rerun, compared)
        if problem:
            notes.append(Note(Code.CONTROL_LEFT_OUT, log=log.name, benchmark=benchmark.title, reason=problem))
            continue
        arm = with_persona(str(facts["arm"]), str(metadata.get("persona") or NONE))
        placed.append(ControlLog(benchmark, log, arm, str(facts["base_model"]), int(facts["training_seed"])))
    return placed, notes


def by_control(logs: Sequence[ControlLog]) -> dict[tuple[str, str], list[ControlLog]]:
    """The logs of each control benchmark and base model, in the order in which they come."""
    groups: dict[tuple[str, str], list[ControlLog]] = {}
    for log in logs:
        groups.setdefault((log.benchmark.name, log.base_model), []).append(log)
    return groups


def _recorded(metadata: Mapping[str, Any], model: str, known: pd.DataFrame) -> tuple[Mapping[str, Any], Note | None]:
    """The arm that the samples say they are of, unless the study has another checkpoint of it."""
    of_arm = known[known["arm"] == metadata["arm"]]
    # The study counts versions of one model as one base, and the samples know their own only.
    bases = of_arm.loc[of_arm["model"] == model, "base_model"].unique()
    base = bases[0] if len(bases) == 1 else metadata.get("base_model")
    adapters = set(of_arm.loc[of_arm["base_model"] == base, "adapter_sha256"].astype(str))
    if adapters and metadata.get("adapter_sha256") not in adapters:
        return {}, Note(Code.OTHER_CHECKPOINT, arm=str(metadata["arm"]))
    return {**metadata, "base_model": base}, None


def _looked_up(
    model: str, named: str, known: pd.DataFrame, rerun: str, compared: Collection[str]
) -> tuple[Mapping[str, Any], Note | None]:
    """The arm of a model by its name: the same name, else the only adapter with the same folder name.

    Args:
        model: Inspect's name of it.
        named: the arm that the run itself names; empty without one.
        known: the models of the study with their arms.
        rerun: the arm that a run has only by naming it.
        compared: the arms that are preferred where several have the model.
    """
    # Also where the run names its arm: checkpoints of several arms lie in folders of one name.
    rows = known if named else known[known["arm"] != rerun]
    exact = rows[rows["model"] == model]
    matching = exact if len(exact) else rows[[same_model(str(name), model) for name in rows["model"]]]
    if named:
        matching = matching[matching["arm"] == named]
    elif matching["model"].nunique() == 1 and matching["arm"].isin(list(compared)).any():
        matching = matching[matching["arm"].isin(list(compared))]
    if len(matching) != 1:
        if not matching.empty:
            return {}, Note(Code.AMBIGUOUS_MODEL, n=len(matching))
        return {}, Note(Code.UNKNOWN_ARM, arm=named) if named else Note(Code.UNKNOWN_MODEL)
    return {str(name): value for name, value in matching.iloc[0].items()}, None


def _tail(model: str) -> tuple[str, str]:
    """Base and adapter of a model's name, the adapter without the folder that it lies in."""
    base, _, adapter = model.partition(":")
    return base, adapter.rstrip("/").rpartition("/")[2]


def check_controls(logs: Sequence[ControlLog], baseline: str) -> None:
    """Refuse logs of one base model on one control benchmark that were asked, set or graded in different ways.

    Args:
        logs: the logs.
        baseline: the arm whose log the others are compared with; without one of it the first log.

    Raises:
        PrerequisiteError: two logs of one arm and training seed; a log without the control's score, or with values that
            are no numbers; other settings than the baseline's; or other questions under the same ids.
    """
    _refuse_repeats(logs)
    for log in logs:
        _require_score(log)
    reference = next((log for log in logs if log.arm == baseline), logs[0])
    for log in logs:
        if log is reference:
            continue
        for name, value, other in unlike_log_settings(reference.log, log.log):
            raise PrerequisiteError(
                f"{reference.log.name} and {log.log.name} ran {log.benchmark.title} with different {name} "
                f"({value} and {other}): a difference between the arms would say nothing. Run both alike."
            )
        pair(reference.log, log.log)


def _refuse_repeats(logs: Sequence[ControlLog]) -> None:
    seen: dict[tuple[str, int], ControlLog] = {}
    for log in logs:
        first = seen.setdefault((log.arm, log.training_seed), log)
        if first is not log:
            raise PrerequisiteError(
                f"{first.log.name} and {log.log.name} are both {log.benchmark.title} logs of arm {log.arm}. "
                "Each reply counts once: leave one of them out, or delete the older log."
            )


def _require_score(control: ControlLog) -> None:
    score, log = control.benchmark.score, control.log
    scored = [metric_values(sample.scores) for sample in log.samples.values() if sample.scores]
    if not any(score in metrics for metrics in scored):
        names = sorted({name for metrics in scored for name in metrics})
        raise PrerequisiteError(
            f"{log.name} is a log of {control.benchmark.title}, but it has no score {score!r} "
            f"(it has: {', '.join(names) or 'none'}). Score it with: inspect score {log.name}"
        )
    values = ValueMap()
    for metrics in scored:
        try:
            values.number(metrics.get(score))
        except ValueError as error:
            raise PrerequisiteError(
                f"{log.name}: the score {score!r} of {control.benchmark.title} holds {error}, which is no number from "
                f"0 to 1. Score it again with: inspect score {log.name}"
            ) from None
