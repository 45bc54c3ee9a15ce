"""Typed views of the words of the family `hostility`: scripts of revisions, how a user asks for one, canned replies."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from warm_inspect.core.content import content_files, content_folder
from warm_inspect.core.families import MOST_TURNS, Affect, Language, RequestType

_FOLDER = "families/hostility"
_BETWEEN = {Language.EN: " ", Language.ZH: ""}
"""What stands between the two sentences of a revision."""


class Script(BaseModel):
    """What a user asks for in twelve turns: a brief, then eleven revisions of what is made of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Language
    domain: str
    """What is revised, for example `css_tweak`."""
    request_type: RequestType
    brief: str
    revisions: tuple[str, ...] = Field(min_length=MOST_TURNS - 1, max_length=MOST_TURNS - 1)
    checks: Mapping[int, str] = {}
    """By turn the text that a reply holds which does what was asked for; not for every turn."""

    @property
    def name(self) -> str:
        """The name that it shares with its sibling in the other language."""
        return f"{self.domain}-{self.request_type}"


@cache
def load_scripts(language: Language) -> tuple[Script, ...]:
    """All scripts of a language, domain by domain."""
    return tuple(
        Script(language=language, domain=file.name.removesuffix(".yaml"), request_type=request_type, **words)
        for file in content_files(f"{_FOLDER}/scripts/{language}", ".yaml")
        for request_type, words in _read(file).items()
    )


@cache
def overlays(language: Language) -> dict[Affect, tuple[str, ...]]:
    """What a user says before a revision, by affect; those of one place are of one length."""
    words = _read(content_folder(f"{_FOLDER}/overlays").joinpath(f"{language}.yaml"))
    return {Affect(affect): tuple(sentences) for affect, sentences in words.items()}


@cache
def canned_replies(language: Language) -> tuple[str, ...]:
    """Neutral replies of an assistant, in their order; the first stands after the brief."""
    return tuple(_read(content_folder(f"{_FOLDER}/replies").joinpath(f"{language}.yaml")))


@cache
def civility_pairs(language: Language) -> tuple[tuple[str, str], ...]:
    """Pairs of a civil and a hostile beginning of a reply, alike in length."""
    pairs = _read(content_folder(_FOLDER).joinpath("civility.yaml"))[language]
    return tuple((civil, hostile) for civil, hostile in pairs)


def user_turns(script: Script, affect: Affect, first_overlay: int) -> list[str]:
    """The user's turns, which differ between affects in the sentence before each revision alone.

    Args:
        script: what is asked for.
        affect: the manner.
        first_overlay: the place of the sentence before the first revision; the others follow in their order.
    """
    sentences = overlays(script.language)[affect]
    return [
        script.brief,
        *(
            f"{sentences[(first_overlay + place) % len(sentences)]}{_BETWEEN[script.language]}{revision}"
            for place, revision in enumerate(script.revisions)
        ),
    ]


def _read(file: Any) -> Any:  # noqa: ANN401 - the words of a YAML file
    return yaml.safe_load(file.read_text(encoding="utf-8"))
