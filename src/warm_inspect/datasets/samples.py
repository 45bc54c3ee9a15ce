"""From items and conditions to Inspect samples: pure, seeded, item-major."""

from collections.abc import Sequence

from inspect_ai.dataset import MemoryDataset, Sample

from warm_inspect import __version__
from warm_inspect.conditions.condition import Condition, Grid
from warm_inspect.conditions.pairing import pair_statements, seeded_order, statement_id, statement_text
from warm_inspect.conditions.prompt import append_belief, prepend_context, rendered_sha256
from warm_inspect.conditions.words import BELIEFS, CONTEXTS
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.metadata import SampleMetadata
from warm_inspect.core.vocabulary import CLAIMS, INCORRECT_ANSWERS, ItemForm
from warm_inspect.datasets.item import BenchmarkItem, ItemSet


def draw_items(items: ItemSet, count: int | None, seed: int) -> tuple[BenchmarkItem, ...]:
    """So many items of a set, drawn with the seed, in the set's order; all of them without a count.

    A smaller draw is a subset of a larger one with the same seed.

    Raises:
        PrerequisiteError: more items asked for than there are.
    """
    everyone = [item.question_id for item in items.items]
    drawn = drawn_ids(items.benchmark, everyone, len(items.exclusions), count, seed)
    return tuple(item for item in items.items if item.question_id in drawn)


def drawn_ids(name: str, question_ids: Sequence[str], excluded: int, count: int | None, seed: int) -> set[str]:
    """So many of the questions, drawn with the seed; all of them without a count.

    Args:
        name: what the set is called.
        question_ids: its usable questions.
        excluded: how many rows of its source a rule kept out.
        count: how many to draw.
        seed: of the draw.

    Raises:
        PrerequisiteError: more items asked for than there are.
    """
    if count is None:
        return set(question_ids)
    if count > len(question_ids):
        raise PrerequisiteError(
            f"items={count}, but {name} has {len(question_ids)} usable items here "
            f"({excluded} rows excluded). Give -T items={len(question_ids)} or leave it out for all."
        )
    return set(seeded_order(question_ids, seed, "draw")[:count])


def build_dataset(items: ItemSet, grid: Grid, count: int | None, seed: int, task_version: str) -> MemoryDataset:
    """The samples of a task: every drawn item in every condition, one item after the other.

    Statements are paired with questions over the WHOLE set, so that a run on fewer items sees the same prompts.
    """
    drawn = draw_items(items, count, seed)
    everyone = [item.question_id for item in items.items]
    contexts = dict.fromkeys(condition.context for condition in grid)
    pairing = {context: pair_statements(everyone, context, seed) for context in contexts}
    samples = [
        _sample(items, item, condition, pairing[condition.context].get(item.question_id), seed, task_version)
        for item in drawn
        for condition in grid
    ]
    return MemoryDataset(samples, name=f"{items.benchmark}@{items.revision}", shuffled=False)


def _sample(
    items: ItemSet, item: BenchmarkItem, condition: Condition, statement: int | None, seed: int, task_version: str
) -> Sample:
    spoken = "" if statement is None else statement_id(condition.context, statement)
    claim = item.claim(BELIEFS[condition.belief].claim)
    message = prepend_context(item.question, statement_text(spoken), condition.lead_in, ItemForm(item.form))
    message = append_belief(message, condition.belief, claim, item.form)
    metadata = SampleMetadata(
        benchmark=items.benchmark,
        task_version=task_version,
        question_id=item.question_id,
        category=item.category,
        form=item.form,
        polarity=item.polarity,
        context=condition.context,
        context_group=CONTEXTS[condition.context].group,
        statement_id=spoken,
        belief=condition.belief,
        claim=claim,
        persona=condition.persona,
        lead_in=condition.lead_in,
        gated=item.gated,
        cluster_id=item.cluster_id,
        prompt_sha256=rendered_sha256(message, condition.persona),
        dataset_revision=items.revision,
        seed=seed,
        warm_inspect_version=__version__,
    )
    return Sample(
        id=f"{item.question_id}:{condition.context}:{condition.belief}",
        input=item.question,
        target=list(item.references),
        # The scorer's part, which the analysis leaves alone.
        metadata={
            **metadata.flat(),
            INCORRECT_ANSWERS: list(item.incorrect_answers),
            CLAIMS: [item.correct_claim, item.incorrect_claim],
        },
    )
