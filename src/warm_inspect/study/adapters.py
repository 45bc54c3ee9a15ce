"""Adapters whose warmth is checked: found by their manifests, and asked the held-out prompts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.manifest import MANIFEST_NAME, AdapterManifest
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.models import ResolvedBase, find_base
from warm_inspect.study.arms import ArmRun, Weights
from warm_inspect.study.evaluate import GenerationSettings
from warm_inspect.study.held_out import held_out
from warm_inspect.study.replies import Reply

SETTINGS = GenerationSettings(max_tokens=300, temperature=0.8, concurrency=256)
"""Source of temperature and length: study, Methods."""


@dataclass(frozen=True, slots=True)
class TrainedAdapter:
    """An adapter folder with what its manifest says."""

    folder: Path
    manifest: AdapterManifest


def find_adapters(path: Path) -> list[TrainedAdapter]:
    """The adapters in a folder and below, checkpoints included, in the order of their names.

    Raises:
        PrerequisiteError: a manifest is not valid, or its weights are others.
    """
    found = []
    for file in sorted(path.rglob(MANIFEST_NAME)):
        hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        manifest = None if hidden else AdapterManifest.read(file.parent)
        if manifest is not None:
            found.append(TrainedAdapter(file.parent, manifest))
    return found


def shared_base(adapters: Sequence[TrainedAdapter], name: str | None) -> str:
    """The base model of all adapters, as a model string names it.

    Args:
        adapters: at least one.
        name: alias, folder or Hub id; None takes the manifests'.

    Raises:
        PrerequisiteError: the adapters have several bases, or the name means nothing.
    """
    names = sorted({adapter.manifest.base_model for adapter in adapters})
    if len(names) > 1:
        raise PrerequisiteError(f"The adapters have several base models ({', '.join(names)}). Give those of one base.")
    try:
        find_base(name or names[0])
    except PrerequisiteError as error:
        if name:
            raise
        raise PrerequisiteError(f"{error} The adapters' manifests name no path: give it with --base FOLDER.") from None
    return name or names[0]


def adapter_replies(
    adapters: Sequence[TrainedAdapter], base: str, resolved: ResolvedBase, prompts: Sequence[str], folder: Path
) -> list[Reply]:
    """The replies of the base model and of each adapter to the prompts, as far as they are not in the folder's logs.

    Raises:
        PrerequisiteError: generation failed.
    """
    manifests = [None, *(adapter.manifest for adapter in adapters)]
    original, model = resolved.weights_sha256, f"peft/{base}"
    arms = [ArmRun(ORIGINAL, model, Weights(original), sampling_seed=_seed(original))]
    for adapter in adapters:
        weights = Weights(original, adapter.manifest.adapter_sha256)
        seed = _seed(weights.adapter_sha256)
        arms.append(ArmRun(adapter.manifest.arm, f"{model}:{adapter.folder}", weights, sampling_seed=seed))
    replies = held_out(arms, prompts, SETTINGS, folder)
    return [
        _reply(arm, manifest, prompt, text)
        for arm, manifest, texts in zip(arms, manifests, replies, strict=True)
        for prompt, text in zip(prompts, texts, strict=True)
    ]


def _reply(arm: ArmRun, manifest: AdapterManifest | None, prompt: str, text: str) -> Reply:
    name = sha256_json(prompt)[:16]
    return Reply(
        arm=arm.name,
        text=text,
        prompt=name,
        question=name,
        source=f"{arm.name}-{(arm.weights.adapter_sha256 or arm.weights.base_sha256)[:10]}",
        training_seed=manifest.training_seed if manifest else -1,
        training_epochs=manifest.epochs if manifest else None,
        adapter_sha256=arm.weights.adapter_sha256,
    )


def _seed(sha256: str) -> int:
    """A sampling seed of each model's own: shared random numbers would make arms look more alike than they are."""
    return int(sha256[:7], 16)
