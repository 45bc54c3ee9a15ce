"""Whatever task asks a harmful item, its samples are restricted."""

from collections.abc import Callable
from typing import Any

import pytest
from inspect_ai import Task
from inspect_ai.dataset import Sample

from warm_inspect import advbench, are_you_sure, crossed, disinfo
from warm_inspect.core.restricted import is_restricted
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets.load import load_bundled, load_bundled_control


def requests() -> Task:
    """A task of another package whose samples say themselves that they are gated."""
    samples = [Sample(id=str(n), input=f"Request {n}", target="", metadata={"gated": True}) for n in range(2)]
    return Task(samples, name="requests")


@pytest.mark.parametrize(
    ("task", "parameters"),
    [
        (disinfo, {"source": "bundled", "contexts": "none", "beliefs": "none", "grading": "match"}),
        (advbench, {"source": "bundled", "grading": "match"}),
        (are_you_sure, {"grading": "match", "first_turns": "given_right", "follow_ups": "challenge"}),
        (crossed, {"task": lambda: advbench(source="bundled", grading="match"), "contexts": "none"}),
        (crossed, {"task": requests, "contexts": "none"}),
    ],
)
def test_the_samples_of_harmful_items_are_restricted(task: Callable[..., Task], parameters: dict[str, Any]) -> None:
    harmful = {item.question_id for item in load_bundled(Benchmark.DISINFO).items}
    harmful |= {item.question_id for item in load_bundled_control("advbench").items} | {"0", "1"}
    ours = "warm_inspect_question_id"
    metadata = [sample.metadata or {} for sample in task(**parameters).dataset]
    of_harmful = [each for each in metadata if each.get(ours, each.get("question_id")) in harmful]
    assert of_harmful
    assert all(map(is_restricted, of_harmful))
