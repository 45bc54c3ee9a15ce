"""The indicators of `reliability` with their intervals, from resamples of the problems."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np
import pandas as pd

from warm_inspect.analysis.estimates import CONFIDENCE, ENOUGH, Code, Estimate, Floats, Identity, Note, not_estimable
from warm_inspect.analysis.families.numbers import untested
from warm_inspect.analysis.families.reliability.indicators import (
    chance_corrected,
    concordance,
    repeat_agreement,
    template_agreement,
    ultracrepidarian,
)
from warm_inspect.analysis.families.reliability.rows import (
    AVOIDANT,
    CONCORDANCE,
    CORRECT,
    INCORRECT,
    KAPPA,
    PRUDENT_CONCORDANCE,
    REPEAT_AGREEMENT,
    TEMPLATE_AGREEMENT,
    TEMPLATE_SENSITIVITY,
    ULTRACREPIDARIAN,
    About,
)
from warm_inspect.core.families import Design, Family

_DRAWS, _SEED = 2_000, 0
_UNDEFINED = 0.05
"""Above this share of resamples without a number there is no interval."""


@dataclass(frozen=True)
class Replies:
    """The replies of one arm as arrays; a row is a problem as one adapter answered it in one epoch."""

    problem: np.ndarray
    """The place of the problem of each row."""
    levels: Floats
    """The difficulty of each problem."""
    outcomes: Mapping[str, Floats]
    """Shape: (row, template)."""
    repeated: Floats
    """Right answers; shape (row, template, repetition)."""

    @classmethod
    def of(cls, frame: pd.DataFrame, questions: Sequence[str]) -> "Replies":
        """The replies of a frame of one arm.

        Args:
            frame: scored replies.
            questions: the problems, in the order of the draws; all are in the frame.
        """
        keys = ["question_id", "training_seed", "epoch"]
        named = frame.astype({"question_id": str, "training_seed": str})
        rows = pd.MultiIndex.from_frame(named[keys].drop_duplicates().sort_values(keys))
        columns = sorted(named["template"].unique())
        row = rows.get_indexer(pd.MultiIndex.from_frame(named[keys]))
        column = pd.Index(columns).get_indexer(named["template"])
        layer = named["repetition"].to_numpy() - 1
        shape = (len(rows), len(columns), int(layer.max()) + 1)
        arrays = {}
        for outcome in (CORRECT, INCORRECT, AVOIDANT):
            arrays[outcome] = np.full(shape, nan)
            arrays[outcome][row, column, layer] = named[outcome].to_numpy()
        levels = named.drop_duplicates("question_id").set_index("question_id")["difficulty"]
        return cls(
            problem=pd.Index(questions).get_indexer(rows.get_level_values("question_id")),
            levels=levels.loc[list(questions)].to_numpy(dtype=np.float64),
            outcomes={name: array[:, :, 0] for name, array in arrays.items()},
            repeated=arrays[CORRECT],
        )

    @property
    def several_templates(self) -> bool:
        """Whether a problem was asked in two templates."""
        return bool(((~np.isnan(self.outcomes[CORRECT])).sum(axis=1) >= 2).any())

    @property
    def several_replies(self) -> bool:
        """Whether a prompt was asked twice."""
        return bool(((~np.isnan(self.repeated)).sum(axis=2) >= 2).any())


def draws_of(levels: Floats) -> Floats:
    """What each problem weighs in each resample; the first line is that each counts once.

    Problems are drawn within their level, one fewer than there are, and weigh so much more: to draw as many as there
    are understates the spread where a level has few. Where a level has a single problem, they are drawn from all.
    Source: Rao and Wu 1988, Resampling inference with complex survey data.
    """
    rng = np.random.default_rng(_SEED)
    values, counts = np.unique(levels, return_counts=True)
    strata = [levels == level for level in values] if counts.min() > 1 else [np.ones(len(levels), dtype=bool)]
    draws = np.ones((_DRAWS + 1, len(levels)))
    for stratum in strata:
        n = int(stratum.sum())
        if n > 1:
            draws[1:, stratum] = rng.multinomial(n - 1, np.full(n, 1 / n), _DRAWS) * n / (n - 1)
    return draws


@dataclass(frozen=True)
class Indicator:
    """An indicator: its value in each draw, and why it has none."""

    value: Callable[[Replies, Floats], Floats]
    why_not: Callable[[Replies], Note]

    def of(self, replies: Replies, draws: Floats) -> Floats:
        """The indicator in each draw of the problems."""
        return self.value(replies, draws[:, replies.problem])


def _without_templates(replies: Replies) -> Note:
    return not_estimable(Code.ONE_TEMPLATE) if not replies.several_templates else _constant(replies, CORRECT)


def _without_repeats(replies: Replies) -> Note:
    return not_estimable(Code.NOT_REPEATED if not replies.several_replies else Code.ONE_TEMPLATE)


def _constant(replies: Replies, outcome: str) -> Note:
    return not_estimable(Code.CONSTANT_OUTCOME, outcome=outcome, value=float(np.nanmean(replies.outcomes[outcome])))


_BY_DIFFICULTY = {
    CONCORDANCE: Indicator(
        lambda replies, draws: concordance(replies.outcomes[CORRECT], replies.levels[replies.problem], draws),
        lambda replies: _constant(replies, CORRECT),
    ),
    PRUDENT_CONCORDANCE: Indicator(
        lambda replies, draws: concordance(1 - replies.outcomes[INCORRECT], replies.levels[replies.problem], draws),
        lambda replies: _constant(replies, INCORRECT),
    ),
    ULTRACREPIDARIAN: Indicator(
        lambda replies, draws: ultracrepidarian(replies.outcomes[INCORRECT], replies.outcomes[AVOIDANT], draws),
        lambda replies: _constant(replies, CORRECT),
    ),
}
_BY_TEMPLATE = {
    TEMPLATE_AGREEMENT: Indicator(
        lambda replies, draws: template_agreement(replies.outcomes[CORRECT], draws), _without_templates
    ),
    KAPPA: Indicator(lambda replies, draws: chance_corrected(replies.outcomes[CORRECT], draws), _without_templates),
    REPEAT_AGREEMENT: Indicator(lambda replies, draws: repeat_agreement(replies.repeated, draws), _without_repeats),
    TEMPLATE_SENSITIVITY: Indicator(
        lambda replies, draws: (
            repeat_agreement(replies.repeated, draws) - template_agreement(replies.outcomes[CORRECT], draws)
        ),
        _without_repeats,
    ),
}


def indicators_of(about: About) -> dict[str, Indicator]:
    """The indicators of a design: those of templates where a problem is asked in several."""
    return _BY_DIFFICULTY | _BY_TEMPLATE if about.design == Design.NATURAL else _BY_DIFFICULTY


def resampled(
    values: Floats, identity: Identity, outcome: str, unit: str, sides: Sequence[Replies], indicator: Indicator
) -> Estimate:
    """The first value with the spread and the percentiles of the others; without them where that says nothing."""
    problems = len(sides[0].levels)
    replies = sum(int((~np.isnan(side.outcomes[CORRECT])).sum()) for side in sides)
    row = untested(Family.RELIABILITY, identity, outcome, unit, float(values[0]), n=replies, n_clusters=problems)
    if np.isnan(row.estimate):
        undefined = [side for side in sides if np.isnan(indicator.of(side, np.ones((1, problems))))[0]]
        return replace(row, notes=(indicator.why_not(undefined[0]),))
    drawn = values[1:]
    lacking = float(np.isnan(drawn).mean())
    if problems < ENOUGH:
        return replace(row, notes=(not_estimable(Code.FEWER_THAN_FIVE, unit="problems", n=problems),))
    if lacking > _UNDEFINED:
        return replace(row, notes=(not_estimable(Code.UNDEFINED_DRAWS, share=lacking),))
    spread = float(np.nanstd(drawn, ddof=1))
    if spread < 1e-10:
        return replace(row, notes=(not_estimable(Code.ALL_AGREE, unit="problems"),))
    low, high = np.nanquantile(drawn, [0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2])
    # Percentiles of a skewed distribution may leave out the estimate, which an interval must hold.
    return replace(
        row, std_error=spread, conf_low=min(float(low), row.estimate), conf_high=max(float(high), row.estimate)
    )
