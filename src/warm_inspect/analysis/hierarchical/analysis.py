"""The hierarchical analysis of a study: one model for each of its questions' arms and outcomes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import nan

import numpy as np
import pandas as pd

from warm_inspect.analysis.contrasts import Design, all_contrasts, grid_of
from warm_inspect.analysis.estimates import (
    CONFIDENCE,
    EXPLORATORY,
    POINTS,
    Code,
    Estimate,
    Floats,
    Note,
    estimates_frame,
    not_estimable,
)
from warm_inspect.analysis.hierarchical.convergence import MAX_R_HAT, MIN_ESS, Convergence
from warm_inspect.analysis.hierarchical.fit import Fit
from warm_inspect.analysis.hierarchical.layout import Layout, Source, layout_of
from warm_inspect.analysis.hierarchical.sampling import DEFAULT_SAMPLING, Forecast, Sampler, Sampling
from warm_inspect.analysis.hierarchical.spread import SPREAD_COLUMNS, Part, spread_of
from warm_inspect.analysis.observations import Observations, measured_outcomes
from warm_inspect.core.errors import missing_extra

HIERARCHICAL = "hierarchical"
AVERAGE = "average_effect"
"""Term of a difference over other questions, for the statements, adapters and base models that there are."""
POPULATION = "population_effect"
"""Term of the same over other statements, trainings and base models too, as far as there are several."""
FIT_COLUMNS = (
    "arm", "reference", "outcome", "replies", "questions", "effects", "chains", "warmup", "draws", "r_hat", "ess_bulk",
    "ess_tail", "divergent", "converged",
)  # fmt: skip
_FEW_LEVELS = 5
"""Below this many levels the spread of a source rests on its prior."""
_PLURAL = {Source.STATEMENT: "statements", Source.SEED: "trained adapters", Source.BASE_MODEL: "base models"}


@dataclass(frozen=True)
class FitPlan:
    """A fit that is about to be drawn."""

    place: int
    """From 1."""
    of: int
    arms: tuple[str, ...]
    outcome: str
    forecast: Forecast
    again: bool
    """Whether it is drawn a second time, twice as long, because the chains of the first did not agree."""


Tell = Callable[[FitPlan], bool]
"""Is told each fit before it is drawn, and says whether to show a progress bar."""


@dataclass(frozen=True)
class HierarchicalResults:
    """What the models say; every frame is empty where none was asked for."""

    estimates: pd.DataFrame = field(default_factory=lambda: estimates_frame([]))
    """Rows of the terms `AVERAGE` and `POPULATION`; the identity is that of the contrast of condition means."""
    spread: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SPREAD_COLUMNS)))
    fits: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FIT_COLUMNS)))
    """One row for each model: its size, and whether its chains agree."""


NOT_ASKED = HierarchicalResults()


def require_hierarchical() -> None:
    """Check that the extra is installed, before anything is read.

    Raises:
        PrerequisiteError: it is not.
    """
    try:
        import arviz_stats  # noqa: F401
        import numpyro  # noqa: F401
    except ImportError as error:
        raise missing_extra("--hierarchical", HIERARCHICAL, error) from None


def analyse_hierarchically(
    observations: Observations,
    designs: Sequence[Design],
    outcomes: Sequence[str],
    tell: Tell | None = None,
    sampling: Sampling = DEFAULT_SAMPLING,
) -> HierarchicalResults:
    """One model for each design and outcome: the arm with its reference, or the arm alone.

    A fit whose chains do not agree is drawn once more, twice as long; if they still do not, its numbers are NaN and a
    note says so.

    Args:
        observations: the graded replies.
        designs: what the study's arms are compared on.
        outcomes: what is looked at. Those that were not measured, or are not 0 or 1 in every reply, are left out.
        tell: is told each fit before it is drawn; None where nothing is to be told.
        sampling: how long to draw.

    Raises:
        PrerequisiteError: the extra is not installed.
    """
    require_hierarchical()
    frame = observations.frame
    contrasts = all_contrasts(grid_of(frame, observations.roles))
    binary = [outcome for outcome in measured_outcomes(frame, outcomes) if _binary(frame, outcome)]
    wanted = [(design, outcome) for design in designs for outcome in binary]
    rows: list[Estimate] = []
    spread: list[dict[str, object]] = []
    fits: list[dict[str, object]] = []
    for place, (design, outcome) in enumerate(wanted, start=1):
        arms = tuple(arm for arm in (design.arm, design.reference) if arm)
        replies = frame[frame["arm"].isin(arms) & frame[outcome].notna()]
        layout = layout_of(replies, outcome)
        own = [each for each in contrasts if {cell.arm for cell in each.cells} <= set(arms)]
        for plan in (sampling, sampling.careful):
            sampler = Sampler(layout, plan)
            bar = tell is not None and tell(
                FitPlan(place, len(wanted), arms, outcome, sampler.forecast(), again=plan is not sampling)
            )
            fit = Fit(layout, sampler.draw(bar), own)
            if fit.convergence.passed:
                break
        rows += _estimates(fit, outcome)
        about = {"arm": design.arm, "reference": design.reference, "outcome": outcome}
        fits.append(about | _size(layout, plan) | vars(fit.convergence) | {"converged": fit.convergence.passed})
        if fit.convergence.passed:
            spread += [about | _record(part) for part in spread_of(layout, fit.draws)]
    return HierarchicalResults(
        estimates_frame(rows),
        pd.DataFrame.from_records(spread, columns=list(SPREAD_COLUMNS)),
        pd.DataFrame.from_records(fits, columns=list(FIT_COLUMNS)),
    )


def _estimates(fit: Fit, outcome: str) -> Iterator[Estimate]:
    """The rows of a fit: each contrast over other questions and, where there are several, over others of the rest."""
    given = {each.source: each.levels for each in reversed(fit.layout.shared) if not each.source.repeats}
    few = [Note(Code.FEW_LEVELS, n=n, unit=_PLURAL[source]) for source, n in given.items() if n < _FEW_LEVELS]
    terms = (AVERAGE, POPULATION) if given else (AVERAGE,)
    for effect in fit.effects:
        for term in terms:
            row = Estimate(
                analysis=HIERARCHICAL,
                term=term,
                outcome=outcome,
                identity=effect.contrast.identity,
                estimate=nan,
                unit=POINTS,
                n=effect.n,
                n_clusters=effect.questions,
                family=EXPLORATORY,
                notes=tuple(few) if term == POPULATION else (),
            )
            yield _summed(row, effect.given if term == AVERAGE else effect.drawn, fit.convergence)


def _summed(row: Estimate, draws: Floats, convergence: Convergence) -> Estimate:
    """The row with the posterior's mean, standard deviation and central 95 % interval."""
    if not convergence.passed:
        return replace(row, notes=(_not_converged(convergence),))
    low, high = np.quantile(100 * draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    point = replace(row, estimate=float(100 * draws.mean()), std_error=float(100 * draws.std()))
    return point.within(float(low), float(high))


def _not_converged(measured: Convergence) -> Note:
    return not_estimable(
        Code.CHAINS_DISAGREE,
        r_hat=measured.r_hat,
        most=MAX_R_HAT,
        ess=min(measured.ess_bulk, measured.ess_tail),
        least=MIN_ESS,
        divergent=measured.divergent,
    )


def _binary(frame: pd.DataFrame, outcome: str) -> bool:
    """Whether an outcome is 0 or 1 in every reply: a score of an own task may lie between."""
    return bool(frame[outcome].dropna().isin([0.0, 1.0]).all())


def _size(layout: Layout, plan: Sampling) -> dict[str, int]:
    counts = {"replies": int(layout.replies.sum()), "questions": len(layout.hits), "effects": layout.latent}
    return counts | {"chains": plan.chains, "warmup": plan.warmup, "draws": plan.draws}


def _record(part: Part) -> dict[str, object]:
    sd, share = (
        dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))
        for name, values in (("sd", part.sd), ("share", part.share))
    )
    return {"source": part.source.value, "effect": part.effect, "levels": part.levels, **sd, **share}
