from collections import Counter

import pytest

from warm_inspect.training.lora.order import EpochSampler, epoch_order

LENGTHS = [(37 * place) % 101 + 1 for place in range(83)]
"""83 examples of 1 to 101 tokens, in no order."""


def _batches(order: list[int], size: int = 4) -> list[list[int]]:
    return [order[start : start + size] for start in range(0, len(order), size)]


@pytest.mark.parametrize("grouped", [False, True])
def test_each_pass_visits_every_example_once_in_an_order_of_its_own(grouped: bool) -> None:
    orders = [epoch_order(LENGTHS, 4, seed, epoch, grouped) for seed in (0, 1) for epoch in (0, 1)]
    assert all(sorted(order) == list(range(len(LENGTHS))) for order in orders)
    assert len({tuple(order) for order in orders}) == len(orders)
    assert epoch_order(LENGTHS, 4, 0, 1, grouped) == orders[1]


def test_sorting_within_a_step_moves_no_example_to_another_step() -> None:
    equal = [1] * len(LENGTHS)
    by_chance, by_length = epoch_order(equal, 4, 0, 0, False), epoch_order(LENGTHS, 4, 0, 0, False)
    assert [set(batch) for batch in _batches(by_chance)] == [set(batch) for batch in _batches(by_length)]
    for batch in _batches(by_length):
        lengths = [LENGTHS[place] for place in batch]
        assert lengths == sorted(lengths, reverse=True)


def test_grouping_needs_less_padding_and_keeps_the_short_step_last() -> None:
    def padding(order: list[int]) -> int:
        batches = [[LENGTHS[place] for place in batch] for batch in _batches(order)]
        return sum(len(batch) * max(batch) - sum(batch) for batch in batches)

    plain, grouped = (epoch_order(LENGTHS, 4, 0, 0, group) for group in (False, True))
    assert padding(grouped) < padding(plain) / 4
    assert [len(batch) for batch in _batches(grouped)][-1] == 3
    # Long and short steps come in no order.
    longest = [max(LENGTHS[place] for place in batch) for batch in _batches(grouped)[:-1]]
    assert longest not in (sorted(longest), sorted(longest, reverse=True))


def test_the_first_place_is_fair() -> None:
    """Over 2,000 seeds each of four examples comes first 500 times; four standard errors are 77."""
    first = Counter(epoch_order([1] * 4, 1, seed, 0, False)[0] for seed in range(2000))
    assert all(abs(first[place] - 500) < 77 for place in range(4))


def test_the_sampler_follows_its_epoch() -> None:
    sampler = EpochSampler(LENGTHS, 4, 0, False)
    first = list(sampler)
    assert list(sampler) == first == epoch_order(LENGTHS, 4, 0, 0, False)
    sampler.epoch = 2
    assert list(sampler) == epoch_order(LENGTHS, 4, 0, 2, False)
    assert len(sampler) == len(LENGTHS)
