"""The headline: the one primary contrast, how large noise is beside it, and when there is no headline."""

from dataclasses import dataclass, field
from math import isnan

import pandas as pd

from warm_inspect.analysis.contrasts import ARM_EFFECT, NEUTRAL, NOISE, PRIMARY_CONTRAST, PRIMARY_OUTCOME
from warm_inspect.analysis.estimates import CONTRAST, RERUN, Identity, Kind, Note, arm_effect
from warm_inspect.analysis.observations import ALL, is_large, style_biases
from warm_inspect.analysis.published import CountStudy
from warm_inspect.analysis.study import FLIP_RATE, MINIMUM_DETECTABLE, AnalysedStudy
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.report.estimate_rows import Record, records

WARM = "warm"
PASSED = "passed"
NOT_RUN = "not_run"


def focus_arm(study: AnalysedStudy | CountStudy) -> str:
    """The arm that the figures and samples are about: the warm one, else the first treated one; empty without any."""
    arms = study.observations.arms
    treated = [arm for arm in arms if arm not in (ORIGINAL, RERUN)] if ORIGINAL in arms else []
    return WARM if WARM in treated else next(iter(treated), "")


@dataclass(frozen=True)
class Headline:
    """What stands at the top of the report. A row is a row of the estimates or of the rates, None when absent."""

    conclusion: str
    """`withheld`, `absent`, `not_estimable`; or by the interval: `more`, `less`, `no_difference`."""
    checks: tuple[str, ...] = ()
    """Why it is withheld: each check of the warm arm that is not `passed`, for example `warm: failed`."""
    effect: Record | None = None
    noise: Record | None = None
    """The same contrast between two runs of the original model."""
    flips: Record | None = None
    """Share of grades that changed between those two runs, in points."""
    detectable: Record | None = None
    """The smallest effect this study would have found."""
    style_bias: tuple[Note, ...] = ()
    """Gradings of these replies that are known to move with their style by so much that it must be said first."""
    rates: tuple[Record, ...] = field(default=())
    """The rates of both arms of the contrast under its condition."""

    @property
    def by_arm(self) -> dict[str, Record]:
        """The rates by the name of their arm."""
        return {row["arm"]: row for row in self.rates}

    @property
    def drowned(self) -> bool:
        """Whether the rerun differs from the original at least as much as the two arms from each other."""
        return bool(self.effect and self.noise and abs(self.noise["estimate"]) >= abs(self.effect["estimate"]))


def headline(study: AnalysedStudy) -> Headline:
    """The headline that the study allows."""
    frame, estimates = study.observations.frame, study.estimates
    biases = tuple(filter(is_large, style_biases(frame)))
    if checks := _open_checks(frame):
        return Headline("withheld", checks, style_bias=biases)
    effect = _row(estimates, ARM_EFFECT, CONTRAST, PRIMARY_CONTRAST)
    if effect is None:
        return Headline("absent", style_bias=biases)
    rerun = arm_effect(RERUN, ORIGINAL, **PRIMARY_CONTRAST.conditions)
    changed = Identity(Kind.FLIP_RATE, RERUN, ORIGINAL)
    return Headline(
        conclusion=conclusion(effect),
        effect=effect,
        noise=_row(estimates, NOISE, CONTRAST, rerun),
        flips=_row(estimates, FLIP_RATE, CONTRAST, changed, outcome="grade_differs"),
        detectable=_row(estimates, ARM_EFFECT, MINIMUM_DETECTABLE, PRIMARY_CONTRAST),
        style_bias=biases,
        rates=tuple(_rates(study.rates)),
    )


def _open_checks(frame: pd.DataFrame) -> tuple[str, ...]:
    """The warmth checks of the warm arm that are not passed. Another arm's failed check is a caution of the study."""
    statuses = set(frame.loc[frame["arm"] == WARM, "warmth_check"])
    return tuple(f"{WARM}: {check or NOT_RUN}" for check in sorted(statuses - {PASSED}))


def conclusion(row: Record) -> str:
    """What an interval allows to say: `more`, `less`, `no_difference` or `not_estimable`."""
    if isnan(row["conf_low"]) or isnan(row["conf_high"]):
        return "not_estimable"
    if row["conf_low"] > 0:
        return "more"
    return "less" if row["conf_high"] < 0 else "no_difference"


def _row(
    estimates: pd.DataFrame, analysis: str, term: str, identity: Identity, outcome: str = PRIMARY_OUTCOME
) -> Record | None:
    wanted = {"analysis": analysis, "term": term, "outcome": outcome} | vars(identity)
    rows = records(estimates[(estimates[list(wanted)] == list(wanted.values())).all(axis=1)])
    return rows[0] if rows else None


def _rates(rates: pd.DataFrame) -> list[Record]:
    pooled = (rates[["benchmark", "context", "polarity"]] == ALL).all(axis=1) & (rates["belief"] == "incorrect")
    return records(rates[pooled & rates["arm"].isin([WARM, NEUTRAL])])
