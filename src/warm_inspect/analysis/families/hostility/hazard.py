"""When dialogues turn hostile: a discrete-time logit of the first hostile turn, from ten events on."""

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from warm_inspect.analysis.estimates import LOG_ODDS, Code, Note
from warm_inspect.analysis.families.hostility.rows import HAZARD, About, HostilityRow
from warm_inspect.analysis.families.hostility.turns import turns_of
from warm_inspect.analysis.families.numbers import ArmPair, untested
from warm_inspect.core.families import HOSTILE_FROM, Affect, Family, TurnCount

if TYPE_CHECKING:
    from warm_inspect.analysis.estimates import Floats

FEWEST_EVENTS = 10
"""Dialogues that turn hostile, below which there is no regression."""
_DIVERGED = 15
"""Log odds that no data of this size support."""
_PREDICTORS = ("arm", "log2_turn", "affect", "arm_x_log2_turn", "arm_x_affect")
_DEGREE = {Affect.POLITE: 0, Affect.CURT: 1, Affect.FRUSTRATED: 2, Affect.INSULTING: 3}
"""How hard the user is; the approving one has no place on this scale."""


def hazard_rows(about: About, dialogues: pd.DataFrame, pair: ArmPair) -> Iterator[HostilityRow]:
    """What the odds of turning hostile depend on in two arms, with errors clustered by script.

    The terms are the arm, the doublings of the turn, the degree of the user's manner, and the arm times both. The
    approving manner is left out.
    """
    two = dialogues[dialogues["arm"].isin(pair.names) & dialogues["affect"].isin([str(affect) for affect in _DEGREE])]
    events = int((two[TurnCount.FIRST_HOSTILE_TURN] > 0).sum())
    clusters = two["cluster"].nunique()
    blank = untested(Family.HOSTILITY, pair.identity, HAZARD, LOG_ODDS, n=len(two), n_clusters=clusters)
    if events < FEWEST_EVENTS:
        note = Note(Code.FEW_HOSTILE, n=events, needed=FEWEST_EVENTS)
        yield about.row(replace(blank, notes=(note,)), events)
        return
    at_risk = _at_risk(two)
    columns, design = _design(at_risk, pair.arm)
    fitted = _fit(at_risk, design)
    for predictor in _PREDICTORS:
        if fitted is None or predictor not in columns:
            code = Note(Code.NO_CONVERGENCE) if fitted is None else Note(Code.ONE_LEVEL, factor=predictor)
            yield about.row(replace(blank, notes=(code,)), events, predictor=predictor)
            continue
        place = columns.index(predictor)
        value, error = float(fitted[0][place]), float(fitted[1][place])
        number = replace(
            blank, estimate=value, std_error=error, conf_low=value - 1.96 * error, conf_high=value + 1.96 * error,
            n=len(at_risk),
        )  # fmt: skip
        yield about.row(number, events, predictor=predictor)


def _at_risk(dialogues: pd.DataFrame) -> pd.DataFrame:
    """The turns up to the first hostile one of each dialogue."""
    turns = turns_of(dialogues)
    first = turns[TurnCount.FIRST_HOSTILE_TURN]
    kept = turns[(first == 0) | (turns["turn"] <= first)]
    return kept.assign(event=(kept["severity"] >= HOSTILE_FROM).astype(float))


def _design(turns: pd.DataFrame, arm: str) -> tuple[list[str], "Floats"]:
    """The names and the columns of the terms that vary, the constant first."""
    in_arm = (turns["arm"] == arm).to_numpy(dtype=float)
    log2 = np.log2(turns["turn"].to_numpy(dtype=float))
    degree = turns["affect"].astype(str).map({str(affect): value for affect, value in _DEGREE.items()}).to_numpy(float)
    terms = {"arm": in_arm, "log2_turn": log2, "affect": degree, "arm_x_log2_turn": in_arm * log2,
             "arm_x_affect": in_arm * degree}  # fmt: skip
    flat = {name for name, values in (("log2_turn", log2), ("affect", degree)) if np.ptp(values) == 0}
    kept = {name: values for name, values in terms.items() if not any(name.endswith(each) for each in flat)}
    return ["constant", *kept], np.column_stack([np.ones(len(turns)), *kept.values()])


def _fit(turns: pd.DataFrame, design: "Floats") -> "tuple[Floats, Floats] | None":
    """Coefficients and clustered errors; None where there is no finite solution."""
    import warnings

    import statsmodels.api as sm

    clusters = pd.factorize(turns["cluster"].astype(str))[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = sm.Logit(turns["event"].to_numpy(), design).fit(
                disp=0, cov_type="cluster", cov_kwds={"groups": clusters}
            )
        except (np.linalg.LinAlgError, ValueError):
            return None
    coefficients, errors = np.asarray(fit.params), np.asarray(fit.bse)
    # Separated outcomes drive a coefficient away for ever.
    usable = fit.mle_retvals["converged"] and all(map(isfinite, errors)) and np.abs(coefficients).max() < _DIVERGED
    return (coefficients, errors) if usable else None
