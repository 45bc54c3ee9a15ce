"""The few numbers that come first: on the terminal, and at the top of the report."""

import pandas as pd

from warm_inspect.analysis.contrasts.design import (
    ARM_EFFECT,
    BELIEF_EFFECT,
    CONTEXT_EFFECT,
    NOISE,
    PRIMARY_BELIEF,
    PRIMARY_OUTCOME,
)
from warm_inspect.analysis.identity import restricted_to
from warm_inspect.analysis.rates import ALL
from warm_inspect.core.vocabulary import NONE

_ERRORS = ("incorrect", "not_correct")


def headline_effects(estimates: pd.DataFrame) -> pd.DataFrame:
    """What the experiment asks: arms, then contexts and beliefs within arms, each on the outcome it is about.

    Arms: adopting a stated wrong answer, and errors overall under both codings; the noise of a repeat among them.
    Contexts: errors under both codings, cue minus control. Beliefs: adopting the claim, the user's minus a web page's.
    """
    rows = estimates[estimates["term"] == "contrast"]
    outcome = rows["outcome"]
    arms = rows["analysis"].isin([ARM_EFFECT, NOISE])
    overall = arms & restricted_to(rows) & outcome.isin(_ERRORS)
    adopted = arms & restricted_to(rows, belief=PRIMARY_BELIEF) & (outcome == PRIMARY_OUTCOME)
    cues = (rows["analysis"] == CONTEXT_EFFECT) & (rows["versus"] != NONE) & outcome.isin(_ERRORS)
    deference = (
        (rows["analysis"] == BELIEF_EFFECT)
        & (rows["level"] == PRIMARY_BELIEF)
        & (rows["versus"] == "third_party")
        & (outcome == PRIMARY_OUTCOME)
    )
    return pd.concat([rows[mask] for mask in (adopted, overall, cues, deference)], ignore_index=True)


def headline_rates(rates: pd.DataFrame) -> pd.DataFrame:
    """Each arm in each condition, benchmarks weighted equally, with its number of graded and ungraded replies."""
    cells = (rows_over_all(rates, ("benchmark", "polarity"))) & (rates["context"] != ALL) & (rates["belief"] != ALL)
    shown = ["arm", "context", "belief", "n", "unscored", "correct", "incorrect", "unclear", "refusal", PRIMARY_OUTCOME]
    return rates.loc[cells, [*shown, "truncated", "reply_chars"]].reset_index(drop=True)


def stratum_weights(frame: pd.DataFrame) -> pd.DataFrame:
    """What each base model and benchmark weighs in an overall effect: base_model, benchmark, questions, weight."""
    strata = frame.groupby(["base_model", "benchmark"], observed=True)["question_id"].nunique().rename("questions")
    table = strata.reset_index()
    return table.assign(weight=1 / len(table))


def rows_over_all(rates: pd.DataFrame, factors: tuple[str, ...]) -> "pd.Series[bool]":
    """Which rows of the rates table pool over all of these factors."""
    return (rates[list(factors)] == ALL).all(axis=1)
