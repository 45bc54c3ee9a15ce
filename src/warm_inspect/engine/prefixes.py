"""SharedPrefixes: the keys and values of a common beginning (chat template, system message) are computed once.

Rows of one adapter whose first tokens agree form a group, and the longest common beginning of the group is its prefix.
The next group with that beginning shortens the prefix to what both share, so it soon is the common part of all prompts.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from warm_inspect.engine.kv_cache import Prefix

BLOCK = 16
"""Rows are compared by this many first tokens, and a shorter prefix is not worth a forward pass."""

_KEPT_TOKENS = 4_096
"""Keys and values of at most this many tokens are kept."""

_Group = tuple[str | None, tuple[int, ...]]


class SharesPrefix(Protocol):
    """A row whose leading tokens may be computed together with other rows'."""

    @property
    def adapter(self) -> str | None:
        """The key of its adapter."""
        ...

    @property
    def shareable(self) -> tuple[int, ...]:
        """The leading tokens that rows may share."""
        ...


R = TypeVar("R", bound=SharesPrefix)


class SharedPrefixes:
    """The prefixes of one model, by adapter and first tokens; the least recently used go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Group, Prefix] = OrderedDict()

    def share(
        self, rows: Sequence[R], compute: Callable[[str | None, tuple[int, ...]], Prefix]
    ) -> list[tuple[list[R], Prefix | None]]:
        """The rows in groups, each with the prefix that all its rows begin with, if there is one.

        Args:
            rows: rows before their prefill.
            compute: gives the keys and values of tokens through an adapter.
        """
        groups: dict[_Group, list[R]] = {}
        for row in rows:
            groups.setdefault((row.adapter, row.shareable[:BLOCK]), []).append(row)
        return [(members, self._prefix(group, members, compute)) for group, members in groups.items()]

    def _prefix(
        self, group: _Group, rows: Sequence[R], compute: Callable[[str | None, tuple[int, ...]], Prefix]
    ) -> Prefix | None:
        known = self._kept.pop(group, None)
        # To compute the beginning of a single row apart would save nothing.
        if known is None and len(rows) == 1:
            return None
        # The last token is left to its row, so that every row has something to compute.
        common = _common([row.shareable[:-1] for row in rows] + ([known.tokens] if known else []))
        if len(common) < BLOCK or len(common) > _KEPT_TOKENS:
            return None
        prefix = known.shortened(len(common)) if known else compute(group[0], common)
        self._kept[group] = prefix
        while sum(len(each.tokens) for each in self._kept.values()) > _KEPT_TOKENS:
            self._kept.popitem(last=False)
        return prefix


def _common(beginnings: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The longest common beginning: the first and the last in lexical order differ earliest."""
    first, last = min(beginnings), max(beginnings)
    pairs = enumerate(zip(first, last, strict=False))
    return first[: next((index for index, (one, other) in pairs if one != other), len(first))]
