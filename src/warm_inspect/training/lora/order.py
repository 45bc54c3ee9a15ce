"""The order in which training visits the examples: a function of seed and epoch alone.

The stock samplers draw their order from a running generator, and accelerate's resuming does not reach a sampler's
epoch: a run that is killed in its second epoch and resumed would see the order of the first again. This order needs no
memory.
"""

from collections.abc import Iterator, Sequence
from math import ceil
from random import Random

PAD_MULTIPLE = 16
"""Forward passes are padded to a multiple of this many tokens, which changes no loss and no gradient.

On a processor torch compiles its bfloat16 products anew for every length and keeps them: about 10 MB for each length
of SmolLM2. Whole tiles also multiply faster, by more than the padding costs (`bench/training`).
"""

_GROUP_BATCHES = 16
"""Batches that are filled together by length: enough to find like lengths, few enough to keep chance in the batches."""


def epoch_order(lengths: Sequence[int], batch_size: int, seed: int, epoch: int, group_by_length: bool) -> list[int]:
    """The examples' places in the order of one pass; every `batch_size` of them are one optimiser step.

    Within a step, longer examples come first, so that those padded to one another are alike. That changes no gradient:
    a step is the sum over its examples.

    Args:
        lengths: tokens of each example.
        batch_size: examples of a step; the last step of the pass takes what is left.
        seed: seed of the training.
        epoch: number of the pass, from 0.
        group_by_length: fill steps with examples of like length, then shuffle the steps.
    """
    random = Random(f"{seed}/{epoch}")
    order = list(range(len(lengths)))
    random.shuffle(order)

    def longest_first(places: Sequence[int]) -> list[int]:
        return sorted(places, key=lambda place: -lengths[place])

    if not group_by_length:
        return [place for batch in _chunks(order, batch_size) for place in longest_first(batch)]
    groups = [longest_first(group) for group in _chunks(order, batch_size * _GROUP_BATCHES)]
    batches = [batch for group in groups for batch in _chunks(group, batch_size)]
    rest = [batch for batch in batches if len(batch) < batch_size]
    whole = [batch for batch in batches if len(batch) == batch_size]
    random.shuffle(whole)
    # The step that is not full comes last: the loader cuts the order every `batch_size` places.
    return [place for batch in [*whole, *rest] for place in batch]


class EpochSampler:
    """A sampler for torch's `DataLoader`: `epoch_order` of the pass that the training loop set last."""

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int, group_by_length: bool) -> None:
        self._lengths = lengths
        self._settings = (batch_size, seed, group_by_length)
        self.epoch = 0

    def __iter__(self) -> Iterator[int]:
        batch_size, seed, group_by_length = self._settings
        return iter(epoch_order(self._lengths, batch_size, seed, self.epoch, group_by_length))

    def __len__(self) -> int:
        return len(self._lengths)


def padded(tokens: int) -> int:
    """The length of a forward pass whose longest example has this many tokens."""
    return ceil(tokens / PAD_MULTIPLE) * PAD_MULTIPLE


def _chunks(places: Sequence[int], size: int) -> list[Sequence[int]]:
    return [places[start : start + size] for start in range(0, len(places), size)]
