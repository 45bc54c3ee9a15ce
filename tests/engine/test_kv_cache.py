"""SlotCache: memory of slots without a row goes back, and that of their neighbours stays as it is."""

import mmap
import sys

import pytest
import torch

from warm_inspect.engine.kv_cache import SlotCache


def filled(heads: int, columns: int) -> SlotCache:
    cache = SlotCache(layers=2, slots=9, device=torch.device("cpu"))
    cache.columns = columns
    states = torch.zeros(1, heads, 1, 64)
    for layer in cache.layers:
        layer.lazy_initialization(states, states)
        layer.keys.normal_()
        layer.values.normal_()
    return cache


def copies(cache: SlotCache) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [(layer.keys.clone(), layer.values.clone()) for layer in cache.layers]


@pytest.mark.parametrize(
    ("heads", "whole"), [(4, True), (1, False)], ids=["slots of whole pages", "pages of two slots"]
)
def test_forgotten_slots_leave_their_neighbours_alone(heads: int, whole: bool) -> None:
    cache = filled(heads, columns=64 if whole else 40)
    before = copies(cache)
    cache.release(3, 6)
    for layer, kept in zip(cache.layers, before, strict=True):
        for states, were in zip((layer.keys, layer.values), kept, strict=True):
            for rows in (slice(0, 3), slice(6, 9)):
                assert torch.equal(states[rows], were[rows])
            if sys.platform == "linux":
                assert not states[4].any(), "a slot between forgotten ones is given back whole"


def test_a_slot_that_takes_a_shorter_row_gives_the_rest_back() -> None:
    cache = filled(heads=3, columns=128)
    before = copies(cache)
    cache.move(7, 2, 40)
    for layer, kept in zip(cache.layers, before, strict=True):
        for states, were in zip((layer.keys, layer.values), kept, strict=True):
            assert torch.equal(states[2, :, :40], were[7, :, :40])
            untouched = [0, 1, *range(3, 9)]
            assert torch.equal(states[untouched], were[untouched])
            if sys.platform == "linux" and mmap.PAGESIZE == 4096:
                # Sixteen columns of 64 numbers in float32 are a page: the third holds columns that were moved.
                assert torch.equal(states[2, :, 40:48], were[2, :, 40:48])
                assert not states[2, :, 48:].any()
