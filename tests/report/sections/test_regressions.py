"""Every regression of the specs has its table, whatever it is called."""

import pytest

from tests.made_logs import grid, study_of
from warm_inspect.analysis.regressions import specs
from warm_inspect.report.sections.regressions import _MEANING, regressions


def test_a_regression_of_any_name_has_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    dose = specs.RegressionSpec("dose_response", ("treated",))
    monkeypatch.setattr(specs, "OURS", (*specs.OURS, dose))
    rates = grid({"original": 0.3, "warm": 0.5}, questions=8, contexts=("none",), beliefs=("none",))
    estimates = study_of(rates).estimates
    main = estimates["analysis"] == "logit_main"
    assert main.any()
    renamed = estimates.assign(analysis=estimates["analysis"].astype(str).mask(main, dose.name))
    assert dose.name.replace("_", "-") in [table.name for table in regressions(renamed)]
    other = [table.name for table in regressions(estimates[~estimates["analysis"].str.startswith("logit_")])]
    assert other == []


def test_each_regression_of_ours_has_a_title() -> None:
    assert {spec.name for spec in specs.OURS} <= set(_MEANING)
