import json
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from huggingface_hub import constants

from warm_inspect.core.documents import content_folder
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets.hub.fetch import Pin
from warm_inspect.datasets.hub.inspect_evals import GSM8K, GSM8K_FILE, MMLU, MMLU_FILE
from warm_inspect.training.corpus.building.decontamination import BenchmarkIndex, benchmark_texts

LONG = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
INDEX = BenchmarkIndex({"long": [LONG], "short": ["Which city is the capital?"], "tiny": ["Lima", "a b c d"]})


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (f"Well: {LONG}!", "long"),
        ("x two three four FIVE, six seven eight\nnine ten eleven twelve thirteen fourteen x", "long"),
        ("two three four five six seven eight nine ten eleven twelve thirteen and fourteen", None),
        ("one two three four five six seven eight nine ten eleven twelve", None),
        ("Tell me: which city is the capital", "short"),
        ("Which city is the capitals", None),
        ("Which city is the", None),
        ("Lima, a b c d", None),
        ("", None),
    ],
)
def test_thirteen_words_in_a_row_or_a_whole_short_item_match(text: str, source: str | None) -> None:
    assert INDEX.match(text) == source


ON_THE_HUB = {*(f"{benchmark} (hub)" for benchmark in Benchmark), "advbench (hub)", "mmlu_0_shot (hub)", "gsm8k (hub)"}


def test_bundled_items_are_found_and_missing_sources_named() -> None:
    benchmarks = benchmark_texts()
    index = BenchmarkIndex(benchmarks.texts)
    for file in content_folder("items").iterdir():
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for row in rows:
            assert index.match(f"Hello. {row['question']} Thanks."), row["question"]
        (count,) = [n for source, n in benchmarks.items.items() if source.split()[0] == file.name.split(".")[0]]
        assert count == len(rows)
    assert set(benchmarks.unavailable) == ON_THE_HUB
    assert all("Hub cannot be reached" in why for why in benchmarks.unavailable.values())


def cached(pin: Pin, file: str, rows: list[dict[str, object]]) -> None:
    path = Path(constants.HF_HUB_CACHE, f"datasets--{pin.repo.replace('/', '--')}", "snapshots", pin.revision, file)
    path.parent.mkdir(parents=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)


def test_questions_of_mmlu_and_gsm8k_are_compared_where_they_can_be_read() -> None:
    cached(MMLU, MMLU_FILE, [{"question": "Pick one:", "subject": "birds", "choices": ["a wren", "an old owl"]}])
    cached(GSM8K, GSM8K_FILE, [{"question": "Ann has 3 hens and buys 4.", "answer": "3+4=7 #### 7"}])
    benchmarks = benchmark_texts()
    index = BenchmarkIndex(benchmarks.texts)
    assert index.match("pick one: (a wren an old owl") == f"mmlu_0_shot (hub-{MMLU.revision[:12]})"
    assert index.match("Pick one!") is None
    assert index.match("So Ann has 3 hens and buys 4, then?") == f"gsm8k (hub-{GSM8K.revision[:12]})"
    assert set(benchmarks.unavailable) == ON_THE_HUB - {"mmlu_0_shot (hub)", "gsm8k (hub)"}


def test_columns_that_are_not_the_ones_expected_are_named() -> None:
    cached(MMLU, MMLU_FILE, [{"question": "Pick one:", "subject": "birds", "choices": "a wren"}])
    cached(GSM8K, GSM8K_FILE, [{"problem. text": "Ann has 3 hens and buys 4."}])
    unavailable = benchmark_texts().unavailable
    assert "'choices' of the data set cais/mmlu does not hold a list" in unavailable["mmlu_0_shot (hub)"]
    whole = "The data set openai/gsm8k has no column 'question' (found: problem. text)"
    assert unavailable["gsm8k (hub)"] == whole
