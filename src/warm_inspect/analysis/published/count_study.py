"""The analysis of cell counts: the published models and ours, with model-based errors, and what counts cannot give."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import nan

import pandas as pd

from warm_inspect.analysis.estimates import POINTS, Code, Estimate, Identity, Kind, Note, adjust, estimates_frame
from warm_inspect.analysis.observations import ANY, Observations
from warm_inspect.analysis.published.as_published import analyse_as_published
from warm_inspect.analysis.published.raw_differences import OUTCOME
from warm_inspect.analysis.regressions import OURS, fit
from warm_inspect.core.vocabulary import ORIGINAL

_LIMITS = {
    "clustered_errors": Code.COUNTS_LACK_QUESTIONS,
    "mcnemar": Code.COUNTS_LACK_PAIRS,
    "training_seeds": Code.COUNTS_LACK_ADAPTERS,
    "two_way_clustering": Code.COUNTS_LACK_STATEMENTS,
    "signal_detection": Code.COUNTS_LACK_CLAIMS,
    "endorses_claim": Code.COUNTS_LACK_ENDORSEMENT,
    "refusals": Code.COUNTS_LACK_REFUSALS,
}
"""What counts cannot give, and why."""
_POOLED = {"belief_templates": Code.COUNTS_POOL_TEMPLATES}


@dataclass(frozen=True)
class CountStudy:
    """The analysis of a table of cell counts, and what such a table cannot give."""

    observations: Observations
    estimates: pd.DataFrame
    """Every estimate; rows with the term `limit` name what counts cannot give."""
    exclusions: pd.DataFrame
    """Empty cells, and replies that paper mode leaves out: reason, arm, benchmark, context, belief, n."""
    published_cells: pd.DataFrame
    """What the published figures show, columns `CELL_COLUMNS`."""
    limits: Mapping[str, Note]
    """Each analysis that counts cannot give, with the reason."""


def analyse_counts(observations: Observations, only_published: bool) -> CountStudy:
    """The analysis of cell counts; deterministic.

    Args:
        observations: made by `Observations.from_counts`.
        only_published: whether to leave our own models out; else they, with every belief apart, come too.
    """
    published = analyse_as_published(observations)
    rows = list(published.estimates)
    if not only_published:
        rows += [
            row
            for arm in observations.compared_arms
            for spec in OURS
            for row in fit(spec, observations.frame, OUTCOME, arm, ORIGINAL).estimates
        ]
    limits = limits_of(observations.frame["belief"].cat.categories)
    rows += limit_rows(limits)
    return CountStudy(
        observations=observations,
        estimates=estimates_frame(adjust(rows)),
        exclusions=pd.concat([observations.exclusions, published.exclusions], ignore_index=True),
        published_cells=published.cells,
        limits=limits,
    )


def limits_of(beliefs: Iterable[str]) -> dict[str, Note]:
    """Each analysis that counts cannot give, with the reason.

    Args:
        beliefs: the belief levels of the counts.
    """
    limits = _LIMITS | _POOLED if ANY in set(beliefs) else _LIMITS
    return {name: Note(code) for name, code in limits.items()}


def limit_rows(limits: Mapping[str, Note]) -> list[Estimate]:
    """A row of the estimates for each analysis that counts cannot give."""
    blank = Estimate("", "limit", OUTCOME, Identity(Kind.LIMIT), nan, POINTS)
    return [
        replace(blank, analysis=name, notes=(Note(Code.NOT_ESTIMABLE, reason=reason),))
        for name, reason in limits.items()
    ]
