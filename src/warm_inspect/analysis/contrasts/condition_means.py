"""Contrasts of condition means: the estimator behind most of our own numbers.

A cell is an arm under a context and a belief. A contrast is a mean of blocks; a block is a linear combination of the
means of a few cells, for example `warm` minus `original` under one condition, within each question, so that every
block is paired. Base models and benchmarks are strata that weigh equally.

The variance sums the squared influences of the clusters, each over 1 minus the cluster's share of its mean: that of the
jackknife (CV3). The degrees of freedom are those of Satterthwaite's approximation, from the design alone (Bell and
McCaffrey). Both are taken for each part, a stratum or a condition that has far fewer questions than the others of its
stratum: pooled with the others, a small part would seem as well known as they are. For one block and one stratum the
test is the paired t test. `part_errors` has the formulas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from warm_inspect.analysis.contrasts.part_errors import PartErrors, part_errors
from warm_inspect.analysis.estimates import (
    CONFIDENCE,
    CONTRAST,
    POINTS,
    Code,
    Estimate,
    Floats,
    Identity,
    Note,
    wald,
)
from warm_inspect.analysis.observations import UNIT, Cell

Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

FEW_DISCORDANT = 5
"""Below this many clusters that contribute a difference, the t interval is only a rough guide."""
Block = Mapping[Cell, float]
"""A linear combination of condition means within a question: the coefficient of each cell."""


@dataclass(frozen=True)
class Contrast:
    """A mean of blocks, and what it is about. Of the benchmarks only that of the identity is used, if it names one."""

    analysis: str
    identity: Identity
    blocks: tuple[Block, ...]
    family: str = ""
    clusters: str = "questions"
    """What the clusters are, in the plural, for notes."""

    @property
    def cells(self) -> frozenset[Cell]:
        """The cells whose means the blocks combine."""
        return frozenset(cell for block in self.blocks for cell in block)


@dataclass(frozen=True)
class CellTable:
    """Replies averaged over epochs and training seeds, as an array; NaN where a question has no graded reply."""

    outcomes: tuple[str, ...]
    columns: Mapping[Cell, int]
    values: Floats
    """Shape: (outcome, unit, cell). A unit is one question of one stratum."""
    stratum: Codes
    """Shape: (unit,). One code for each pair of base model and benchmark."""
    cluster: Codes
    """Shape: (unit,)."""
    benchmarks: tuple[str, ...]
    """The benchmark of each stratum."""
    names: tuple[str, ...]
    """The name of each stratum, for notes."""
    statement: Codes
    """The statement that voiced the context of a cell for a unit, -1 for none; shape (unit, cell)."""

    @classmethod
    def build(cls, frame: pd.DataFrame, outcomes: Sequence[str]) -> "CellTable":
        """The table of an observations frame."""
        unit = list(UNIT)
        cell = list(Cell._fields)
        means = frame.groupby([*unit, *cell], observed=True)[list(outcomes)].mean()
        # One row per unit; per outcome one column per cell, in the same order for every outcome.
        wide = means.unstack(cell)
        cells = [key[1:] for key in wide.columns if key[0] == outcomes[0]]
        units = wide.index.to_frame(index=False)
        strata = units.groupby(["base_model", "benchmark"], observed=True)
        first = strata[["base_model", "benchmark"]].first()
        columns = {Cell(*map(str, key)): i for i, key in enumerate(cells)}
        several = first["base_model"].nunique() > 1
        return cls(
            outcomes=tuple(outcomes),
            columns=columns,
            values=wide.to_numpy(dtype=np.float64).reshape(len(wide), len(outcomes), -1).swapaxes(0, 1),
            stratum=strata.ngroup().to_numpy().astype(np.intp),
            cluster=pd.factorize(units["cluster"])[0].astype(np.intp),
            benchmarks=tuple(map(str, first["benchmark"])),
            names=tuple(
                f"{base} {benchmark}" if several else str(benchmark)
                for base, benchmark in zip(first["base_model"], first["benchmark"], strict=True)
            ),
            statement=_statements(frame, pd.MultiIndex.from_frame(units[unit]), columns),
        )


def _statements(frame: pd.DataFrame, index: pd.MultiIndex, columns: Mapping[Cell, int]) -> Codes:
    """The code of the statement of each unit and cell; every repetition of a cell has the same one."""
    codes = np.full((len(index), len(columns)), -1, dtype=np.intp)
    if "statement_id" not in frame:
        return codes
    spoken = frame[frame["statement_id"] != ""]
    places = index.get_indexer(pd.MultiIndex.from_frame(spoken[list(index.names)]))
    known = pd.MultiIndex.from_tuples(list(columns), names=Cell._fields)
    cells = known.get_indexer(pd.MultiIndex.from_frame(spoken[list(Cell._fields)]))
    codes[places, cells] = pd.factorize(spoken["statement_id"].astype(str))[0]
    return codes


@dataclass(frozen=True)
class Components:
    """The means that a contrast weighs together, on the units that can enter it.

    Blocks weigh equally within a stratum, and strata equally. Influences are the deviations of a unit's blocks from
    their means, times what they weigh in the estimate.
    """

    blocks: tuple[Block, ...]
    """The blocks whose cells the table has."""
    units: Mask
    """Which units of the table are looked at; shape (unit,). The other arrays hold these only."""
    differences: Floats
    """The value of each block, 0 where it is not complete; shape (outcome, unit, block)."""
    complete: Mask
    """Shape: (unit, block)."""
    incomplete: int
    """Blocks of which a unit has some cells but not all."""
    means: Floats
    """Shape: (outcome, stratum, block)."""
    weight: Floats
    """What each mean weighs; shape (stratum, block), sum 1."""
    share: Floats
    """What a unit's block weighs; shape (unit, block)."""
    stratum: Codes
    cluster: Codes

    @property
    def points(self) -> Floats:
        """The estimate of each outcome, from -1 to 1; shape (outcome,)."""
        return np.asarray((self.weight * self.means).sum(axis=(1, 2)))

    @property
    def influences(self) -> Floats:
        """How far each block of a unit moves each estimate; shape (outcome, unit, block)."""
        deviations = np.where(self.complete, self.differences - self.means[:, self.stratum], 0.0)
        return np.asarray(deviations * self.share)

    @property
    def influence(self) -> Floats:
        """How far each unit moves each estimate; shape (outcome, unit)."""
        return np.asarray(self.influences.sum(axis=2))

    @property
    def errors(self) -> PartErrors:
        """The variance of each outcome, and what its test rests on."""
        codes: Codes = np.unique(self.cluster, return_inverse=True)[1].astype(np.intp)
        return part_errors(self.influences, self.complete, self.weight, self.stratum, codes)

    @property
    def entering(self) -> Mask:
        """The units with a complete block; shape (unit,)."""
        return np.asarray(self.complete.any(axis=1))


