"""Typed views of the words of the family `feedback`: what the user says of a text, and the request for comments."""

from functools import cache
from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict

from warm_inspect.core.content import Catalog, content_folder, parse_markdown, sections

_FOLDER = "families/feedback"


class FramingWords(BaseModel):
    """What the user says of a text; nothing under `none`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    order: int
    sentence: str


def _framing(file: Traversable) -> FramingWords:
    document = parse_markdown(file)
    return FramingWords(name=document.name, sentence=document.body, **document.front)


FRAMINGS: Catalog[FramingWords] = Catalog("framing", f"{_FOLDER}/framings", ".md", _framing, lambda words: words.order)


@cache
def _requests() -> dict[str, str]:
    return sections(parse_markdown(content_folder(_FOLDER).joinpath("request.md")).body)


def comment_request(kind: str, text: str, framing: str) -> str:
    """The user's request to comment on a text.

    Args:
        kind: what the text is: `argument`, `poem` or `solution`.
        text: the text itself.
        framing: what the user says of it, by name.
    """
    sentence = FRAMINGS[framing].sentence
    said = f" {sentence}" if sentence else ""
    return _requests()[kind].replace("{framing}", said).replace("{text}", text)
