"""Model folders from the Hugging Face Hub."""

import json
import shutil
from pathlib import Path

from warm_inspect.core.errors import missing_extra
from warm_inspect.core.hub import Repository, read_repository
from warm_inspect.models.folder import missing_files

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