def components_of(table: CellTable, contrast: Contrast) -> Components | None:
    """The components of a contrast; None when no block is complete anywhere."""
    wanted = _wanted(table, contrast)
    units = wanted[table.stratum]
    blocks = tuple(block for block in contrast.blocks if all(cell in table.columns for cell in block))
    if not blocks or not units.any():
        return None
    differences, incomplete = _differences(table.values[:, units], blocks, table.columns)
    # A graded reply has all outcomes, so that the first shows which blocks are complete.
    complete = ~np.isnan(differences[0])
    if not complete.any():
        return None
    stratum = table.stratum[units]
    member = (np.arange(len(table.names))[:, None] == stratum).astype(float)
    n = member @ complete
    used = n > 0
    # Shapes: (stratum, block). One over the blocks of the stratum, over the strata that have any.
    weight = used / np.maximum(used.sum(axis=1), 1)[:, None] / used.any(axis=1).sum()
    filled = np.where(complete, differences, 0.0)
    return Components(
        blocks=blocks,
        units=units,
        differences=filled,
        complete=complete,
        incomplete=incomplete,
        means=member @ filled / np.maximum(n, 1),
        weight=weight,
        share=(weight / np.maximum(n, 1))[stratum],
        stratum=stratum,
        cluster=table.cluster[units],
    )


def _wanted(table: CellTable, contrast: Contrast) -> Mask:
    """The strata that a contrast looks at; shape (stratum,)."""
    return np.array([contrast.identity.benchmark in ("", benchmark) for benchmark in table.benchmarks])


def estimate(table: CellTable, contrast: Contrast) -> list[Estimate]:
    """One estimate in percentage points for each outcome of the table; none when no block is complete anywhere."""
    components = components_of(table, contrast)
    if components is None:
        return []
    entering = components.entering
    clusters: Codes = np.unique(components.cluster, return_inverse=True)[1].astype(np.intp)
    differs = np.abs(components.differences).sum(axis=2) > 0
    errors = components.errors
    strata: Mask = np.asarray((components.weight > 0).any(axis=1))
    counts = _counts(components, int(np.unique(clusters[entering]).size), int(strata.sum()), errors)
    notes = [Note(Code.INCOMPLETE_PAIRS, n=components.incomplete)] if components.incomplete else []
    notes += _lacking(table, contrast, components, strata)
    rows = []
    for i, point in enumerate(components.points):
        row = named(table.outcomes[i], contrast, float(point), counts.n, counts.clusters)
        differing = np.unique(clusters[entering & differs[i]]).size
        tested, limits = _inference(row, float(errors.variance[i]), counts, differing, contrast.clusters)
        if errors.constant[i].any() and tested.estimable:
            agreeing = ", ".join(dict.fromkeys(table.names[code] for code in errors.stratum[errors.constant[i]]))
            limits.append(Note(Code.SILENT_STRATA, unit=contrast.clusters, strata=agreeing))
        if errors.agreeing_clusters[i] and tested.estimable:
            limits.append(Note(Code.SILENT_SIZES, n=int(errors.agreeing_clusters[i])))
        rows.append(replace(tested, notes=(*limits, *notes)))
    return rows


