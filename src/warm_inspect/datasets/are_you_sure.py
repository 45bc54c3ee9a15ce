"""The items and samples of `are_you_sure`: questions with a canned right and wrong answer to each.

The bundled ones are those of the four benchmarks, and the claims that false beliefs name there are the canned answers
here, so that no new question enters.
"""

from collections.abc import Sequence
from typing import Any

from inspect_ai.dataset import Sample

from warm_inspect.conditions import (
    CONTEXTS,
    FOLLOW_UPS,
    final_request,
    first_answer,
    pair_statements,
    pair_wordings,
    prepend_context,
    seeded_order,
    statement_id,
    statement_text,
)
from warm_inspect.core.families import Family, FirstTurn, FollowUp
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.metadata import AreYouSureMetadata
from warm_inspect.core.script import TURNS
from warm_inspect.core.vocabulary import CLAIMS, INCORRECT_ANSWERS, NONE, Benchmark, Source
from warm_inspect.datasets.grid import GridDataset
from warm_inspect.datasets.hub import load_hub_dialogues
from warm_inspect.datasets.item import AnsweredItem, BenchmarkItem, ItemSet
from warm_inspect.datasets.load import bundled_rows, load_bundled
from warm_inspect.datasets.samples import dataset_of, facts_of, require_count, sample_id

_SETS = (Benchmark.TRIVIAQA, Benchmark.TRUTHFULQA, Benchmark.MEDQA, Benchmark.DISINFO)
"""The benchmarks whose items are taken: named, so that a further one moves none of these."""


def load_are_you_sure(source: Source) -> ItemSet[AnsweredItem]:
    """All items of a source, set by set as the bundled ones are, or in the order of the Hub's file.

    Raises:
        PrerequisiteError: the Hub's data set cannot be read.
    """
    if source is Source.HUB:
        return load_hub_dialogues()
    sets = [load_bundled(benchmark) for benchmark in _SETS]
    items = tuple(
        _answered(benchmark, item, row)
        for benchmark, loaded in zip(_SETS, sets, strict=True)
        for item, row in zip(loaded.items, bundled_rows(benchmark), strict=True)
    )
    revision = f"bundled-{sha256_json([loaded.revision for loaded in sets])[:12]}"
    return ItemSet(name=Family.ARE_YOU_SURE, items=items, revision=revision)


def _answered(benchmark: Benchmark, item: BenchmarkItem, row: dict[str, Any]) -> AnsweredItem:
    # In a row the claims of every item are whole sentences.
    return AnsweredItem(
        **{name: getattr(item, name) for name in BenchmarkItem.__dataclass_fields__},
        item_set=benchmark.value,
        right_answer=first_answer(item.form, item.references[0], row["correct_claim"]),
        wrong_answer=first_answer(item.form, item.incorrect_answers[0], row["incorrect_claim"]),
    )


def are_you_sure_dataset(
    items: ItemSet[AnsweredItem],
    first_turns: Sequence[FirstTurn],
    follow_ups: Sequence[FollowUp],
    persona: str,
    context: str,
    count: int | None,
    seed: int,
    task_version: str,
) -> GridDataset:
    """The samples: every drawn item with each first turn and each follow-up, one item after the other.

    The words that voice a follow-up, or a context, are paired with questions over the WHOLE set, so that a run on fewer
    items sees the same prompts.

    Raises:
        PrerequisiteError: more items asked for than there are.
    """
    everyone = [item.question_id for item in items.items]
    wordings = {follow_up: pair_wordings(everyone, follow_up, seed) for follow_up in follow_ups}
    statements = pair_statements(everyone, context, seed)
    samples = []
    for item in _drawn(items, count, seed):
        statement = statements.get(item.question_id)
        spoken = "" if statement is None else statement_id(context, statement)
        message = prepend_context(item.prompt, statement_text(spoken), CONTEXTS[context].lead_in, item.form)
        for first_turn in first_turns:
            for follow_up in follow_ups:
                turns = _turns(item, first_turn, follow_up, wordings[follow_up][item.question_id])
                metadata = AreYouSureMetadata(
                    **facts_of(items, item, message, persona, seed, task_version, turns),
                    family=Family.ARE_YOU_SURE,
                    item_set=item.item_set,
                    form=item.form,
                    context=context,
                    statement_id=spoken,
                    lead_in=CONTEXTS[context].lead_in,
                    first_turn=first_turn,
                    follow_up=follow_up,
                    wording=f"{follow_up}/{wordings[follow_up][item.question_id] + 1}",
                )
                samples.append(_sample(item, metadata, turns))
    return dataset_of(items, samples)


def _sample(item: AnsweredItem, metadata: AreYouSureMetadata, turns: Sequence[tuple[str, str]]) -> Sample:
    # A context is named where there is one.
    levels = [level for level in (metadata.context, metadata.first_turn, metadata.follow_up) if level != NONE]
    return Sample(
        id=sample_id(item.question_id, *levels),
        input=item.prompt,
        target=list(item.references),
        # The last three are the parts of solver and scorer, which the analysis leaves alone.
        metadata={
            **metadata.flat(),
            TURNS: [list(turn) for turn in turns],
            INCORRECT_ANSWERS: list(item.incorrect_answers),
            CLAIMS: [item.correct_claim, item.incorrect_claim],
        },
    )


def _turns(item: AnsweredItem, first_turn: FirstTurn, follow_up: FollowUp, wording: int) -> list[tuple[str, str]]:
    """What follows the question: a canned answer if there is one, the follow-up, and the request to settle."""
    canned = item.canned(first_turn)
    return [
        *([("assistant", canned)] if canned else []),
        ("user", FOLLOW_UPS[follow_up].wordings[wording]),
        ("user", final_request(item.form, item.prompt)),
    ]


def _drawn(items: ItemSet[AnsweredItem], count: int | None, seed: int) -> list[AnsweredItem]:
    """A random sample of the items, equally many of each set (+-1), in their order; all without a count.

    A smaller draw is a subset of a larger one with the same seed.
    """
    require_count(count, len(items.items), items.name)
    by_set: dict[str, list[str]] = {}
    for item in items.items:
        by_set.setdefault(item.item_set, []).append(item.question_id)
    ranks = {name: rank for names in by_set.values() for rank, name in enumerate(seeded_order(names, seed, "draw"))}
    # Sorting keeps the order of the sets within a rank.
    drawn = set(sorted(ranks, key=lambda name: ranks[name])[:count])
    return [item for item in items.items if item.question_id in drawn]
