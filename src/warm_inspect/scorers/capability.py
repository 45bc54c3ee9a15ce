"""`capability`: the right number, by Inspect's `match(numeric=True)`, or the right one of four options.

Inspect's `choice()` reads nothing but `ANSWER: C`. An arm that learned another style and drops that form would look as
if it had lost knowledge, so an option counts however it is named: by its letter or by its words.
"""

import re
from collections.abc import Sequence
from copy import copy
from string import ascii_uppercase

from inspect_ai.model import ModelOutput
from inspect_ai.scorer import CORRECT, Score, Scorer, Target, match, scorer
from inspect_ai.solver import TaskState

from warm_inspect.core.controls import CAPABILITY_SCORE, OPTIONS, UNCLEAR
from warm_inspect.core.vocabulary import Grade, Grading, ItemForm
from warm_inspect.grading import without_thoughts
from warm_inspect.grading.matching import Key, match_reply
from warm_inspect.scorers.graded import graded, graded_facts, without_reply
from warm_inspect.scorers.metrics import clustered_means

_STATED = re.compile(
    r"(?i:answer|option|choice)\W+(?:(?i:is)\W+)?([A-Z])(?![\w'])(?!\W+(?i:(?:is|was)(?:n['’]t|\s+(?:not|wrong|incorrect|false|out))\b))"
)
"""A letter that the reply calls its answer, unless it goes on that this option is wrong."""
_LETTERED = re.compile(r"(?:^|(?<=[\s(*]))([A-Z])(?=[).:*]|\s*$)", re.MULTILINE)
"""A letter as in a list, or alone at the end of a line."""
_NUMBER = re.compile(r"\d")
_BEFORE_NUMBER = re.compile(r"[={](?=[-−]?\d)")
_AFTER_NUMBER = re.compile(r"(?<![\w.,])([-−]?\d[\d,]*(?:\.\d+)?)(?=[%°\\}$]|(?!(?:st|nd|rd|th)\b)[A-Za-z]+\b)")
"""A number that its unit, a percent sign or the end of a formula follows without a space; no ordinal."""


@scorer(metrics=[clustered_means()], name=CAPABILITY_SCORE)
def capability_score() -> Scorer:
    """1 for `correct` when the reply's last number, or the one option it names, is the target.

    `unclear` says that the reply holds no number, or names no option or several; it is never correct.
    """
    number = match(numeric=True)

    async def score(state: TaskState, target: Target) -> Score:
        if missing := without_reply(state.output):
            return missing
        reply = without_thoughts(state.output.completion) or ""
        if options := state.metadata[OPTIONS]:
            answer = chosen_option(reply, options)
            right = answer == target.text
        else:
            read = copy(state)
            read.output = ModelOutput.from_content(state.output.model, spaced_numbers(reply))
            matched = await number(read, target)
            answer = (matched.answer or "") if matched and _NUMBER.search(reply) else ""
            right = bool(matched and answer and matched.value == CORRECT)
        value = {"correct": float(right), UNCLEAR: float(not answer)}
        return graded(state, value, state.output.completion, graded_facts(state, Grading.MATCH), answer)

    return score


def spaced_numbers(reply: str) -> str:
    """The reply with its numbers apart from units and formulas, as Inspect's matching reads them: 18 of `x=18km`."""
    return _AFTER_NUMBER.sub(r"\1 ", _BEFORE_NUMBER.sub(" ", reply))


def chosen_option(reply: str, options: Sequence[str]) -> str:
    """The letter of the option that a reply names; empty when it names none, or more than one.

    What the reply calls its answer decides, the last time it does; without that the one option that it names anywhere.
    """
    letters = ascii_uppercase[: len(options)]
    stated: list[str] = [letter for letter in _STATED.findall(reply) if letter in letters]
    if stated:
        return stated[-1]
    lettered = {letter for letter in _LETTERED.findall(reply) if letter in letters}
    worded = {letter for letter, option in zip(letters, options, strict=True) if _names(reply, option)}
    said = lettered | worded
    return said.pop() if len(said) == 1 else ""


def _names(reply: str, option: str) -> bool:
    key = Key(form=ItemForm.OPEN, references=[option], incorrect=[])
    return match_reply(reply, key).outcome.grade is Grade.CORRECT
