"""Regressions: equal to statsmodels used differently and to numerical derivatives, and open about their limits."""

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.optimize import approx_fprime

from warm_inspect.analysis.estimates import Code, Note, not_estimable
from warm_inspect.analysis.regressions import OURS, fit
from warm_inspect.analysis.regressions.logistic import _KINDS
from warm_inspect.analysis.regressions.specs import By, RegressionSpec

BY_NAME = {spec.name: spec for spec in OURS}
CONTEXTS = ["none", "filler", "emotion_sad", "stakes_low"]
BELIEFS = ["none", "incorrect"]


def test_every_factor_with_effects_of_its_own_says_what_they_are() -> None:
    assert set(_KINDS) == set(get_args(By))


def test_a_term_of_a_column_that_is_not_there_is_named() -> None:
    spec = RegressionSpec("logit_mood", ("treated", "C(mood)"))
    with pytest.raises(ValueError, match=r"logit_mood.* mood "):
        fit(spec, made_frame(2), "incorrect", "warm", "original")


def made_frame(questions: int = 60, seed: int = 0) -> pd.DataFrame:
    """Replies with a question effect, an arm effect of .5 and .8 more under sadness, in log-odds."""
    rng = np.random.default_rng(seed)
    rows = []
    for benchmark in ("triviaqa", "medqa"):
        for i in range(questions):
            difficulty = rng.normal()
            for arm in ("original", "warm"):
                for context in CONTEXTS:
                    for belief in BELIEFS:
                        warm = arm == "warm"
                        eta = difficulty - 0.5 + 0.5 * warm + 0.8 * warm * (context == "emotion_sad")
                        eta += 0.4 * (belief == "incorrect") + 0.3 * (benchmark == "medqa")
                        hit = float(rng.random() < 1 / (1 + np.exp(-eta)))
                        rows.append([benchmark, f"{benchmark}:{i}", arm, context, belief, hit, rng.integers(50, 900)])
    columns = ["benchmark", "cluster", "arm", "context", "belief", "incorrect", "reply_chars"]
    frame = pd.DataFrame(rows, columns=columns).assign(base_model="tiny")
    frame["context_group"] = frame["context"].str.split("_").str[0]
    groups = ["none", "filler", "emotion", "stakes"]
    for column, levels in {
        "benchmark": ["triviaqa", "medqa"],
        "context": CONTEXTS,
        "context_group": groups,
        "belief": BELIEFS,
        "base_model": ["tiny"],
    }.items():
        frame[column] = pd.Categorical(frame[column], levels, ordered=True)
    return frame


FRAME = made_frame()


