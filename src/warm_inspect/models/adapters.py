"""LoRA adapters by name: found, and checked against a base model, without torch."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import WEIGHTS_NAME, AdapterManifest
from warm_inspect.models.base_models import BASE_MODELS, HUB_ID, BaseReference
from warm_inspect.models.folder import check_weights, weights_sha256
from warm_inspect.models.model_string import ModelString, is_folder

CONFIG_NAME = "adapter_config.json"

_MERGE = "Merge it into the base (peft: merge_and_unload), save that folder and use it as the base instead."


@dataclass(frozen=True)
class Adapter:
    """A LoRA adapter on disk that fits the base model it was looked up for."""

    name: str
    """The folder's name, or the Hub id."""
    folder: Path
    sha256: str
    """Hash of the weights."""
    manifest: AdapterManifest | None
    """What `warm-inspect train` wrote beside it; None for an adapter made elsewhere."""

    @property
    def key(self) -> str:
        """Its identity: the weights and the folder, so that a later adapter in the same folder is another."""
        return f"{self.sha256}@{self.folder.resolve()}"


def find_adapter(model: ModelString, base: BaseReference) -> Adapter | None:
    """The adapter of a model name, downloaded if it is on the Hub; None when the name has none.

    Raises:
        PrerequisiteError: it does not exist, is no plain LoRA adapter in safetensors, or was made for another base.
    """
    if model.adapter is None:
        return None
    if is_folder(model.adapter):
        folder = Path(model.adapter).expanduser()
        name = folder.resolve().name
    else:
        folder, name = _download(model.adapter, model.revision), model.adapter
    config = _read_config(folder, model.adapter)
    manifest = AdapterManifest.read(folder)
    if manifest is not None:
        _check_manifest(model.adapter, manifest, base)
    else:
        _check_base_name(model.adapter, str(config.get("base_model_name_or_path") or ""), base)
    sha256 = manifest.adapter_sha256 if manifest else sha256_file(folder / WEIGHTS_NAME)
    return Adapter(name, folder, sha256, manifest)


def _download(hub_id: str, revision: str | None) -> Path:
    if not HUB_ID.fullmatch(hub_id):
        raise PrerequisiteError(
            f"There is no adapter folder {hub_id!r}, and it is no Hub id (organisation/name) either. "
            "Train one with: warm-inspect train"
        )
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise missing_extra("An adapter from the Hub", "hub", error) from None
    try:
        return Path(snapshot_download(hub_id, revision=revision, allow_patterns=["*.safetensors", "*.json"]))
    except Exception as failure:
        wanted = hub_id if revision is None else f"{hub_id}@{revision}"
        raise PrerequisiteError(
            f"The adapter {wanted!r} is no folder here and the Hub does not give it: {failure} "
            "Check the name, the revision, HF_TOKEN and the network."
        ) from None


def _read_config(folder: Path, shown: str) -> dict[str, Any]:
    try:
        read = json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PrerequisiteError(f"The adapter {shown!r} has no readable {CONFIG_NAME}: {error}.") from None
    config: dict[str, Any] = read if isinstance(read, dict) else {}
    kind = config.get("peft_type")
    if kind != "LORA":
        raise PrerequisiteError(f"The adapter {shown!r} is of type {kind!r}; only LORA can be loaded. {_MERGE}")
    if not (folder / WEIGHTS_NAME).is_file():
        raise PrerequisiteError(
            f"The adapter {shown!r} has no {WEIGHTS_NAME}. Weights in other formats (.bin) can run code when loaded "
            "and are refused: save the adapter again with safetensors."
        )
    check_weights(folder / WEIGHTS_NAME)
    beyond = [
        name for name in ("use_dora", "lora_bias", "modules_to_save", "alora_invocation_tokens") if config.get(name)
    ]
    if beyond or config.get("bias", "none") != "none":
        raise PrerequisiteError(
            f"The adapter {shown!r} uses more than plain LoRA ({', '.join(beyond or ['bias'])}). {_MERGE}"
        )
    return config


def _check_manifest(shown: str, manifest: AdapterManifest, base: BaseReference) -> None:
    names = {manifest.base_model}
    if manifest.base_model in BASE_MODELS:
        names.add(BASE_MODELS[manifest.base_model].hub_id)
    if base.name in names and base.kind != "folder":
        return
    if base.folder is not None and weights_sha256(base.folder) == manifest.base_sha256:
        return
    raise _mismatch(shown, manifest.base_model, base)


def _check_base_name(shown: str, made_for: str, base: BaseReference) -> None:
    if not made_for:
        return
    if base.folder is not None:
        same_name = made_for.rstrip("/").rpartition("/")[2].lower() == base.name.lower()
        fits = same_name or Path(made_for).expanduser().resolve() == base.folder.resolve()
    else:
        hub_id = BASE_MODELS[base.name].hub_id if base.kind == "alias" else base.name
        fits = made_for.lower() == hub_id.lower()
    if not fits:
        raise _mismatch(shown, made_for, base)


def _mismatch(shown: str, made_for: str, base: BaseReference) -> PrerequisiteError:
    return PrerequisiteError(
        f"The adapter {shown!r} was made for the base model {made_for!r}, not for {base.name!r}. "
        f"Use it as: peft/{made_for}:{shown}"
    )
