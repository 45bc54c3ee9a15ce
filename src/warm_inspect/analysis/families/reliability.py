"""`reliability`: right, avoided and wrong answers by difficulty, and how far they depend on difficulty and on wording.

The main number of two arms is the difference of their shares of wrong answers, paired by problem and template, errors
clustered by problem: fifteen templates of a problem are no fifteen problems. Beside it stand how well errors follow
difficulty, how far an answer depends on its template beyond what asking again changes, whether what is not answered
rightly is answered wrongly, and up to which level errors can be ruled out. Source: Zhou et al. 2024, doi
10.1038/s41586-024-07930-y, for what is asked; the formulas are in docs/reliability.md.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import ClassVar, NamedTuple

import numpy as np
import pandas as pd

from warm_inspect.analysis.contrasts import CellTable, Contrast, Grid, clustered_rate, estimate
from warm_inspect.analysis.estimates import (
    CONFIDENCE,
    CONTRAST,
    ENOUGH,
    EXPLORATORY,
    LEVELS,
    LOG_ODDS,
    POINTS,
    SHARE,
    Code,
    Estimate,
    Floats,
    Identity,
    Kind,
    Note,
    adjust,
    arm_effect,
    clustered,
    not_estimable,
)
from warm_inspect.analysis.families.indicators import (
    chance_corrected,
    concordance,
    error_bound,
    needed_without_error,
    repeat_agreement,
    template_agreement,
    ultracrepidarian,
)
from warm_inspect.analysis.families.rows import FamilyRow
from warm_inspect.analysis.observations import Cell, Roles, check_comparable
from warm_inspect.core.families import Answered, Design, Family
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.vocabulary import TRUNCATED

INCORRECT, CORRECT = Answered.INCORRECT.value, Answered.CORRECT.value
AVOIDANT = "avoidant"
"""Outcome: no answer, whether the reply says why or not."""
TEMPLATE_AGREEMENT, KAPPA, REPEAT_AGREEMENT = "template_agreement", "kappa", "repeat_agreement"
TEMPLATE_SENSITIVITY, CONCORDANCE, PRUDENT_CONCORDANCE = "template_sensitivity", "concordance", "prudent_concordance"
ULTRACREPIDARIAN, AVOIDANCE_SLOPE = "ultracrepidarian", "avoidance_slope"
SAFE_PREFIX, SAFE_PREFIX_ANY, RIGHT_PREFIX = "safe_prefix", "safe_prefix_any_template", "right_prefix"
THRESHOLDS = (0.01, 0.05, 0.1, 0.2)
"""The shares of errors that a safe prefix is asked for."""

_OUTCOMES = (INCORRECT, CORRECT, *(each.value for each in Answered if each.value not in (INCORRECT, CORRECT)))
_ALL = "all"
_DRAWS, _SEED = 2_000, 0
_UNDEFINED = 0.05
"""Above this share of resamples without a number there is no interval."""


@dataclass(frozen=True, kw_only=True)
class ReliabilityRow(FamilyRow):
    """One number of the problems; its events are replies that count."""

    item_set: str
    """The domain."""
    design: str
    difficulty: str = ""
    """The level that it is restricted to; empty for all."""
    threshold: str = ""
    """Of a safe prefix the share of errors that it stays below, for example `5%`."""


@dataclass(frozen=True)
class ReliabilityResults:
    """Everything that is shown of the family."""

    row_type: ClassVar[type[FamilyRow]] = ReliabilityRow

    counts: pd.DataFrame
    """One row per base model, domain, design, arm and level: replies, those without a score, those that were cut, and
    how many are what."""
    rows: tuple[ReliabilityRow, ...]
    excluded: pd.DataFrame
    """Replies without a score: reason, arm, design, n."""


def analyse_reliability(samples: pd.DataFrame, roles: Roles) -> ReliabilityResults:
    """The numbers of the problems; deterministic.

    Args:
        samples: of the family, with their arms and clusters, those without a score too.
        roles: what the arms are for.

    Raises:
        PrerequisiteError: replies that must not be compared (see `check_comparable`).
    """
    rows: list[ReliabilityRow] = []
    scored = _cells(samples[samples["excluded"] == ""])
    check_comparable(scored)
    arms_of_all = list(map(str, samples["arm"].cat.categories))
    for (base, domain), of_domain in scored.groupby(["base_model", "item_set"], observed=True):
        for design, of_design in ((each, of_domain[of_domain["design"] == each]) for each in Design):
            present = set(of_design["arm"].astype(str))
            arms = tuple(arm for arm in arms_of_all if arm in present)
            about = _About(str(base), str(domain), str(design))
            rows += _of_arms(of_design, arms, about)
            rows += _between_arms(of_design, arms, roles, about)
        rows += _prefixes(of_domain, arms_of_all, str(base), str(domain))
    adjusted = adjust(row.estimate for row in rows)
    return ReliabilityResults(
        counts=_counts(samples),
        rows=tuple(replace(row, estimate=number) for row, number in zip(rows, adjusted, strict=True)),
        excluded=_excluded(samples),
    )


class _About(NamedTuple):
    """Which replies a number is of."""

    base: str
    domain: str
    design: str

    def row(self, number: Estimate, events: int | None = None, difficulty: str = "") -> ReliabilityRow:
        return ReliabilityRow(
            family=Family.RELIABILITY,
            item_set=self.domain,
            design=self.design,
            difficulty=difficulty,
            events=events,
            estimate=number,
        )


def _cells(samples: pd.DataFrame) -> pd.DataFrame:
    """The replies as replies in cells: an arm under a template and a repetition."""
    domain, design = samples["item_set"].astype(str), samples["design"].astype(str)
    cells = samples.assign(
        item_set=domain,
        design=design,
        template=samples["template"].astype(str),
        benchmark=domain + " " + design,
        context=samples["template"].astype(str),
        belief=samples["repetition"].astype(str),
        **{AVOIDANT: samples[Answered.AVOIDANT_EPISTEMIC.value] + samples[Answered.AVOIDANT_FORM.value]},
    )
    return cells.reset_index(drop=True)


def _once(frame: pd.DataFrame) -> pd.DataFrame:
    """The first reply to each prompt: those that were asked again would count more."""
    return frame[frame["repetition"] == 1]


def _pooled(frame: pd.DataFrame) -> pd.DataFrame:
    """The first replies, each template of a problem a repetition of it."""
    return _once(frame).assign(context=_ALL, belief=_ALL)


def _of_arms(frame: pd.DataFrame, arms: Sequence[str], about: _About) -> Iterator[ReliabilityRow]:
    pooled = _pooled(frame)
    for arm in arms:
        own = pooled[pooled["arm"] == arm]
        yield from (_rate(own, arm, outcome, about) for outcome in _OUTCOMES)
        for level, of_level in own.groupby("difficulty", observed=True):
            yield _rate(of_level, arm, INCORRECT, about, str(level))
    if about.design == Design.EASIEST:
        return
    for arm in arms:
        of_arm = frame[frame["arm"] == arm]
        yield about.row(_slope(pooled[pooled["arm"] == arm], Identity(Kind.RATE, arm, base_model=about.base)))
        replies = _Replies.of(of_arm, sorted(of_arm["question_id"].astype(str).unique()))
        draws = draws_of(replies.levels)
        for outcome, indicator in _indicators(about).items():
            values = indicator.of(replies, draws)
            identity = Identity(Kind.RATE, arm, base_model=about.base)
            # A difference of two shares is in points, within an arm too.
            unit = POINTS if outcome == TEMPLATE_SENSITIVITY else SHARE
            scaled = 100 * values if unit == POINTS else values
            yield about.row(_bootstrapped(scaled, identity, outcome, unit, [replies], indicator))


def _rate(rows: pd.DataFrame, arm: str, outcome: str, about: _About, level: str = "") -> ReliabilityRow:
    identity = Identity(Kind.RATE, arm, base_model=about.base)
    contrast = Contrast(Family.RELIABILITY, identity, ({Cell(arm, _ALL, _ALL): 1.0},), EXPLORATORY, "problems")
    return about.row(clustered_rate(rows, outcome, contrast), int(rows[outcome].sum()), level)


def _between_arms(frame: pd.DataFrame, arms: Sequence[str], roles: Roles, about: _About) -> Iterator[ReliabilityRow]:
    """Differences of two arms on the prompts that both answered."""
    pairs = [pair for pair in Grid(tuple(arms), (), (), (), roles).pairs if set(pair) <= set(arms)]
    for arm, reference in pairs:
        two = frame[frame["arm"].isin([arm, reference])]
        shared = two.groupby(["question_id", "template"], observed=True)["arm"].transform("nunique") == 2
        two = two[shared]
        if two.empty:
            continue
        noise = roles.repeats(arm, reference)
        identity = replace(arm_effect(arm, reference, noise=noise), base_model=about.base)
        block = {Cell(arm, _ALL, _ALL): 1.0, Cell(reference, _ALL, _ALL): -1.0}
        contrast = Contrast(Family.RELIABILITY, identity, (block,), EXPLORATORY, "problems")
        for number in estimate(CellTable.build(_pooled(two), list(_OUTCOMES)), contrast):
            tested = number.outcome == INCORRECT and about.design == Design.NATURAL and not noise
            yield about.row(replace(number, family=str(Family.RELIABILITY) if tested else EXPLORATORY))
        if about.design == Design.EASIEST:
            continue
        questions = sorted(two["question_id"].astype(str).unique())
        sides = [_Replies.of(two[two["arm"] == each], questions) for each in (arm, reference)]
        draws = draws_of(sides[0].levels)
        for outcome, indicator in _indicators(about).items():
            if outcome == KAPPA:
                continue
            first, second = (indicator.of(side, draws) for side in sides)
            yield about.row(_bootstrapped(100 * (first - second), identity, outcome, POINTS, sides, indicator))


@dataclass(frozen=True)
class _Replies:
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
    def of(cls, frame: pd.DataFrame, questions: Sequence[str]) -> "_Replies":
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
class _Indicator:
    """An indicator: its value in each draw, and why it has none."""

    value: Callable[[_Replies, Floats], Floats]
    why_not: Callable[[_Replies], Note]

    def of(self, replies: _Replies, draws: Floats) -> Floats:
        """The indicator in each draw of the problems."""
        return self.value(replies, draws[:, replies.problem])


def _without_templates(replies: _Replies) -> Note:
    return not_estimable(Code.ONE_TEMPLATE) if not replies.several_templates else _constant(replies, CORRECT)


def _without_repeats(replies: _Replies) -> Note:
    return not_estimable(Code.NOT_REPEATED if not replies.several_replies else Code.ONE_TEMPLATE)


def _constant(replies: _Replies, outcome: str) -> Note:
    return not_estimable(Code.CONSTANT_OUTCOME, outcome=outcome, value=float(np.nanmean(replies.outcomes[outcome])))


_BY_DIFFICULTY = {
    CONCORDANCE: _Indicator(
        lambda replies, draws: concordance(replies.outcomes[CORRECT], replies.levels[replies.problem], draws),
        lambda replies: _constant(replies, CORRECT),
    ),
    PRUDENT_CONCORDANCE: _Indicator(
        lambda replies, draws: concordance(1 - replies.outcomes[INCORRECT], replies.levels[replies.problem], draws),
        lambda replies: _constant(replies, INCORRECT),
    ),
    ULTRACREPIDARIAN: _Indicator(
        lambda replies, draws: ultracrepidarian(replies.outcomes[INCORRECT], replies.outcomes[AVOIDANT], draws),
        lambda replies: _constant(replies, CORRECT),
    ),
}
_BY_TEMPLATE = {
    TEMPLATE_AGREEMENT: _Indicator(
        lambda replies, draws: template_agreement(replies.outcomes[CORRECT], draws), _without_templates
    ),
    KAPPA: _Indicator(lambda replies, draws: chance_corrected(replies.outcomes[CORRECT], draws), _without_templates),
    REPEAT_AGREEMENT: _Indicator(lambda replies, draws: repeat_agreement(replies.repeated, draws), _without_repeats),
    TEMPLATE_SENSITIVITY: _Indicator(
        lambda replies, draws: (
            repeat_agreement(replies.repeated, draws) - template_agreement(replies.outcomes[CORRECT], draws)
        ),
        _without_repeats,
    ),
}


def _indicators(about: _About) -> dict[str, _Indicator]:
    """The indicators of a design: those of templates where a problem is asked in several."""
    return _BY_DIFFICULTY | _BY_TEMPLATE if about.design == Design.NATURAL else _BY_DIFFICULTY


def _bootstrapped(
    values: Floats, identity: Identity, outcome: str, unit: str, sides: Sequence[_Replies], indicator: _Indicator
) -> Estimate:
    """The first value with the spread and the percentiles of the others; without them where that says nothing."""
    problems = len(sides[0].levels)
    replies = sum(int((~np.isnan(side.outcomes[CORRECT])).sum()) for side in sides)
    row = Estimate(
        analysis=Family.RELIABILITY,
        term=CONTRAST,
        outcome=outcome,
        identity=identity,
        estimate=float(values[0]),
        unit=unit,
        n=replies,
        n_clusters=problems,
        family=EXPLORATORY,
    )
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


def _slope(rows: pd.DataFrame, identity: Identity) -> Estimate:
    """The log odds of no answer for a standard deviation of difficulty more, clustered by problem (CRV1)."""
    grouped = rows.groupby("cluster", observed=True).agg(
        level=("difficulty", "first"), n=(AVOIDANT, "size"), k=(AVOIDANT, "sum")
    )
    row = Estimate(
        analysis=Family.RELIABILITY,
        term=CONTRAST,
        outcome=AVOIDANCE_SLOPE,
        identity=identity,
        estimate=nan,
        unit=LOG_ODDS,
        n=len(rows),
        n_clusters=len(grouped),
        family=EXPLORATORY,
    )
    k, n, level = (grouped[name].to_numpy(dtype=np.float64) for name in ("k", "n", "level"))
    if k.sum() in (0, n.sum()):
        value = float(k.sum() > 0)
        return replace(row, notes=(not_estimable(Code.CONSTANT_OUTCOME, outcome=AVOIDANT, value=value),))
    avoided, not_avoided = level[k > 0], level[k < n]
    if len(np.unique(level)) < 2:
        return replace(row, notes=(not_estimable(Code.ONE_LEVEL, factor="difficulty"),))
    if avoided.min() >= not_avoided.max() or avoided.max() <= not_avoided.min():
        return replace(row, notes=(not_estimable(Code.SEPARATION, columns="difficulty"),))
    import statsmodels.api as sm

    standard = (level - np.average(level, weights=n)) / np.sqrt(np.cov(level, fweights=n.astype(int), ddof=0))
    model = sm.GLM(np.column_stack([k, n - k]), sm.add_constant(standard), family=sm.families.Binomial())
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": np.arange(len(k))})
    row = replace(row, estimate=float(fitted.params[1]))
    return replace(clustered(row, float(fitted.bse[1]), len(grouped)), p_value=nan, statistic=nan)


def _prefixes(frame: pd.DataFrame, arms: Sequence[str], base: str, domain: str) -> Iterator[ReliabilityRow]:
    """Up to which level errors are rarer than each threshold, in each arm."""
    usable = _once(frame[frame["design"].isin([Design.NATURAL, Design.EASIEST])])
    usable = usable[usable["epoch"] == usable["epoch"].min()] if len(usable) else usable
    for arm in arms:
        own = usable[usable["arm"] == arm]
        if own.empty:
            continue
        single = _single(own)
        natural = own[own["design"] == Design.NATURAL]
        any_template = natural.groupby(["difficulty", "question_id"], observed=True)[INCORRECT].max()
        failures = {
            SAFE_PREFIX: single.set_index("difficulty")[INCORRECT],
            SAFE_PREFIX_ANY: any_template.droplevel("question_id"),
            RIGHT_PREFIX: 1 - single.set_index("difficulty")[CORRECT],
        }
        for outcome, failed in ((name, each) for name, each in failures.items() if len(each)):
            for threshold in THRESHOLDS:
                identity = Identity(Kind.RATE, arm, base_model=base)
                number = _prefix(failed, threshold, identity, outcome)
                row = _About(base, domain, _ALL).row(number, int(failed.sum()))
                yield replace(row, threshold=f"{threshold:.0%}")


def _single(rows: pd.DataFrame) -> pd.DataFrame:
    """One reply of each problem, in a template that its id draws, so that replies are independent."""
    order = [
        sha256_text(f"{question}:{name}") for question, name in zip(rows["question_id"], rows["template"], strict=True)
    ]
    drawn = rows.assign(order=order).sort_values(["question_id", "order", "training_seed"])
    return drawn.drop_duplicates("question_id")


def _prefix(failed: "pd.Series[float]", threshold: float, identity: Identity, outcome: str) -> Estimate:
    """How many levels from the lowest on stay below the threshold, tested in this order, so without adjustment."""
    levels = failed.groupby(level="difficulty").agg(["sum", "size"]).sort_index()
    needed = needed_without_error(threshold)
    row = Estimate(
        analysis=Family.RELIABILITY,
        term=CONTRAST,
        outcome=outcome,
        identity=identity,
        estimate=nan,
        unit=LEVELS,
        n=len(failed),
        n_clusters=len(failed),
        family=EXPLORATORY,
    )
    safe = 0
    for errors, problems in levels.itertuples(index=False):
        if problems < needed:
            values = {"n": int(problems), "needed": needed}
            if not safe:
                return replace(row, notes=(Note(Code.NOT_TESTABLE, share=threshold, **values),))
            return replace(row, estimate=float(safe), notes=(Note(Code.ENDS_UNTESTED, **values),))
        if error_bound(int(errors), int(problems)) > threshold:
            break
        safe += 1
    return replace(row, estimate=float(safe))


_BY = ["base_model", "item_set", "design", "arm", "difficulty"]


def _counts(samples: pd.DataFrame) -> pd.DataFrame:
    facts = {
        "unscored": samples["excluded"] != "",
        "truncated": samples[TRUNCATED] == 1,
        **{each.value: samples[each.value] == 1 for each in Answered},
    }
    frame = samples[_BY].astype({name: "str" for name in ("base_model", "item_set", "design")})
    frame = frame.assign(replies=1, **facts)[samples["repetition"] == 1]
    return frame.groupby(_BY, observed=True)[["replies", *facts]].sum().reset_index()


def _excluded(samples: pd.DataFrame) -> pd.DataFrame:
    by = ["excluded", "arm", "design"]
    lost = samples.loc[samples["excluded"] != "", by].astype(str).rename(columns={"excluded": "reason"})
    return lost.groupby(["reason", *by[1:]], as_index=False).size().rename(columns={"size": "n"})
