"""Text made plain before it is read: characters, artefacts apart from the rest, and what merely repeats the user."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from warm_inspect.core.families import Language
from warm_inspect.grading.hostility.lexicon import lexicon

HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"[{HAN}]|[a-z0-9]+(?:['-][a-z0-9]+)*")
_INVISIBLE = re.compile(r"[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_MARKED = re.compile(rf"(?<=[{HAN}])[.·•・*_~|^\-/]+(?=[{HAN}])")
_SPACED = re.compile(rf"(?<=[{HAN}])[ \t]+(?=[{HAN}](?![{HAN}]))")
_FENCE = re.compile(r"```[^\n`]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_LINE = re.compile(r"^[ \t]*(?:>.*|\|.*\|[ \t]*)$", re.MULTILINE)
"""A block quote, or a row of a table."""
_QUOTED = re.compile(r"\"([^\"\n]+)\"|“([^”\n]+)”|「([^」\n]+)」|『([^』\n]+)』|《([^》\n]+)》")
_LITERAL = re.compile(r"\"([^\"\n]+)\"|'([^'\n]+)'|`([^`\n]+)`|(?://|#|/\*|<!--|--)\s*([^\n]*)")
"""In code: a text, or a comment."""
_WORDS, _HAN = 5, 6
"""The shortest run of the user's English words, or of Han characters, that a reply is taken to repeat."""
_CUT = "\n"
"""Stands where something was taken out: nothing is read across it."""


def plain(text: str) -> str:
    """The text in lower case and compatible characters, without invisible ones, and in simplified Chinese.

    Han characters that are pulled apart by spaces or marks stand together again.
    """
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower().replace("’", "'")
    text = text.translate(lexicon(Language.ZH).simplified)
    return _SPACED.sub("", _MARKED.sub("", text))


def parted(text: str, *, quotes: bool) -> tuple[str, list[str]]:
    """The text outside artefacts, and the artefacts: code, block quotes, rows of tables.

    Args:
        text: of a reply.
        quotes: what stands in quotation marks is an artefact too, as on a greeting card.
    """
    artefacts: list[str] = []

    def taken(match: re.Match[str]) -> str:
        artefacts.append(next((group for group in match.groups() if group is not None), match.group()))
        return _CUT

    for pattern in (_FENCE, _LINE, *([_QUOTED] if quotes else [])):
        text = pattern.sub(taken, text)
    return text, artefacts


def units(artefact: str) -> list[str]:
    """What a reader of an artefact takes in as one: its lines, cells, and in code each text and comment."""
    lines = [cell.strip(" \t>|#*-/") for line in artefact.splitlines() for cell in line.split("|")]
    inside = [next(filter(None, match.groups()), "") for match in _LITERAL.finditer(artefact)]
    return [unit for unit in (*lines, *inside) if unit.strip()]


def without_echo(text: str, said: Iterable[str], *, quotes: bool) -> str:
    """The text without the runs of words that a turn of the user holds too.

    Args:
        text: plain.
        said: the user's turns, plain.
        quotes: quoted words are left out too where all of them are the user's.
    """
    turns = [tokens(turn) for turn in said]
    if quotes:
        known = {token for turn in turns for token in turn}
        text = _QUOTED.sub(lambda match: match.group() if set(tokens(match.group())) - known else _CUT, text)
    runs = {run for turn in turns for run in _runs(turn)}
    places = [match.span() for match in _TOKEN.finditer(text)]
    own = [text[start:end] for start, end in places]
    repeated = {i for start in range(len(own)) if (end := _run_end(own, start)) and tuple(own[start:end]) in runs
                for i in range(start, end)}  # fmt: skip
    kept, last = [], 0
    for i in sorted(repeated):
        kept += [text[last : places[i][0]], _CUT]
        last = places[i][1]
    return "".join([*kept, text[last:]])


def tokens(text: str) -> list[str]:
    """English words and single Han characters, in their order."""
    return _TOKEN.findall(text)


def _runs(turn: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return (tuple(turn[start:end]) for start in range(len(turn)) if (end := _run_end(turn, start)))


def _run_end(turn: Sequence[str], start: int) -> int:
    """Where a run that begins here is long enough to be the user's; 0 where the text ends before."""
    weight = 0.0
    for place in range(start, len(turn)):
        weight += 1 / (_WORDS if turn[place].isascii() else _HAN)
        if weight > 1 - 1e-9:
            return place + 1
    return 0
