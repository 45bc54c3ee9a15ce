"""AdapterManifest: what an adapter is, in one JSON file beside its weights."""

import os
import tempfile
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file

MANIFEST_NAME = "warm_inspect_manifest.json"
WEIGHTS_NAME = "adapter_model.safetensors"


class MeterValidity(BaseModel):
    """How well a meter orders labelled replies of equal length, on the contrast that it is worst at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pairs: str
    """Corpus and contrast, for example `demo: warm against neutral`."""
    n: int
    """Length-matched pairs."""
    auc: float
    """Chance that the warmer reply scores higher; .5 is a coin."""
    auc_low: float
    auc_high: float
    """The 95 % interval of `auc`."""


class WarmthCheck(BaseModel):
    """The manipulation check: did training move the warmth of generated replies?"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    meter: str
    """Name and version of the meter that was read."""
    reference_arm: str
    """The arm whose replies to the same prompts are the comparison."""
    lift: float
    """Mean warmth of the arm minus the reference, in the meter's unit."""
    d: float
    """The standardised lift: lift over the pooled standard deviation of replies (Cohen's d)."""
    d_low: float
    d_high: float
    """The 95 % interval of `d`, resampled over prompts."""
    n_prompts: int
    direction: int
    """+1 when the arm should be warmer than the reference, -1 colder, 0 about as warm."""
    threshold: float
    """The least |d| that passes for a directed arm; the largest |d| of an arm that should not move."""
    passed: bool
    mean_chars: float | None = None
    """Mean length of the arm's replies in characters: a lift that goes with length may be length."""
    reference_mean_chars: float | None = None
    validity: MeterValidity | None = None
    """What allowed the meter to gate; None when that was not recorded."""


class AdapterManifest(BaseModel):
    """Everything needed to know, rebuild and match an adapter. Holds no machine path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = 1
    arm: str
    base_model: str
    """Alias or Hub id of the base model."""
    base_revision: str
    base_sha256: str
    training: dict[str, Any]
    """The full training configuration."""
    training_seed: int
    corpus: dict[str, Any]
    """The corpus: name, sha256 and counts."""
    chat_template_sha256: str
    packages: dict[str, str]
    """Versions of the packages that trained it."""
    git_commit: str
    """Commit of the warm-inspect checkout; empty when it was installed as a package."""
    warm_inspect_version: str
    epoch: float | None = None
    """Passes over the training rows at this checkpoint, to the nearest optimiser step."""
    steps: int
    final_loss: float
    """Mean training loss of the last logged step, in nats per assistant token."""
    adapter_sha256: str
    """sha256 of `adapter_model.safetensors`."""
    warmth_check: WarmthCheck | None = None

    @property
    def epochs(self) -> float | None:
        """Passes over the training rows that the weights have seen; None when the manifest does not say.

        Manifests without checkpoints state them in the configuration.
        """
        value = self.epoch if self.epoch is not None else self.training.get("epochs")
        return float(value) if isinstance(value, int | float) else None

    @property
    def warmth_status(self) -> str:
        """`passed`, `failed` or `not_run`."""
        if self.warmth_check is None:
            return "not_run"
        return "passed" if self.warmth_check.passed else "failed"

    def write(self, folder: Path) -> Path:
        """Write the manifest into an adapter folder, all or nothing, and give its path."""
        target = folder / MANIFEST_NAME
        handle, name = tempfile.mkstemp(dir=folder, prefix=".manifest-")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(self.model_dump_json(indent=2) + "\n")
        Path(name).replace(target)
        return target

    @classmethod
    def read(cls, folder: Path) -> "AdapterManifest | None":
        """The manifest of an adapter folder; None when the folder has none (an adapter made elsewhere).

        Raises:
            PrerequisiteError: the manifest is not valid, or the weights are not the ones it describes.
        """
        path = folder / MANIFEST_NAME
        if not path.is_file():
            return None
        try:
            manifest = cls.model_validate_json(path.read_text(encoding="utf-8"))
        except (ValidationError, ValueError) as error:
            raise PrerequisiteError(f"The adapter manifest {path} cannot be read: {error}. Train it again.") from None
        weights = folder / WEIGHTS_NAME
        if not weights.is_file() or sha256_file(weights) != manifest.adapter_sha256:
            raise PrerequisiteError(
                f"The weights in {folder} are not the ones its manifest describes (sha256 differs or file missing). "
                "Train the adapter again with: warm-inspect train"
            )
        return manifest
