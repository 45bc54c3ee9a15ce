import pytest

from warm_inspect.core.vocabulary import Benchmark, Source
from warm_inspect.datasets.load import load_items
from warm_inspect.training.building.decontamination import BenchmarkIndex, benchmark_texts

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


def test_every_bundled_item_is_found_and_what_the_hub_does_not_give_is_named() -> None:
    benchmarks = benchmark_texts()
    index = BenchmarkIndex(benchmarks.texts)
    for benchmark in Benchmark:
        for item in load_items(benchmark, Source.BUNDLED).items:
            assert index.match(f"Hello. {item.question} Thanks."), item.question
    assert sorted(benchmarks.unavailable) == sorted(f"{benchmark} (hub)" for benchmark in Benchmark)
    assert all("Hub cannot be reached" in why for why in benchmarks.unavailable.values())
