"""The report of cell counts: what counts can give, with its weights and denominators, and what they cannot."""

from pathlib import Path

import pandas as pd

from warm_inspect.analysis.contrasts.replication import MEAN, PREDICTION
from warm_inspect.analysis.identity import restricted_to
from warm_inspect.analysis.levels import ordered_levels
from warm_inspect.analysis.models.patterns import weights
from warm_inspect.analysis.published.count_study import CountStudy
from warm_inspect.analysis.published.raw_cells import RAW_BASE_MODELS
from warm_inspect.core.vocabulary import NONE, ORIGINAL
from warm_inspect.report.environment import environment
from warm_inspect.report.evidence import focus_arm
from warm_inspect.report.published.section import published_section
from warm_inspect.report.tables.groups import Group, Record, records, regression_groups

MAX_CELLS = 600
"""Rows of the tables of cells; the files beside the page have them all."""

_EFFECTS = ("marginal_effect", "penalised_marginal_effect", MEAN)
_CELL = ["base_model", "benchmark", "context", "belief"]


def write_cells_report(study: CountStudy, path: Path) -> None:
    """Write the report: one HTML file without scripts that loads nothing. The same counts give the same bytes."""
    path.write_text(render_cells(study), encoding="utf-8", newline="\n")


def render_cells(study: CountStudy) -> str:
    """The HTML of the report."""
    arm = focus_arm(study) or study.observations.treated_arms[0]
    cells = study.published_cells
    frame = study.observations.frame
    return (
        environment()
        .get_template("cells.html.j2")
        .render(
            arm=arm,
            arms=study.observations.arms,
            base_models=list(frame["base_model"].cat.categories),
            benchmarks=list(frame["benchmark"].cat.categories),
            replies=float(weights(frame).sum()),
            cells=frame.groupby([*_CELL, "arm"], observed=True).ngroups,
            overall=_one(study.estimates, "paper_1", "marginal_effect", arm),
            mean=_one(study.estimates, RAW_BASE_MODELS, MEAN, arm),
            next_model=_one(study.estimates, RAW_BASE_MODELS, PREDICTION, arm),
            limits=study.limits,
            exclusions=records(study.exclusions.head(MAX_CELLS)),
            excluded=len(study.exclusions),
            published=published_section(study, arm),
            effects=_by_arm(published_effects(study.estimates), arm),
            regressions=regression_groups(study.estimates),
            weights=_weights(cells, arm),
            rates=_rates(cells),
            rated=len(cells.drop_duplicates(_CELL)),
            rate_arms=ordered_levels("arm", cells["arm"]),
        )
        + "\n"
    )


def published_effects(estimates: pd.DataFrame) -> pd.DataFrame:
    """The marginal effects of the published models, and the means over base models."""
    analysis = estimates["analysis"]
    return estimates[
        (analysis.str.startswith("paper_") | (analysis == RAW_BASE_MODELS)) & estimates["term"].isin(_EFFECTS)
    ]


def _one(estimates: pd.DataFrame, analysis: str, term: str, arm: str) -> Record | None:
    """The arm's overall effect in one analysis, if it has a number."""
    named = (estimates["analysis"] == analysis) & (estimates["term"] == term) & (estimates["arm"] == arm)
    rows = estimates[named & restricted_to(estimates)]
    return next((row for row in records(rows) if row["estimate"] == row["estimate"]), None)


def _by_arm(effects: pd.DataFrame, arm: str) -> list[Group]:
    """The effects of each treated arm, those of `arm` first."""
    names = sorted(effects["arm"].unique(), key=lambda name: name != arm)
    return [Group(name, records(effects[effects["arm"] == name])) for name in names]


def _weights(cells: pd.DataFrame, arm: str) -> list[Record]:
    """Per base model and benchmark: the replies without context and belief, and what they weigh in the two averages.

    A marginal effect of the regressions is a mean over replies, a raw effect a mean over base models and benchmarks
    that both arms have.
    """
    plain = cells[(cells["context"] == NONE) & (cells["belief"] == NONE) & cells["arm"].isin([arm, ORIGINAL])]
    if plain.empty:
        return []
    wide = plain.pivot_table("n", ["base_model", "benchmark"], "arm", aggfunc="sum", fill_value=0)
    counts = wide.reindex(columns=[ORIGINAL, arm], fill_value=0).set_axis(["original", "treated"], axis=1)
    replies, both = counts.sum(axis=1), (counts > 0).all(axis=1)
    shares = {"by_replies": replies / replies.sum(), "by_cells": both / max(1, both.sum())}
    return records(counts.assign(**shares).reset_index())


def _rates(cells: pd.DataFrame) -> list[Record]:
    """Per cell: the errors and the replies of each arm that has it; the first `MAX_CELLS`."""
    ranked = cells.assign(**{f"{factor}_rank": _ranks(factor, cells[factor]) for factor in _CELL})
    place = ranked.groupby([f"{factor}_rank" for factor in _CELL]).ngroup()
    return [
        {factor: rows[factor].iloc[0] for factor in _CELL}
        | {"arms": {row["arm"]: row for row in records(rows[["arm", "n", "n_incorrect"]])}}
        for _, rows in ranked[place < MAX_CELLS].groupby(place)
    ]


def _ranks(factor: str, levels: "pd.Series[str]") -> "pd.Series[int]":
    """The place of each level in the order of tables and figures."""
    order = {level: rank for rank, level in enumerate(ordered_levels(factor, levels))}
    return levels.map(order)
