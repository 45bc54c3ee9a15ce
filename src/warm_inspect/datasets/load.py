"""The items of a benchmark or control from the source that a task names: the Hub, or the sets in the package.

Those in the package are newly written, fact-checked, gradable without a model, and available offline. They follow the
spirit of the benchmarks and controls; their scores are not comparable with theirs.
"""

import json
from collections.abc import Callable
from typing import Any

from warm_inspect.core.content import content_folder
from warm_inspect.core.controls import CONTROL_BENCHMARKS, ControlKind
from warm_inspect.core.errors import unknown_value
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.vocabulary import Benchmark, ItemForm, Source
from warm_inspect.datasets.hub import load_hub, load_hub_control
from warm_inspect.datasets.item import BenchmarkItem, ControlItem, ItemSet, ItemT


def load_bundled(benchmark: Benchmark) -> ItemSet[BenchmarkItem]:
    """The bundled items of a benchmark, in file order."""
    return _read(benchmark, _benchmark_item)


def load_bundled_control(control: str) -> ItemSet[ControlItem]:
    """The bundled items of a control benchmark, in file order."""
    harmful = CONTROL_BENCHMARKS[control].kind is ControlKind.REFUSAL
    return _read(control, lambda row: _control_item(row, harmful))


def bundled_rows(name: str) -> list[dict[str, Any]]:
    """The rows of a bundled set as they stand in its file."""
    return [json.loads(line) for line in _text(name).splitlines() if line.strip()]


def _read(name: str, parse: Callable[[dict[str, Any]], ItemT]) -> ItemSet[ItemT]:
    items = tuple(map(parse, bundled_rows(name)))
    return ItemSet(name=name, items=items, revision=f"bundled-{sha256_text(_text(name))[:12]}")


def _text(name: str) -> str:
    return content_folder("items").joinpath(f"{name}.jsonl").read_text(encoding="utf-8")


def _benchmark_item(row: dict[str, Any]) -> BenchmarkItem:
    form = ItemForm(row["form"])
    yes_no = form is ItemForm.YES_NO
    return BenchmarkItem(
        question_id=row["question_id"],
        question=row["question"],
        form=form,
        references=tuple(row["references"]),
        incorrect_answers=tuple(row["incorrect_answers"]),
        correct_claim=row["correct_claim"] if yes_no else row["references"][0],
        incorrect_claim=row["incorrect_claim"] if yes_no else row["incorrect_answers"][0],
        category=row["category"],
        cluster_id=row["question_id"],
    )


def _control_item(row: dict[str, Any], harmful: bool) -> ControlItem:
    return ControlItem(
        question_id=row["question_id"],
        question=row["question"],
        category=row["category"],
        cluster_id=row["question_id"],
        options=tuple(row.get("options", ())),
        target=row.get("target", ""),
        gated=harmful,
        harmful=harmful,
    )


def load_items(benchmark: Benchmark, source: Source) -> ItemSet[BenchmarkItem]:
    """All usable items of a benchmark, with the exclusions.

    Network: `hub` asks the Hugging Face Hub (or `HF_ENDPOINT`) unless the pinned revision is in its cache.

    Raises:
        PrerequisiteError: the data set cannot be read, or its columns are not the ones expected.
    """
    if source is Source.BUNDLED:
        return load_bundled(benchmark)
    return load_hub(benchmark)


def load_control(control: str, source: Source) -> ItemSet[ControlItem]:
    """All usable items of a control benchmark from one of its sources, with the exclusions.

    Raises:
        PrerequisiteError: it has no such source, the data set cannot be read, or its columns are not the ones expected.
    """
    if source not in CONTROL_BENCHMARKS[control].sources:
        raise unknown_value(f"source of {control}", source, CONTROL_BENCHMARKS[control].sources)
    return load_bundled_control(control) if source is Source.BUNDLED else load_hub_control(control)
