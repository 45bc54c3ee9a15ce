"""A closed vocabulary that lives in content files: the file name is the id."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import TypeVar

from warm_inspect.core.documents import content_files
from warm_inspect.core.errors import unknown_value

T = TypeVar("T")


class Catalog(Mapping[str, T]):
    """The entries of one content folder, read on first use, in the order of their rank.

    Looking up a name that does not exist raises the error that lists the names that do.
    """

    def __init__(
        self,
        kind: str,
        folder: str,
        suffix: str,
        parse: Callable[[Traversable], T],
        rank: Callable[[T], int] | None = None,
    ) -> None:
        self.kind = kind
        self._folder = folder
        self._suffix = suffix
        self._parse = parse
        self._rank = rank

    @cached_property
    def _entries(self) -> dict[str, T]:
        found = {file.name.removesuffix(self._suffix): file for file in content_files(self._folder, self._suffix)}
        parsed = {name: self._parse(file) for name, file in found.items()}
        if (rank := self._rank) is not None:
            parsed = dict(sorted(parsed.items(), key=lambda entry: rank(entry[1])))
        return parsed

    def __getitem__(self, name: str) -> T:
        try:
            return self._entries[name]
        except KeyError:
            raise unknown_value(self.kind, name, self._entries) from None

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
