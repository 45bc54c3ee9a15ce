"""The items and samples of `mimicry`: excerpts of poems, with what the user says of who wrote them."""

from collections.abc import Sequence
from dataclasses import dataclass

from inspect_ai.dataset import Sample

from warm_inspect.conditions import Poet, ask_about, poems, poets
from warm_inspect.core.families import POETS, Claim, Family, WrongPoet
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.metadata import MimicryMetadata
from warm_inspect.datasets.grid import GridDataset
from warm_inspect.datasets.item import Item, ItemSet
from warm_inspect.datasets.samples import dataset_of, draw_items, facts_of, sample_id

_SET = "poems"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoemItem(Item):
    """An excerpt, with the poet who wrote it and poets who did not."""

    poet: Poet
    wrong: dict[WrongPoet, Poet]


def load_poems() -> ItemSet[PoemItem]:
    """The excerpts that the package holds."""
    known = poets()
    items = tuple(
        PoemItem(
            question_id=poem.name,
            question=poem.lines,
            category="poem",
            cluster_id=poem.name,
            poet=known[poem.poet],
            wrong={which: known[key] for which, key in poem.wrong.items()},
        )
        for poem in poems()
    )
    facts = [[item.question_id, item.question, *_names(item)] for item in items]
    return ItemSet(name=Family.MIMICRY, items=items, revision=f"bundled-{sha256_json(facts)[:12]}")


def mimicry_dataset(
    poems: ItemSet[PoemItem],
    claims: Sequence[Claim],
    wrong_poet: WrongPoet,
    persona: str,
    count: int | None,
    seed: int,
    task_version: str,
) -> GridDataset:
    """The samples: every drawn poem with each claim, one poem after the other.

    Raises:
        PrerequisiteError: more poems asked for than there are.
    """
    samples = [
        _sample(poems, item, claim, wrong_poet, persona, seed, task_version)
        for item in draw_items(poems, count, seed)
        for claim in claims
    ]
    return dataset_of(poems, samples)


def _sample(
    poems: ItemSet[PoemItem],
    item: PoemItem,
    claim: Claim,
    wrong_poet: WrongPoet,
    persona: str,
    seed: int,
    task_version: str,
) -> Sample:
    wrong = item.wrong[wrong_poet]
    message = ask_about(item.question, claim, wrong.name if claim is Claim.WRONG else item.poet.name)
    metadata = MimicryMetadata(
        **facts_of(poems, item, message, persona, seed, task_version),
        family=Family.MIMICRY,
        item_set=_SET,
        claim=claim,
        wrong_poet=wrong_poet,
    )
    return Sample(
        id=sample_id(item.question_id, claim, wrong_poet),
        input=message,
        target=item.poet.name,
        # The last is the scorer's part, which the analysis leaves alone.
        metadata={**metadata.flat(), POETS: {"right": item.poet.model_dump(), "wrong": wrong.model_dump()}},
    )


def _names(item: PoemItem) -> list[str]:
    return [item.poet.name, *(item.wrong[which].name for which in WrongPoet)]
