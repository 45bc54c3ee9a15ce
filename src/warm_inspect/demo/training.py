"""Train the demo's adapters in a process of their own, which frees its memory when it ends."""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from typing import Any

from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError
from warm_inspect.demo.plan import PRESET, DemoPlan

TrainingProgress = Callable[[str, int, int, float], None]
"""Called with the arm, the step, the number of steps and the loss."""

_POLL_SECONDS = 1.0


def train_all(plan: DemoPlan, folder: Path, progress: TrainingProgress) -> dict[str, Path]:
    """The adapter folder of each arm that the plan trains; finished adapters are reused.

    Raises:
        PrerequisiteError: the base model cannot be fetched, a folder is not the adapter its name promises, or the
            process ended early.
    """
    context = get_context("spawn")
    events: Queue[tuple[str, Any]] = context.Queue()
    worker = context.Process(target=_train, args=(plan, folder, events), daemon=True)
    worker.start()
    while True:
        try:
            kind, value = events.get(timeout=_POLL_SECONDS)
        except Empty:
            if worker.is_alive():
                continue
            raise PrerequisiteError(
                f"Training ended early with exit code {worker.exitcode}; out of memory is the usual reason (it needs "
                "about 4 GB). Finished adapters are kept: run the same command again."
            ) from None
        if kind == "step":
            progress(*value)
            continue
        worker.join()
        if kind == "failed":
            raise PrerequisiteError(value)
        return dict(value)


def _train(plan: DemoPlan, folder: Path, events: "Queue[tuple[str, Any]]") -> None:
    from warm_inspect.models import resolve_base
    from warm_inspect.training import PRESETS, load_corpus, plan_training, run_plan

    try:
        resolved, config = resolve_base(plan.base), PRESETS[PRESET].stopped_at(plan.epochs)
        adapters = {
            arm: run_plan(
                plan_training(config, load_corpus(corpus), arm, resolved),
                folder,
                lambda *step, arm=arm: events.put(("step", (arm, *step))),
            )
            for arm, corpus in plan.trained.items()
        }
    except InspectPrerequisiteError as error:
        events.put(("failed", str(error)))
    else:
        events.put(("done", adapters))
