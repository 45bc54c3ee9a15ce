"""Raw rates: what each arm did, with its denominators; and the few numbers that come first in a report."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from warm_inspect.analysis.contrasts import (
    ARM_EFFECT,
    BELIEF_EFFECT,
    CONTEXT_EFFECT,
    NOISE,
    PRIMARY_OUTCOME,
)
from warm_inspect.analysis.estimates import CONTRAST, restricted_to
from warm_inspect.analysis.observations import ALL
from warm_inspect.analysis.study.rate_bounds import BOUNDS, with_bounds
from warm_inspect.core.vocabulary import NONE, NOT_CORRECT, SCORE_KEYS, STATED_WRONG, THIRD_PARTY, Grade

SHARES = (*SCORE_KEYS, NOT_CORRECT)
"""The columns of the rates table that are shares from 0 to 1."""

_ERRORS = (Grade.INCORRECT.value, NOT_CORRECT)
_MEANS = (*SHARES, *BOUNDS, "reply_chars")
_UNSCORED_BY = ("arm", "benchmark", "context", "belief")
_FACTORS = (*_UNSCORED_BY, "polarity")
_TABLES: tuple[tuple[str, ...], ...] = (
    ("arm",),
    ("arm", "benchmark"),
    ("arm", "belief"),
    ("arm", "context"),
    ("arm", "context", "belief"),
    ("arm", "benchmark", "context", "belief"),
)


def rates_table(frame: pd.DataFrame, exclusions: pd.DataFrame) -> pd.DataFrame:
    """The rates of an observations frame, in rows from pooled to detailed.

    Columns: arm, benchmark, context, belief, polarity (each `all` where a row pools over it; polarity `yes` or `no`
    only in rows of yes/no items), n (graded replies), unscored (samples without a grade, over both polarities), the
    shares `SHARES`, the share that is missing and the `BOUNDS` that it leaves, and reply_chars (mean).
    Pooled rows are means of cells: benchmarks and conditions weigh equally, as in the effects, not by their replies. A
    cell of which every reply is missing has no rate, and bounds from 0 to 1, which those of its pooled rows count.
    """
    frame = with_bounds(frame, exclusions)
    cells = _means(frame, ["base_model", *_FACTORS[:-1]])
    cells = pd.concat([cells, _lost_cells(cells, exclusions)], ignore_index=True)
    parts = [_pooled(cells, by) for by in _TABLES]
    binary = frame[frame["polarity"] != ""]
    if not binary.empty:
        by_polarity = _means(binary, ["base_model", *_FACTORS])
        parts.append(_pooled(by_polarity, ("arm", "context", "belief", "polarity")))
    table = pd.concat(parts, ignore_index=True)
    table["unscored"] = [
        _unscored(levels, exclusions) for levels in zip(*(table[f] for f in _UNSCORED_BY), strict=True)
    ]
    return table[[*_FACTORS, "n", "unscored", *_MEANS]]


def _lost_cells(cells: pd.DataFrame, exclusions: pd.DataFrame) -> pd.DataFrame:
    """The cells of the arms in which no sample has a grade, each with any of the arm's base models."""
    asked = exclusions.loc[exclusions["n"] > 0, list(_UNSCORED_BY)].drop_duplicates()
    bases = cells[["arm", "base_model"]].astype(str).drop_duplicates()
    lost = asked.merge(bases, on="arm")
    known = pd.MultiIndex.from_frame(cells[["base_model", *_UNSCORED_BY]].astype(str))
    lost = lost[~pd.MultiIndex.from_frame(lost[["base_model", *_UNSCORED_BY]]).isin(known)]
    ends = {name: 0.0 if name.endswith("_low") else 1.0 for name in BOUNDS}
    return lost.assign(**dict.fromkeys(_MEANS, np.nan) | ends, n=0)


def _means(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    groups = frame.groupby(list(by), observed=True)
    return groups[list(_MEANS)].mean().assign(n=groups.size()).reset_index()


def _pooled(cells: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    # Two steps: conditions within a benchmark first, so that a benchmark with more conditions weighs no more.
    strata = list(dict.fromkeys([*by, "base_model", "benchmark"]))
    within = cells.groupby(strata, observed=True).agg({**dict.fromkeys(_MEANS, "mean"), "n": "sum"})
    groups = within.reset_index().groupby(list(by), observed=True)
    table = groups.agg({**dict.fromkeys(_MEANS, "mean"), "n": "sum"}).reset_index()
    for factor in _FACTORS:
        table[factor] = table[factor].astype(str) if factor in by else ALL
    return table


def _unscored(levels: tuple[str, ...], exclusions: pd.DataFrame) -> int:
    matching = np.ones(len(exclusions), dtype=bool)
    for factor, level in zip(_UNSCORED_BY, levels, strict=True):
        if level != ALL:
            matching &= (exclusions[factor] == level).to_numpy()
    return int(exclusions.loc[matching, "n"].sum())


def headline_effects(estimates: pd.DataFrame) -> pd.DataFrame:
    """What the experiment asks: arms, then contexts and beliefs within arms, each on the outcome it is about.

    Arms: adopting a stated wrong answer, and errors overall under both codings; the noise of a repeat among them.
    Contexts: errors under both codings, cue minus control. Beliefs: adopting the claim, the user's minus a web page's.
    """
    rows = estimates[estimates["term"] == CONTRAST]
    outcome = rows["outcome"]
    arms = rows["analysis"].isin([ARM_EFFECT, NOISE])
    overall = arms & restricted_to(rows) & outcome.isin(_ERRORS)
    adopted = arms & restricted_to(rows, belief=STATED_WRONG) & (outcome == PRIMARY_OUTCOME)
    cues = (rows["analysis"] == CONTEXT_EFFECT) & (rows["versus"] != NONE) & (rows["belief"] == "")
    cues &= outcome.isin(_ERRORS)
    deference = (
        (rows["analysis"] == BELIEF_EFFECT)
        & (rows["level"] == STATED_WRONG)
        & (rows["versus"] == THIRD_PARTY)
        & (outcome == PRIMARY_OUTCOME)
    )
    return pd.concat([rows[mask] for mask in (adopted, overall, cues, deference)], ignore_index=True)


def headline_rates(rates: pd.DataFrame) -> pd.DataFrame:
    """Each arm in each condition, benchmarks weighted equally, with its number of graded and ungraded replies."""
    cells = (rows_over_all(rates, ("benchmark", "polarity"))) & (rates["context"] != ALL) & (rates["belief"] != ALL)
    shown = ["arm", "context", "belief", "n", "unscored", "correct", "incorrect", "unclear", "refusal", PRIMARY_OUTCOME]
    return rates.loc[cells, [*shown, "truncated", *BOUNDS, "reply_chars"]].reset_index(drop=True)


def stratum_weights(frame: pd.DataFrame) -> pd.DataFrame:
    """What each base model and benchmark weighs in an overall effect: base_model, benchmark, questions, weight."""
    strata = frame.groupby(["base_model", "benchmark"], observed=True)["question_id"].nunique().rename("questions")
    table = strata.reset_index()
    return table.assign(weight=1 / len(table))


def rows_over_all(rates: pd.DataFrame, factors: tuple[str, ...]) -> "pd.Series[bool]":
    """Which rows of the rates table pool over all of these factors."""
    return (rates[list(factors)] == ALL).all(axis=1)
