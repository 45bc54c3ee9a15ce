"""Snapshots of Hub repositories: from the Hub client's cache, else one cheap request and then the download.

`HF_ENDPOINT`, `HF_TOKEN`, `HF_HOME` and `HF_HUB_OFFLINE` are the Hub client's settings and work as everywhere.
"""

import hashlib
import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file

_PROBE_SECONDS = 5.0

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Repository:
    """A Hub repository at a revision, and the files of it that are read."""

    name: str
    """Organisation and name."""
    kind: Literal["model", "dataset"]
    probe: str
    """A file that it must have: asked for before the download, which repeats a failed request for over 20 seconds."""
    revision: str | None = None
    """Commit hash; None for the newest."""
    files: Sequence[str] | None = None
    """The files to take, as glob patterns; None for all."""
    ignored: Sequence[str] | None = None
    """Files not to take, as glob patterns."""


def read_repository(repository: Repository, read: Callable[[Path], T]) -> T:
    """The result of `read` on the folder of a snapshot; the folder's name is the commit hash.

    A commit cannot change, so a pinned revision is read from the cache where `read` finds all it needs there. The
    newest revision is asked of the Hub, and the one last downloaded is read when the Hub fails.

    Raises:
        PrerequisiteError: this machine, not the Hub, is at fault: the cache cannot be written, its disk is full, or a
            file in it is not the one that the Hub gave.
        Exception: whatever the Hub client raises when the Hub fails and the cache does not do; or what `read` raises.
        ImportError: the Hub client is not installed.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    if repository.revision is not None:
        try:
            return read(_snapshot(repository, local=True))
        except PrerequisiteError:
            raise
        except Exception as lacking:  # Whatever the cache lacks, the Hub is asked for.
            logger.debug("%s is not read from the cache: %s", repository.name, lacking)
    url = hf_hub_url(repository.name, repository.probe, repo_type=repository.kind, revision=repository.revision)
    try:
        get_hf_file_metadata(url, timeout=_PROBE_SECONDS)
    except Exception as failure:
        if repository.revision is not None:
            raise
        try:
            return read(_snapshot(repository, local=True))
        except Exception:
            raise failure from None
    try:
        folder = _snapshot(repository, local=False)
    except OSError as failure:
        if not _is_local(failure):
            raise
        from huggingface_hub import constants

        raise PrerequisiteError(
            f"{repository.name} cannot be stored in the Hub's cache {constants.HF_HUB_CACHE} ({failure.strerror})",
            "Make room or give access there, or set HF_HOME to a folder that can be written.",
        ) from failure
    return read(folder)


def check_access(name: str, kind: Literal["model", "dataset"]) -> None:
    """One request that asks whether the Hub gives a repository to this user.

    Raises:
        Exception: whatever the Hub client raises when it does not, or cannot be reached.
        ImportError: the Hub client is not installed.
    """
    from huggingface_hub import HfApi

    HfApi().auth_check(name, repo_type=kind)


def _is_local(failure: OSError) -> bool:
    """Whether the file system failed: an error of the network has no number, or a type of its own."""
    return failure.errno is not None and not isinstance(failure, ConnectionError | TimeoutError | socket.gaierror)


def _snapshot(repository: Repository, *, local: bool) -> Path:
    from huggingface_hub import snapshot_download

    folder = Path(
        snapshot_download(
            repository.name,
            repo_type=repository.kind,
            revision=repository.revision,
            allow_patterns=None if repository.files is None else list(repository.files),
            ignore_patterns=None if repository.ignored is None else list(repository.ignored),
            local_files_only=local,
        )
    )
    _require_unchanged(folder)
    return folder


def _require_unchanged(folder: Path) -> None:
    """Check the files of a snapshot, which the Hub client links to blobs that bear the hashes of their contents.

    The client itself never looks at a blob again. Where it had to copy instead, there is no hash to check.

    Raises:
        PrerequisiteError: a file has another content.
    """
    for file in sorted(path for path in folder.rglob("*") if path.is_symlink() and path.is_file()):
        blob = file.resolve()
        if len(blob.name) == _GIT_DIGITS and _is_hash(blob.name):
            actual = _git_sha1(blob)
        elif len(blob.name) == _SHA256_DIGITS and _is_hash(blob.name):
            actual = sha256_file(blob)
        else:
            continue
        if actual != blob.name:
            raise PrerequisiteError(
                f"{file.name} in the Hub's cache is not the file that the Hub gave",
                f"Delete it and run the same command again: {blob}",
            )


_GIT_DIGITS, _SHA256_DIGITS = 40, 64


def _is_hash(name: str) -> bool:
    return set(name) <= set("0123456789abcdef")


def _git_sha1(path: Path) -> str:
    """The hash that git gives to a file, by which the Hub names what is not stored apart for its size."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