def design(name: str, data: pd.DataFrame, treated: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The design matrix by hand, columns in any order of our own."""
    t = np.broadcast_to(np.asarray(treated, dtype=float), len(data))
    columns = [np.ones(len(data)), t, (data["benchmark"] == "medqa").to_numpy(dtype=float)]
    if name == "logit_length_adjusted":
        columns.append(data["reply_chars"].to_numpy(dtype=float))
    factor = {"logit_group": "context_group", "logit_context": "context", "logit_belief": "belief"}.get(name)
    if factor:
        for level in data[factor].cat.categories[1:]:
            dummy = (data[factor] == level).to_numpy(dtype=float)
            columns += [dummy, dummy * t]
    if name == "logit_belief":
        columns += [(data["context_group"] == g).to_numpy(dtype=float) for g in ("filler", "emotion", "stakes")]
    return np.column_stack(columns)


@pytest.mark.parametrize("name", BY_NAME)
def test_fits_equal_an_independent_computation(name: str) -> None:
    spec = BY_NAME[name]
    result = fit(spec, FRAME, "incorrect", "warm", "original")
    data = FRAME
    for column, level in spec.where.items():
        data = data[data[column] == level]
    treated = (data["arm"] == "warm").to_numpy(dtype=float)
    reference = sm.GLM(data["incorrect"].to_numpy(), design(name, data, treated), sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(data["cluster"])[0]}, tol=1e-12
    )
    assert sorted(result.coefficients) == pytest.approx(sorted(reference.params), abs=1e-8)
    assert sorted(np.diag(result.covariance)) == pytest.approx(sorted(np.diag(reference.cov_params())), rel=1e-6)
    effects = [row for row in result.estimates if row.term == "marginal_effect"]
    levels: list[Any] = list(data[spec.by].cat.categories) if spec.by else [None]
    assert len(effects) == len(levels)
    for row, level in zip(effects, levels, strict=True):
        chosen = data if level is None else data[data[spec.by] == level]
        one, zero = design(name, chosen, 1), design(name, chosen, 0)

        def effect(
            beta: npt.NDArray[np.float64],
            one: npt.NDArray[np.float64] = one,
            zero: npt.NDArray[np.float64] = zero,
        ) -> float:
            return 100 * float(np.mean(1 / (1 + np.exp(-one @ beta)) - 1 / (1 + np.exp(-zero @ beta))))

        gradient = approx_fprime(reference.params, effect, 1e-7)
        std_error = np.sqrt(gradient @ reference.cov_params() @ gradient)
        assert row.estimate == pytest.approx(effect(reference.params), abs=1e-6)
        assert row.std_error == pytest.approx(std_error, rel=1e-5)
        assert (row.n, row.n_clusters) == (len(data), 120)
        # Working variance of each question: its replies' p (1 - p), times how far each moves the effect.
        x, p = design(name, data, treated), reference.predict()
        moves = x @ np.linalg.inv(x.T @ (x * (p * (1 - p))[:, None])) @ gradient
        working = pd.Series(p * (1 - p) * moves**2).groupby(data["cluster"].to_numpy()).sum()
        assert row.df == pytest.approx(working.sum() ** 2 / (working**2).sum() - 1, rel=1e-5)


def test_an_effect_in_a_condition_of_few_questions_is_not_more_certain_than_they_are() -> None:
    """120 questions are asked plainly and so many of them under sadness too."""
    asked = {}
    for few in (4, 12):
        data = made_frame(seed=1)
        kept = sorted(data["cluster"].astype(str).unique())[:few]
        sad = data["context"] == "emotion_sad"
        result = fit(
            BY_NAME["logit_context"],
            data[~sad | data["cluster"].astype(str).isin(kept)],
            "incorrect",
            "warm",
            "original",
        )
        asked[few] = {row.identity.context: row for row in result.estimates if row.term == "marginal_effect"}
    assert not asked[4]["emotion_sad"].estimable
    assert {Code.TOO_UNEQUAL} <= {code for note in asked[4]["emotion_sad"].notes for code in note.codes}
    assert 5 < asked[12]["emotion_sad"].df < 12
    for rows in asked.values():
        assert rows["none"].df > 100


def test_log_odds_rows_are_main_and_interaction() -> None:
    result = fit(BY_NAME["logit_context"], FRAME, "incorrect", "warm", "original")
    rows = {(row.term, row.identity.context): row for row in result.estimates}
    beta = dict(zip(result.names, result.coefficients, strict=True))
    sad = next(value for name, value in beta.items() if name.startswith("treated:") and "emotion_sad" in name)
    assert rows["interaction", "emotion_sad"].estimate == pytest.approx(sad)
    assert rows["treated", "emotion_sad"].estimate == pytest.approx(beta["treated"] + sad)
    assert rows["treated", "none"].unit == "log_odds"
    assert ("interaction", "none") not in rows


def test_a_planted_effect_is_recovered() -> None:
    estimates = []
    for seed in range(8):
        result = fit(BY_NAME["logit_context"], made_frame(seed=seed), "incorrect", "warm", "original")
        estimates.append({row.contrast: row.estimate for row in result.estimates if row.term == "interaction"})
    # .8 conditional on the question; averaging over questions (standard deviation 1) shrinks it by about 1.16.
    planted = 0.8 / np.sqrt(1 + (16 * np.sqrt(3) / (15 * np.pi)) ** 2)
    assert np.mean([each["warm - original | context=emotion_sad"] for each in estimates]) == pytest.approx(
        planted, abs=0.2
    )


def test_a_regression_of_one_benchmark_is_named_by_it_and_fitted_to_its_rows() -> None:
    spec = RegressionSpec("medicine", ("treated",), where={"benchmark": "medqa", "base_model": "tiny"})
    row = fit(spec, FRAME, "incorrect", "warm", "original").estimates[0]
    rows = FRAME[FRAME["benchmark"] == "medqa"]
    shares = rows.groupby("arm")["incorrect"].mean()
    assert row.n == len(rows)
    assert row.estimate == pytest.approx(100 * (shares["warm"] - shares["original"]))
    assert (row.identity.benchmark, row.identity.base_model) == ("medqa", "tiny")


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"where": {"persona": "warm"}}, ("persona", "benchmark")),
        ({"by": "benchmark", "terms": ("treated * C(benchmark)",)}, ("benchmark", "context_group")),
        ({"by": "context", "terms": ("treated", "C(context)")}, ("context", "treated * C(context)")),
    ],
)
def test_a_regression_by_what_it_cannot_be_is_refused(facts: dict[str, Any], named: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="odd") as error:
        RegressionSpec(**({"name": "odd", "terms": ("treated",)} | facts))
    assert all(word in str(error.value) for word in named)


def test_terms_with_one_level_drop_out_and_say_so() -> None:
    result = fit(BY_NAME["logit_main"], FRAME[FRAME["benchmark"] == "medqa"], "incorrect", "warm", "original")
    assert result.dropped == ("C(benchmark)", "C(base_model)")
    assert result.problem is None
    assert all(Note(Code.DROPPED_TERMS, terms="C(benchmark), C(base_model)") in row.notes for row in result.estimates)


def always(outcome: float, **where: str) -> pd.DataFrame:
    rows = np.ones(len(FRAME), dtype=bool)
    for column, level in where.items():
        rows &= (FRAME[column] == level).to_numpy()
    return FRAME.assign(incorrect=FRAME["incorrect"].mask(rows, outcome))


@pytest.mark.parametrize(
    ("name", "frame", "problem"),
    [
        ("logit_main", always(0), Note(Code.CONSTANT_OUTCOME, outcome="incorrect", value=0.0)),
        ("logit_main", always(1, benchmark="medqa"), Code.SEPARATION),
        ("logit_context", always(0, arm="warm", context="stakes_low"), Code.SEPARATION),
        ("logit_context", FRAME[FRAME["context"] == "none"], Note(Code.ONE_LEVEL, factor="context")),
        (
            "logit_context",
            FRAME[(FRAME["arm"] == "original") | (FRAME["context"] != "filler")],
            Note(Code.NO_REPLY_UNDER, arm="warm", factor="context", levels="filler"),
        ),
        ("logit_main", FRAME[FRAME["arm"] == "original"], Note(Code.NO_REPLY, arm="warm")),
        ("logit_main", FRAME[FRAME["cluster"] == "medqa:1"], Note(Code.FEWER_THAN_TWO, unit="questions")),
        ("logit_length_adjusted", FRAME.assign(reply_chars=-1), Note(Code.NO_LENGTHS)),
        ("collinear", FRAME, Note(Code.COLLINEAR)),
    ],
)
def test_what_cannot_be_estimated_is_said(name: str, frame: pd.DataFrame, problem: Note | Code) -> None:
    spec = BY_NAME.get(name) or RegressionSpec(name, ("treated * C(context)", "C(context_group)"), by="context")
    result = fit(spec, frame, "incorrect", "warm", "original")
    assert result.problem is not None
    assert problem in (result.problem, result.problem.code)
    row, *remedy = result.estimates
    assert np.isnan(row.estimate)
    assert row.notes == (Note(Code.NOT_ESTIMABLE, reason=result.problem),)
    assert bool(remedy) == (problem is Code.SEPARATION)
    penalised = Note(Code.PENALISED, reason=result.problem)
    assert all(each.term.startswith("penalised_") and each.notes[0] == penalised for each in remedy)


def test_a_standard_error_of_zero_is_not_a_number() -> None:
    # Every question answers the same whatever the belief, so the interaction is exactly zero for each of them.
    same = FRAME.assign(incorrect=FRAME.groupby(["cluster", "arm"])["incorrect"].transform("first"))
    row = next(
        row
        for row in fit(BY_NAME["logit_belief"], same, "incorrect", "warm", "original").estimates
        if row.term == "interaction"
    )
    assert row.estimate == pytest.approx(0, abs=1e-8)
    assert np.isnan(row.std_error)
    assert row.notes[0] == not_estimable(Code.ZERO_ERROR)


@pytest.mark.parametrize("seed", [1, 5])
@pytest.mark.parametrize("clustered", [True, False])
def test_arms_that_agree_have_no_error_of_rounding(seed: int, clustered: bool) -> None:
    once = made_frame(questions=6, seed=seed)
    once = once[once["arm"] == "original"]
    twice = pd.concat([once, once.assign(arm="warm")])
    result = fit(replace(BY_NAME["logit_group"], clustered=clustered), twice, "incorrect", "warm", "original")
    effects = [row for row in result.estimates if row.term in ("marginal_effect", "treated", "interaction")]
    assert effects
    for row in effects:
        assert row.estimate == pytest.approx(0, abs=1e-9)
        # As if every reply stood alone there is an error; the questions agree one by one, and clustered there is none.
        assert row.estimable is not clustered
