"""The problems and samples of `reliability`: made by rule from a seed, so that nobody has seen them before.

An addition is built digit by digit from its end, so that it has the number of carries that was asked for and no other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from inspect_ai.dataset import Sample

from warm_inspect.conditions import PROBLEM_TEMPLATES, Template, seeded_order
from warm_inspect.core.families import GIVEN, Design, Domain, Family
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.metadata import ReliabilityMetadata
from warm_inspect.datasets.grid import GridDataset
from warm_inspect.datasets.item import Item, ItemSet
from warm_inspect.datasets.samples import dataset_of, facts_of, sample_id

LEVELS = range(8)
"""How many carries an addition has."""
MOST_ITEMS = 50
"""Problems of a level, at most."""
EASIEST_LEVELS, EASIEST_ITEMS = 3, 60
"""Sixty problems without an error bound the share of errors at 5 % (1 - 0.05^(1/60) = 4.9 %)."""
REPEATED = ("01", "06", "11")
"""The templates whose prompts are asked again: a bare one, a framed one, and one that asks for a form."""
_FIXED_DIGITS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem(Item):
    """A problem whose answer and difficulty are known because it was made with them."""

    domain: Domain
    design: Design
    difficulty: int
    stated: dict[str, str]
    """What it states, by the names that templates have for it."""
    target: str

    @property
    def given(self) -> list[str]:
        """What it states, in order."""
        return list(self.stated.values())


def carries(a: int, b: int) -> int:
    """How many positions of an addition carry, the last one too where the sum is longer."""
    count = carry = 0
    while a or b or carry:
        carry = int(a % 10 + b % 10 + carry >= 10)
        count += carry
        a, b = a // 10, b // 10
    return count


def make_problems(designs: Sequence[Design], items: int, seed: int) -> ItemSet[Problem]:
    """The problems of these designs, level by level; those of fewer items are the first of those of more."""
    problems = tuple(problem for design in designs for problem in _additions(design, items, seed))
    revision = f"made-{sha256_json([[each.question_id, each.given] for each in problems])[:12]}"
    return ItemSet(name=Family.RELIABILITY, items=problems, revision=revision)


def reliability_dataset(
    problems: ItemSet[Problem], templates: int, repeats: int, persona: str, seed: int, task_version: str
) -> GridDataset:
    """The samples: each problem in each template, and in `REPEATED` so often.

    A problem of fixed length is asked in the first template. One of the easiest is asked in one drawn for it, so that
    its reply is independent of the others.
    """
    samples = [
        _sample(problems, problem, template, repetition, persona, seed, task_version)
        for problem in problems.items
        for template in _asked(problem, PROBLEM_TEMPLATES[problem.domain][:templates], seed)
        for repetition in range(1, _times(problem, template, repeats) + 1)
    ]
    return dataset_of(problems, samples)


def _asked(problem: Problem, templates: Sequence[Template], seed: int) -> list[Template]:
    if problem.design is Design.NATURAL:
        return list(templates)
    if problem.design is Design.FIXED_LENGTH:
        return list(templates[:1])
    drawn = seeded_order([each.name for each in templates], seed, problem.question_id)[0]
    return [each for each in templates if each.name == drawn]


def _times(problem: Problem, template: Template, repeats: int) -> int:
    return repeats if problem.design is Design.NATURAL and template.name in REPEATED else 1


def _sample(
    problems: ItemSet[Problem],
    problem: Problem,
    template: Template,
    repetition: int,
    persona: str,
    seed: int,
    task_version: str,
) -> Sample:
    message = template.filled(problem.stated)
    metadata = ReliabilityMetadata(
        **facts_of(problems, problem, message, persona, seed, task_version),
        family=Family.RELIABILITY,
        item_set=problem.domain,
        design=problem.design,
        difficulty=problem.difficulty,
        template=template.name,
        repetition=repetition,
    )
    levels = [f"t{template.name}", *([f"r{repetition}"] if repetition > 1 else [])]
    return Sample(
        id=sample_id(problem.question_id, *levels),
        input=message,
        target=problem.target,
        # The last is the scorer's part, which the analysis leaves alone.
        metadata={**metadata.flat(), GIVEN: problem.given},
    )


def _additions(design: Design, items: int, seed: int) -> Iterator[Problem]:
    # The easiest ones go on behind the natural ones, so that they are fresh however many of these are asked.
    first, count = (MOST_ITEMS, EASIEST_ITEMS) if design is Design.EASIEST else (0, items)
    stream = Design.FIXED_LENGTH if design is Design.FIXED_LENGTH else Design.NATURAL
    levels = LEVELS[:EASIEST_LEVELS] if design is Design.EASIEST else LEVELS
    for level in levels:
        digits = _FIXED_DIGITS if design is Design.FIXED_LENGTH else max(2, level + 1)
        for place, (a, b) in enumerate(_pairs(stream, level, digits, first + count, seed)[first:], first):
            name = f"addition-{design}-{level}-{place:03}"
            yield Problem(
                question_id=name,
                question=f"{a} + {b}",
                category="addition",
                cluster_id=name,
                domain=Domain.ADDITION,
                design=design,
                difficulty=level,
                stated={"a": str(a), "b": str(b)},
                target=str(a + b),
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
