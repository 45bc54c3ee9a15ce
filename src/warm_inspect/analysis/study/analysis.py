"""The analysed study: every table of the report, from observations alone.

Each contrast is also given under other assumptions. Two-way clustering and the bootstrap change its standard error; the
conditional and the multinomial logit change the model; base models and training seeds change the population that the
result is about.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan

import pandas as pd

from warm_inspect.analysis.contrasts import (
    ARM_EFFECT,
    NOISE,
    PRIMARY_OUTCOME,
    CellTable,
    Contrast,
    Design,
    Grid,
    ReplyBounds,
    all_contrasts,
    bootstrap,
    compares_arms_where_stated,
    designs_of,
    equivalence_test,
    estimate,
    family_of_tests,
    grid_of,
    over_base_models,
    over_seeds,
    signal_detection_estimates,
    two_way,
    unanswered_rows,
)
from warm_inspect.analysis.controls import ControlResults, analyse_controls
from warm_inspect.analysis.estimates import (
    CONTRAST,
    PRIMARY,
    Estimate,
    Identity,
    Kind,
    Note,
    adjust,
    arm_effect,
    detectable,
    estimates_frame,
)
from warm_inspect.analysis.families import FamilyResults, FamilyRow, analyse_beside
from warm_inspect.analysis.grader_error import NOT_CORRECTED, corrected, labels_on_record
from warm_inspect.analysis.hierarchical import NOT_ASKED, HierarchicalResults, Tell, analyse_hierarchically
from warm_inspect.analysis.logs import Collected
from warm_inspect.analysis.observations import (
    Observations,
    log_table,
    measured_outcomes,
    paired_replies,
    replies_asked_for,
    truncated_cells,
)
from warm_inspect.analysis.published import CELL_COLUMNS, analyse_as_published
from warm_inspect.analysis.regressions import (
    OURS,
    conditional_log_odds,
    fit,
    matched_pairs,
    multinomial_effects,
    rows_of,
)
from warm_inspect.analysis.study.dose import dose_table
from warm_inspect.analysis.study.rates import rates_table, stratum_weights
from warm_inspect.analysis.study.traffic import Traffic
from warm_inspect.analysis.study.traffic_effects import stated_weights, traffic_conditions, traffic_estimates
from warm_inspect.analysis.study.warnings import note_truncated, study_warnings
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.families import Family
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, NOT_CORRECT, TRUNCATED, Grade
from warm_inspect.grading.labels import LabelledReply

CHECKED_OUTCOMES = (PRIMARY_OUTCOME, Grade.INCORRECT.value, NOT_CORRECT)
"""The outcomes that are looked at more than one way."""
OUTCOMES = (
    ENDORSES_CLAIM,
    Grade.INCORRECT.value,
    NOT_CORRECT,
    Grade.UNCLEAR.value,
    Grade.REFUSAL.value,
    TRUNCATED,
)
"""The outcomes of every contrast. Errors are always shown under both codings, `incorrect` and `not_correct`."""

MINIMUM_DETECTABLE = "minimum_detectable_effect"
FLIP_RATE = Kind.FLIP_RATE.value


@dataclass(frozen=True)
class AnalysedStudy:
    """Everything that the report shows and the command line writes."""

    observations: Observations
    designs: tuple[Design, ...]
    """What the logs were made to answer; one for each arm where no arm is treated."""
    estimates: pd.DataFrame
    """Every estimate of every analysis; columns as in `estimates_frame`."""
    rates: pd.DataFrame
    """Raw rates; columns as in `rates_table`."""
    corrected_rates: pd.DataFrame
    """Rates corrected for the grader's errors, `grader_error.corrected.RATE_COLUMNS`; empty without labels."""
    traffic: pd.DataFrame
    """What each condition adds in the stated traffic, `CONDITION_COLUMNS`; empty without one."""
    weights: pd.DataFrame
    """What each base model and benchmark weighs in an overall effect: base_model, benchmark, questions, weight."""
    exclusions: pd.DataFrame
    """Samples without a grade: reason, arm, benchmark, context, belief, n."""
    left_out_as_published: pd.DataFrame
    """Graded replies that the rules of paper mode leave out, in the shape of `exclusions`; empty without it."""
    published_cells: pd.DataFrame
    """What the published figures show, `CELL_COLUMNS` of `published`; empty without paper mode."""
    excluded_rows: pd.DataFrame
    """Rows of the data sets that a stated rule kept out: benchmark, reason, n."""
    logs: pd.DataFrame
    """One row per log that was read."""
    dose: pd.DataFrame
    """Warmth and errors of every checkpoint, columns as in `dose_table`; empty without several of an arm."""
    controls: ControlResults
    """Every arm on the control benchmarks whose logs were read; empty without any."""
    families: Mapping[Family, FamilyResults[FamilyRow]]
    """The families of measurement whose logs were read; they enter no other number."""
    hierarchical: HierarchicalResults
    """What the hierarchical models say; empty where they were not asked for."""
    skipped: tuple[tuple[str, str], ...]
    """Kind and file name of each log that was left out."""
    gradings: tuple[Note, ...]
    """How right each grading is by labels, or that there are none: what every number here rests on."""
    warnings: tuple[Note, ...]
    """What a reader must know before believing a number, most important first."""
    equivalence_margin: float = nan
    """Points within which a headline counts as no effect; NaN where none was named."""


