"""`capability`: the number that a reply states, or the one of four options that it names.

Inspect's `match(numeric=True)` reads the last number of a reply, and `choice()` nothing but `ANSWER: C`. An arm that
learned another style closes with a number about its user, or drops that form, and would look as if it had lost
knowledge. So the number is that of the statement of the answer, and an option counts however it is named.
"""

import re
from collections.abc import Sequence
from string import ascii_uppercase

from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState

from warm_inspect.core.controls import CAPABILITY_SCORE, OPTIONS, UNCLEAR
from warm_inspect.core.vocabulary import Grade, Grading, ItemForm
from warm_inspect.grading import without_thoughts
from warm_inspect.grading.matching import Key, match_reply, says_unknowing, spelled
from warm_inspect.grading.remarks import parts_of
from warm_inspect.grading.stated_number import stated_number
from warm_inspect.scorers.graded import graded, graded_facts, without_reply
from warm_inspect.scorers.metrics import clustered_means

_CALLED = r"\W+(?:(?i:is)\W+)?([A-Z])(?![\w'])(?!\W+(?i:(?:is|was)(?:n['’]t|\s+(?:not|wrong|incorrect|false|out))\b))"
_ANSWER = re.compile(rf"(?i:answer){_CALLED}")
"""A letter that the reply calls its answer, unless it goes on that this option is wrong."""
_OPTION = re.compile(rf"(?i:option|choice){_CALLED}")
"""The same of what it calls an option."""
_LETTERED = re.compile(r"(?:^|(?<=[\s(*]))([A-Z])(?=[).:!*]|\s*$)", re.MULTILINE)
"""A letter as in a list, or alone at the end of a line."""
_ARTICLE = re.compile(r"\W*(?:the|an?)\s+[^\W\d_]", re.IGNORECASE)
_CLOSING = re.compile(r"\n[ \t]*[^\W\d_][^\n,:=]{0,30},[ \t]*\n\s*\S{1,20}\s*\Z")
"""A closing at the end of a reply, as of a letter, with a name or an initial under it."""


@scorer(metrics=[clustered_means()], name=CAPABILITY_SCORE)
def capability_score() -> Scorer:
    """1 for `correct` when the number that the reply states, or the one option it names, is the target.

    `unclear` says that the reply states no number or several, or names no option or several; it is never correct.
    """

    async def score(state: TaskState, target: Target) -> Score:
        if missing := without_reply(state.output):
            return missing
        reply = without_thoughts(state.output.completion) or ""
        options = state.metadata[OPTIONS]
        answer = chosen_option(reply, options) if options else stated_number(reply, state.input_text)
        right = bool(answer) and (answer == target.text if options else float(answer) == float(target.text))
        value = {"correct": float(right), UNCLEAR: float(not answer)}
        return graded(state, value, state.output.completion, graded_facts(state, Grading.MATCH), answer)

    return score


def chosen_option(reply: str, options: Sequence[str]) -> str:
    """The letter of the option that a reply names; empty when it names none, or more than one.

    What the reply calls its answer decides, the last time it does; without that the first letter that stands alone,
    then what it calls an option, then the one option that is all that a part says, then the one that it names anywhere,
    remarks left out as long as the rest names one. An initial under a closing is no letter.
    """
    letters = ascii_uppercase[: len(options)]
    reply = _CLOSING.sub("", reply)
    parts = parts_of(reply)
    matter = "\n".join(part.text for part in parts if not part.remark)
    whole = "\n".join(part.text for part in parts)
    alone = [text for part in parts if (text := part.text.strip(" .!:*()")) in tuple(letters)]
    for called in (_ANSWER.findall(whole), alone[:1], _OPTION.findall(whole)):
        if stated := [letter for letter in called if letter in letters]:
            return str(stated[-1])
    by_words = dict(zip(map(_bare, options), letters, strict=True))
    whole_parts = {by_words[words] for part in parts if (words := _bare(part.text)) in by_words}
    if len(whole_parts) == 1:
        return whole_parts.pop()
    if said := _named(matter, letters, options):
        return said.pop() if len(said) == 1 else ""
    said = set() if says_unknowing(reply) else _named(whole, letters, options)
    return said.pop() if len(said) == 1 else ""


def _bare(text: str) -> tuple[str, ...]:
    """The words of a text without an article before them."""
    words = spelled(text)
    return words[1:] if _ARTICLE.match(text) else words


def _named(text: str, letters: str, options: Sequence[str]) -> set[str]:
    """The letters of the options that a text names, by letter or by words."""
    lettered = {letter for letter in _LETTERED.findall(text) if letter in letters}
    return lettered | {letter for letter, option in zip(letters, options, strict=True) if _names(text, option)}


def _names(reply: str, option: str) -> bool:
    key = Key(form=ItemForm.OPEN, references=[option], incorrect=[])
    return match_reply(reply, key).outcome.grade is Grade.CORRECT
