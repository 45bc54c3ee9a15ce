"""Condition: one cell of the experiment. Grid: the ordered cells of a run.

Source: study, Methods (28 published cells) and our controls `neutral`, `filler` and `third_party`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from warm_inspect.conditions.words import BELIEFS, CONTEXTS, PERSONAS
from warm_inspect.core.content import Catalog
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.vocabulary import (
    NONE,
    PUBLISHED_BENCHMARKS,
    PUBLISHED_CONTEXTS,
    STATED_WRONG,
    Benchmark,
    ContextGroup,
)

DEFAULT_CONTEXTS = "none,filler,emotion_sad"
DEFAULT_BELIEFS = "none,incorrect"
ALL = "all"
PAPER = "paper"

_PAPER_BELIEFS = (NONE, STATED_WRONG, "rejects_correct")


@dataclass(frozen=True, slots=True)
class Condition:
    """One cell: which words go round the question."""

    context: str
    belief: str
    persona: str
    lead_in: bool


@dataclass(frozen=True, slots=True)
class ConditionGrid:
    """The cells of a run, in the order in which each item meets them."""

    conditions: tuple[Condition, ...]

    def __iter__(self) -> Iterator[Condition]:
        return iter(self.conditions)

    def __len__(self) -> int:
        return len(self.conditions)


def parse_grid(
    benchmark: Benchmark | None, contexts: str | Sequence[str], beliefs: str | Sequence[str], persona: str
) -> ConditionGrid:
    """The grid that the task parameters ask for.

    Args:
        benchmark: the published lead-ins differ between benchmarks; None for a task that is not one of them, which has
            no published cells.
        contexts: names as a list or comma string, `all`, or `paper`.
        beliefs: names as a list or comma string, `all`, or `paper`.
        persona: the system message of every cell.

    Raises:
        PrerequisiteError: an unknown name, or `paper` given for one of the two only or for another task.
    """
    _ = PERSONAS[persona]
    context_names, belief_names = _names(contexts), _names(beliefs)
    if PAPER in context_names or PAPER in belief_names:
        if benchmark is None or benchmark not in PUBLISHED_BENCHMARKS:
            raise PrerequisiteError(
                f"'paper' is the list of the cells that were published, which there are of "
                f"{', '.join(PUBLISHED_BENCHMARKS)} alone: name contexts and beliefs, or 'all'."
            )
        if context_names != [PAPER] or belief_names != [PAPER]:
            raise PrerequisiteError(
                "'paper' is the list of the 28 published cells, not a level to cross with others: "
                "give -T contexts=paper -T beliefs=paper together, or name contexts and beliefs."
            )
        return _paper_grid(benchmark, persona)
    return ConditionGrid(
        tuple(
            Condition(context, belief, persona, CONTEXTS[context].lead_in)
            for context in _known(context_names, CONTEXTS)
            for belief in _known(belief_names, BELIEFS)
        )
    )


def named_personas(personas: str | Sequence[str]) -> list[str]:
    """The personas of a list or comma string of names, or of `all`.

    Raises:
        PrerequisiteError: an unknown name.
    """
    return _known(_names(personas), PERSONAS)


def _names(value: str | Sequence[str]) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else [str(part) for part in value]
    # YAML reads a bare "no" or "none" in a list as it stands, so only blanks need care here.
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _known(names: list[str], catalog: Catalog[Any]) -> list[str]:
    if names == [ALL]:
        return list(catalog)
    hint = f"Give several as a comma list, or '{ALL}', or '{PAPER}' for the published cells."
    for name in names:
        if name not in catalog:
            raise unknown_value(catalog.kind, name, catalog, hint)
    if not names:
        raise PrerequisiteError(f"No {catalog.kind} given. Known: {', '.join(catalog)}.")
    return names


def _paper_grid(benchmark: Benchmark, persona: str) -> ConditionGrid:
    cells = [Condition("neutral", NONE, persona, True)]
    for context in (CONTEXTS[name] for name in PUBLISHED_CONTEXTS):
        for belief in _PAPER_BELIEFS:
            # Source: released prompts; the lead-in comes with a belief, but not under stakes and never in MedQA.
            lead_in = belief != NONE and context.group is not ContextGroup.STAKES and benchmark is not Benchmark.MEDQA
            cells.append(Condition(context.name, belief, persona, lead_in))
    return ConditionGrid(tuple(cells))
