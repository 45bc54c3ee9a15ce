"""Adapters whose warmth is checked: found by their manifests, and asked the held-out prompts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_json, sha256_text
from warm_inspect.core.manifest import MANIFEST_NAME, AdapterManifest
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.manipulation.held_out import held_out
from warm_inspect.manipulation.replies import Reply
from warm_inspect.models import find_base, resolve_base
from warm_inspect.study.arms import ArmRun, Weights
from warm_inspect.study.evaluate import GenerationSettings

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


def distinct(adapters: Sequence[TrainedAdapter]) -> tuple[TrainedAdapter, ...]:
    """One adapter for each arm and set of weights: those in other folders would answer the same."""
    found = {(adapter.manifest.arm, adapter.manifest.adapter_sha256): adapter for adapter in reversed(adapters)}
    return tuple(reversed(found.values()))


def of_one_base(adapters: Sequence[TrainedAdapter], name: str | None) -> tuple[list[TrainedAdapter], str]:
    """The adapters that are compared with each other, and their base model.

    Args:
        adapters: at least one. With several base models, those of the named one are taken.
        name: alias, folder or Hub id of the base model; None takes the manifests'.

    Returns:
        The adapters, and the base as a model string names it: for models that a provider tuned, Inspect's name of it.

    Raises:
        PrerequisiteError: the adapters have several bases and none of them is named, or the name means nothing.
    """
    bases = sorted({adapter.manifest.base_model for adapter in adapters})
    wanted = bases[0] if len(bases) == 1 else _manifest_name(name)
    taken = [adapter for adapter in adapters if adapter.manifest.base_model == wanted]
    if not taken:
        raise PrerequisiteError(
            f"The adapters have several base models ({', '.join(bases)}), and each is checked against its own. "
            "Name one with --base, or give the folders of its adapters as paths."
        )
    base = taken[0].manifest.base_model
    if taken[0].manifest.hosted_model:
        if name not in (None, base):
            raise PrerequisiteError(f"The base model of these adapters is {base}, not {name}. Leave --base out.")
        return taken, base
    try:
        find_base(name or base)
    except PrerequisiteError as error:
        if name and name != base:
            raise
        raise PrerequisiteError(f"{error} The adapters' manifests name no path: give it with --base FOLDER.") from None
    return taken, name or base


def _manifest_name(name: str | None) -> str | None:
    """The name that manifests have for a base model, which is that of a folder without its path."""
    if name is None:
        return None
    try:
        return find_base(name).name
    except PrerequisiteError:
        return name


def adapter_replies(adapters: Sequence[TrainedAdapter], base: str, prompts: Sequence[str], folder: Path) -> list[Reply]:
    """The replies of the base model and of each adapter to the prompts, as far as they are not in the folder's logs.

    Args:
        adapters: at least one, all of one base; see `of_one_base`.
        base: the base model.
        prompts: user messages.
        folder: where logs of the replies are.

    Raises:
        PrerequisiteError: the base model cannot be had, or generation failed.
    """
    manifests = [None, *(adapter.manifest for adapter in adapters)]
    hosted = bool(adapters[0].manifest.hosted_model)
    # As in the manifest of a hosted model, its name stands for weights that nobody sees.
    original = sha256_text(base) if hosted else resolve_base(base).weights_sha256
    model = base if hosted else f"peft/{base}"
    arms = [ArmRun(ORIGINAL, model, Weights(original), sampling_seed=_seed(original))]
    for adapter in adapters:
        weights = Weights(original, adapter.manifest.adapter_sha256)
        tuned = adapter.manifest.hosted_model or f"{model}:{adapter.folder}"
        arms.append(ArmRun(adapter.manifest.arm, tuned, weights, sampling_seed=_seed(weights.adapter_sha256)))
    replies = held_out(arms, prompts, replace(SETTINGS, concurrency=None) if hosted else SETTINGS, folder)
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
