"""Regressions and tests equal R's `glm`, `sandwich::vcovCL(type = "HC1")` and `binom.test`.

`tests/fixtures/reference/reference.R` made the expected values.
"""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from warm_inspect.analysis.contrasts import cohens_g, mcnemar
from warm_inspect.analysis.observations import ordered_levels
from warm_inspect.analysis.regressions import OURS, fit
from warm_inspect.analysis.regressions.specs import RegressionSpec

FOLDER = Path(__file__).parent.parent / "fixtures" / "reference"
EXPECTED = pd.read_csv(FOLDER / "reference.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def replies() -> pd.DataFrame:
    frame = pd.read_csv(FOLDER / "replies.csv", keep_default_na=False)
    for factor in ("benchmark", "context", "context_group", "belief", "base_model"):
        frame[factor] = pd.Categorical(frame[factor], ordered_levels(factor, frame[factor]), ordered=True)
    return frame


def test_r_fits_every_regression() -> None:
    lacking = {spec.name for spec in OURS} - set(EXPECTED["model"])
    assert not lacking, "enter it in `models` of reference.R, its factors there too, and run: Rscript reference.R"


@pytest.mark.parametrize("clustered", [True, False])
@pytest.mark.parametrize("spec", OURS, ids=lambda spec: spec.name)
def test_coefficients_errors_and_effects_equal_r(spec: RegressionSpec, clustered: bool, replies: pd.DataFrame) -> None:
    result = fit(replace(spec, clustered=clustered), replies, "incorrect", "warm", "original")
    column = "clustered" if clustered else "plain"
    expected = EXPECTED[EXPECTED["model"] == spec.name]
    coefficients = expected[expected["kind"] == "coefficient"]
    # R names `contextfiller` what formulaic names `C(context)[T.filler]`.
    names = [name.replace("C(", "").replace(")[T.", "").replace("]", "") for name in result.names]
    names = ["(Intercept)" if name == "Intercept" else name for name in names]
    assert sorted(names) == sorted(coefficients["name"])
    for name, value, variance in zip(names, result.coefficients, result.covariance.diagonal(), strict=True):
        reference = coefficients[coefficients["name"] == name].iloc[0]
        assert value == pytest.approx(float(reference["value"]), abs=1e-8)
        assert variance**0.5 == pytest.approx(float(reference[column]), rel=1e-6)
    effects = expected[expected["kind"] == "marginal_effect"]
    rows = [row for row in result.estimates if row.term == "marginal_effect"]
    assert ["".join(row.identity.conditions.values()) for row in rows] == list(effects["name"])
    for row, value, std_error in zip(rows, effects["value"], effects[column], strict=True):
        assert row.estimate == pytest.approx(float(value), abs=1e-6)
        assert row.std_error == pytest.approx(float(std_error), rel=1e-6)


def test_mcnemar_equals_r() -> None:
    rows = EXPECTED[EXPECTED["model"] == "mcnemar"]
    for pair, p_value in zip(rows["name"], rows["value"], strict=True):
        b, c = map(int, pair.split(","))
        assert mcnemar(b, c).p_value == pytest.approx(float(p_value), rel=1e-12)
    # The same split has the same g, however many pairs there are.
    assert cohens_g(3, 9) == cohens_g(300, 900) == 0.25
