"""Paper mode: the published analysis as it was published, so that our own can be held against it.

Every reply counts as independent, the templates in which the user is wrong are one belief, the neutral lead-in belongs
to the baseline, refusals are dropped on three benchmarks and count as correct on the fourth. What the released code got
wrong is not rebuilt: a missing grade stays missing, and separation is said.

Source: study, Methods and Supplement, and the authors' released analysis.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isnan, nan

import pandas as pd

from warm_inspect.analysis.contrasts import REPEAT
from warm_inspect.analysis.estimates import CONFIDENCE, POINTS, SHARE, Estimate
from warm_inspect.analysis.levels import ANY, CONTROL_CONTEXT, LEVELS, ordered_levels
from warm_inspect.analysis.mcnemar import cohens_g, exact_mcnemar
from warm_inspect.analysis.observations import Observations
from warm_inspect.analysis.patterns import WEIGHT, weights
from warm_inspect.analysis.raw_cells import raw_effects
from warm_inspect.analysis.regression import fit
from warm_inspect.analysis.specs import PAPER, benchmark_spec
from warm_inspect.core.vocabulary import NONE, ORIGINAL, Benchmark, Grade

MCNEMAR = "paper_mcnemar"
"""Analysis of the tests in each cell; a family holds the contexts of one base model, benchmark and belief."""

_WRONG = ("incorrect", "rejects_correct", ANY)
"""Beliefs that the published analysis pools."""
_LEAD_IN = "neutral"
_CONTEXTS = tuple(context for context in LEVELS["context"] if context not in (_LEAD_IN, CONTROL_CONTEXT))
_CELL = ["base_model", "benchmark", "context", "belief"]
_PROMPT = ["base_model", "benchmark", "sample_id", "epoch"]


@dataclass(frozen=True)
class PublishedAnalysis:
    """The rows of paper mode and the replies that its rules leave out."""

    estimates: tuple[Estimate, ...]
    exclusions: pd.DataFrame
    """Counts of replies: reason, arm, benchmark, context, belief, n."""


def analyse_as_published(observations: Observations) -> PublishedAnalysis:
    """The published analysis of every treated arm against the original, with P values of McNemar's tests unadjusted."""
    frame, exclusions = published_rows(observations.frame)
    rows = [
        row
        for arm in observations.treated_arms
        if arm != REPEAT and ORIGINAL in observations.arms
        for row in _compared(frame, arm)
    ]
    return PublishedAnalysis(tuple(rows), exclusions)


def published_rows(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that the published regressions use, under the published levels; and counts of those left out."""
    context, belief = frame["context"].astype(str), frame["belief"].astype(str)
    reason = pd.Series("", index=frame.index)
    reason[~belief.isin((NONE, *_WRONG))] = "paper mode: belief not in the study"
    outside = ~context.isin((*_CONTEXTS, _LEAD_IN)) | ((context == _LEAD_IN) & (belief != NONE))
    reason[outside] = "paper mode: context not in the study"
    if Grade.REFUSAL in frame:
        dropped = (frame[Grade.REFUSAL] == 1) & (frame["benchmark"].astype(str) != Benchmark.DISINFO)
        reason[(reason == "") & dropped] = "paper mode: refusal, dropped as published"
    used = reason == ""
    rows = frame[used].assign(
        context=context[used].where(context[used] != _LEAD_IN, NONE),
        belief=belief[used].where(belief[used] == NONE, ANY),
    )
    rows["context_group"] = rows["context"].str.partition("_")[0]
    for factor in ("arm", *_CELL, "context_group"):
        values = rows[factor].astype(str)
        rows[factor] = pd.Categorical(values, ordered_levels(factor, values), ordered=True)
    return rows, _left_out(frame[~used], reason[~used])


def _left_out(frame: pd.DataFrame, reason: "pd.Series[str]") -> pd.DataFrame:
    by = ["reason", "arm", "benchmark", "context", "belief"]
    rows = frame[by[1:]].astype(str).assign(reason=reason, n=weights(frame).astype(int))
    return rows.groupby(by, as_index=False)[["n"]].sum()


def _compared(frame: pd.DataFrame, arm: str) -> Iterator[Estimate]:
    for spec in (*PAPER, *map(benchmark_spec, frame["benchmark"].cat.categories)):
        yield from fit(spec, frame, arm, ORIGINAL).estimates
    yield from raw_effects(frame, arm, ORIGINAL)
    if WEIGHT not in frame:
        yield from _mcnemar(frame, arm)


def _mcnemar(frame: pd.DataFrame, arm: str) -> Iterator[Estimate]:
    """Per cell: the difference between the arms over pairs of replies to one prompt, and Cohen's g.

    `statistic` counts the pairs in which only the treated arm is incorrect. Without a discordant pair the interval is
    the exact bound: at most 1 - .05 ** (1 / n) of the pairs differ.
    """
    columns = [*_PROMPT, "context", "belief", "incorrect"]
    own, other = (frame.loc[frame["arm"] == each, columns] for each in (arm, ORIGINAL))
    pairs = own.merge(other[[*_PROMPT, "incorrect"]], on=_PROMPT, suffixes=("", "_reference"))
    pairs["only_arm"] = (pairs["incorrect"] > pairs["incorrect_reference"]).astype(int)
    pairs["only_reference"] = (pairs["incorrect"] < pairs["incorrect_reference"]).astype(int)
    counts = pairs.groupby(_CELL, observed=True).agg(
        n=("only_arm", "size"), b=("only_arm", "sum"), c=("only_reference", "sum")
    )
    for row in counts.reset_index().to_dict("records"):
        b, c, n = int(row["b"]), int(row["c"]), int(row["n"])
        where = ", ".join(f"{factor}={row[factor]}" for factor in _CELL)
        bound = 100 * (1 - (1 - CONFIDENCE) ** (1 / n)) if b + c == 0 else nan
        tested = Estimate(
            analysis=MCNEMAR,
            term="difference",
            outcome="incorrect",
            contrast=f"{arm} - {ORIGINAL} | {where}",
            estimate=100 * (b - c) / n,
            unit=POINTS,
            statistic=float(b),
            p_value=exact_mcnemar(b, c),
            conf_low=-bound,
            conf_high=bound,
            n=n,
            family=f"{MCNEMAR}: {arm}, {row['base_model']}, {row['benchmark']}, belief={row['belief']}",
            note="" if b + c else "no discordant pair: the interval is an exact bound",
        )
        yield tested
        g = cohens_g(b, c)
        note = "not estimable: no discordant pair" if isnan(g) else ""
        yield replace(
            tested, term="cohens_g", estimate=g, unit=SHARE, statistic=nan, p_value=nan, conf_low=nan, conf_high=nan,
            family="", note=note,
        )  # fmt: skip
