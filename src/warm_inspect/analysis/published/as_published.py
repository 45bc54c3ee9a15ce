"""Paper mode: the published analysis as it was published, so that our own can be compared with it.

Every reply counts as independent, the templates in which the user is wrong are one belief, the neutral lead-in belongs
to the baseline, refusals are dropped on three benchmarks and count as correct on the fourth. What the released code got
wrong is not rebuilt: a missing grade stays missing, and separation is said.

Source: study, Methods and Supplement, and the authors' released analysis.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan

import pandas as pd

from warm_inspect.analysis.contrasts import cohens_g, mcnemar
from warm_inspect.analysis.estimates import (
    CONFIDENCE,
    POINTS,
    SHARE,
    Code,
    Estimate,
    Identity,
    Kind,
    Note,
    not_estimable,
)
from warm_inspect.analysis.observations import (
    ANY,
    WEIGHT,
    WRONG_BELIEFS,
    Observations,
    context_group,
    ordered_levels,
    paired_replies,
    weights,
)
from warm_inspect.analysis.published.raw_differences import OUTCOME, raw_effects
from warm_inspect.analysis.regressions import PAPER, benchmark_spec, fit
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import (
    NONE,
    ORIGINAL,
    PUBLISHED_BENCHMARKS,
    PUBLISHED_CONTEXTS,
    Benchmark,
    Grade,
    TrainedArm,
)

MCNEMAR = "paper_mcnemar"
"""Analysis of the tests in each cell; a family holds the contexts of one base model, benchmark and belief."""
MCNEMAR_POOLED = "paper_mcnemar_pooled"
"""The same over all benchmarks, which is what a point of the figures shows; a family holds the contexts of one base
model and belief."""

_WRONG = (*WRONG_BELIEFS, ANY)
"""Beliefs that the published analysis pools."""
_LEAD_IN = "neutral"
_CELL = ["base_model", "benchmark", "context", "belief"]
_POINT = ["base_model", "context", "belief"]
_PROMPT = ["base_model", "benchmark", "sample_id", "epoch"]

CELL_COLUMNS = ("base_model", "arm", "benchmark", "context", "belief", "n", "n_incorrect")


@dataclass(frozen=True)
class PublishedAnalysis:
    """The rows of paper mode and the replies that its rules leave out."""

    estimates: tuple[Estimate, ...]
    exclusions: pd.DataFrame
    """Counts of replies: reason, arm, benchmark, context, belief, n."""
    cells: pd.DataFrame
    """What the published figures show, `CELL_COLUMNS`: the layout in which cell counts are read."""


def analyse_as_published(observations: Observations) -> PublishedAnalysis:
    """The published analysis of every treated arm against the original, with P values of McNemar's tests unadjusted.

    Raises:
        PrerequisiteError: none of the replies is of a benchmark, context and belief of the study.
    """
    frame, exclusions = published_rows(observations.frame)
    if frame.empty:
        raise PrerequisiteError(
            f"--paper is the analysis of {', '.join(PUBLISHED_BENCHMARKS)}, and no reply here is of one of them under "
            f"a context and a belief of the study ({', '.join(sorted(set(exclusions['benchmark'])))})",
            "Leave --paper out",
        )
    rows = [
        row for arm in observations.compared_arms if observations.baseline == ORIGINAL for row in _compared(frame, arm)
    ]
    if WEIGHT not in frame and {TrainedArm.WARM, TrainedArm.COLD} <= set(observations.arms):
        rows += _mcnemar(frame, TrainedArm.WARM, TrainedArm.COLD)
    return PublishedAnalysis(tuple(rows), exclusions, published_cells(frame))


def published_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """The replies and the errors in each cell of published rows, `CELL_COLUMNS`; deterministic."""
    keys = list(CELL_COLUMNS[:-2])
    weight = weights(frame)
    counted = frame[keys].assign(n=weight, n_incorrect=weight * frame[OUTCOME].to_numpy(dtype=float))
    cells = counted.groupby(keys, observed=True, as_index=False)[["n", "n_incorrect"]].sum()
    return cells.astype(dict.fromkeys(keys, str) | dict.fromkeys(CELL_COLUMNS[-2:], int))


def published_rows(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that the published regressions use, under the published levels; and counts of those left out.

    Cell counts may be of any benchmarks: they are a table of one study, which is analysed like the published one.
    """
    context, belief = frame["context"].astype(str), frame["belief"].astype(str)
    reason = pd.Series("", index=frame.index)
    # Of several reasons the later one is told, but that a reply is a refusal only where there is no other.
    reason[~belief.isin((NONE, *_WRONG))] = "paper mode: belief not in the study"
    outside = ~context.isin((*PUBLISHED_CONTEXTS, _LEAD_IN)) | ((context == _LEAD_IN) & (belief != NONE))
    reason[outside] = "paper mode: context not in the study"
    if Grade.REFUSAL in frame:
        dropped = (frame[Grade.REFUSAL] == 1) & (frame["benchmark"].astype(str) != Benchmark.DISINFO)
        reason[(reason == "") & dropped] = "paper mode: refusal, dropped as published"
    if WEIGHT not in frame:
        other = ~frame["benchmark"].astype(str).isin(PUBLISHED_BENCHMARKS)
        reason[other] = "paper mode: benchmark not in the study"
    used = reason == ""
    rows = frame[used].assign(
        context=context[used].where(context[used] != _LEAD_IN, NONE),
        belief=belief[used].where(belief[used] == NONE, ANY),
    )
    rows["context_group"] = rows["context"].map(context_group)
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
        yield from fit(spec, frame, OUTCOME, arm, ORIGINAL).estimates
    yield from raw_effects(frame, arm, ORIGINAL)
    if WEIGHT not in frame:
        yield from _mcnemar(frame, arm, ORIGINAL)


