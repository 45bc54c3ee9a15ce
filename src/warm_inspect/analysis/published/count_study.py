"""The analysis of cell counts: the published models and ours, each with model-based errors."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from warm_inspect.analysis.contrasts.design import REPEAT
from warm_inspect.analysis.estimates import adjust, estimates_frame
from warm_inspect.analysis.models.regression import fit
from warm_inspect.analysis.models.specs import OURS
from warm_inspect.analysis.notes import Note
from warm_inspect.analysis.observations import Observations
from warm_inspect.analysis.published.as_published import analyse_as_published
from warm_inspect.analysis.published.counts import limit_rows, limits_of
from warm_inspect.core.vocabulary import ORIGINAL


@dataclass(frozen=True)
class CountStudy:
    """What cell counts can give."""

    observations: Observations
    estimates: pd.DataFrame
    """Every estimate; rows with the term `limit` name what counts cannot give."""
    exclusions: pd.DataFrame
    """Empty cells, and replies that paper mode leaves out: reason, arm, benchmark, context, belief, n."""
    published_cells: pd.DataFrame
    """What the published figures show, `warm_inspect.analysis.published.as_published.CELL_COLUMNS`."""
    limits: Mapping[str, Note]
    """Each analysis that counts cannot give, with the reason."""


def analyse_counts(observations: Observations, paper: bool) -> CountStudy:
    """The analysis of cell counts; deterministic.

    Args:
        observations: made by `Observations.from_counts`.
        paper: whether only the published models are wanted; else ours, with every belief apart, come too.
    """
    published = analyse_as_published(observations)
    rows = list(published.estimates)
    if not paper:
        rows += [
            row
            for arm in observations.treated_arms
            if arm != REPEAT
            for spec in OURS
            for row in fit(spec, observations.frame, arm, ORIGINAL).estimates
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