def analyse(
    observations: Observations,
    collected: Collected,
    paper: bool = False,
    labels: Sequence[LabelledReply] = (),
    traffic: Traffic | None = None,
    equivalence_margin: float | None = None,
    hierarchical: Tell | None = None,
) -> AnalysedStudy:
    """Every estimate, table and warning of a study; deterministic.

    Args:
        observations: the graded replies.
        collected: what was read from the logs.
        paper: whether to add the published analysis, under the names that start with `paper_`.
        labels: what a reader said of some of the replies, to correct for the grader's errors.
        traffic: how often the team's own users are in a condition, to say what an arm costs them.
        equivalence_margin: percentage points, named before the data, within which a headline counts as no effect.
        hierarchical: is told each fit of the hierarchical analysis; None leaves that analysis out.

    Raises:
        PrerequisiteError: the labels are not of these replies, or too few; the traffic names conditions that do not
            exist or were not run; or the margin is none.
    """
    if equivalence_margin is not None and not 0 < equivalence_margin < 100:
        raise PrerequisiteError(
            f"--equivalence-margin {equivalence_margin:g} is no number of points between 0 and 100",
            "Name the largest effect that would not matter, for example: --equivalence-margin 3",
        )
    frame = observations.frame
    grid = grid_of(frame, observations.roles)
    designs = designs_of(frame, observations.roles)
    bounds = ReplyBounds.of(replies_asked_for(observations), measured_outcomes(frame, OUTCOMES))
    published = analyse_as_published(observations) if paper else None
    by_labels = corrected(observations, labels) if labels else NOT_CORRECTED
    rows = adjust(
        [
            *_contrasts(frame, grid, designs),
            *_bounds(bounds, grid, designs),
            *_equivalences(frame, grid, bounds, designs, equivalence_margin),
            *unanswered_rows(designs),
            *_flips(frame, grid),
            *_regressions(observations),
            *robustness_checks(frame, grid),
            *(signal_detection_estimates(frame, grid) if measured_outcomes(frame, [PRIMARY_OUTCOME]) else ()),
            *(published.estimates if published else ()),
            *by_labels.estimates,
            *(traffic_estimates(observations, designs, traffic) if traffic else ()),
        ]
    )
    # No tests, so after the adjustment. The controls are adjusted already, as a family of tests of their own.
    rows += list(_detectable(rows))
    controls = analyse_controls(collected.controls, frame, observations.roles)
    rows += controls.estimates
    logs = log_table(observations.checkpoints, collected.logs)
    rates = rates_table(frame, observations.exclusions)
    return AnalysedStudy(
        observations=observations,
        designs=designs,
        estimates=estimates_frame(rows),
        rates=rates,
        corrected_rates=by_labels.rates,
        traffic=traffic_conditions(stated_weights(observations, traffic) if traffic else {}, rates, designs),
        weights=stratum_weights(frame),
        exclusions=observations.exclusions,
        left_out_as_published=published.exclusions if published else observations.exclusions.iloc[:0],
        published_cells=published.cells if published else pd.DataFrame(columns=list(CELL_COLUMNS)),
        excluded_rows=_excluded_rows(collected),
        logs=logs,
        dose=dose_table(observations.checkpoints),
        controls=controls,
        families=analyse_beside(observations),
        hierarchical=(
            analyse_hierarchically(observations, designs, CHECKED_OUTCOMES, hierarchical) if hierarchical else NOT_ASKED
        ),
        skipped=collected.skipped,
        gradings=tuple(labels_on_record(frame, labels)),
        warnings=(
            *study_warnings(observations, rows, logs, collected.controls),
            *controls.notes,
            *by_labels.notes,
        ),
        equivalence_margin=nan if equivalence_margin is None else equivalence_margin,
    )


def _contrasts(frame: pd.DataFrame, grid: Grid, designs: Sequence[Design]) -> Iterator[Estimate]:
    """Every contrast of cells the observations allow, for every outcome."""
    table = CellTable.build(frame, measured_outcomes(frame, OUTCOMES))
    truncated = {"": truncated_cells(frame)} | {
        str(benchmark): truncated_cells(rows) for benchmark, rows in frame.groupby("benchmark", observed=True)
    }
    for contrast in all_contrasts(grid):
        for row in estimate(table, contrast):
            named = replace(row, family=family_of_tests(designs, contrast, row.outcome))
            # Within a benchmark its own replies count: pooled, the others would hide how many of them were cut.
            cut = truncated[contrast.identity.benchmark]
            yield note_truncated(named, [cut[cell] for cell in contrast.cells if cell in cut])


def _bounds(bounds: ReplyBounds | None, grid: Grid, designs: Sequence[Design]) -> Iterator[Estimate]:
    """The best and the worst case of every effect between two arms, and of every headline and secondary row."""
    asked = {question.identity for design in designs for question in design.questions}
    for contrast in all_contrasts(grid) if bounds else ():
        between = contrast.analysis in (ARM_EFFECT, NOISE) and not contrast.identity.versus
        if bounds and (between or contrast.identity in asked):
            yield from bounds.cases(contrast)


