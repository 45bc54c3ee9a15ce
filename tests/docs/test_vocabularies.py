"""The docs name every value of a vocabulary that they list."""

from collections.abc import Iterable

import pytest

from tests.docs.pages import ROOT
from warm_inspect.core.content import content_names
from warm_inspect.core.families import Family
from warm_inspect.core.roles import Role
from warm_inspect.core.vocabulary import Benchmark, TrainedArm


@pytest.mark.parametrize(
    ("page", "values"),
    [
        ("README.md", list(Benchmark)),
        ("README.md", list(Family)),
        ("docs/training.md", list(TrainedArm)),
        ("docs/training.md", content_names("presets", ".yaml")),
        ("docs/answers.md", [f"{role.option} ARM" for role in Role]),
    ],
)
def test_every_value_is_named(page: str, values: Iterable[str]) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [value for value in values if f"`{value}`" not in text and f"/{value}`" not in text] == []
