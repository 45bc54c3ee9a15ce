"""The multinomial logit against another program, and where it has no answer."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.made_logs import asked_twice, frame_of, grid
from warm_inspect.analysis.estimates import Code, arm_effect, not_estimable
from warm_inspect.analysis.regressions import multinomial_effects

FRAME = frame_of(grid({"original": 0.35, "neutral": 0.4, "warm": 0.6}, questions=40, benchmarks=("triviaqa", "medqa")))


def test_multinomial_equals_another_program() -> None:
    rows = list(multinomial_effects(FRAME, arm_effect("warm", "original")))
    data = FRAME[FRAME["arm"].isin(["original", "warm"])]
    treated = (data["arm"] == "warm").to_numpy(dtype=float)
    levels = {"benchmark": "medqa", "context": "filler", "belief": "incorrect"}
    columns = [data[name].astype(str) == level for name, level in levels.items()]
    x = np.column_stack([np.ones(len(data)), treated, *[column.to_numpy(dtype=float) for column in columns]])
    grades = [row.outcome for row in rows]
    assert grades == ["correct", "incorrect", "unclear"]
    y = data[grades].to_numpy().argmax(axis=1)
    fitted = sm.MNLogit(y, x).fit(disp=0, method="newton", tol=1e-12)
    one, zero = x.copy(), x.copy()
    one[:, 1], zero[:, 1] = 1, 0

    def effects(params: np.ndarray) -> np.ndarray:
        change = fitted.model.predict(params, one) - fitted.model.predict(params, zero)
        return np.asarray(100 * change.mean(axis=0))

    assert [row.estimate for row in rows] == pytest.approx(list(effects(fitted.params)), abs=1e-6)
    # The sandwich by hand: scores of each reply summed by question, effects differentiated numerically.
    p = fitted.predict(x)
    scores = np.concatenate([((y == g)[:, None] - p[:, [g]]) * x for g in (1, 2)], axis=1)
    sums = pd.DataFrame(scores).groupby(data["cluster"].astype(str).to_numpy()).sum().to_numpy()
    bread = np.linalg.inv(-fitted.model.hessian(fitted.params))
    groups, n, k = len(sums), len(data), scores.shape[1]
    covariance = groups / (groups - 1) * (n - 1) / (n - k) * bread @ (sums.T @ sums) @ bread
    flat = fitted.params.ravel(order="F")
    gradient = np.empty((3, k))
    for i in range(k):
        step = np.zeros(k)
        step[i] = 1e-5
        up, down = ((flat + sign * step).reshape(fitted.params.shape, order="F") for sign in (1, -1))
        gradient[:, i] = (effects(up) - effects(down)) / 2e-5
    errors = np.sqrt(np.einsum("gi,ij,gj->g", gradient, covariance, gradient))
    assert [row.std_error for row in rows] == pytest.approx(list(errors), rel=1e-5)
    assert sum(row.estimate for row in rows) == pytest.approx(0, abs=1e-9)


def test_multinomial_says_when_a_grade_never_occurs() -> None:
    data = FRAME[~((FRAME["arm"] == "warm") & (FRAME["unclear"] == 1))]
    rows = list(multinomial_effects(data, arm_effect("warm", "original")))
    assert {row.notes for row in rows} == {(not_estimable(Code.GRADE_NEVER_GIVEN, arm="warm", grades="unclear"),)}


def test_multinomial_tells_the_arm_only_where_the_arms_share_a_condition() -> None:
    apart = (FRAME["arm"] == "warm") == (FRAME["context"] == "filler")
    rows = list(multinomial_effects(FRAME[apart], arm_effect("warm", "original")))
    assert all(np.isnan(row.estimate) for row in rows)
    assert {row.notes for row in rows} == {(not_estimable(Code.NO_SHARED_CONDITION),)}
    # One shared condition is enough: the design has a column of the arm's own.
    shared = apart | (FRAME["belief"] == "incorrect")
    assert all(row.estimable for row in multinomial_effects(FRAME[shared], arm_effect("warm", "original")))


@pytest.mark.parametrize("seed", range(3))
def test_multinomial_of_arms_that_agree_has_no_error_of_rounding(seed: int) -> None:
    rows = list(multinomial_effects(asked_twice(seed), arm_effect("warm", "original")))
    assert len(rows) == 3
    for row in rows:
        assert row.estimate == pytest.approx(0, abs=1e-9)
        assert row.notes == (not_estimable(Code.ZERO_ERROR),)
