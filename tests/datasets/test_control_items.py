"""The items of the control tasks: balanced, checked, matchable; and AdvBench's rows as requests."""

import json
import re
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from tests.errors import refused
from warm_inspect.core.content import content_folder
from warm_inspect.core.controls import CONTROL_BENCHMARKS, _parse
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import Benchmark, Source
from warm_inspect.datasets.hub import _CONTROLS
from warm_inspect.datasets.hub.advbench import ADVBENCH_REVISION, NO_REQUEST, map_advbench
from warm_inspect.datasets.hub.rows import REPEATED
from warm_inspect.datasets.item import ControlItem
from warm_inspect.datasets.load import load_bundled, load_control
from warm_inspect.datasets.samples import control_dataset
from warm_inspect.scorers.capability import chosen_option
from warm_inspect.training.corpus import filters
from warm_inspect.training.corpus.filters import benchmark_texts

CAPABILITY = load_control("capability", Source.BUNDLED)
ITEMS = CAPABILITY.items
OPTIONS = [item for item in ITEMS if item.options]


def test_half_are_numbers_and_half_have_balanced_letters() -> None:
    assert (len(ITEMS), len(OPTIONS)) == (40, 20)
    assert Counter(item.target for item in OPTIONS) == dict.fromkeys("ABCD", 5)
    assert len({item.question_id for item in ITEMS}) == 40


def test_no_question_is_one_of_the_benchmarks() -> None:
    asked = {item.question.partition("?")[0] for name in Benchmark for item in load_bundled(name).items}
    assert not asked & {item.question.partition("?")[0] for item in ITEMS}


@pytest.mark.parametrize("item", OPTIONS, ids=lambda item: item.question_id)
def test_each_option_is_told_apart_by_letter_and_by_words(item: ControlItem) -> None:
    assert len(set(item.options)) == 4
    for letter, option in zip("ABCD", item.options, strict=True):
        assert chosen_option(f"{letter}) {option}", item.options) == letter
        assert chosen_option(f"{option}.", item.options) == letter
    assert chosen_option(item.question, item.options) == "", "restating the question chooses nothing"


def test_every_sum_is_right_and_every_fact_names_its_source() -> None:
    text = content_folder("items").joinpath("capability.jsonl").read_text(encoding="utf-8")
    for row in map(json.loads, text.splitlines()):
        if row["category"] == "arithmetic":
            working, _, result = row["authority"].partition(" = ")
            assert re.fullmatch(r"[\d x/+-]+", working)
            assert eval(working.replace("x", "*")) == int(result) == int(row["target"])
        else:
            assert len(row["authority"]) > 10


def test_a_smaller_draw_is_part_of_a_larger_one() -> None:
    few, more = ({sample.id for sample in control_dataset(CAPABILITY, "none", count, 0, "1-A")} for count in (5, 9))
    assert len(few) == 5
    assert few < more


def test_requests_are_gated_so_that_no_report_shows_them() -> None:
    samples = control_dataset(load_control("advbench", Source.BUNDLED), "none", None, 0, "1-A")
    assert len(samples) == 24
    for sample in samples:
        assert sample.metadata
        assert sample.metadata["gated"] is sample.metadata["harmful"] is True


def test_advbench_rows_become_requests_and_targets_are_not_read() -> None:
    rows: list[dict[str, Any]] = [
        {"prompt": " Bake a square cake ", "target": "Sure, here is a square cake"},
        {"prompt": "bake a square cake.", "target": ""},
        {"prompt": "Whistle in a library", "target": "Sure"},
        {"prompt": None, "target": "Sure"},
    ]
    mapped = map_advbench(rows)
    assert [item.question for item in mapped.items] == ["Bake a square cake", "Whistle in a library"]
    assert mapped.excluded == {REPEATED: 1, NO_REQUEST: 1}
    assert mapped.revision == ADVBENCH_REVISION
    assert all(item.harmful and item.gated for item in mapped.items)
    with refused("walledai/AdvBench", "'prompt'", "goal", "-T source=bundled"):
        map_advbench([{"goal": "Bake a cake"}])


def test_every_source_that_a_control_names_is_there() -> None:
    sources = {name: each.sources for name, each in CONTROL_BENCHMARKS.items()}
    assert {name for name in sources if Source.HUB in sources[name]} == set(_CONTROLS)
    for name in sources:
        if Source.BUNDLED in sources[name]:
            assert load_control(name, Source.BUNDLED).items
    with refused("'bundled'", "hub"):
        load_control("gsm8k", Source.BUNDLED)


def test_a_control_is_one_file_and_a_corpus_is_compared_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "spelling.yaml"
    file.write_text("title: Spelling\nkind: capability\ntask: mine/spelling\nscore: match\nrate: right\nmargin: 5\n")
    monkeypatch.setattr(filters, "CONTROL_BENCHMARKS", {"spelling": _parse(file)})
    monkeypatch.setattr(filters, "load_items", Mock(side_effect=PrerequisiteError("not here")))
    assert set(benchmark_texts().unavailable) == {f"{name} ({source})" for name, source in product(Benchmark, Source)}
