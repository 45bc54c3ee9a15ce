"""Additions with a known number of carries, built digit by digit from the end, so that they have these and no other."""

from collections.abc import Iterator
from random import Random

from warm_inspect.core.families import Design, Domain
from warm_inspect.datasets.problems.problem import EASIEST_ITEMS, EASIEST_LEVELS, Problem

LEVELS = range(8)
"""How many carries an addition has."""
MOST_ADDITIONS = 50
"""Additions of a level, at most."""
_FIXED_DIGITS = 8


def carries(a: int, b: int) -> int:
    """How many positions of an addition carry, the last one too where the sum is longer."""
    count = carry = 0
    while a or b or carry:
        carry = int(a % 10 + b % 10 + carry >= 10)
        count += carry
        a, b = a // 10, b // 10
    return count


def additions(design: Design, items: int, seed: int) -> Iterator[Problem]:
    """The additions of a design, level by level."""
    # The easiest ones go on behind the natural ones, so that they are fresh however many of these are asked.
    first, count = (MOST_ADDITIONS, EASIEST_ITEMS) if design is Design.EASIEST else (0, items)
    stream = Design.FIXED_LENGTH if design is Design.FIXED_LENGTH else Design.NATURAL
    levels = LEVELS[:EASIEST_LEVELS] if design is Design.EASIEST else LEVELS
    for level in levels:
        digits = _FIXED_DIGITS if design is Design.FIXED_LENGTH else max(2, level + 1)
        for place, (a, b) in enumerate(_pairs(stream, level, digits, first + count, seed)[first:], first):
            name = f"addition-{design}-{level}-{place:03}"
            yield Problem(
                question_id=name,
                question=f"{a} + {b}",
                category=Domain.ADDITION,
                cluster_id=name,
                domain=Domain.ADDITION,
                design=design,
                difficulty=level,
                stated={"a": str(a), "b": str(b)},
                targets=(str(a + b),),
            )


def _pairs(stream: Design, level: int, digits: int, count: int, seed: int) -> list[tuple[int, int]]:
    """So many additions with these carries, none twice and none the other way round."""
    rng = Random(f"{seed}:addition:{stream}:{level}")
    pairs: dict[tuple[int, int], tuple[int, int]] = {}
    while len(pairs) < count:
        a, b = _addition(level, digits, rng)
        pairs.setdefault((min(a, b), max(a, b)), (a, b))
    return list(pairs.values())


def _addition(level: int, digits: int, rng: Random) -> tuple[int, int]:
    """Two numbers of so many digits whose addition carries so often."""
    carrying = set(rng.sample(range(digits), level))
    a = b = carry = 0
    for place in range(digits):
        least = int(place == digits - 1)
        choices = [
            (x, y) for x in range(least, 10) for y in range(least, 10) if (x + y + carry >= 10) == (place in carrying)
        ]
        x, y = rng.choice(choices)
        a, b, carry = a + x * 10**place, b + y * 10**place, int(place in carrying)
    return a, b
