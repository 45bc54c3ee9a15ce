"""ArmRun: one arm of an evaluation, a model with a persona and a sampling seed."""

from dataclasses import dataclass
from typing import Any

from inspect_ai import Task, task_with
from inspect_ai.model import GenerateConfig, get_model

from warm_inspect.core.vocabulary import NONE


@dataclass(frozen=True, slots=True)
class Weights:
    """Hashes of the evaluated weights: an eval set knows the model's name only."""

    base_sha256: str
    adapter_sha256: str = ""
    """Empty without an adapter."""


@dataclass(frozen=True, slots=True)
class ArmRun:
    """One arm of a run: the model that is evaluated under its name, and the weights it has."""

    name: str
    """The arm's name in the analysis."""
    model: str
    """Inspect model string."""
    weights: Weights
    """The model's weights when the evaluation starts."""
    label: str = ""
    """Arm label that overrides the provider's own, for example `original_repeat`."""
    persona: str = NONE
    sampling_seed: int = 0
    contexts: tuple[str, ...] | None = None
    """The contexts of this arm, where it is not asked under all those of the settings."""

    def bind(self, task: Task) -> Task:
        """The task with this arm's model and seed, as one task of an eval set over several arms.

        The provider loads the weights when the first sample needs them. The model is a new instance, because the
        manifest of an adapter gains its warmth check between two uses; instances share the weights.
        """
        arguments: dict[str, Any] = {"arm": self.label} if self.label else {}
        return task_with(
            task,
            model=get_model(self.model, memoize=False, **arguments),
            config=task.config.merge(GenerateConfig(seed=self.sampling_seed)),
        )
