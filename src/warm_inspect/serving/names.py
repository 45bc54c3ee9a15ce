"""The names that a server has adapters and their base under, and the arms that stand behind them.

A served name ends in the start of the hash of its weights: vLLM's prefix cache and Inspect's cache know models by
their names alone, and other weights under the name of earlier ones would get their replies.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from inspect_ai.model import Model

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import user_folder
from warm_inspect.core.manifest import MANIFEST_NAME, WEIGHTS_NAME, AdapterManifest, adapters_folder, holds_any
from warm_inspect.core.metadata import ArmMetadata
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.models import BASE_MODELS, CONFIG_NAME, TrainedAdapter

_DIGITS = 12
_HASHED = re.compile(rf"(?P<stem>.+)-(?P<hash>[0-9a-f]{{{_DIGITS}}})")
_UNSAFE = re.compile(r"[^\w.+-]", re.ASCII)
"""Signs that lists of models, `name=path` or an address would read as something else."""

PROVIDERS = ("openai-api", "vllm")
"""Inspect's providers through which models of a vLLM server are asked."""


def served_name(name: str, sha256: str) -> str:
    """The name under which a server has an adapter or a base model: its own, with the start of its weights' hash."""
    return f"{_UNSAFE.sub('_', name)}-{sha256[:_DIGITS]}"


def base_label(base_model: str) -> str:
    """The name of a base model, as manifests state it, without the folders of a path."""
    if base_model in BASE_MODELS or any(base_model == base.hub_id for base in BASE_MODELS.values()):
        return base_model
    return re.split(r"[/\\]", base_model.rstrip("/\\"))[-1] if user_folder(base_model) else base_model


def model_behind(model: Model) -> str:
    """Inspect's name of a model, as the user gave it.

    The `vllm` provider calls a model by its base alone once it has answered, so its adapter is taken from the provider.
    """
    adapter = getattr(model.api, "adapter", None)
    if str(model).startswith("vllm/") and adapter is not None:
        return f"vllm/{getattr(model.api, 'base_model', '')}:{adapter.name}"
    return str(model)


def looks_served(model: str) -> bool:
    """Whether a model's name ends as those that `warm-inspect serve` gives."""
    return model.partition("/")[0] in PROVIDERS and _HASHED.fullmatch(model) is not None


def is_on_vllm(model: str) -> bool:
    """Whether a model's name says that a vLLM server has it: by provider or service, or as `serve` gives names."""
    return model.startswith(("vllm/", "openai-api/vllm/")) or looks_served(model)


def names_adapter(model: str) -> bool:
    """Whether a model's name says that it is an adapter: `vllm/<base>:<adapter>`."""
    return model.startswith("vllm/") and ":" in model


def arm_of_served(model: str) -> ArmMetadata | None:
    """The arm of a model on a vLLM server, by the adapters of the adapters' folder; None when none of them names it.

    An adapter is known by its arm and the start of its hash, or by its folder where `vllm/` was given one; the base
    model by its name with the start of its hash, for `vllm/` also without: another service may have other weights, or
    quantised ones, under a base's name. Manifests suffice: the weights may lie elsewhere.

    Args:
        model: `vllm/<base>[:<adapter>]` or `openai-api/<service>/<name>`.

    Raises:
        PrerequisiteError: a manifest that is meant cannot be read, its weights are others, or two that are meant say
            different things.
    """
    provider, _, rest = model.partition("/")
    if provider not in PROVIDERS:
        return None
    base, _, adapter = rest.partition(":") if provider == "vllm" else ("", "", rest.partition("/")[2])
    if adapter and (folder := user_folder(adapter)):
        return _of_adapter(_adapter_in(folder))
    arms = list(_named(adapter or base, bare=provider == "vllm"))
    if any(arm != arms[0] for arm in arms):
        raise PrerequisiteError(
            f"Adapters in {adapters_folder()} say different things about {adapter or base}. Move one of them away."
        )
    return arms[0] if arms else None


def _named(name: str, *, bare: bool) -> Iterator[ArmMetadata]:
    """What each adapter of the adapters' folder says about the name of an adapter or a base.

    Args:
        name: on the server.
        bare: a base is also meant by its name without the hash.
    """
    hashed = _HASHED.fullmatch(name)
    if not (hashed or bare):
        return
    aliases = [alias for alias, base in BASE_MODELS.items() if base.hub_id == name]
    stated = [hashed["hash"]] if hashed else [name, *aliases]
    for folder in _folders():
        manifest = folder / MANIFEST_NAME
        if manifest.is_file():
            if holds_any(manifest, stated):
                yield from _says(AdapterManifest.stated(manifest), folder, name, bare=bare)
        elif hashed and hashed["stem"] == _UNSAFE.sub("_", folder.name):
            plain = TrainedAdapter.plain(folder)
            if served_name(plain.manifest.arm, plain.manifest.adapter_sha256) == name:
                yield _of_adapter(plain)


def _folders() -> list[Path]:
    folder = adapters_folder()
    inside = {file.parent for name in (MANIFEST_NAME, CONFIG_NAME) for file in folder.rglob(name)}
    return sorted(each for each in inside if not any(part.startswith(".") for part in each.relative_to(folder).parts))


def _says(manifest: AdapterManifest, folder: Path, name: str, *, bare: bool) -> Iterator[ArmMetadata]:
    if manifest.hosted_model:
        return
    if served_name(manifest.arm, manifest.adapter_sha256) == name:
        checked = AdapterManifest.read(folder) if (folder / WEIGHTS_NAME).is_file() else manifest
        assert checked is not None
        yield ArmMetadata.of(checked).model_copy(update={"base_sha256": manifest.base_sha256})
        return
    base = manifest.base_model
    alias = BASE_MODELS[base].hub_id if base in BASE_MODELS else base
    if served_name(base, manifest.base_sha256) == name:
        yield ArmMetadata(arm=ORIGINAL, base_model=base, base_sha256=manifest.base_sha256)
    elif bare and name in (base, alias):
        yield ArmMetadata(arm=ORIGINAL, base_model=base)


def _adapter_in(folder: Path) -> TrainedAdapter:
    return TrainedAdapter.read(folder) if (folder / MANIFEST_NAME).is_file() else TrainedAdapter.plain(folder)


def _of_adapter(adapter: TrainedAdapter) -> ArmMetadata:
    arm = ArmMetadata.of(adapter.manifest)
    return arm.model_copy(update={"base_model": base_label(arm.base_model)})
