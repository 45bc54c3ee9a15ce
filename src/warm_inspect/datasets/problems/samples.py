"""The problems of `reliability` and their samples: made by rule from a seed, so that nobody has seen them before."""

from collections.abc import Sequence

from inspect_ai.dataset import Sample

from warm_inspect.conditions import PROBLEM_TEMPLATES, Template, seeded_order
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.families import GIVEN, Design, Domain, Family
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.metadata import ReliabilityMetadata
from warm_inspect.datasets.grid import GridDataset
from warm_inspect.datasets.item import ItemSet
from warm_inspect.datasets.problems.additions import MOST_ADDITIONS, additions
from warm_inspect.datasets.problems.anagrams import MOST_ANAGRAMS, anagrams
from warm_inspect.datasets.problems.problem import Problem
from warm_inspect.datasets.problems.transforms import MOST_TRANSFORMS, transforms
from warm_inspect.datasets.samples import dataset_of, facts_of, sample_id

_MOST_ITEMS = {
    Domain.ADDITION: MOST_ADDITIONS,
    Domain.ANAGRAM: MOST_ANAGRAMS,
    Domain.TRANSFORMS: MOST_TRANSFORMS,
}
"""Problems of a level, at most, in each domain."""
REPEATED = ("01", "06", "11")
"""The templates whose prompts are asked again: a bare one, a framed one, and one that asks for a form."""
_MADE = {Domain.ADDITION: additions, Domain.ANAGRAM: anagrams, Domain.TRANSFORMS: transforms}


def make_problems(domains: Sequence[Domain], designs: Sequence[Design], items: int, seed: int) -> ItemSet[Problem]:
    """The problems of these domains and designs, level by level; those of fewer items are the first of those of more.

    Raises:
        PrerequisiteError: more items than a domain has, or none at all since only additions have a fixed length.
    """
    for domain in domains:
        if items > _MOST_ITEMS[domain]:
            raise PrerequisiteError(
                f"items={items}, but {domain} has {_MOST_ITEMS[domain]} problems of each level",
                f"Give -T items={_MOST_ITEMS[domain]}, or without this domain -T domains={Domain.ADDITION}",
            )
    problems = tuple(each for domain in domains for design in designs for each in _MADE[domain](design, items, seed))
    if not problems:
        raise PrerequisiteError(
            f"{', '.join(domains)} has no problems of designs={','.join(designs)}: length is part of its difficulty",
            f"Give -T domains={Domain.ADDITION} or -T designs={Design.NATURAL},{Design.EASIEST}",
        )
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
        target=list(problem.targets),
        # The last is the scorer's part, which the analysis leaves alone.
        metadata={**metadata.flat(), GIVEN: problem.given},
    )
