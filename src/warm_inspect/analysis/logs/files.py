"""Log files: which of them the user's paths name.

Paths are files, folders and glob patterns, here or on any file system that fsspec knows.
"""

from collections.abc import Iterable, Sequence
from glob import glob, has_magic
from pathlib import Path

from warm_inspect.core.errors import PrerequisiteError

FORMATS = (".eval", ".json")
"""The two formats in which Inspect writes logs."""
_IN_FOLDERS = ("*.eval", "????-??-??T*.json")
"""Which files of a folder are logs. Other JSON may lie there too; a log's name starts with its time, as Inspect lists
them."""
_SHARDS = ".shards"


def find_logs(paths: Sequence[str]) -> list[str]:
    """The logs that the paths name, each once: files, folders (searched recursively) and glob patterns.

    Paths with a scheme (`s3://bucket/logs`) are looked up by fsspec, others on this machine.

    Raises:
        PrerequisiteError: a path does not exist, or is a file of another kind; or there is no log at all.
    """
    logs: dict[str, None] = {}
    for path in paths:
        logs.update(dict.fromkeys(_remote(path) if "://" in path else map(str, _local(path))))
    if not logs:
        raise PrerequisiteError(
            f"No Inspect log in {', '.join(paths)}. Make one with: inspect eval warm_inspect/truthfulqa --model MODEL"
        )
    return list(logs)


def merged_logs(path: str) -> list[str]:
    """Where the log that merges this shard may lie; empty for a log that is no shard.

    Inspect writes the shards of a run as `<log>.shards/<number>/<shard>` beside `<log>.eval`, which holds all their
    samples once it is finished.
    """
    folder = path.replace("\\", "/").split("/")[:-2]
    if not folder or not folder[-1].endswith(_SHARDS):
        return []
    log = path[: len("/".join(folder)) - len(_SHARDS)]
    return [f"{log}.eval", f"{log}-recovered.eval"]


def _local(text: str) -> Iterable[Path]:
    path = Path(text)
    if path.is_dir():
        all_matches = (match for pattern in _IN_FOLDERS for match in path.rglob(pattern))
        matches: Iterable[Path] = sorted(match for match in all_matches if not _is_hidden(match.name))
    elif path.exists():
        matches = [path]
        _check_format(text)
    elif has_magic(text):
        names = glob(text, recursive=True)  # noqa: PTH207 - Path.glob refuses absolute patterns
        matches = sorted(Path(name) for name in names if name.endswith(FORMATS))
    else:
        raise _missing(text)
    return [match.resolve() for match in matches]


def _remote(url: str) -> list[str]:
    """The logs of a URL.

    Raises:
        PrerequisiteError: the scheme is unknown, the place cannot be reached, or nothing is there.
    """
    from fsspec.core import url_to_fs  # type: ignore[import-untyped]

    try:
        system, path = url_to_fs(url)
        if has_magic(path):
            names = [name for name in system.glob(path) if name.endswith(FORMATS)]
        elif system.isdir(path):
            all_names = (name for pattern in _IN_FOLDERS for name in system.glob(f"{path.rstrip('/')}/**/{pattern}"))
            names = [name for name in all_names if not _is_hidden(name.rpartition("/")[2])]
        elif system.exists(path):
            _check_format(url)
            names = [path]
        else:
            raise _missing(url)
    except PrerequisiteError:
        raise
    except Exception as error:  # every file system has errors of its own
        raise PrerequisiteError(f"{url} cannot be read: {type(error).__name__}: {error}") from None
    return [str(system.unstrip_protocol(name)) for name in sorted(set(names))]


def _is_hidden(name: str) -> bool:
    """Whether it is a file like `._x.eval`, which macOS puts beside `x.eval` on foreign disks."""
    return name.startswith(".")


def _check_format(text: str) -> None:
    if not text.endswith(FORMATS):
        raise PrerequisiteError(f"{text} is not an Inspect log: the name of a log ends in {' or '.join(FORMATS)}.")


def _missing(text: str) -> PrerequisiteError:
    return PrerequisiteError(f"No file or folder {text}. Give the folder that `inspect eval` wrote its logs to.")
