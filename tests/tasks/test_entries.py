"""A task is entered in every list that makes it known."""

import ast
from pathlib import Path

from inspect_ai._util.registry import is_registry_object

import warm_inspect
from warm_inspect import _registry, scorers, solvers
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


def test_items_of_every_family_name_their_set() -> None:
    """What keeps harmful items at home, and the gate's count of looks, goes by it."""
    families = [measurement for measurement in MEASUREMENTS.values() if measurement.value]
    assert [each.name for each in families if "item_set" not in each.metadata.model_fields] == []


def test_inspect_finds_every_scorer_and_solver() -> None:
    made = {name for part in (scorers, solvers) for name in part.__all__ if is_registry_object(getattr(part, name))}
    of_commands_alone = {"preference_score", "replay"}
    assert {"correctness", "persona", *of_commands_alone} <= made <= {*_registry.__all__, *of_commands_alone}


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
