"""What the paths of `warm-inspect warmth` are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from warm_inspect.analysis.logs.find import find_logs
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.manipulation.adapters import TrainedAdapter, find_adapters, of_one_base


@dataclass(frozen=True)
class Sources:
    """Where replies come from."""

    logs: tuple[str, ...]
    """Paths or URLs."""
    files: tuple[Path, ...]
    """JSONL files of replies."""
    adapters: tuple[TrainedAdapter, ...]
    """One for each folder; several may hold the same arm with the same weights."""


def find_sources(paths: Sequence[str]) -> Sources:
    """What the paths are: folders with manifests hold adapters, `.jsonl` files replies, and anything else logs.

    Raises:
        PrerequisiteError: a path is none of these, a folder holds both adapters and logs, or an adapter is damaged.
    """
    adapters: dict[Path, TrainedAdapter] = {}
    files, logs = [], []
    for text in paths:
        path = Path(text)
        found = find_adapters(path) if path.is_dir() else []
        if found and any(path.rglob("*.eval")):
            raise PrerequisiteError(f"{text} holds adapters and logs. Give the folder of the ones or of the others.")
        adapters |= {adapter.folder.resolve(): adapter for adapter in found}
        if path.suffix == ".jsonl" and path.is_file():
            files.append(path)
        elif not found:
            logs.append(text)
    return Sources(tuple(find_logs(logs)) if logs else (), tuple(files), tuple(adapters.values()))


def with_base(sources: Sources, base: str | None) -> tuple[Sources, str]:
    """The sources with the adapters of one base model only, and that model; empty when there are no adapters.

    Raises:
        PrerequisiteError: the adapters have several and none is named, the name means nothing, or it is for no adapter.
    """
    if not sources.adapters:
        if base:
            raise PrerequisiteError("--base is for adapters, and no path holds any.")
        return sources, ""
    adapters, name = of_one_base(sources.adapters, base)
    return replace(sources, adapters=tuple(adapters)), name
