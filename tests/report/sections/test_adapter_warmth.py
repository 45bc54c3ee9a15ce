"""Warmth checks list the adapters; the dose curve is there with several checkpoints, and readable without seeing it."""

import re
from dataclasses import replace
from math import nan
from typing import Any

import pandas as pd
import pytest

from tests.made_logs import collected_of, frame_of, grid, study_of
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import AnalysedStudy, analyse
from warm_inspect.report.sections.adapter_warmth import dose_codes, dose_panels, warmth_checks
from warm_inspect.report.study_report import render


@pytest.fixture(scope="module")
def two_checkpoints() -> AnalysedStudy:
    def checkpoint(epochs: float, d: float, check: str) -> list[dict[str, Any]]:
        rows = grid({"warm": 0.2 + d / 3})
        facts = {
            "training_epochs": epochs, "warmth_original_d": d, "warmth_check": check, "adapter_sha256": str(epochs),
        }  # fmt: skip
        return [row | facts | {"log_id": f"warm-{epochs}", "log_file": f"warm-{epochs}.eval"} for row in rows]

    samples = (*grid({"original": 0.2}), *checkpoint(0.5, 0.1, "failed"), *checkpoint(2.0, 0.9, "passed"))
    collected = collected_of(samples)
    return analyse(observe(collected, epoch=2), collected)


@pytest.mark.slow
def test_panels_tell_every_number_in_words(two_checkpoints: AnalysedStudy) -> None:
    panels = dose_panels(two_checkpoints.dose)
    assert [panel.title for panel in panels] == ["warmth lift d over the original", "incorrect, %", "not correct, %"]
    assert "warm, seed 0: epoch 0 0.00 (–), n –; epoch 0.5 +0.10 (+0.75 to +1.75), n –" in panels[0].description
    assert re.search(r"epoch 2 \d\d\.\d% \(\d+\.\d% to \d+\.\d%\), n \d+", panels[1].description)
    assert panels[0].description in panels[0].svg.unescape()
    assert dose_panels(two_checkpoints.dose) == panels, "the same study gives the same bytes"


@pytest.mark.slow
def test_the_page_shows_the_curve_and_its_table(two_checkpoints: AnalysedStudy) -> None:
    page = render(two_checkpoints)
    assert '<section id="dose">' in page
    assert "hollow: warmth check not passed" in page
    row = (
        '<th scope="row">warm</th><td class="num" data-label="seed">0</td><td class="num" data-label="epochs">0.5</td>'
    )
    assert page.count(row) == 4
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    without = render(replace(two_checkpoints, dose=two_checkpoints.dose.iloc[:0]))
    assert '<section id="dose">' not in without


@pytest.mark.slow
def test_a_checkpoint_without_a_lift_over_the_original_is_named_and_not_drawn(two_checkpoints: AnalysedStudy) -> None:
    assert "The logs hold no lift" not in render(two_checkpoints)
    dose = two_checkpoints.dose.copy()
    place = (dose["measure"] == "warmth") & (dose["training_epochs"] == 0.5)
    dose.loc[place, ["estimate", "conf_low", "conf_high", "n"]] = nan
    page = " ".join(render(replace(two_checkpoints, dose=dose)).split())
    assert "The logs hold no lift over the original for warm, seed 0, epoch 0.5: no warmth is drawn there." in page
    panel = dose_panels(dose)[0]
    assert "epoch 0.5 – (–), n –; epoch 2 +0.90" in panel.description
    assert panel.svg.count("<use ") < dose_panels(two_checkpoints.dose)[0].svg.count("<use ")


def test_base_models_are_told_apart(two_checkpoints: AnalysedStudy) -> None:
    dose = two_checkpoints.dose
    both = pd.concat([dose, dose.assign(base_model="other")], ignore_index=True)
    colours, shapes = dose_codes(both)
    assert list(colours) == list(shapes) == ["warm of tiny", "warm of other"]
    assert len(set(colours.values())) == 2
    description = dose_panels(both)[1].description
    assert "warm of tiny, seed 0: epoch 0" in description
    assert "warm of other, seed 0: epoch 0" in description


@pytest.mark.slow
def test_warmth_table_shows_length_and_validity() -> None:
    facts = {"warmth_chars": 284.0, "warmth_reference_chars": 540.0, "warmth_auc": 0.982, "warmth_auc_low": 0.95}
    rows = [row | facts | {"warmth_auc_high": 1.0} for row in grid({"warm": 0.3})]
    page = render(study_of([*grid({"original": 0.2}), *rows]))
    assert "284, 540" in page
    assert "0.98 (0.95 to 1.00)" in page
    assert "not recorded" in render(study_of(grid({"original": 0.2, "warm": 0.3})))


def test_warmth_checks_list_adapters_only() -> None:
    frame = frame_of(grid({"original": 0.3, "warm": 0.3}, questions=4))
    (row,) = warmth_checks(frame)
    assert (row["arm"], row["warmth_check"], row["warmth_d"], row["replies"]) == ("warm", "passed", 1.25, 16)


def test_an_adapter_without_a_check_has_no_lift() -> None:
    unchecked: dict[str, Any] = {
        "warmth_d": None,
        "warmth_d_low": None,
        "warmth_d_high": None,
        "warmth_check": "not_run",
    }
    frame = frame_of(grid({"original": 0.3, "warm": 0.3}, questions=4, **unchecked))
    (row,) = warmth_checks(frame)
    assert row["warmth_d"] != row["warmth_d"]
