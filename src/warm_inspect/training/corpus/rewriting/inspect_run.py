"""Runs rewriting as an Inspect evaluation: Inspect connects, limits, retries, batches, caches and logs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalLog, read_eval_log_sample_summaries
from inspect_ai.model import GenerateConfig, Model, get_model

from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError
from warm_inspect.grading.model.role import plain_reason

ALL_AT_ONCE = 10_000
"""Samples in flight in batch mode: a provider's batch can be no larger than what waits for it."""


@dataclass(frozen=True)
class Access:
    """How a model is reached."""

    model: str
    """Inspect model string."""
    batch: bool = False
    """Use the provider's batch API, as Inspect offers it."""
    max_connections: int | None = None
    """Calls in flight; None leaves it to Inspect."""

    @property
    def name(self) -> str:
        """The model string for datasheets: of a local folder only the last part, since a path says where it lay."""
        provider, slash, rest = self.model.partition("/")
        parts = (Path(part).name if Path(part).exists() else part for part in rest.split(":"))
        return f"{provider}{slash}{':'.join(parts)}"

    def open(self, role: str, config: GenerateConfig) -> Model:
        """The model in this role.

        Raises:
            PrerequisiteError: Inspect does not know it, or lacks a key or a package for it.
        """
        reach = GenerateConfig(batch=self.batch or None, max_connections=self.max_connections)
        try:
            # Without the role: an earlier evaluation in this process may have bound another model to it.
            return get_model(self.model, config=config.merge(reach))
        except (InspectPrerequisiteError, ImportError, OSError, ValueError) as error:
            raise PrerequisiteError(
                f"The {role} {self.model!r} cannot be used: {plain_reason(error)}. Give any Inspect model, as in "
                "openai/gpt-4o-2024-08-06 or peft/smollm2-135m."
            ) from error


def run_tasks(tasks: Sequence[Task], role: str, model: Model, access: Access, log_dir: Path) -> list[EvalLog]:
    """Evaluate tasks whose samples may fail one by one, in one go, and give the headers of their logs.

    Args:
        tasks: what to run, with different names.
        role: the model role that their solvers and scorers ask for; there is no other model.
        model: who fills it.
        access: how many samples may be in flight.
        log_dir: folder of the logs.
    """
    return inspect_eval(
        list(tasks),
        model=None,
        model_roles={role: model},
        max_tasks=len(tasks),
        log_dir=str(log_dir),
        display="none",
        max_samples=ALL_AT_ONCE if access.batch else access.max_connections,
        fail_on_error=False,
        score_display=False,
        log_header_only=True,
        log_realtime=False,
        log_level="error",
        ctl_server=False,
    )


def first_error(log: EvalLog) -> str:
    """What went wrong first in a run; empty when nothing did."""
    if log.error:
        return log.error.message
    summaries = read_eval_log_sample_summaries(log.location)
    return next((summary.error for summary in summaries if summary.error), "")