def _counts(components: Components, clusters: int, strata: int, errors: PartErrors) -> "_Counts":
    """The counts of a contrast."""
    coefficients = [list(block.values()) for block in components.blocks]
    return _Counts(
        n=int(components.complete.sum()),
        clusters=clusters,
        strata=strata,
        errors=errors,
        low=-max(sum(-value for value in values if value < 0) for values in coefficients),
        high=max(sum(value for value in values if value > 0) for values in coefficients),
    )


def named(outcome: str, contrast: Contrast, point: float, n: int, n_clusters: int) -> Estimate:
    """The estimate of a contrast, `point` from -1 to 1, without its error."""
    return Estimate(
        analysis=contrast.analysis,
        term=CONTRAST,
        outcome=outcome,
        identity=contrast.identity,
        estimate=100 * point,
        unit=POINTS,
        n=n,
        n_clusters=n_clusters,
        family=contrast.family,
    )


def _lacking(table: CellTable, contrast: Contrast, components: Components, strata: Mask) -> list[Note]:
    """Notes on conditions and strata that the contrast asks for and that some arm did not meet."""
    member = (np.arange(len(table.names))[:, None] == components.stratum).astype(float)[strata]
    present = ~np.isnan(table.values[0, components.units])
    possible = _complete_if_all_ran(present, contrast.blocks, table.columns, member)
    used = int((components.weight > 0).sum())
    notes = []
    if used < possible:
        code = Code.SOME_CONDITIONS_OF_BENCHMARKS if strata.sum() > 1 else Code.SOME_CONDITIONS
        notes.append(Note(code, used=used, possible=possible))
    if not strata[_wanted(table, contrast)].all():
        notes.append(Note(Code.SOME_STRATA, strata=", ".join(np.array(table.names)[strata])))
    return notes


class _Counts(NamedTuple):
    """The counts behind one contrast, and the range that one block can take."""

    n: int
    clusters: int
    strata: int
    errors: PartErrors
    low: float
    high: float


def _differences(values: Floats, blocks: Sequence[Block], columns: Mapping[Cell, int]) -> tuple[Floats, int]:
    """The value of each block, NaN unless all its cells are there, and the number of partial ones.

    The values have the shape (outcome, unit, block).
    """
    differences = []
    incomplete = 0
    for block in blocks:
        taken = values[:, :, [columns[cell] for cell in block]]
        present = ~np.isnan(taken[0])
        incomplete += int((present.any(axis=1) & ~present.all(axis=1)).sum())
        differences.append(taken @ np.array(list(block.values())))
    return np.stack(differences, axis=2), incomplete


def _complete_if_all_ran(replies: Mask, blocks: Sequence[Block], columns: Mapping[Cell, int], member: Floats) -> int:
    """How many blocks would be complete, over all strata, if every arm had run each condition that some arm ran there.

    Args:
        replies: whether a unit has a graded reply in a cell; shape (unit, cell).
        blocks: the blocks of the contrast, those without any reply too.
        columns: the place of each cell.
        member: whether a unit belongs to a stratum; shape (stratum, unit).
    """
    # Shape: (stratum, cell).
    ran = member @ replies > 0
    # By context and belief, whichever the arm: the strata in which the condition was run, shape (stratum,).
    run_by_any = {
        condition: ran[:, [column for cell, column in columns.items() if cell[1:] == condition]].any(axis=1)
        for condition in {cell[1:] for cell in columns}
    }
    never = np.zeros(len(member), dtype=bool)
    return sum(int(np.all([run_by_any.get(cell[1:], never) for cell in block], axis=0).sum()) for block in blocks)


def _inference(
    row: Estimate, variance: float, counts: _Counts, differing: int, clusters: str
) -> tuple[Estimate, list[Note]]:
    """The estimate with its test and interval, and what limits them; the exact bound when there is no variance.

    When no cluster deviates, the share of clusters that would is at most 1 - .05 ** (1 / n) with 95 % confidence
    (Clopper-Pearson for 0 of n). Unequal conditions count as if all had the size of the smallest, which is
    conservative.
    """
    errors = counts.errors
    if too_few := errors.too_few(clusters):
        return row, [too_few]
    limits = errors.limits(clusters)
    std_error = 100 * float(np.sqrt(variance))
    # What lies below is rounding: no cluster deviates.
    if std_error > 1e-10:
        if differing < FEW_DISCORDANT:
            limits.append(Note(Code.FEW_DIFFER, n=differing, unit=clusters))
        return wald(row, std_error, errors.df), limits
    share = 1 - (1 - CONFIDENCE) ** (1 / (counts.strata * errors.smallest))
    bounded = replace(
        row,
        conf_low=row.estimate - share * (row.estimate - 100 * counts.low),
        conf_high=row.estimate + share * (100 * counts.high - row.estimate),
    )
    return bounded, [Note(Code.EXACT_BOUND, unit=clusters), *limits]
