"""AdapterManifest: the facts of an adapter, in one JSON file beside its weights, or of a model that a provider keeps.

The name of such a hosted model holds no folder, as `peft/<base>:<adapter>` does. `warm-inspect train --provider openai`
writes its manifest into the adapters' folder all the same, and an evaluation looks there for the one that names it.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from warm_inspect.core.arm_names import require_adapter_arm
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import folder_setting, write_whole
from warm_inspect.core.hashing import sha256_file, sha256_text
from warm_inspect.core.json_text import parse_json, read_bytes, read_text
from warm_inspect.core.vocabulary import ORIGINAL

log = logging.getLogger(__name__)

MANIFEST_NAME = "warm_inspect_manifest.json"
WEIGHTS_NAME = "adapter_model.safetensors"
MAX_BYTES = 2**20
"""Of a manifest, which has some thousands."""

NONE_STATED = "none stated"
"""Stands where a licence or a notice could be and is not."""

ADAPTERS_VARIABLE = "WARM_INSPECT_ADAPTERS"
DEFAULT_ADAPTERS = "adapters"
"""Where `warm-inspect train` puts what it trains, unless it is told otherwise."""


class MeterValidity(BaseModel):
    """The accuracy with which a meter orders labelled replies of equal length, on its worst contrast."""

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


class OriginalLift(BaseModel):
    """The standardised lift over the original's replies: the one yardstick that all checkpoints of a run share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    d: float
    """Cohen's d, as in `WarmthCheck`."""
    d_low: float
    d_high: float
    """The 95 % interval of `d`, resampled over prompts."""
    n_prompts: int


class WarmthCheck(BaseModel):
    """The manipulation check: did training move the warmth of generated replies?"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    meter: str
    """Name and version of the meter that was read."""
    reference_arm: str
    """The arm whose replies to the same prompts are the comparison; of several the one that decided the check."""
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
    """The validation by which the meter may decide the check; None when it was not recorded."""
    original: OriginalLift | None = None
    """The lift over the original where another arm decided; None when the original did, or it was not recorded."""

    @property
    def status(self) -> str:
        """`passed` or `failed`."""
        return "passed" if self.passed else "failed"

    @property
    def over_original(self) -> OriginalLift | None:
        """The lift over the original, whichever arm decided; None in manifests that did not record it."""
        if self.reference_arm != ORIGINAL:
            return self.original
        return OriginalLift(d=self.d, d_low=self.d_low, d_high=self.d_high, n_prompts=self.n_prompts)


class AdapterTerms(BaseModel):
    """The terms of an adapter; `none stated` where its sources state none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_licence: str
    corpus_licence: str
    rewriter_terms: str
    """Whose terms apply to the replies trained on, and which models wrote them; empty when no model did."""
    personal_data: str
    """The notice about text of real people in the corpus; empty when there is none."""
    may_be_passed_on: bool
    """Whether nothing that is stated, or left unstated, stands against publishing the adapter. No legal advice."""
    doubts: tuple[str, ...]
    """What stands against it."""


