"""Train the demo's adapters, in a process of their own."""

from collections.abc import Callable
from pathlib import Path

from warm_inspect.demo.plan import PRESET, DemoPlan
from warm_inspect.demo.process import in_process

TrainingProgress = Callable[[str, int, int, float], None]
"""Called with the arm, the step, the number of steps and the loss."""


def train_all(plan: DemoPlan, folder: Path, progress: TrainingProgress) -> dict[str, Path]:
    """The adapter folder of each arm that the plan trains; finished adapters are reused.

    Raises:
        PrerequisiteError: the base model cannot be fetched, a folder is not the adapter its name promises, or the
            process ended early.
    """
    return dict(in_process(_train, (plan, folder), progress))


def _train(plan: DemoPlan, folder: Path, progress: TrainingProgress) -> dict[str, Path]:
    from warm_inspect.models import resolve_base
    from warm_inspect.training import PRESETS, load_corpus, plan_training, run_plan

    resolved, config = resolve_base(plan.base), PRESETS[PRESET].stopped_at(plan.epochs)
    return {
        arm: run_plan(
            plan_training(config, load_corpus(corpus), arm, resolved),
            folder,
            lambda *step, arm=arm: progress(arm, *step),
        )
        for arm, corpus in plan.trained.items()
    }
