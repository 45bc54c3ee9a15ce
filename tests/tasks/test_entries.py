"""A task is entered in every list that makes it known."""

import ast
from pathlib import Path

import warm_inspect
from warm_inspect import _registry
from warm_inspect.core.families import Family
from warm_inspect.core.measurements import MEASUREMENTS
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets.hub import _PINS
from warm_inspect.study.evaluation import TASKS


def test_every_benchmark_has_a_task_a_pin_and_public_names() -> None:
    assert list(TASKS) == list(Benchmark)
    assert set(_PINS) == set(Benchmark)
    assert set(Benchmark) <= set(warm_inspect.__all__) & set(_registry.__all__)


def test_every_family_has_a_task_and_a_score_that_inspect_finds() -> None:
    assert set(Family) <= set(warm_inspect.__all__) & set(_registry.__all__)
    assert {measurement.score for measurement in MEASUREMENTS.values() if measurement.value} == set(Family)


def test_public_names_are_known_to_type_checkers() -> None:
    tree = ast.parse(Path(str(warm_inspect.__file__)).read_text(encoding="utf-8"))
    typed = {
        (alias.asname, node.module)
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == set(warm_inspect._PUBLIC.items())
