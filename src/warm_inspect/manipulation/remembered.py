"""Readings that are kept as they are made, so that a run that was stopped does not read a reply twice."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from warm_inspect.core.hashing import sha256_text
from warm_inspect.warmth.meter import WarmthMeter

_CHUNK = 8
"""Texts between two writes."""


@dataclass(frozen=True)
class RememberedMeter:
    """A meter whose readings are looked up in a file first; the file holds hashes of texts, no text."""

    meter: WarmthMeter
    folder: Path
    done: Callable[[int], None]
    """Told how many more texts have a reading; each text counts once."""
    _counted: set[str] = field(default_factory=set, init=False)

    @property
    def label(self) -> str:
        """Name and version of the meter."""
        return self.meter.label

    def score(self, texts: Sequence[str]) -> list[float | None]:
        """The warmth of each text, in order."""
        file = self.folder / f"{self.label}.jsonl"
        known = _known(file)
        named = {sha256_text(text): text for text in texts}
        missing = [name for name in named if name not in known]
        self._count(name for name in named if name in known)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as stream:
            # A line that was cut off by a kill must not swallow the next one.
            stream.write("\n")
            for first in range(0, len(missing), _CHUNK):
                chunk = missing[first : first + _CHUNK]
                read = dict(zip(chunk, self.meter.score([named[name] for name in chunk]), strict=True))
                stream.writelines(json.dumps([name, warmth]) + "\n" for name, warmth in read.items())
                stream.flush()
                known |= read
                self._count(chunk)
        return [known[sha256_text(text)] for text in texts]

    def _count(self, names: Iterable[str]) -> None:
        more = set(names) - self._counted
        self._counted.update(more)
        self.done(len(more))


def _known(file: Path) -> dict[str, float | None]:
    """The readings in a file; a line that was cut off is skipped."""
    found: dict[str, float | None] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        try:
            name, warmth = json.loads(line)
        except ValueError:
            continue
        found[str(name)] = warmth
    return found
