"""`reliability`: right, avoided and wrong answers by difficulty, and how far they depend on difficulty and on wording.

The main number of two arms is the difference of their shares of wrong answers, paired by problem and template, errors
clustered by problem: fifteen templates of a problem are no fifteen problems. Beside it stand how well errors follow
difficulty, how far an answer depends on its template beyond what asking again changes, whether what is not answered
rightly is answered wrongly, and up to which level errors can be ruled out. Source: Zhou et al. 2024, doi
10.1038/s41586-024-07930-y, for what is asked; the formulas are in docs/reliability.md.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from warm_inspect.analysis.contrasts import CellTable, Contrast, estimate
from warm_inspect.analysis.estimates import EXPLORATORY, POINTS, SHARE, Identity, Kind
from warm_inspect.analysis.families.numbers import arm_pairs, arm_rate, arms_in
from warm_inspect.analysis.families.reliability.avoidance import avoidance_slope
from warm_inspect.analysis.families.reliability.resampled import Replies, draws_of, indicators_of, resampled
from warm_inspect.analysis.families.reliability.rows import (
    AVOIDANT,
    CORRECT,
    INCORRECT,
    KAPPA,
    TEMPLATE_SENSITIVITY,
    About,
    ReliabilityResults,
    ReliabilityRow,
)
from warm_inspect.analysis.families.reliability.safe_prefix import safe_prefixes
from warm_inspect.analysis.families.reliability.supervision import supervision_between, supervision_of_arms
from warm_inspect.analysis.families.rows import count_samples, results_of
from warm_inspect.analysis.observations import Cell, Roles, check_comparable
from warm_inspect.core.families import Answered, Design, Family
from warm_inspect.core.vocabulary import TRUNCATED

_OUTCOMES = (INCORRECT, CORRECT, *(each.value for each in Answered if each.value not in (INCORRECT, CORRECT)))
_ALL = "all"
_CLUSTERS = "problems"


def analyse_reliability(samples: pd.DataFrame, roles: Roles) -> ReliabilityResults:
    """The numbers of the problems; deterministic.

    Args:
        samples: of the family, with their arms and clusters, those without a score too.
        roles: what the arms are for.

    Raises:
        PrerequisiteError: replies that must not be compared (see `check_comparable`).
    """
    rows: list[ReliabilityRow] = []
    scored = problem_cells(samples[samples["excluded"] == ""])
    check_comparable(scored)
    for (base, domain), of_domain in scored.groupby(["base_model", "item_set"], observed=True):
        for design, of_design in ((each, of_domain[of_domain["design"] == each]) for each in Design):
            about = About(str(base), str(domain), str(design))
            rows += _of_arms(of_design, about)
            rows += _between_arms(of_design, roles, about)
        rows += safe_prefixes(of_domain, arms_in(of_domain), str(base), str(domain))
    return results_of(ReliabilityRow, rows, samples, _counts(samples), ("design",))


def problem_cells(samples: pd.DataFrame) -> pd.DataFrame:
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


def _of_arms(frame: pd.DataFrame, about: About) -> Iterator[ReliabilityRow]:
    pooled, arms = _pooled(frame), arms_in(frame)
    for arm in arms:
        own = pooled[pooled["arm"] == arm]
        yield from (_rate(own, outcome, about) for outcome in _OUTCOMES)
        for level, of_level in own.groupby("difficulty", observed=True):
            yield _rate(of_level, INCORRECT, about, str(level))
    yield from supervision_of_arms(pooled, about)
    if about.design == Design.EASIEST:
        return
    for arm in arms:
        of_arm = frame[frame["arm"] == arm]
        yield about.row(avoidance_slope(pooled[pooled["arm"] == arm], Identity(Kind.RATE, arm, base_model=about.base)))
        replies = Replies.of(of_arm, sorted(of_arm["question_id"].astype(str).unique()))
        draws = draws_of(replies.levels)
        for outcome, indicator in indicators_of(about).items():
            values = indicator.of(replies, draws)
            identity = Identity(Kind.RATE, arm, base_model=about.base)
            # A difference of two shares is in points, within an arm too.
            unit = POINTS if outcome == TEMPLATE_SENSITIVITY else SHARE
            scaled = 100 * values if unit == POINTS else values
            yield about.row(resampled(scaled, identity, outcome, unit, [replies], indicator))


def _rate(rows: pd.DataFrame, outcome: str, about: About, level: str = "") -> ReliabilityRow:
    number = arm_rate(Family.RELIABILITY, rows, about.base, outcome, _CLUSTERS)
    return about.row(number, int(rows[outcome].sum()), level)


def _between_arms(frame: pd.DataFrame, roles: Roles, about: About) -> Iterator[ReliabilityRow]:
    """Differences of two arms on the prompts that both answered."""
    for pair in arm_pairs(frame, roles, about.base):
        two = frame[frame["arm"].isin(pair.names)]
        shared = two.groupby(["question_id", "template"], observed=True)["arm"].transform("nunique") == 2
        two = two[shared]
        if two.empty:
            continue
        block = {Cell(pair.arm, _ALL, _ALL): 1.0, Cell(pair.reference, _ALL, _ALL): -1.0}
        contrast = Contrast(Family.RELIABILITY, pair.identity, (block,), EXPLORATORY, _CLUSTERS)
        for number in estimate(CellTable.build(_pooled(two), list(_OUTCOMES)), contrast):
            tested = number.outcome == INCORRECT and about.design == Design.NATURAL and not pair.noise
            yield about.row(replace(number, family=str(Family.RELIABILITY) if tested else EXPLORATORY))
        yield from supervision_between(_pooled(two), pair, about)
        if about.design == Design.EASIEST:
            continue
        questions = sorted(two["question_id"].astype(str).unique())
        sides = [Replies.of(two[two["arm"] == each], questions) for each in pair.names]
        draws = draws_of(sides[0].levels)
        for outcome, indicator in indicators_of(about).items():
            if outcome == KAPPA:
                continue
            first, second = (indicator.of(side, draws) for side in sides)
            yield about.row(resampled(100 * (first - second), pair.identity, outcome, POINTS, sides, indicator))


_BY = ["base_model", "item_set", "design", "arm", "difficulty"]


def _counts(samples: pd.DataFrame) -> pd.DataFrame:
    facts = {
        "unscored": samples["excluded"] != "",
        "truncated": samples[TRUNCATED] == 1,
        **{each.value: samples[each.value] == 1 for each in Answered},
    }
    return count_samples(samples[samples["repetition"] == 1], _BY, facts)
