"""The warnings of a study: what a reader must know before believing any of its numbers, most important first."""

from collections.abc import Collection, Iterable
from dataclasses import replace

import pandas as pd

from warm_inspect.analysis.contrasts import ARM_EFFECT, NOISE, PRIMARY_OUTCOME, compares_arms_where_stated, grid_of
from warm_inspect.analysis.estimates import CONTRAST, Code, Estimate, Note
from warm_inspect.analysis.families import ANALYSES
from warm_inspect.analysis.logs import Log
from warm_inspect.analysis.observations import (
    MAX_UNSCORED,
    Cell,
    Observations,
    Roles,
    epochs_by_arm,
    is_large,
    remote_graders,
    same_prompts,
    style_biases,
    truncated_cells,
    unequal_missing,
    unlike_settings,
    warmth_cautions,
    warmth_statuses,
)
from warm_inspect.core.vocabulary import TRUNCATED

ENOUGH_SEEDS = 5
"""Training seeds per arm below which the adapters are a case, not a sample of warmth training."""

_SHARED = {
    ("base_model",): Code.NO_SHARED_BASE,
    ("base_model", "benchmark"): Code.NO_SHARED_BENCHMARK,
    ("base_model", "benchmark", "context", "belief"): Code.NO_SHARED_CELL,
    ("base_model", "benchmark", "context", "belief", "question_id"): Code.NO_SHARED_QUESTION,
}
"""What two arms must share to be compared, step by step, and why they are not where they do not share it."""
_PAIRED = list(next(reversed(_SHARED)))
"""The columns that both replies of a pair have in common: all steps are taken."""


def note_truncated(row: Estimate, shares: Collection[float]) -> Estimate:
    """The estimate, with a note when some of its cells were cut too often: the shares of these that were cut."""
    if not shares or row.outcome == TRUNCATED:
        return row
    return replace(row, notes=(*row.notes, Note(Code.CUT_REPLIES, share=max(shares))))


def study_warnings(
    observations: Observations, rows: Iterable[Estimate], logs: pd.DataFrame, controls: Iterable[Log]
) -> tuple[Note, ...]:
    """The warnings of a whole study, most important first."""
    frame = observations.frame
    biases = style_biases(frame)
    warnings = [
        *_not_compared(frame, observations.roles),
        *unequal_missing(observations),
        *filter(is_large, biases),
        *remote_graders([frame, *observations.families.values()], controls),
        *warmth_cautions(warmth_statuses(frame)),
        *same_prompts(frame),
        *_unequal_epochs(frame),
        *unlike_settings(logs),
        *_noise(list(rows), observations.roles),
        *_missing(observations),
        *(bias for bias in biases if not is_large(bias)),
        *_seeds(frame),
        *_other_families(observations),
    ]
    return tuple(warnings)


def _not_compared(frame: pd.DataFrame, roles: Roles) -> Iterable[Note]:
    """Arms without a reply to one question under one condition, so that no number compares them."""
    for arm, reference in grid_of(frame, roles).pairs:
        own, other = (
            frame.loc[frame["arm"] == name, _PAIRED].astype(str).drop_duplicates() for name in (arm, reference)
        )
        for columns, code in _SHARED.items():
            shared = own.merge(other[list(columns)].drop_duplicates(), on=list(columns))
            if shared.empty:
                reason = Note(code, arm=arm, reference=reference, of_arm=_levels(own, columns),
                              of_reference=_levels(other, columns)) if code.fields else Note(code)  # fmt: skip
                yield Note(Code.NOT_COMPARED, arm=arm, reference=reference, reason=reason)
                break
            own = shared


def _levels(replies: pd.DataFrame, columns: tuple[str, ...]) -> str:
    """What the replies have in the columns that were added last: the levels of a pair of factors with a slash."""
    factors = ["context", "belief"] if "belief" in columns else [columns[-1]]
    return ", ".join(sorted({"/".join(row) for row in replies[factors].itertuples(index=False, name=None)}))


def _unequal_epochs(frame: pd.DataFrame) -> Iterable[Note]:
    """Trained arms that are compared after different amounts of training."""
    epochs = epochs_by_arm(frame)
    if len({tuple(values) for values in epochs.values()}) > 1:
        said = ", ".join(f"{arm} {' and '.join(f'{value:g}' for value in values)}" for arm, values in epochs.items())
        yield Note(Code.UNEQUAL_EPOCHS, epochs=said)


def _noise(rows: list[Estimate], roles: Roles) -> Iterable[Note]:
    """Effects whose point estimate is matched by that of asking the same model twice."""
    stated = [
        row
        for row in rows
        if row.term == CONTRAST and row.outcome == PRIMARY_OUTCOME and compares_arms_where_stated(row.identity)
        if row.identity.reference == roles.rerun_of
    ]
    twin = next((row for row in stated if row.analysis == NOISE), None)
    for row in stated:
        if twin and row.analysis == ARM_EFFECT and abs(twin.estimate) >= abs(row.estimate):
            yield Note(
                Code.NO_LARGER_THAN_NOISE,
                arm=roles.rerun_of,
                contrast=row.contrast,
                outcome=row.outcome,
                points=row.estimate,
                twice=twin.estimate,
            )


def _missing(observations: Observations) -> Iterable[Note]:
    """Ungraded samples, cut replies, unequal grids."""
    frame, exclusions = observations.frame, observations.exclusions
    for arm in sorted(set(exclusions["arm"])):
        missing = int(exclusions.loc[exclusions["arm"] == arm, "n"].sum())
        total = missing + int((frame["arm"] == arm).sum())
        if missing / total > MAX_UNSCORED:
            yield Note(Code.UNGRADED, share=missing / total, arm=arm, n=missing, total=total)
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


def _other_families(observations: Observations) -> Iterable[Note]:
    """The families of measurement whose samples were read and have no numbers of their own."""
    for name, samples in observations.families.items():
        if name in ANALYSES:
            continue
        yield Note(Code.OTHER_FAMILY, family=name, n=len(samples))
