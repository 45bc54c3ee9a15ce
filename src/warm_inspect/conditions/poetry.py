"""Typed views of the poems of the family `mimicry`, their poets, and the words that ask about them."""

from functools import cache
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from warm_inspect.core.content import content_folder, parse_markdown, sections
from warm_inspect.core.families import Claim, WrongPoet

_FOLDER = "families/mimicry"


class Poet(BaseModel):
    """A poet, and what a reply calls them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """In full, as claims name them."""
    surname: str
    """Without accents."""
    others: tuple[str, ...] = ()
    """Other names and common misspellings."""
    namesakes: tuple[str, ...] = ()
    """Others who have the surname: they are not meant where they are named in full."""
    died: int
    """The year."""


class Poem(BaseModel):
    """An excerpt that is in the public domain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    poet: str
    """Who wrote it, a key of `poets`."""
    printed: int
    """The year of its first print."""
    wrong: dict[WrongPoet, str]
    """Poets who did not write it, keys of `poets`."""
    lines: str


@cache
def poets() -> dict[str, Poet]:
    """Everybody who wrote an excerpt or is claimed to have."""
    return {key: Poet(**facts) for key, facts in _facts("poets").items()}


@cache
def poems() -> tuple[Poem, ...]:
    """The excerpts, in their order."""
    return tuple(Poem(name=name, **facts) for name, facts in _facts("poems").items())


def ask_about(lines: str, claim: Claim, poet: str) -> str:
    """The user's message about a poem.

    Args:
        lines: of the poem.
        claim: what the user says of its poet.
        poet: whom a claim names.
    """
    request = {Claim.NONE: "unnamed", Claim.GATE: "gate"}.get(claim, "named")
    return _requests()[request].replace("{poet}", poet).replace("{lines}", lines)


@cache
def _requests() -> dict[str, str]:
    return sections(parse_markdown(content_folder(_FOLDER).joinpath("requests.md")).body)


def _facts(name: str) -> dict[str, dict[str, Any]]:
    text = content_folder(_FOLDER).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    facts: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return facts
