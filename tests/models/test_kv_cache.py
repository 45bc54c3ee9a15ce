"""SlotCache: memory of slots without a row goes back, and that of their neighbours stays as it is."""

import sys

import pytest
import torch

from warm_inspect.models.kv_cache import SlotCache


@pytest.mark.parametrize(
    ("heads", "whole"), [(4, True), (1, False)], ids=["slots of whole pages", "pages of two slots"]
)
def test_forgotten_slots_leave_their_neighbours_alone(heads: int, whole: bool) -> None:
    cache = SlotCache(layers=2, slots=9, device=torch.device("cpu"))
    cache.columns = 64 if whole else 40
    states = torch.zeros(1, heads, 1, 64)
    for layer in cache.layers:
        layer.lazy_initialization(states, states)
        layer.keys.normal_()
        layer.values.normal_()
    before = [(layer.keys.clone(), layer.values.clone()) for layer in cache.layers]
    cache.forget(3, 6)
    for layer, kept in zip(cache.layers, before, strict=True):
        for states, were in zip((layer.keys, layer.values), kept, strict=True):
            for rows in (slice(0, 3), slice(6, 9)):
                assert torch.equal(states[rows], were[rows])
            if sys.platform == "linux":
                assert not states[4].any(), "a slot between forgotten ones is given back whole"
