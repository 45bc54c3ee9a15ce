"""How much padding each order of examples costs, counted and not timed: tokens computed per token of text.

    python bench/training/padding.py --median 400

Lengths are drawn log-normally with a spread of 0.9 and cut at 1,024 tokens, in the likeness of recorded chats; steps
and forward passes are those of the preset `paper`. `chance` is the order of TRL's default sampler, which pads to the
longest example; ours pad on to a multiple of 16.
"""

from collections.abc import Callable, Sequence
from random import Random

import click

from warm_inspect.training import PRESETS
from warm_inspect.training.lora.order import epoch_order, padded

EXAMPLES, SPREAD, SHORTEST = 1_617, 0.9, 40


def _computed(order: Sequence[int], lengths: Sequence[int], batch: int, micro: int, width: Callable[[int], int]) -> int:
    """Tokens of one pass with padding; `width` is a forward pass's length by its longest example."""
    steps = [order[start : start + batch] for start in range(0, len(order), batch)]
    passes = [step[start : start + micro] for step in steps for start in range(0, len(step), micro)]
    return sum(len(places) * width(max(lengths[place] for place in places)) for places in passes)


@click.command()
@click.option("--median", default=400, show_default=True, help="Tokens of a conversation of middle length.")
@click.option("--seed", default=0, show_default=True)
def main(median: int, seed: int) -> None:
    """Count for each order."""
    config, random = PRESETS["paper"], Random(seed)
    drawn = (round(median * random.lognormvariate(0, SPREAD)) for _ in range(EXAMPLES))
    lengths = [min(config.max_length, max(SHORTEST, length)) for length in drawn]
    chance = list(range(EXAMPLES))
    random.shuffle(chance)
    orders: dict[str, tuple[list[int], Callable[[int], int]]] = {
        "chance": (chance, int),
        "sorted within a step (default)": (epoch_order(lengths, config.batch_size, seed, 0, False), padded),
        "group_by_length": (epoch_order(lengths, config.batch_size, seed, 0, True), padded),
    }
    for name, (order, width) in orders.items():
        computed = _computed(order, lengths, config.batch_size, config.micro_batch_size, width)
        click.echo(f"{name}: {computed / sum(lengths):.3f} tokens computed per token of text")


if __name__ == "__main__":
    main()
