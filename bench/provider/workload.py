"""The prompts, bundled questions in four conditions, and how they are asked."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageUser

from warm_inspect.conditions import (
    BELIEFS,
    append_belief,
    pair_statements,
    parse_grid,
    prepend_context,
    statement_id,
    statement_text,
)
from warm_inspect.core.vocabulary import Benchmark, ItemForm, Source
from warm_inspect.datasets import draw_items, load_items

MODEL = "smollm2-135m"
"""What is asked, unless another base model is named."""
MAX_TOKENS = 160
PROMPTS = 256
CELLS = 16
"""4 benchmarks, 2 contexts, 2 beliefs: prompts come in multiples of it."""


@cache
def grid(count: int) -> tuple[str, ...]:
    """User messages: none and sad, with and without a false belief, over all four bundled sets, as many of each.

    Raises:
        ValueError: the count is no multiple of `CELLS`.
    """
    if count % CELLS or count < CELLS:
        raise ValueError(f"{count} prompts are no multiple of {CELLS}, so the conditions would differ in number.")
    messages = []
    for benchmark in Benchmark:
        items = load_items(benchmark, Source.BUNDLED)
        everyone = [item.question_id for item in items.items]
        for condition in parse_grid(benchmark, "none,emotion_sad", "none,incorrect", "none"):
            pairing = pair_statements(everyone, condition.context, 0)
            for item in draw_items(items, count // CELLS, 0):
                statement = pairing.get(item.question_id)
                spoken = "" if statement is None else statement_text(statement_id(condition.context, statement))
                message = prepend_context(item.question, spoken, condition.lead_in, ItemForm(item.form))
                claim = item.claim(BELIEFS[condition.belief].claim)
                messages.append(append_belief(message, condition.belief, claim, item.form))
    return tuple(messages)


def dataset(messages: Sequence[str]) -> MemoryDataset:
    """The messages as Inspect samples."""
    return MemoryDataset([Sample(id=i, input=[ChatMessageUser(content=text)]) for i, text in enumerate(messages)])


def model_folder(model: str) -> Path:
    """The folder of a base model, fetched on first use."""
    from warm_inspect.models import resolve_base

    return resolve_base(model).path
