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
from warm_inspect.analysis.notes import Code, Note
from warm_inspect.analysis.observations import Observations
from warm_inspect.core.vocabulary import ORIGINAL, TRUNCATED, WARMTH_DIRECTIONS

MAX_TRUNCATED = 0.05
"""Share of replies cut at the token limit above which a cell's numbers carry a note."""
MAX_UNSCORED = 0.01
"""Share of samples without a grade above which the study carries a warning."""
ENOUGH_SEEDS = 5
"""Training seeds per arm below which the adapters are a case, not a sample of warmth training."""


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
    return replace(row, notes=(*row.notes, Note(Code.CUT_REPLIES, share=max(shares))))


def study_warnings(
    observations: Observations, rows: Iterable[Estimate], logs: pd.DataFrame, controls: Iterable[Log]
) -> tuple[Note, ...]:
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


def warmth_cautions(checks: Mapping[str, Sequence[str]], log: str = "") -> Iterator[Note]:
    """A note for each adapter whose warmth was not shown to be what its arm stands for.

    Args:
        checks: the statuses of the warmth check of each arm: `passed`, `failed` or `not_run`.
        log: the log that holds the arms, where several are told apart.
    """
    where = f" in log {log}" if log else ""
    for arm, statuses in checks.items():
        # The check is of the adapter alone, without a persona.
        still = WARMTH_DIRECTIONS.get(arm.partition("+persona_")[0]) == 0
        codes = {"failed": Code.WARMTH_MOVED if still else Code.WARMTH_FAILED, "not_run": Code.WARMTH_NOT_CHECKED}
        for status in statuses:
            if status in codes:
                yield Note(codes[status], arm=arm, where=where)


def _epochs(frame: pd.DataFrame) -> Iterable[Note]:
    """Trained arms that are compared after different amounts of training."""
    known = frame[frame["training_epochs"].notna()]
    epochs = {str(arm): sorted(set(rows["training_epochs"])) for arm, rows in known.groupby("arm", observed=True)}
    if len({tuple(values) for values in epochs.values()}) > 1:
        said = ", ".join(f"{arm} {' and '.join(f'{value:g}' for value in values)}" for arm, values in epochs.items())
        yield Note(Code.UNEQUAL_EPOCHS, epochs=said)


def _noise(rows: list[Estimate]) -> Iterable[Note]:
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
            yield Note(
                Code.NO_LARGER_THAN_NOISE,
                contrast=row.contrast,
                outcome=row.outcome,
                points=row.estimate,
                twice=twin.estimate,
            )


def _missing(observations: Observations) -> Iterable[Note]:
    """Absent comparisons, ungraded samples, cut replies, unequal grids."""
    frame, exclusions = observations.frame, observations.exclusions
    if ORIGINAL not in observations.arms:
        yield Note(Code.NO_ORIGINAL)
    if NEUTRAL not in observations.arms:
        yield Note(Code.NO_NEUTRAL, contrast=PRIMARY_CONTRAST.label)
    total = len(frame) + int(exclusions["n"].sum())
    for arm in sorted(set(exclusions["arm"])):
        missing = int(exclusions.loc[exclusions["arm"] == arm, "n"].sum())
        share = missing / (missing + int((frame["arm"] == arm).sum()))
        if share > MAX_UNSCORED:
            yield Note(Code.UNGRADED, share=share, arm=arm, n=missing, total=total)
    for cell, share in truncated_cells(frame).items():
        yield Note(Code.CELL_CUT, share=share, **cell._asdict())
    grids = {_grid(rows) for _, rows in frame.groupby("benchmark", observed=True)}
    if len(grids) > 1:
        yield Note(Code.UNEQUAL_GRIDS)


def _grid(rows: pd.DataFrame) -> frozenset[tuple[str, ...]]:
    return frozenset(rows[list(Cell._fields)].drop_duplicates().itertuples(index=False, name=None))


def _seeds(frame: pd.DataFrame) -> Iterable[Note]:
    """Arms trained too few times to speak of their kind of training."""
    trained = frame[frame["adapter_sha256"] != ""]
    seeds = trained.groupby("arm", observed=True)["training_seed"].nunique()
    few = {arm: n for arm, n in seeds.items() if n < ENOUGH_SEEDS}
    if few:
        counts = ", ".join(f"{arm} {n}" for arm, n in few.items())
        yield Note(Code.FEW_SEEDS, seeds=counts)
