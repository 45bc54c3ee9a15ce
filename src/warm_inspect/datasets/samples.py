"""From items and conditions to Inspect samples: pure, seeded, item-major."""

from collections.abc import Sequence
from typing import Any

from inspect_ai.dataset import Sample

from warm_inspect import __version__
from warm_inspect.conditions import (
    BELIEFS,
    CONTEXTS,
    Condition,
    ConditionGrid,
    append_belief,
    pair_statements,
    prepend_context,
    rendered_sha256,
    seeded_order,
    statement_id,
    statement_text,
)
from warm_inspect.core.controls import OPTIONS
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.metadata import ControlMetadata, SampleMetadata
from warm_inspect.core.vocabulary import CLAIMS, INCORRECT_ANSWERS
from warm_inspect.datasets.grid import GridDataset
from warm_inspect.datasets.item import BenchmarkItem, ControlItem, Item, ItemSet, ItemT


def draw_items(items: ItemSet[ItemT], count: int | None, seed: int) -> tuple[ItemT, ...]:
    """A random sample of the items, drawn with the seed and kept in their order; all of them without a count.

    A smaller draw is a subset of a larger one with the same seed.

    Raises:
        PrerequisiteError: more items asked for than there are.
    """
    names = [item.question_id for item in items.items]
    drawn = set(drawn_names(names, count, seed, items.name, f" ({len(items.exclusions)} rows excluded)"))
    return tuple(item for item in items.items if item.question_id in drawn)


def drawn_names(names: Sequence[str], count: int | None, seed: int, of: str, more: str = "") -> list[str]:
    """So many of the names, drawn with the seed, in their order; all of them without a count.

    Args:
        names: ids that can be drawn.
        count: how many; None for all.
        seed: of the draw.
        of: what has the names, for the message.
        more: what else the message says of their number.

    Raises:
        PrerequisiteError: more asked for than there are, or no whole number of at least 1.
    """
    require_count(count, len(names), of, more)
    if count is None:
        return list(names)
    drawn = set(seeded_order(names, seed, "draw")[:count])
    return [name for name in names if name in drawn]


def require_count(count: int | None, usable: int, of: str, more: str = "") -> None:
    """Refuse a number of items that cannot be drawn.

    Args:
        count: how many; None for all.
        usable: how many there are.
        of: what has them, for the message.
        more: what else the message says of their number.

    Raises:
        PrerequisiteError: more asked for than there are, or no whole number of at least 1.
    """
    if count is None:
        return
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise PrerequisiteError(f"items={count!r} is not a whole number of at least 1.")
    if count > usable:
        raise PrerequisiteError(
            f"items={count}, but {of} has {usable} usable items here{more}. "
            f"Give -T items={usable} or leave it out for all."
        )


def sample_id(question: str, *levels: str) -> str:
    """The id of a sample, `emotion_sad/incorrect · truthfulqa-0833`: lists of samples show its beginning.

    Nothing reads an id apart: which question and condition a sample is of stands in its metadata.
    """
    return f"{'/'.join(levels)} · {question}"


def crossed_dataset(
    items: ItemSet[BenchmarkItem], grid: ConditionGrid, count: int | None, seed: int, task_version: str
) -> GridDataset:
    """The samples of a benchmark: every drawn item in every condition, one item after the other.

    Statements are paired with questions over the WHOLE set, so that a run on fewer items sees the same prompts.

    Raises:
        PrerequisiteError: more items asked for than there are.
    """
    everyone = [item.question_id for item in items.items]
    contexts = dict.fromkeys(condition.context for condition in grid)
    pairing = {context: pair_statements(everyone, context, seed) for context in contexts}
    samples = [
        _crossed(items, item, condition, pairing[condition.context].get(item.question_id), seed, task_version)
        for item in draw_items(items, count, seed)
        for condition in grid
    ]
    return dataset_of(items, samples)


def control_dataset(
    items: ItemSet[ControlItem], persona: str, count: int | None, seed: int, task_version: str
) -> GridDataset:
    """The samples of a control: each drawn item once, in the set's order, without contexts and beliefs.

    Raises:
        PrerequisiteError: more items asked for than there are.
    """
    samples = [_control(items, item, persona, seed, task_version) for item in draw_items(items, count, seed)]
    return dataset_of(items, samples)


def _crossed(
    items: ItemSet[BenchmarkItem],
    item: BenchmarkItem,
    condition: Condition,
    statement: int | None,
    seed: int,
    task_version: str,
) -> Sample:
    spoken = "" if statement is None else statement_id(condition.context, statement)
    claim = item.claim(BELIEFS[condition.belief].claim)
    message = prepend_context(item.prompt, statement_text(spoken), condition.lead_in, item.form)
    message = append_belief(message, condition.belief, claim, item.form)
    metadata = SampleMetadata(
        **facts_of(items, item, message, condition.persona, seed, task_version),
        benchmark=items.name,
        form=item.form,
        polarity=item.polarity,
        context=condition.context,
        context_group=CONTEXTS[condition.context].group,
        statement_id=spoken,
        belief=condition.belief,
        claim=claim,
        lead_in=condition.lead_in,
    )
    return Sample(
        id=sample_id(item.question_id, condition.context, condition.belief),
        input=item.prompt,
        target=list(item.references),
        # The scorer's part, which the analysis leaves alone.
        metadata={
            **metadata.flat(),
            INCORRECT_ANSWERS: list(item.incorrect_answers),
            CLAIMS: [item.correct_claim, item.incorrect_claim],
        },
    )


def _control(items: ItemSet[ControlItem], item: ControlItem, persona: str, seed: int, task_version: str) -> Sample:
    metadata = ControlMetadata(
        **facts_of(items, item, item.prompt, persona, seed, task_version), control=items.name, harmful=item.harmful
    )
    return Sample(
        id=item.question_id,
        input=item.prompt,
        target=item.target,
        # The options are the scorer's part, which the analysis leaves alone.
        metadata={**metadata.flat(), OPTIONS: list(item.options)},
    )


def facts_of(
    items: ItemSet[Item],
    item: Item,
    message: str,
    persona: str,
    seed: int,
    task_version: str,
    turns: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """The fields of `ItemMetadata` for a sample whose user message is this one, and these turns follow it."""
    return {
        "task_version": task_version,
        "question_id": item.question_id,
        "category": item.category,
        "persona": persona,
        "gated": item.gated,
        "cluster_id": item.cluster_id,
        "prompt_sha256": rendered_sha256(message, persona, turns),
        "dataset_revision": items.revision,
        "seed": seed,
        "warm_inspect_version": __version__,
    }


def dataset_of(items: ItemSet[Item], samples: list[Sample]) -> GridDataset:
    """The samples as a dataset, named as the set and its revision."""
    return GridDataset(samples, name=f"{items.name}@{items.revision}")
