"""Checks that the logs of one control benchmark may be compared: each failure says what to do."""

from collections.abc import Sequence

from warm_inspect.analysis.compare.pairs import pair
from warm_inspect.analysis.compare.score_values import ValueMap, metric_values
from warm_inspect.analysis.controls.arms import ControlLog
from warm_inspect.analysis.logs.log import unlike_log_settings
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import ORIGINAL


def check_controls(logs: Sequence[ControlLog]) -> None:
    """Refuse logs of one base model on one control benchmark that were asked, set or graded in different ways.

    Raises:
        PrerequisiteError: two logs of one arm and training seed; a log without the control's score, or with values that
            are no numbers; other settings than the original's; or other questions under the same ids.
    """
    _refuse_repeats(logs)
    for log in logs:
        _require_score(log)
    reference = next((log for log in logs if log.arm == ORIGINAL), logs[0])
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
    if not any(score in found for found in scored):
        names = sorted({name for found in scored for name in found})
        raise PrerequisiteError(
            f"{log.name} is a log of {control.benchmark.title}, but it has no score {score!r} "
            f"(it has: {', '.join(names) or 'none'}). Score it with: inspect score {log.name}"
        )
    values = ValueMap()
    for found in scored:
        try:
            values.number(found.get(score))
        except ValueError as error:
            raise PrerequisiteError(
                f"{log.name}: the score {score!r} of {control.benchmark.title} holds {error}, which is no number from "
                f"0 to 1. Score it again with: inspect score {log.name}"
            ) from None
