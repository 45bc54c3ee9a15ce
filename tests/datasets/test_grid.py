"""A run of a part of a grid: warned of once, and only where the part cuts questions."""

from collections.abc import Sequence

import pytest
from inspect_ai.dataset import Sample

from warm_inspect.conditions.condition import parse_grid
from warm_inspect.core.vocabulary import Benchmark, Source
from warm_inspect.datasets.grid import GridDataset
from warm_inspect.datasets.load import load_bundled, load_control
from warm_inspect.datasets.samples import control_dataset, crossed_dataset

GRID = parse_grid(Benchmark.TRUTHFULQA, "none,filler,emotion_sad", "none,incorrect", "none")


def dataset(items: int = 4) -> GridDataset:
    return crossed_dataset(load_bundled(Benchmark.TRUTHFULQA), GRID, items, 0, "1-A")


@pytest.mark.parametrize(
    ("part", "cut", "instead"),
    [
        (slice(0, 24), 0, 0),
        (slice(None), 0, 0),
        (slice(0, 12), 0, 0),
        (slice(0, 100), 0, 0),
        (slice(0, 0), 0, 0),
        (slice(0, 10), 1, 1),
        (slice(0, 2), 1, 1),
        (slice(3, 21), 2, 3),
    ],
)
def test_a_slice_is_warned_of_where_it_cuts_questions(
    part: slice, cut: int, instead: int, caplog: pytest.LogCaptureFixture
) -> None:
    kept = list(dataset()[part])
    assert len(kept) == len(range(24)[part])
    assert len(caplog.records) == bool(cut)
    if cut:
        [record] = caplog.records
        assert record.levelname == "WARNING"
        assert record.args is not None
        assert (record.args[3], record.args[6]) == (cut, instead)  # type: ignore[index]
        assert f"-T items={instead}" in record.getMessage()


def test_a_mixed_grid_that_is_cut_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    samples = dataset()
    samples.shuffle(seed=7)
    # Inspect takes the same slice for the log's header and for the run.
    headed, run = samples[:12], samples[:12]
    assert [sample.id for sample in headed] == [sample.id for sample in run]
    assert len(caplog.records) == 1
    assert "-T items=2" in caplog.text


def test_items_of_a_control_are_their_own_grid(caplog: pytest.LogCaptureFixture) -> None:
    assert len(control_dataset(load_control("capability", Source.BUNDLED), "none", None, 0, "1-A")[:7]) == 7
    assert not caplog.records


def test_single_samples_and_an_empty_set_are_read_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    assert dataset()[5].id == list(dataset())[5].id
    empty: Sequence[Sample] = []
    assert len(GridDataset(list(empty))[:3]) == 0
    assert not caplog.records