def _equivalences(
    frame: pd.DataFrame, grid: Grid, bounds: ReplyBounds | None, designs: Sequence[Design], margin: float | None
) -> Iterator[Estimate]:
    """The equivalence test of each headline; no row where no margin was named."""
    if margin is None:
        return
    for design in designs:
        for question in design.questions[:1]:
            (contrast,) = (each for each in all_contrasts(grid) if each.identity == question.identity)
            table = CellTable.build(frame, [question.outcome])
            # Like the headline it is one test that was named before the data, so its own P decides.
            if row := equivalence_test(table, contrast, question.outcome, bounds, margin):
                yield replace(row, family=PRIMARY)


def _flips(frame: pd.DataFrame, grid: Grid) -> Iterator[Estimate]:
    """Share of prompts whose grade differs between two arms; the rerun shows how many flip by chance."""
    for arm, reference in grid.pairs if measured_outcomes(frame, ["grade"]) else ():
        pairs = paired_replies(frame, arm, reference, ["grade"])
        if pairs.empty:
            continue
        differs = pairs["grade"].astype(str) != pairs["grade_reference"].astype(str)
        table = CellTable.build(pairs.assign(arm=arm, grade_differs=differs.astype(float)), ["grade_differs"])
        blocks = tuple({cell: 1.0} for cell in table.columns)
        # A rate is not tested against zero.
        for row in estimate(table, Contrast(FLIP_RATE, Identity(Kind.FLIP_RATE, arm, reference), blocks)):
            yield replace(row, statistic=nan, p_value=nan)


def _regressions(observations: Observations) -> Iterator[Estimate]:
    """The regressions of the study for each arm against the baseline, on each outcome."""
    if not measured_outcomes(observations.frame, ["grade"]):
        return
    for arm in observations.compared_arms:
        for spec in OURS:
            cut = truncated_cells(rows_of(spec, observations.frame, arm, observations.baseline))
            for outcome in CHECKED_OUTCOMES:
                for row in fit(spec, observations.frame, outcome, arm, observations.baseline).estimates:
                    yield note_truncated(row, cut.values())


def _detectable(rows: list[Estimate]) -> Iterator[Estimate]:
    """The smallest effect that this study would have found, for each headline and its like for other arms."""
    for row in rows:
        effect = row.analysis == ARM_EFFECT and row.outcome == PRIMARY_OUTCOME
        alike = effect and compares_arms_where_stated(row.identity)
        if row.term == CONTRAST and (alike or row.family == PRIMARY) and row.estimable:
            yield Estimate(
                analysis=row.analysis,
                term=MINIMUM_DETECTABLE,
                outcome=row.outcome,
                identity=row.identity,
                estimate=detectable(row),
                unit=row.unit,
                n=row.n,
                n_clusters=row.n_clusters,
                notes=row.notes,
            )


def _excluded_rows(collected: Collected) -> pd.DataFrame:
    """The counts per benchmark: each of its logs counts the whole data set, so they are not added up."""
    rows = [(log.subject, reason, n) for log in collected.logs for reason, n in log.excluded_rows.items()]
    counts = pd.DataFrame(rows, columns=["benchmark", "reason", "n"])
    return counts.groupby(["benchmark", "reason"], as_index=False)[["n"]].max()


def robustness_checks(frame: pd.DataFrame, grid: Grid) -> Iterator[Estimate]:
    """Every check that the observations allow; deterministic."""
    outcomes = measured_outcomes(frame, CHECKED_OUTCOMES)
    table = CellTable.build(frame, outcomes)
    contrasts = [contrast for contrast in all_contrasts(grid) if not contrast.identity.benchmark]
    for contrast in contrasts:
        yield from two_way(table, contrast)
    if PRIMARY_OUTCOME in outcomes:
        adopted = CellTable.build(frame, [PRIMARY_OUTCOME])
        for contrast in contrasts:
            if contrast.analysis == ARM_EFFECT and compares_arms_where_stated(contrast.identity):
                yield from bootstrap(adopted, contrast)
        for arm, reference in grid.pairs:
            yield from _models(frame, grid, arm, reference)
    between = [contrast for contrast in contrasts if contrast.identity.reference]
    yield from over_base_models(frame, between, outcomes)
    yield from over_seeds(frame, between, outcomes)


def _models(frame: pd.DataFrame, grid: Grid, arm: str, reference: str) -> Iterator[Estimate]:
    pairs = matched_pairs(frame, arm, reference, CHECKED_OUTCOMES)
    effect = arm_effect(arm, reference, noise=grid.roles.repeats(arm, reference))
    yield from conditional_log_odds(pairs, CHECKED_OUTCOMES, effect)
    for belief in grid.beliefs:
        stated = pairs[pairs["belief"] == belief]
        yield from conditional_log_odds(stated, CHECKED_OUTCOMES, replace(effect, belief=belief))
    yield from multinomial_effects(frame, effect)
