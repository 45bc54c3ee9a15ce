"""No number that the commands write has changed since it was recorded; see `freeze.py` for what may."""

import pytest

from tests.frozen import freeze
from tests.frozen.freeze import FROZEN, Table, Value, compare, measure, read


@pytest.mark.slow
def test_every_recorded_value_is_still_written() -> None:
    result = compare(read(FROZEN), measure())
    assert result.compared > 100_000
    assert result.equal, f"{result}\nWhere that is meant, do what tests/frozen/freeze.py says"


def table(*rows: tuple[Value, ...], columns: tuple[str, ...] = ("term", "n", "estimate")) -> dict[str, Table]:
    values = {name: [row[place] for row in rows] for place, name in enumerate(columns)}
    return {"case/file.csv": Table(values, [columns[0]])}


RECORDED = table(("a", 1, 0.5), ("b", 2, 0.25), ("b", 3, 0.125))


@pytest.mark.parametrize(
    ("today", "different", "missing", "new"),
    [
        (table(("b", 3, 0.125), ("b", 2, 0.25), ("a", 1, 0.5 * (1 + 1e-12))), 0, 0, 0),
        (table(("a", 1, 0.5), ("b", 2, 0.25), ("b", 3, 0.126), ("c", 4, 1)), 1, 0, 3),
        (table(("a", 1, ""), ("b", 2, 0.25)), 1, 1, 0),
        (table(("a", 1), ("b", 2), ("b", 3), columns=("term", "n")), 0, 1, 0),
        (table(*[(*row, "x") for row in (("a", 1, 0.5), ("b", 2, 0.25), ("b", 3, 0.125))],
               columns=("term", "n", "estimate", "added")), 0, 0, 3),
        ({}, 0, 1, 0),
    ],
)  # fmt: skip
def test_what_differs_is_missing_or_new(today: dict[str, Table], different: int, missing: int, new: int) -> None:
    result = compare(RECORDED, today)
    assert (len(result.different), len(result.missing), result.new) == (different, missing, new)
    assert result.equal is not bool(different or missing)


def test_what_was_renamed_is_found_under_its_new_name(monkeypatch: pytest.MonkeyPatch) -> None:
    today = table(("A", 1, 0.5), ("b", 2, 0.25), ("b", 3, 0.125), columns=("name", "n", "estimate"))
    renamed = {"files": {"case/file.csv": "case/new.csv"}, "columns": {"term": "name"}, "texts": {"a": "A"}}
    monkeypatch.setattr(freeze, "RENAMED", renamed)
    assert compare(RECORDED, {"case/new.csv": today["case/file.csv"]}).equal
