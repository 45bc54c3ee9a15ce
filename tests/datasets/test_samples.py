from tests.errors import refused
from warm_inspect.conditions.condition import parse_grid
from warm_inspect.core.metadata import MAX_CHARACTERS, SampleMetadata
from warm_inspect.core.vocabulary import CLAIMS, INCORRECT_ANSWERS, Benchmark
from warm_inspect.datasets.load import load_bundled
from warm_inspect.datasets.samples import crossed_dataset, draw_items

ITEMS = load_bundled(Benchmark.TRUTHFULQA)
GRID = parse_grid(Benchmark.TRUTHFULQA, "none,filler,emotion_sad", "none,incorrect,third_party", "none")


def test_samples_are_item_major_with_stable_ids() -> None:
    samples = list(crossed_dataset(ITEMS, GRID, 3, 0, "1-A"))
    assert len(samples) == 3 * 9
    first = draw_items(ITEMS, 3, 0)[0].question_id
    assert [sample.id for sample in samples[:4]] == [
        f"{condition} · {first}" for condition in ("none/none", "none/incorrect", "none/third_party", "filler/none")
    ]
    assert len({sample.id for sample in samples}) == len(samples)
    assert len({sample.input for sample in samples[:9]}) == 1, "the input is the bare question in every condition"


def test_metadata_is_flat_short_and_complete() -> None:
    for sample in crossed_dataset(ITEMS, GRID, None, 0, "1-A"):
        metadata = dict(sample.metadata or {})
        assert metadata.pop(INCORRECT_ANSWERS)
        assert len(metadata.pop(CLAIMS)) == 2
        SampleMetadata.model_validate(metadata)
        assert all(value is None or isinstance(value, str | int | float | bool) for value in metadata.values())
        assert all(len(value) < MAX_CHARACTERS for value in metadata.values() if isinstance(value, str))


def test_a_smaller_draw_is_a_subset_with_the_same_prompts() -> None:
    few = {sample.id: sample.metadata for sample in crossed_dataset(ITEMS, GRID, 5, 0, "1-A")}
    many = {sample.id: sample.metadata for sample in crossed_dataset(ITEMS, GRID, 20, 0, "1-A")}
    assert len(few) == 45
    assert all(many[name] == metadata for name, metadata in few.items())


def test_the_seed_decides_the_draw() -> None:
    assert draw_items(ITEMS, 10, 0) == draw_items(ITEMS, 10, 0) != draw_items(ITEMS, 10, 1)


def test_too_many_items_is_an_error_with_the_number() -> None:
    with refused("items=1000", f"-T items={len(ITEMS.items)}"):
        draw_items(ITEMS, 1000, 0)
