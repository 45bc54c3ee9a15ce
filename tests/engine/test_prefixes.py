"""What prompts begin with is read once, per adapter, and never more of it than all of them share."""

from dataclasses import dataclass, field

import pytest
import torch

from warm_inspect.engine.kv_cache import Prefix
from warm_inspect.engine.prefixes import BLOCK, SharedPrefixes

SYSTEM = tuple(range(30))


@dataclass(frozen=True)
class Row:
    shareable: tuple[int, ...]
    adapter: str | None = None


@dataclass
class Reader:
    """Reads prefixes: keys that show the tokens and the adapter."""

    read: list[tuple[str | None, int]] = field(default_factory=list)

    def __call__(self, adapter: str | None, tokens: tuple[int, ...]) -> Prefix:
        self.read.append((adapter, len(tokens)))
        states = torch.tensor(tokens, dtype=torch.float)[None, :, None]
        return Prefix(tokens, (states,), (states + (0 if adapter is None else 1_000),))


def rows(*tails: int, adapter: str | None = None, system: tuple[int, ...] = SYSTEM) -> list[Row]:
    return [Row((*system, 100 + tail, 200 + tail), adapter) for tail in tails]


def test_a_common_beginning_is_read_once() -> None:
    prefixes, reader = SharedPrefixes(), Reader()
    [(members, prefix)] = prefixes.share(rows(1, 2, 3), reader)
    assert len(members) == 3
    assert prefix is not None
    assert prefix.tokens == SYSTEM
    for later in (rows(4, 5), rows(6)):
        [(_, again)] = prefixes.share(later, reader)
        assert again is prefix
    assert reader.read == [(None, 30)]


def test_it_shrinks_to_what_all_share() -> None:
    prefixes, reader = SharedPrefixes(), Reader()
    [(_, long)] = prefixes.share([Row((*SYSTEM, 7, 7, 1, 0)), Row((*SYSTEM, 7, 7, 2, 0))], reader)
    [(_, short)] = prefixes.share(rows(1), reader)
    assert long is not None
    assert short is not None
    assert (len(long.tokens), len(short.tokens)) == (32, 30)
    assert short.keys[0][0, :, 0].tolist() == list(SYSTEM)
    assert reader.read == [(None, 32)]


def test_adapters_and_beginnings_stay_apart() -> None:
    prefixes, reader = SharedPrefixes(), Reader()
    other = tuple(range(50, 80))
    mixed = [*rows(1, 2), *rows(3, 4, adapter="warm"), *rows(5, 6, system=other)]
    shared = {
        (members[0].adapter, members[0].shareable[0]): prefix for members, prefix in prefixes.share(mixed, reader)
    }
    assert reader.read == [(None, 30), ("warm", 30), (None, 30)]
    warm = shared["warm", 0]
    assert warm is not None
    assert warm.values[0][0, 0, 0] == 1_000
    assert shared[None, 50] is not shared[None, 0]


@pytest.mark.parametrize(
    "heads",
    [
        [SYSTEM],  # nobody to share with
        [(1, 2, 3), (1, 2, 4)],  # too short
        [SYSTEM[:BLOCK], SYSTEM[:BLOCK]],  # every row keeps a token to read
        [(*range(5_000), 1), (*range(5_000), 2)],  # too long to keep
    ],
)
def test_not_worth_sharing(heads: list[tuple[int, ...]]) -> None:
    reader = Reader()
    groups = SharedPrefixes().share([Row(head) for head in heads], reader)
    assert {prefix for _, prefix in groups} == {None}
    assert sum(len(members) for members, _ in groups) == len(heads)
    assert not reader.read


def test_equal_prompts_keep_one_token_each() -> None:
    [(members, prefix)] = SharedPrefixes().share([Row(SYSTEM), Row(SYSTEM)], Reader())
    assert len(members) == 2
    assert prefix is not None
    assert prefix.tokens == SYSTEM[:-1]


def test_the_least_recently_used_go_first() -> None:
    prefixes, reader = SharedPrefixes(), Reader()
    for start in range(0, 10_000, 1_000):
        system = tuple(range(start, start + 900))
        prefixes.share(rows(1, 2, system=system), reader)
    prefixes.share(rows(3, 4, system=tuple(range(9_000, 9_900))), reader)
    assert len(reader.read) == 10
    prefixes.share(rows(3, 4, system=tuple(range(900))), reader)
    assert len(reader.read) == 11
