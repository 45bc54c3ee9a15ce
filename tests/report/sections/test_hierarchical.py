"""The section of the hierarchical models: tables, page, files and record, from results as they are written."""

import json
from dataclasses import replace
from math import nan
from pathlib import Path

import pandas as pd
import pytest

from warm_inspect.analysis.estimates import POINTS, Code, Estimate, Note, arm_effect, estimates_frame, not_estimable
from warm_inspect.analysis.hierarchical import (
    AVERAGE,
    FIT_COLUMNS,
    HIERARCHICAL,
    POPULATION,
    SPREAD_COLUMNS,
    HierarchicalResults,
)
from warm_inspect.analysis.study import AnalysedStudy, write_tables
from warm_inspect.report.sections.hierarchical import (
    hierarchical_effects,
    hierarchical_fits,
    hierarchical_record,
    sources,
    spread,
)
from warm_inspect.report.study_report import file_tables, render, report_tables


def with_models(study: AnalysedStudy) -> AnalysedStudy:
    """The study with made-up results on its first comparison: one outcome converged, the other did not."""
    design = study.designs[0]
    shown, hidden = (
        arm_effect(design.arm, design.reference, belief="incorrect"),
        arm_effect(design.arm, design.reference, context="none"),
    )
    few = Note(Code.FEW_LEVELS, n=3, unit="trained adapters")
    failed = not_estimable(Code.CHAINS_DISAGREE, r_hat=1.2, most=1.01, ess=17.0, least=400, divergent=3)

    def row(term: str, number: float, note: Note | None = None, **changes: object) -> Estimate:
        made = Estimate(HIERARCHICAL, term, "endorses_claim", shown, number, POINTS, 4.0, n=24, n_clusters=12)
        changed = replace(made, notes=(note,) if note else (), **changes)  # type: ignore[arg-type]
        return changed.within(number - 8, number + 8)

    estimates = estimates_frame(
        [
            row(AVERAGE, 10.0),
            row(POPULATION, 9.0, few),
            row(AVERAGE, 1.0, identity=hidden),
            Estimate(HIERARCHICAL, AVERAGE, "not_correct", shown, nan, POINTS, notes=(failed,)),
        ]
    )
    about = (design.arm, design.reference, "endorses_claim")
    parts = pd.DataFrame(
        [
            (*about, "question", "", 12, 1.5, 1.0, 2.0, 0.4, 0.3, 0.5),
            (*about, "question", "question", 12, 1.5, 1.0, 2.0, 0.4, 0.3, 0.5),
            (*about, "sampling", "", 96, nan, nan, nan, 0.6, 0.5, 0.7),
        ],
        columns=list(SPREAD_COLUMNS),
    )
    fits = pd.DataFrame(
        [
            (*about, 96, 12, 40, 4, 500, 1500, 1.002, 900.0, 1100.0, 0, True),
            (*about[:2], "not_correct", 96, 12, 40, 4, 1000, 3000, 1.2, 17.0, 30.0, 3, False),
        ],
        columns=list(FIT_COLUMNS),
    )
    return replace(study, hierarchical=HierarchicalResults(estimates, parts, fits))


@pytest.fixture(scope="module")
def modelled(plain_study: AnalysedStudy) -> AnalysedStudy:
    return with_models(plain_study)


@pytest.mark.slow
def test_an_effect_stands_beside_the_contrast_that_asks_the_same(modelled: AnalysedStudy) -> None:
    table = hierarchical_effects(modelled)
    effect, failed = table.texts
    assert len(table.rows) == 2, "other conditions stand in the CSV alone"
    assert "+10.0 (+2.0 to +18.0)" in effect
    assert "+9.0 (+1.0 to +17.0)†" in effect
    contrasts = modelled.estimates
    same = contrasts[
        (contrasts["term"] == "contrast")
        & (contrasts["outcome"] == "endorses_claim")
        & (contrasts["contrast"] == modelled.hierarchical.estimates["contrast"].iloc[0])
    ]
    assert f"{same['estimate'].iloc[0]:+.1f}".replace("-", "−") in effect[2]
    assert failed[3:5] == ["–", "–"]
    assert "more questions" in failed[-1]
    assert "3 trained adapters" in effect[-1]


def test_the_spread_and_the_chains(modelled: AnalysedStudy) -> None:
    assert [row[2] for row in spread(modelled).texts] == ["question, in all", "question", "sampling, in all"]
    assert [row[2] for row in sources(modelled).texts] == ["question, in all", "sampling, in all"]
    assert sources(modelled).texts[0][4:] == ["40.0% (30.0% to 50.0%)", "1.50 (1.00 to 2.00)"]
    agree, apart = hierarchical_fits(modelled).texts
    assert agree[4:] == ["6,000", "1.002", "900", "1,100", "0", "yes"]
    assert apart[-2:] == ["3", "no"]


@pytest.mark.slow
def test_they_are_files_a_record_and_a_closed_section_of_the_page(modelled: AnalysedStudy, tmp_path: Path) -> None:
    write_tables(modelled, tmp_path)
    for name, frame in (
        ("hierarchical", modelled.hierarchical.estimates),
        ("hierarchical_spread", modelled.hierarchical.spread),
        ("hierarchical_fits", modelled.hierarchical.fits),
    ):
        assert tuple(pd.read_csv(tmp_path / f"{name}.csv").columns) == tuple(frame.columns)
    assert "hierarchical" not in set(pd.read_csv(tmp_path / "estimates.csv")["analysis"])
    record = json.loads(json.dumps(hierarchical_record(modelled), allow_nan=False))
    assert {name: len(rows) for name, rows in record.items()} == {"estimates": 4, "spread": 3, "fits": 2}
    assert {table.name for table in file_tables(modelled)} >= {
        "hierarchical-effects",
        "hierarchical-spread",
        "hierarchical-fits",
    }
    section = render(modelled).split('<section id="hierarchical">')[1].split("</section>")[0]
    assert "secondary" in section
    assert "<details open" not in section


def test_without_models_nothing_is_there(plain_study: AnalysedStudy, tmp_path: Path) -> None:
    assert not report_tables(plain_study)["hierarchical"]
    assert 'id="hierarchical"' not in render(plain_study)
    write_tables(plain_study, tmp_path)
    assert not list(tmp_path.glob("hierarchical*"))
