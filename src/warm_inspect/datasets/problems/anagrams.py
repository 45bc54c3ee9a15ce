"""Words whose letters are asked for in another order; difficulty is the number of letters."""

from collections.abc import Iterator
from functools import cache
from random import Random

import yaml

from warm_inspect.core.content import content_folder
from warm_inspect.core.families import Design, Domain
from warm_inspect.datasets.problems.problem import EASIEST_ITEMS, EASIEST_LEVELS, Problem

MOST_ANAGRAMS = 25
"""Words of a length, at most."""


def anagrams(design: Design, items: int, seed: int) -> Iterator[Problem]:
    """The words of a design, the shortest first; there is none of fixed length, since its length is its difficulty."""
    if design is Design.FIXED_LENGTH:
        return
    first, count = (MOST_ANAGRAMS, EASIEST_ITEMS) if design is Design.EASIEST else (0, items)
    lengths = sorted(words_by_length())
    for length in lengths[:EASIEST_LEVELS] if design is Design.EASIEST else lengths:
        words = list(words_by_length()[length])
        Random(f"{seed}:anagram:{length}").shuffle(words)
        for place, solutions in enumerate(words[first : first + count], first):
            name = f"anagram-{design}-{length}-{place:03}"
            letters = _mixed(solutions, Random(f"{seed}:anagram:{solutions[0]}"))
            yield Problem(
                question_id=name,
                question=letters,
                category=Domain.ANAGRAM,
                cluster_id=name,
                domain=Domain.ANAGRAM,
                design=design,
                difficulty=length,
                stated={"letters": letters},
                targets=solutions,
            )


@cache
def words_by_length() -> dict[int, tuple[tuple[str, ...], ...]]:
    """The words of each length, each with the others that its letters make."""
    text = content_folder("families/reliability").joinpath("anagram.yaml").read_text(encoding="utf-8")
    lists: dict[int, str] = yaml.safe_load(text)["words"]
    return {length: tuple(tuple(word.split("/")) for word in words.split()) for length, words in lists.items()}


def _mixed(solutions: tuple[str, ...], rng: Random) -> str:
    """The letters of a word in another order, half of them at least, which is no solution."""
    letters = list(solutions[0])
    least = max(2, (len(letters) + 1) // 2)
    while True:
        rng.shuffle(letters)
        moved = sum(a != b for a, b in zip(letters, solutions[0], strict=True))
        if moved >= least and "".join(letters) not in solutions:
            return "".join(letters)
