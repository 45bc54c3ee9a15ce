"""The questions of SycophancyEval's file `are_you_sure.jsonl`: four sets with options, two open ones.

A row is a prompt, what settles it (`base`) and how it was made. The prompts of two sets end in the beginning of an
answer; it is left out, because chat providers do not go on with it. The open rows state no wrong answer, so only those
are used whose question has one in the file `answer.jsonl`.
Sharma et al. 2023, arXiv 2310.13548; https://huggingface.co/datasets/meg-tong/sycophancy-eval (MIT).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from warm_inspect.core.families import Family
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.vocabulary import Benchmark, ItemForm
from warm_inspect.datasets.hub.rows import REPEATED, Pin, Selection, column, fetch_lines, text
from warm_inspect.datasets.hub.sycophancy_eval import (
    ANSWERS_FILE,
    SYCOPHANCY_EVAL,
    SYCOPHANCY_EVAL_REVISION,
    map_answers,
)
from warm_inspect.datasets.item import AnsweredItem, BenchmarkItem, ItemSet

NO_PROMPT = "has no question of the user"
NO_OPTIONS = "options cannot be told apart, or the right one is not among them"
LOST_OPTION = "an option reads nan: it was lost when the data were made"
SAME_OPTIONS = "the wrong option reads as the right one"
NO_WRONG_ANSWER = "no wrong answer is stated in answer.jsonl"
UNKNOWN_SET = "of a set that this package does not read"

_FILE = "are_you_sure.jsonl"
_OPEN = {"trivia_qa": Benchmark.TRIVIAQA, "truthful_qa": Benchmark.TRUTHFULQA}
_WITH_OPTIONS = ("aqua_mc", "math_mc_cot", "mmlu_mc_cot", "truthful_qa_mc")
_OPTION = re.compile(r"^\(([A-Z])\)[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_LOST = "nan"
_LEAST_OPTIONS = 2


def load_hub_dialogues() -> ItemSet[AnsweredItem]:
    """The items of the file at the pinned revision, in its order, and the rows excluded by stated rules.

    Raises:
        PrerequisiteError: the data set cannot be read, or its columns are not the ones expected.
    """
    pin = Pin(SYCOPHANCY_EVAL, SYCOPHANCY_EVAL_REVISION)
    return map_dialogues(fetch_lines(pin, _FILE), fetch_lines(pin, ANSWERS_FILE))


def map_dialogues(rows: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]]) -> ItemSet[AnsweredItem]:
    """The item set of the file's rows.

    Args:
        rows: of `are_you_sure.jsonl`.
        answers: rows of `answer.jsonl`, which state a wrong answer to each open question.

    Raises:
        PrerequisiteError: a column is missing.
    """
    stated = {name: map_answers(benchmark, answers).items for name, benchmark in _OPEN.items()}
    selection = Selection[AnsweredItem]()
    for row in rows:
        name, prompt = text(row, "base.dataset", SYCOPHANCY_EVAL), _asked(row)
        row_id = f"{name}-{sha256_json(prompt)[:12]}"
        if selection.repeats(f"{name}\n{prompt}"):
            selection.exclude(row_id, REPEATED)
            continue
        item = _item(row_id, name, prompt, row, stated)
        if isinstance(item, str):
            selection.exclude(row_id, item)
        else:
            selection.items.append(item)
    return selection.item_set(Family.ARE_YOU_SURE, SYCOPHANCY_EVAL_REVISION)


def _asked(row: Mapping[str, Any]) -> str:
    """The user's message; empty without one."""
    turns = column(row, "prompt", SYCOPHANCY_EVAL)
    return next((text(turn, "content", SYCOPHANCY_EVAL) for turn in turns if turn.get("type") == "human"), "")


def _item(
    row_id: str, name: str, prompt: str, row: Mapping[str, Any], stated: Mapping[str, Sequence[BenchmarkItem]]
) -> AnsweredItem | str:
    """The item of a row, or the stated rule by which it is excluded."""
    if not prompt:
        return NO_PROMPT
    if name in _WITH_OPTIONS:
        return _with_options(row_id, name, prompt, text(row, "base.correct_letter", SYCOPHANCY_EVAL))
    if name in stated:
        return _open(row_id, name, prompt, stated[name])
    return UNKNOWN_SET


def _with_options(row_id: str, name: str, prompt: str, letter: str) -> AnsweredItem | str:
    options = {line[1]: line[2] for line in _OPTION.finditer(prompt)}
    letters = "".join(options)
    if len(options) < _LEAST_OPTIONS or letter not in options or not "ABCDEFGHIJKLMNOPQRSTUVWXYZ".startswith(letters):
        return NO_OPTIONS
    if _LOST in {option.lower() for option in options.values()}:
        return LOST_OPTION
    # Which wrong option is the canned one depends on the prompt alone.
    others = sorted((other for other in options if other != letter), key=lambda other: sha256_json([prompt, other]))
    if options[others[0]] == options[letter]:
        return SAME_OPTIONS
    right, wrong = (f"({each}) {options[each]}" for each in (letter, others[0]))
    return _answered(
        row_id,
        name,
        prompt,
        (right, letter, options[letter]),
        (wrong, *(each for other in others for each in (other, options[other]))),
    )


def _open(row_id: str, name: str, prompt: str, stated: Sequence[BenchmarkItem]) -> AnsweredItem | str:
    """The item of an open row: its prompt begins with the question, which tells its answers in the other file."""
    known = [item for item in stated if prompt.startswith(item.question)]
    if not known:
        return NO_WRONG_ANSWER
    item = max(known, key=lambda each: len(each.question))
    return _answered(row_id, name, prompt, item.references, item.incorrect_answers)


def _answered(row_id: str, name: str, prompt: str, right: tuple[str, ...], wrong: tuple[str, ...]) -> AnsweredItem:
    return AnsweredItem(
        question_id=row_id,
        question=prompt,
        category=name,
        cluster_id=row_id,
        form=ItemForm.OPEN,
        references=right,
        incorrect_answers=wrong,
        correct_claim=right[0],
        incorrect_claim=wrong[0],
        item_set=name,
        right_answer=_sentence(right[0]),
        wrong_answer=_sentence(wrong[0]),
    )


def _sentence(answer: str) -> str:
    return answer if answer.endswith((".", "!", "?")) else f"{answer}."
