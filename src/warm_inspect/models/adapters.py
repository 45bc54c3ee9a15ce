"""LoRA adapters by name: located, and checked against a base model, without torch."""

import logging
import re
from dataclasses import dataclass, field
from pathlib import Path

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.files import user_folder
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import WEIGHTS_NAME, AdapterManifest
from warm_inspect.models.adapter_config import CONFIG_NAME, LoraSettings, check_tensors, read_config
from warm_inspect.models.base_models import BASE_MODELS, HUB_CACHE, HUB_ID, BaseReference
from warm_inspect.models.folder import weights_sha256
from warm_inspect.models.model_string import ModelString

log = logging.getLogger(__name__)

_MIRROR = "unsloth"
"""An owner on the Hub whose models are copies of others' under the same names."""
_QUANTISED = "-bnb-4bit"
""" ... and the end of the names of those with quantised weights."""


@dataclass(frozen=True)
class Adapter:
    """A LoRA adapter on disk that fits the base model it was looked up for."""

    name: str
    """The folder's name, or the Hub id."""
    folder: Path
    settings: LoraSettings = field(hash=False)
    """What its matrices mean."""
    sha256: str
    """Hash of the weights."""
    manifest: AdapterManifest | None = field(hash=False)
    """What `warm-inspect train` wrote beside it; None for an adapter that another program trained."""

    @property
    def key(self) -> str:
        """The identity of the adapter: its weights, their configuration and the folder."""
        return f"{self.sha256}@{self.folder.resolve()}?{self.settings.model_dump_json()}"


def find_adapter(model: ModelString, base: BaseReference) -> Adapter | None:
    """The adapter of a model name, downloaded if it is on the Hub; None when the name has none.

    Raises:
        PrerequisiteError: it does not exist, is no plain LoRA adapter in safetensors, or was made for another base.
    """
    if model.adapter is None:
        return None
    if folder := user_folder(model.adapter):
        name = folder.resolve().name
    else:
        folder, name = _download(model.adapter, model.revision), model.adapter
    settings, made_for = read_config(folder, model.adapter)
    check_tensors(folder, settings, model.adapter)
    manifest = AdapterManifest.read(folder)
    if manifest is not None:
        _check_manifest(model.adapter, manifest, settings, base)
    else:
        _check_base_name(model.adapter, made_for, base)
    sha256 = manifest.adapter_sha256 if manifest else sha256_file(folder / WEIGHTS_NAME)
    return Adapter(name, folder, settings, sha256, manifest)


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


def _check_manifest(shown: str, manifest: AdapterManifest, settings: LoraSettings, base: BaseReference) -> None:
    for name, now in (("r", settings.r), ("alpha", settings.lora_alpha)):
        if (trained := manifest.training.get(name, now)) != now:
            raise PrerequisiteError(
                f"The adapter {shown!r} was trained with {name} = {trained}, and its {CONFIG_NAME} says {now} now. "
                "Train it again with: warm-inspect train"
            )
    names = {manifest.base_model}
    if manifest.base_model in BASE_MODELS:
        names.add(BASE_MODELS[manifest.base_model].hub_id)
    if base.name in names and base.kind != "folder":
        return
    if base.folder is not None and weights_sha256(base.folder) == manifest.base_sha256:
        return
    raise _mismatch(shown, manifest.base_model, base)


def _check_base_name(shown: str, made_for: str, base: BaseReference) -> None:
    """Compare the base model that a configuration states with the one at hand, by their names.

    Many adapters state a folder of the machine that trained them, or a mirror with quantised weights.
    """
    if not made_for or (base.folder and (folder := user_folder(made_for)) and folder.samefile(base.folder)):
        return
    hub_id = BASE_MODELS[base.name].hub_id if base.kind == "alias" else base.name
    owner, name = _owner_and_name(hub_id)
    stated_owner, stated_name = _owner_and_name(made_for)
    same = name == stated_name and (owner == stated_owner or not owner or not stated_owner)
    if not same and made_for != base.name:
        raise _mismatch(shown, made_for, base)
    if made_for.lower().endswith(_QUANTISED):
        log.warning(
            "The adapter %s was trained on quantised weights, %s; it runs on those of %s", shown, made_for, hub_id
        )


def _owner_and_name(stated: str) -> tuple[str, str]:
    """Owner and name of a base model in lower case; no owner for folders and mirrors, whose names lack it."""
    stated = stated.strip().lower()
    if cached := HUB_CACHE.search(stated):
        return cached["owner"] or "", cached["name"]
    owner = stated.partition("/")[0] if HUB_ID.fullmatch(stated) else ""
    name = re.split(r"[/\\]", stated.rstrip("/\\"))[-1]
    if owner == _MIRROR:
        return "", name.removesuffix(_QUANTISED).removesuffix(f"-{_MIRROR}")
    return owner, name


def _mismatch(shown: str, made_for: str, base: BaseReference) -> PrerequisiteError:
    return PrerequisiteError(
        f"The adapter {shown!r} was made for the base model {made_for!r}, not for {base.name!r}. "
        f"Use it as: peft/{made_for}:{shown}"
    )
