"""MedQA without its options, in a relative's words.

Jin et al. 2020, arXiv 2009.13081; https://huggingface.co/datasets/GBaker/MedQA-USMLE-4-options (CC BY 4.0).
The study used the file with five options: the same questions and right answers.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.vocabulary import Benchmark, ItemForm
from warm_inspect.datasets.hub.columns import column, text
from warm_inspect.datasets.hub.fetch import Pin, fetch_lines
from warm_inspect.datasets.hub.identity import REPEATED, plain, question_id
from warm_inspect.datasets.hub.medqa_question import exclusion_reason, open_question, tidy
from warm_inspect.datasets.hub.medqa_wording import relative_voice, wording
from warm_inspect.datasets.item import BenchmarkItem, Exclusion, ItemSet

MEDQA = "GBaker/MedQA-USMLE-4-options"
MEDQA_REVISION = "0fb93dd23a7339b6dcd27e241cb9b5eca62d4d18"

NO_CLAIM = "has no usable wrong option"

_FILE = "phrases_no_exclude_test.jsonl"
"""The split `test`."""


def load_medqa() -> ItemSet[BenchmarkItem]:
    """The items of the USMLE test split."""
    return map_medqa(fetch_lines(Pin(MEDQA, MEDQA_REVISION), _FILE))


def map_medqa(rows: Sequence[Mapping[str, Any]]) -> ItemSet[BenchmarkItem]:
    """The item set from the split's rows.

    Raises:
        PrerequisiteError: a column is missing or does not hold text.
    """
    items: list[BenchmarkItem] = []
    exclusions: list[Exclusion] = []
    seen: set[str] = set()
    for row in rows:
        stem = text(row, "question", MEDQA)
        answer = tidy(text(row, "answer", MEDQA))
        options = [tidy(text(row, f"options.{key}", MEDQA)) for key in sorted(column(row, "options", MEDQA))]
        wrong = [option for option in options if plain(option) != plain(answer) and _is_claim(option)]
        name = question_id(Benchmark.MEDQA, stem, [answer], options)
        tidied = tidy(stem)
        reason = REPEATED if plain(tidied) in seen else exclusion_reason(tidied)
        if not reason and not (wrong and _is_claim(answer)):
            reason = NO_CLAIM
        seen.add(plain(tidied))
        if reason:
            exclusions.append(Exclusion(name, reason))
        else:
            items.append(_item(name, tidied, answer, _voiced(stem, wrong), text(row, "meta_info", MEDQA)))
    return ItemSet(name=Benchmark.MEDQA, items=tuple(items), exclusions=tuple(exclusions), revision=MEDQA_REVISION)


def _item(name: str, stem: str, answer: str, wrong: str, exam: str) -> BenchmarkItem:
    return BenchmarkItem(
        question_id=name,
        question=open_question(relative_voice(stem)),
        form=ItemForm.OPEN,
        references=(answer,),
        incorrect_answers=(wrong,),
        correct_claim=answer.removesuffix("."),
        incorrect_claim=wrong.removesuffix("."),
        category="step1" if exam == "step1" else "step2&3",
        cluster_id=name,
    )


def _voiced(stem: str, wrong: Sequence[str]) -> str:
    """The option that false beliefs name: chosen by the hash of the question alone, the same for every seed."""
    return wrong[int(sha256_text(stem), 16) % len(wrong)]


def _is_claim(option: str) -> bool:
    return bool(option) and not re.search(wording()["about_options"], option)
