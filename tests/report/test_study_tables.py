"""All tables of a study: named, with denominators, and shown whole on every terminal."""

import re
from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from tests.made_logs import grid, study_of
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.report.study_report import file_tables
from warm_inspect.tables import Table
from warm_inspect.tables.terminal import table_lines

LONG = "an_arm_whose_name_has_30_signs"
WIDTHS = (80, 100, 200)


def test_the_tables_of_a_study_have_denominators_and_unique_names(plain_study: AnalysedStudy) -> None:
    tables = file_tables(plain_study)
    names = [table.name for table in tables]
    assert len(names) == len(set(names))
    assert {"claims", "warmth", "rates", "effects-1", "robustness", "two-way", "grades", "detectable"} <= set(names)
    for table in tables:
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert any(re.match(r"(n|of)\b", column.heading) for column in table.columns), table.name


def test_ungraded_samples_are_a_table() -> None:
    samples = grid({"original": 0.3, "warm": 0.3}, questions=6)
    samples[0]["excluded"] = "unscored: no verdict"
    (table,) = [table for table in file_tables(study_of(samples)) if table.name == "exclusions"]
    assert table.texts == [["unscored: no verdict", "original", "triviaqa", "none", "none", "1"]]


@pytest.fixture(scope="module")
def study() -> AnalysedStudy:
    """Arms with long names, a condition that was cut often, and a sample without a grade."""
    samples = grid(
        {"original": 0.3, "original_repeat": 0.3, LONG: 0.4, "neutral": 0.3, "warm": 0.8},
        contexts=("none", "emotion_sad", "relation_down"),
        beliefs=("none", "incorrect", "rejects_incorrect"),
        questions=8,
    )
    for i, reply in enumerate(samples):
        reply["truncated"] = float(reply["arm"] == LONG and i % 3 == 0)
    samples[0]["excluded"] = "unscored: no verdict"
    return study_of(samples)


def words(table: Table) -> Iterator[str]:
    """Every word that the terminal must show whole."""
    shown = [i for i, column in enumerate(table.columns) if column.on_terminal]
    for row in [[column.heading for column in table.columns], *table.texts]:
        yield from (word for i in shown for word in row[i].split())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.slow
def test_every_table_of_a_study_fits_with_whole_words(study: AnalysedStudy, width: int) -> None:
    assert len(LONG) == 30
    tables = file_tables(study)
    assert len(tables) > 10
    for table in tables:
        text = [line.plain for line in table_lines(table, width)]
        assert max(map(cell_len, text)) <= width, table.name
        assert "…" not in "".join(text)
        said = set(" ".join(text).replace(":", " ").split())
        group = set(table.columns[0].heading.split()) if table.grouped else set()
        missing = {part for word in words(table) for part in word.replace(":", " ").split()} - said - group
        assert not missing, (table.name, missing)
