"""ArmRun: one arm as it is evaluated, a model with a persona and a sampling seed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai import Task, task_with
from inspect_ai.model import GenerateConfig, get_model

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.core.vocabulary import NONE


@dataclass(frozen=True, slots=True)
class Weights:
    """Hashes of what is evaluated: an eval set knows the model's name, not its weights."""

    base_sha256: str
    adapter_sha256: str = ""
    """Empty without an adapter."""

    @classmethod
    def of_adapter(cls, base_sha256: str, folder: Path) -> "Weights":
        """The hashes of a base with the adapter in a folder.

        Raises:
            PrerequisiteError: the adapter has no manifest, or its weights are not those of the manifest.
        """
        manifest = AdapterManifest.read(folder)
        if manifest is None:
            raise PrerequisiteError(f"{folder} has no manifest, so it is no adapter of this study. Train it again.")
        return cls(base_sha256, manifest.adapter_sha256)


@dataclass(frozen=True, slots=True)
class ArmRun:
    """One arm of a study."""

    name: str
    """The arm as the analysis will call it."""
    model: str
    """Inspect model string."""
    weights: Weights
    """The model's weights now."""
    label: str = ""
    """Arm label that overrides the provider's own, for example `original_repeat`."""
    persona: str = NONE
    sampling_seed: int = 0

    def bind(self, task: Task) -> Task:
        """The task with this arm's model and seed, as one task of an eval set over several arms.

        The model comes without its weights, which the provider loads when the first sample asks. It is a new instance,
        since the manifest of an adapter gains its warmth check between two uses; instances share the weights.
        """
        arguments: dict[str, Any] = {"arm": self.label} if self.label else {}
        return task_with(
            task,
            model=get_model(self.model, memoize=False, **arguments),
            config=task.config.merge(GenerateConfig(seed=self.sampling_seed)),
        )
