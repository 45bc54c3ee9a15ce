"""Words set between commas into a statement: "The answer, my friend, is no", "It is, in fact, hollow"."""

from collections.abc import Sequence
from dataclasses import replace

from warm_inspect.grading.matching.cues import auxiliaries, listed
from warm_inspect.grading.matching.phrases import is_phrase
from warm_inspect.grading.matching.tokens import Token

_WIDEST = 4
"""Most words of an aside."""
_LONGEST = 12
"""Most words of a subject before it."""


def without_asides(tokens: Sequence[Token]) -> list[Token]:
    """The words of a text without the asides that stand between a statement's subject, its verb and what follows."""
    left: list[Token] = []
    i = 0
    while i < len(tokens):
        end = _end_of_aside(tokens, i)
        if end is not None and (_ends_in_verb(tokens[max(0, i - 2) : i]) or _parts(tokens, i, end)):
            left.append(replace(tokens[end], before=""))
            i = end + 1
        else:
            left.append(tokens[i])
            i += 1
    return left


def _end_of_aside(tokens: Sequence[Token], comma: int) -> int | None:
    """The word behind the second comma of an aside whose first comma stands before this word; None without one."""
    if tokens[comma].before != ",":
        return None
    ends = (i for i in range(comma + 1, min(comma + _WIDEST + 1, len(tokens))) if tokens[i].before)
    end = next(ends, None)
    if end is None or tokens[end].before != ",":
        return None
    said = [token.text for token in tokens[comma:end]]
    addresses = all(word in listed("clauses", "addresses") for word in said)
    return end if addresses or is_phrase(said, "clauses", "asides") else None


def _ends_in_verb(before: Sequence[Token]) -> bool:
    """Whether words end in an auxiliary, an intensifier behind it left out: "is actually"."""
    said = [token.text for token in before if token.text not in listed("clauses", "intensifiers")]
    return bool(said) and said[-1] in auxiliaries()


def _parts(tokens: Sequence[Token], comma: int, end: int) -> bool:
    """Whether an aside stands between a subject of two or more words and its verb: not in "Yes, my dear, is ..."."""
    before = tokens[max(0, comma - _LONGEST) : comma][::-1]
    width = next((i + 1 for i, token in enumerate(before) if token.before), len(before))
    subject = [token.text for token in before[:width]]
    return tokens[end].text in auxiliaries() and width > 1 and auxiliaries().isdisjoint(subject)
