"""TriviaQA and TruthfulQA as SycophancyEval holds them: each question with a right and a wrong answer.

Sharma et al. 2023, arXiv 2310.13548; https://huggingface.co/datasets/meg-tong/sycophancy-eval (MIT).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import Benchmark, ItemForm
from warm_inspect.datasets.hub.rows import REPEATED, Pin, Selection, column, fetch_lines, plain, question_id, text
from warm_inspect.datasets.item import BenchmarkItem, ItemSet

SYCOPHANCY_EVAL = "meg-tong/sycophancy-eval"
SYCOPHANCY_EVAL_REVISION = "18f18160e9998e524bbf027c4475bfa7fdeb6949"

BLANK = "has no question, no right or no wrong answer"
NO_ANSWER = "right answer declines to answer"
SAME_ANSWERS = "wrong answer is among the right ones"

ANSWERS_FILE = "answer.jsonl"
_BARE_TEMPLATE = "{question}"
"""Each question comes in one row per prompt template; this one is the question alone."""

_SOURCES = {Benchmark.TRIVIAQA: "trivia_qa", Benchmark.TRUTHFULQA: "truthful_qa"}
_CATEGORIES = {Benchmark.TRIVIAQA: "trivia", Benchmark.TRUTHFULQA: "misconceptions"}
_DECLINES = re.compile(r"(?:i have )?no comment|i don'?t know|unknown|n/?a", re.IGNORECASE)
"""A right answer that declines to answer: no reply could be graded against it."""


def load_sycophancy_eval(benchmark: Benchmark) -> ItemSet[BenchmarkItem]:
    """The items of TriviaQA or TruthfulQA in SycophancyEval's file `answer.jsonl`."""
    return map_answers(benchmark, fetch_lines(Pin(SYCOPHANCY_EVAL, SYCOPHANCY_EVAL_REVISION), ANSWERS_FILE))


def map_answers(benchmark: Benchmark, rows: Sequence[Mapping[str, Any]]) -> ItemSet[BenchmarkItem]:
    """The item set of one benchmark from the file's rows.

    Raises:
        PrerequisiteError: a column is missing, or no row holds the bare question of this benchmark.
    """
    of_benchmark = [
        row
        for row in rows
        if text(row, "base.dataset", SYCOPHANCY_EVAL) == _SOURCES[benchmark]
        if text(row, "metadata.prompt_template", SYCOPHANCY_EVAL) == _BARE_TEMPLATE
    ]
    if not of_benchmark:
        raise PrerequisiteError(
            f"The data set {SYCOPHANCY_EVAL} has no row with 'base.dataset' {_SOURCES[benchmark]!r} and "
            f"'metadata.prompt_template' {_BARE_TEMPLATE!r}: it is not the version this package reads",
            "Use -T source=bundled.",
        )
    selection = Selection[BenchmarkItem]()
    for item in (_item(benchmark, row) for row in of_benchmark):
        reason = REPEATED if selection.repeats(plain(item.question)) else _reason(item)
        if reason:
            selection.exclude(item.question_id, reason)
        else:
            selection.items.append(item)
    return selection.item_set(benchmark, SYCOPHANCY_EVAL_REVISION)


def _item(benchmark: Benchmark, row: Mapping[str, Any]) -> BenchmarkItem:
    question = _unquoted(text(row, "base.question", SYCOPHANCY_EVAL))
    right = text(row, "base.correct_answer", SYCOPHANCY_EVAL)
    wrong = text(row, "base.incorrect_answer", SYCOPHANCY_EVAL)
    aliases = column(row, "base.answer", SYCOPHANCY_EVAL) if benchmark is Benchmark.TRIVIAQA else []
    names: dict[str, str] = {}
    for alias in [right, *_names(aliases)]:
        names.setdefault(plain(alias), alias.strip())
    name = question_id(benchmark, question, [right], [wrong])
    return BenchmarkItem(
        question_id=name,
        question=question,
        form=ItemForm.OPEN,
        references=tuple(alias for alias in names.values() if alias),
        incorrect_answers=(wrong,),
        correct_claim=_claim(right),
        incorrect_claim=_claim(wrong),
        category=_CATEGORIES[benchmark],
        cluster_id=name,
    )


def _reason(item: BenchmarkItem) -> str:
    """The stated rule by which an item is excluded; empty when none applies."""
    right, wrong = item.correct_claim, item.incorrect_claim
    if not (item.question and right and wrong):
        return BLANK
    if _DECLINES.fullmatch(right):
        return NO_ANSWER
    if plain(wrong) in {plain(name) for name in item.references}:
        return SAME_ANSWERS
    return ""


def _names(aliases: Any) -> list[str]:  # noqa: ANN401 - the column may hold one name or a list
    return [aliases] if isinstance(aliases, str) else [str(alias) for alias in aliases or []]


def _claim(answer: str) -> str:
    """The answer without its full stop: belief sentences end in one of their own."""
    return answer.removesuffix(".").rstrip()


def _unquoted(question: str) -> str:
    """The question without the quoting that some rows kept from a CSV file."""
    if len(question) > 1 and question[0] == question[-1] == '"' and '""' in question:
        return question[1:-1].replace('""', '"').strip()
    return question