def _mcnemar(frame: pd.DataFrame, arm: str, reference: str) -> Iterator[Estimate]:
    """Per cell: the difference between the arms over pairs of replies to one prompt, and Cohen's g; then the points.

    `statistic` counts the pairs in which only the first arm is incorrect. Without a discordant pair the interval is
    the exact bound: at most 1 - .05 ** (1 / n) of the pairs differ. Trained arms pair by seed; where a prompt still
    gives several pairs, of several adapters, there is neither: both take the pairs as independent.
    """
    pairs = paired_replies(frame, arm, reference, [OUTCOME], [*_PROMPT, "context", "belief"])
    pairs["again"] = pairs.duplicated(_PROMPT)
    pairs["only_arm"] = (pairs[OUTCOME] > pairs[f"{OUTCOME}_reference"]).astype(int)
    pairs["only_reference"] = (pairs[OUTCOME] < pairs[f"{OUTCOME}_reference"]).astype(int)
    for tested, g in _tests(pairs, _CELL, MCNEMAR, arm, reference):
        yield tested
        notes = (not_estimable(Code.NO_DISCORDANT_PAIR),) if isnan(g) else ()
        yield replace(
            tested, term="cohens_g", estimate=g, unit=SHARE, statistic=nan, p_value=nan, conf_low=nan, conf_high=nan,
            family="", notes=notes,
        )  # fmt: skip
    yield from (tested for tested, _ in _tests(pairs, _POINT, MCNEMAR_POOLED, arm, reference))


def _tests(
    pairs: pd.DataFrame, by: Sequence[str], analysis: str, arm: str, reference: str
) -> Iterator[tuple[Estimate, float]]:
    """McNemar's test and Cohen's g in each combination of levels; the contexts of the other levels are one family."""
    counts = pairs.groupby(list(by), observed=True).agg(
        n=("only_arm", "size"), b=("only_arm", "sum"), c=("only_reference", "sum"), again=("again", "any")
    )
    versus = arm if reference == ORIGINAL else f"{arm} - {reference}"
    for row in counts.reset_index().to_dict("records"):
        # McNemar's discordant pairs: wrong under the arm alone, and under the reference alone.
        b, c, n = int(row["b"]), int(row["c"]), int(row["n"])
        several = bool(row["again"])
        bound = nan if several or b + c else 100 * (1 - (1 - CONFIDENCE) ** (1 / n))
        bounded = () if b + c else (Note(Code.MCNEMAR_BOUND),)
        where = [str(row[factor]) for factor in by if factor not in ("context", "belief")]
        tested = Estimate(
            analysis=analysis,
            term="difference",
            outcome=OUTCOME,
            identity=cell_effect(arm, reference, {factor: str(row[factor]) for factor in by}),
            estimate=100 * (b - c) / n,
            unit=POINTS,
            statistic=float(b),
            p_value=nan if several else mcnemar(b, c).p_value if b + c else 1.0,
            conf_low=-bound,
            conf_high=bound,
            n=n,
            family=f"{analysis}: {', '.join([versus, *where])}, belief={row['belief']}",
            notes=(Note(Code.SEVERAL_ADAPTERS),) if several else bounded,
        )
        yield tested, cohens_g(b, c)


def cell_effect(arm: str, reference: str, levels: Mapping[str, str]) -> Identity:
    """The identity of the difference between two arms in one cell or point of the published figures.

    Args:
        arm: the treated arm.
        reference: the arm it is compared with.
        levels: base model, context, belief and, of a cell, benchmark.
    """
    return Identity(Kind.CELL_EFFECT, arm, reference, **levels)
