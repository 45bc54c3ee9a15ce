"""The levels of contexts, beliefs and personas, as the front matter of their content files states them.

The analysis orders and groups by it. What the levels say to a model, `conditions.words` reads.
"""

from dataclasses import dataclass
from importlib.resources.abc import Traversable

from warm_inspect.core.catalog import Catalog
from warm_inspect.core.documents import parse_markdown
from warm_inspect.core.vocabulary import NONE


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a factor."""

    name: str
    order: int
    """Rank in lists, tables and figures."""
    group: str = ""
    """Of a context: `emotion`, `relation`, `stakes`, or its own name where it holds no cue; empty for others."""


def _level(file: Traversable) -> Level:
    document = parse_markdown(file)
    return Level(document.name, document.front["order"], document.front.get("group", ""))


def _order(level: Level) -> int:
    return level.order


CONTEXT_LEVELS: Catalog[Level] = Catalog("context", "contexts", ".md", _level, _order)
BELIEF_LEVELS: Catalog[Level] = Catalog("belief", "beliefs", ".md", _level, _order)
PERSONA_LEVELS: Catalog[Level] = Catalog("persona", "personas", ".md", _level, _order)

PUBLISHED_CONTEXTS = (
    NONE, "emotion_happy", "emotion_sad", "emotion_anger", "relation_close", "relation_up", "relation_down",
    "stakes_high", "stakes_low",
)  # fmt: skip
"""The contexts of the study: a list of its own, so that a new context is never taken for one of them.

Source: study, Methods.
"""