class AdapterManifest(BaseModel):
    """Everything needed to know, rebuild and match an adapter. Holds no machine path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1, 2] = 2
    """1 before adapters had terms, a device and an epoch; such manifests are read with these left empty."""
    arm: str
    base_model: str
    """Alias or Hub id of the base model."""
    base_revision: str
    base_sha256: str
    training: dict[str, Any]
    """The full training configuration."""
    training_seed: int
    corpus: dict[str, Any]
    """The corpus: name, sha256 and counts; under `learnt` what the greatest length left of it, and under `note` what
    could not be checked about its replies."""
    terms: AdapterTerms | None = None
    chat_template_sha256: str
    packages: dict[str, str]
    """Versions of the packages that trained it."""
    device: str = ""
    """What computed the training: an accelerator's name, or `cpu` with its instructions and threads, and the number of
    processes if several."""
    git_commit: str
    """Commit of the warm-inspect checkout, `-dirty` if its files were changed; empty when it was installed."""
    warm_inspect_version: str
    epoch: float | None = None
    """Passes over the training rows at this checkpoint, to the nearest optimiser step."""
    examples_seen: int | None = None
    """Examples trained on up to this checkpoint, repeats counted."""
    steps: int | None
    """Optimiser steps; None when a provider does not report them."""
    final_loss: float | None
    """Mean training loss of the last logged step, in nats per loss token; None when a provider reports none."""
    adapter_sha256: str
    """sha256 of `adapter_model.safetensors`; of the text of `hosted_model` where the provider keeps the weights."""
    hosted_model: str = ""
    """Inspect's name of a model that a provider trained and keeps, `openai/ft:...`; empty for an adapter on disk."""
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
        return self.warmth_check.status if self.warmth_check else "not_run"

    def write(self, folder: Path) -> Path:
        """Write the manifest into an adapter folder, all or nothing, and give its path."""
        target = folder / MANIFEST_NAME
        write_whole(target, self.model_dump_json(indent=2) + "\n")
        return target

    @classmethod
    def read(cls, folder: Path) -> "AdapterManifest | None":
        """The manifest of an adapter folder; None for an adapter without one, which other programs train.

        Raises:
            PrerequisiteError: the manifest is not valid, its arm has a name that is not allowed, or the weights are not
                those it describes.
        """
        path = folder / MANIFEST_NAME
        if not path.is_file():
            return None
        manifest = cls.stated(path)
        if manifest.hosted_model:
            return manifest.checked_hosted(path)
        weights = folder / WEIGHTS_NAME
        if not weights.is_file() or sha256_file(weights) != manifest.adapter_sha256:
            raise PrerequisiteError(
                f"The weights in {folder} are not the ones its manifest describes (sha256 differs or file missing). "
                "Train the adapter again with: warm-inspect train"
            )
        return manifest

    @classmethod
    def stated(cls, path: Path) -> "AdapterManifest":
        """The manifest in a file, whatever weights lie beside it.

        Raises:
            PrerequisiteError: the manifest is not valid, or its arm has a name that is not allowed.
        """
        text = read_text(path, "Train it again.", MAX_BYTES)
        parse_json(text, str(path), "Train it again.")
        try:
            manifest = cls.model_validate_json(text)
        except ValidationError as error:
            raise PrerequisiteError(f"The adapter manifest {path} cannot be read: {error}. Train it again.") from None
        require_adapter_arm(manifest.arm, f"The adapter manifest {path}")
        return manifest

    def checked_hosted(self, path: Path) -> "AdapterManifest":
        """This manifest of a hosted model, if its name is the one it was written with.

        Raises:
            PrerequisiteError: the name was changed.
        """
        if self.adapter_sha256 != sha256_text(self.hosted_model):
            raise PrerequisiteError(
                f"{path} names the model {self.hosted_model!r}, which is not the one it was written for. "
                "Delete its folder and run the same warm-inspect train again: it finds the finished job."
            )
        return self


def adapters_folder() -> Path:
    """The folder in which manifests are looked for: WARM_INSPECT_ADAPTERS, or `adapters` in the working folder."""
    return folder_setting(ADAPTERS_VARIABLE) or Path(DEFAULT_ADAPTERS)


def is_fine_tuned(model: str) -> bool:
    """Whether the name says that a provider fine-tuned the model, as OpenAI's names do."""
    return model.rpartition("/")[2].startswith("ft:")


def hosted_manifest(model: str) -> AdapterManifest | None:
    """The manifest of a fine-tuned model, by Inspect's name for it; None when none names it.

    Raises:
        PrerequisiteError: a manifest that names the model cannot be read, or two say different things about it.
    """
    naming: dict[Path, AdapterManifest] = {}
    for path in sorted(adapters_folder().glob(f"*/{MANIFEST_NAME}")):
        if holds_any(path, [model]) and (manifest := _parse_hosted(path)).hosted_model == model:
            naming[path.parent] = manifest.checked_hosted(path)
    manifests = list(naming.values())
    if any(manifest != manifests[0] for manifest in manifests):
        folders = " and ".join(str(folder) for folder in naming)
        raise PrerequisiteError(f"{folders} say different things about {model}. Move one of them away.")
    return manifests[0] if manifests else None


def holds_any(path: Path, parts: Iterable[str]) -> bool:
    """Whether a manifest has one of these texts in it, which is found out before it is parsed.

    One that cannot be read, or is too long, is named in a warning and holds none: it may be of any adapter.
    """
    try:
        data = read_bytes(path, "", MAX_BYTES)
    except PrerequisiteError as error:
        log.warning("%s. The adapter beside it is passed over.", error)
        return False
    return any(part.encode("utf-8", "surrogateescape") in data for part in parts)


def _parse_hosted(path: Path) -> AdapterManifest:
    way_out = "Delete its folder and run the same warm-inspect train again: it finds the finished job."
    text = read_text(path, way_out, MAX_BYTES)
    parse_json(text, f"The manifest {path}", way_out)
    try:
        manifest = AdapterManifest.model_validate_json(text)
    except ValidationError as error:
        raise PrerequisiteError(f"The manifest {path} cannot be read ({error.error_count()} faults)", way_out) from None
    require_adapter_arm(manifest.arm, f"The manifest {path}")
    return manifest
