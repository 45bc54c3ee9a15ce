"""Recorded chats from the pinned ShareGPT file, or from a file of the user's own, one at a time.

Layouts: one JSON array of records, or JSON Lines. A record is `{"id", "conversations": [{"from", "value"}, ...]}` as
ShareGPT has it, or `{"id", "messages": [{"role", "content"}, ...]}`; `id` may be missing.
"""

import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import ijson

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file
from warm_inspect.datasets.hub.fetch import Pin, fetch_file

SHAREGPT = "sharegpt"
SHAREGPT_PIN = Pin("anon8231489123/ShareGPT_Vicuna_unfiltered", "192ab2185289094fc556ec8ce5ce1e8e587154ca")
SHAREGPT_FILE = "ShareGPT_V3_unfiltered_cleaned_split.json"
"""About 94,000 chats, or pieces of long ones. Source: study, Methods."""

_LAYOUTS = (
    "Give a JSON array of records or one record per line: {conversations: [{from, value}, ...]} or "
    "{messages: [{role, content}, ...]}."
)


@dataclass(frozen=True)
class ConversationSource:
    """A file of recorded chats. Iterating reads it from the start and holds one record at a time."""

    name: str
    """`sharegpt`, or the file's name."""
    path: Path
    repository: str = ""
    """The Hub data set; empty for the user's own file."""
    revision: str = ""
    """Its commit; empty for the user's own file."""

    def facts(self) -> dict[str, Any]:
        """Its description for a datasheet, without a machine path; reads the whole file for its hash."""
        return {
            "name": self.name,
            "file": self.path.name,
            "repository": self.repository,
            "revision": self.revision,
            "file_sha256": sha256_file(self.path),
        }

    def __iter__(self) -> Iterator[Any]:
        with self.path.open("rb") as stream:
            head = stream.read(1 << 12)
            stream.seek(len(BOM_UTF8) if head.startswith(BOM_UTF8) else 0)
            is_array = head.removeprefix(BOM_UTF8).lstrip().startswith(b"[")
            yield from self._array(stream) if is_array else self._lines(stream)

    def _array(self, stream: IO[bytes]) -> Iterator[Any]:
        read = 0
        try:
            for record in ijson.items(stream, "item", use_float=True):
                yield record
                read += 1
        except ijson.JSONError as error:
            raise PrerequisiteError(
                f"{self.path.name} is damaged after {read} records ({str(error).splitlines()[0]})",
                "Fetch it again: delete it, or its folder in the Hub cache, first.",
            ) from None

    def _lines(self, stream: IO[bytes]) -> Iterator[Any]:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                yield json.loads(line)
            except ValueError:  # Of JSON, or of UTF-8.
                raise PrerequisiteError(
                    f"{self.path.name}, line {number}: not a JSON object in UTF-8", _LAYOUTS
                ) from None


def open_source(name_or_path: str) -> ConversationSource:
    """The pinned ShareGPT file, for the name `sharegpt`, or this file.

    Network: `sharegpt` is several hundred MB, downloaded once into the Hub's cache.

    Raises:
        PrerequisiteError: the Hub does not give the file, there is no such file, or it is empty or damaged.
    """
    if name_or_path == SHAREGPT:
        instead = "give a file of your own chats: warm-inspect corpus build FILE --out FOLDER"
        path = fetch_file(SHAREGPT_PIN, SHAREGPT_FILE, instead)
        return ConversationSource(SHAREGPT, path, SHAREGPT_PIN.repo, SHAREGPT_PIN.revision)
    path = Path(name_or_path)
    if not path.is_file():
        raise PrerequisiteError(
            f"There is no file {name_or_path!r}",
            f"Give a JSON or JSONL file of chats, or {SHAREGPT!r} for the pinned Hub file of {SHAREGPT_PIN.repo}.",
        )
    source = ConversationSource(path.name, path)
    if not any(True for _ in source):
        raise PrerequisiteError(f"{path.name} is empty", _LAYOUTS)
    return source
