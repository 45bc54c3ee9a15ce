"""Cautions: what a reader must know before believing a number."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from warm_inspect.analysis.contrasts.condition_means import Cell
from warm_inspect.analysis.contrasts.design import (
    ARM_EFFECT,
    NEUTRAL,
    NOISE,
    PRIMARY_CONTRAST,
    PRIMARY_OUTCOME,
    REPEAT,
    arm_effect,
    like_primary,
)
from warm_inspect.analysis.estimates import CONTRAST, Estimate
from warm_inspect.analysis.logs.log import Log
from warm_inspect.analysis.logs.redaction import remote_graders
from warm_inspect.analysis.logs.settings import unlike_settings
from warm_inspect.analysis.observations import Observations
from warm_inspect.core.vocabulary import ORIGINAL, TRUNCATED, WARMTH_DIRECTIONS

MAX_TRUNCATED = 0.05
"""Share of replies cut at the token limit above which a cell's numbers carry a note."""
MAX_UNSCORED = 0.01
"""Share of samples without a grade above which the study carries a warning."""
ENOUGH_SEEDS = 5
"""Training seeds per arm below which the adapters are a case, not a sample of warmth training."""

CUT_OFF = "were cut at the token limit"
"""How the warning about truncated replies ends."""


def truncated_cells(frame: pd.DataFrame) -> dict[Cell, float]:
    """The cells with more than `MAX_TRUNCATED` of their replies cut, with that share."""
    shares = frame.groupby(list(Cell._fields), observed=True)[TRUNCATED].mean()
    cut = shares[shares > MAX_TRUNCATED].reset_index()
    return {Cell(*map(str, row[:-1])): float(row[-1]) for row in cut.itertuples(index=False, name=None)}


def note_truncated(row: Estimate, cells: Iterable[Cell], truncated: Mapping[Cell, float]) -> Estimate:
    """The estimate, with a note when one of its cells was cut too often."""
    shares = [truncated[cell] for cell in cells if cell in truncated]
    if not shares or row.outcome == TRUNCATED:
        return row
    note = f"up to {max(shares):.0%} of the replies in a condition {CUT_OFF}"
    return replace(row, note="; ".join(filter(None, [row.note, note])))


def study_warnings(
    observations: Observations, rows: Iterable[Estimate], logs: pd.DataFrame, controls: Iterable[Log]
) -> tuple[str, ...]:
    """The warnings of a whole study, most important first."""
    frame = observations.frame
    found = [
        *remote_graders(frame, controls),
        *warmth_cautions(warmth_statuses(frame)),
        *_epochs(frame),
        *unlike_settings(logs),
        *_noise(list(rows)),
        *_missing(observations),
        *_seeds(frame),
    ]
    return tuple(found)


def warmth_statuses(frame: pd.DataFrame) -> dict[str, list[str]]:
    """The status of the warmth check of each arm with an adapter; several where it changed between the logs."""
    checked = frame[frame["warmth_check"] != ""]
    found = checked.groupby("arm", observed=True)["warmth_check"].unique()
    return {str(arm): sorted(map(str, statuses)) for arm, statuses in found.items()}


def warmth_cautions(checks: Mapping[str, Sequence[str]], log: str = "") -> Iterator[str]:
    """A sentence for each adapter whose warmth was not shown to be what its arm stands for.

    Args:
        checks: the statuses of the warmth check of each arm: `passed`, `failed` or `not_run`.
        log: the log that holds the arms, where several are told apart.
    """
    where = f" in log {log}" if log else ""
    for arm, statuses in checks.items():
        # The check is of the adapter alone, without a persona.
        still = WARMTH_DIRECTIONS.get(arm.partition("+persona_")[0]) == 0
        moved = "moved in warmth, which they should not" if still else "did not change in warmth as intended"
        said = {
            "failed": f"failed its warmth check: its replies {moved}",
            "not_run": "was never checked for warmth: whether training moved it is unknown",
        }
        for status in statuses:
            if status in said:
                yield f"The adapter of arm {arm}{where} {said[status]}."


def _epochs(frame: pd.DataFrame) -> Iterable[str]:
    """Trained arms that are compared after different amounts of training."""
    known = frame[frame["training_epochs"].notna()]
    epochs = {str(arm): sorted(set(rows["training_epochs"])) for arm, rows in known.groupby("arm", observed=True)}
    if len({tuple(values) for values in epochs.values()}) > 1:
        said = ", ".join(f"{arm} {' and '.join(f'{value:g}' for value in values)}" for arm, values in epochs.items())
        yield f"The arms were trained for different numbers of epochs ({said}): their effects may come from it."


def _noise(rows: list[Estimate]) -> Iterable[str]:
    """Effects whose point estimate is matched by that of asking the same model twice."""
    alike = {
        row.identity: row
        for row in rows
        if row.analysis in (ARM_EFFECT, NOISE) and row.term == CONTRAST and row.outcome == PRIMARY_OUTCOME
    }
    twin = alike.pop(arm_effect(REPEAT, ORIGINAL, **PRIMARY_CONTRAST.conditions), None)
    for identity, row in alike.items():
        against_original = identity.reference == ORIGINAL and like_primary(identity)
        if twin and against_original and abs(twin.estimate) >= abs(row.estimate):
            yield (
                f"{row.contrast} on {row.outcome} is {row.estimate:+.1f} points, and asking the original twice gives "
                f"{twin.estimate:+.1f}: as a point estimate, this effect is no larger than noise."
            )


def _missing(observations: Observations) -> Iterable[str]:
    """Absent comparisons, ungraded samples, cut replies, unequal grids."""
    frame, exclusions = observations.frame, observations.exclusions
    for arm in (ORIGINAL, NEUTRAL):
        if arm not in observations.arms:
            lost = f"the primary contrast ({PRIMARY_CONTRAST.label}) cannot be made" if arm == NEUTRAL else "no effects"
            yield f"There is no {arm} arm: {lost}."
    total = len(frame) + int(exclusions["n"].sum())
    for arm in sorted(set(exclusions["arm"])):
        missing = int(exclusions.loc[exclusions["arm"] == arm, "n"].sum())
        share = missing / (missing + int((frame["arm"] == arm).sum()))
        if share > MAX_UNSCORED:
            yield f"{share:.1%} of the samples of arm {arm} have no grade ({missing} of {total} in the study)."
    for cell, share in truncated_cells(frame).items():
        where = f"context {cell.context}, belief {cell.belief}"
        yield f"{share:.0%} of the replies of {cell.arm} under {where} {CUT_OFF}."
    grids = {_grid(rows) for _, rows in frame.groupby("benchmark", observed=True)}
    if len(grids) > 1:
        yield "The benchmarks were not run with the same arms and conditions: see the notes of the estimates."


def _grid(rows: pd.DataFrame) -> frozenset[tuple[str, ...]]:
    return frozenset(rows[list(Cell._fields)].drop_duplicates().itertuples(index=False, name=None))


def _seeds(frame: pd.DataFrame) -> Iterable[str]:
    """Arms trained too few times to speak of their kind of training."""
    trained = frame[frame["adapter_sha256"] != ""]
    seeds = trained.groupby("arm", observed=True)["training_seed"].nunique()
    few = {arm: n for arm, n in seeds.items() if n < ENOUGH_SEEDS}
    if few:
        counts = ", ".join(f"{arm} {n}" for arm, n in few.items())
        yield f"Training seeds per arm: {counts}. The results hold for these adapters, not for warmth training."
