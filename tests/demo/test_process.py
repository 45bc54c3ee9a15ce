"""Work in a process of its own: its value, its progress, and every way it can end."""

import os
from collections.abc import Callable

import pytest

from tests.errors import refused
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.demo.process import in_process

pytestmark = pytest.mark.slow
"""Each test starts a Python process that loads Inspect."""


def count(to: int, progress: Callable[[int], None]) -> int:
    for number in range(to):
        progress(number)
    return to


def fail(error: str, progress: Callable[[int], None]) -> None:
    if error == "killed":
        os._exit(9)
    raise PrerequisiteError("no such base") if error == "prerequisite" else ValueError(error)


def test_progress_comes_before_the_value() -> None:
    told: list[int] = []
    assert in_process(count, (3,), told.append) == 3
    assert told == [0, 1, 2]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("prerequisite", "no such base"),
        ("a fault", "exit code 1: its error stands above"),
        ("killed", "exit code 9: out of memory"),
    ],
)
def test_an_end_without_a_value_is_an_error(error: str, said: str) -> None:
    with refused(said):
        in_process(fail, (error,), print)
