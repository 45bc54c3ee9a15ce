"""Contrasts with every missing reply at its best and at its worst: how far a number depends on what is not known.

A missing reply counts as 0 or as 1. In the worst case it is 1 where a reply raises the number, as the arm's does in
`arm - reference`, and 0 where it lowers it, which is bad for the arm if the outcome is an error; in the best case the
reverse. Both cases have the error of any contrast, so that the lower end of the best and the upper end of the worst
hold whatever the missing replies would have been. A reply is missing too that one of two arms was never asked for and
the other was: to a question, or in one of its epochs, under a condition that the first arm met with other questions. It
is taken at its ends beside those of the other epochs, and each epoch and each adapter of the arm counts as a reply.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np
import numpy.typing as npt
import pandas as pd

from warm_inspect.analysis.contrasts.condition_means import CellTable, Contrast, estimate
from warm_inspect.analysis.estimates import Code, Estimate, Note
from warm_inspect.analysis.observations import UNIT, Cell, is_unknown, never_run

Numbers = npt.NDArray[np.int_]

BEST, WORST = "best_case", "worst_case"
"""Terms of a contrast with every missing reply as good for the arm as it can be, or as bad."""
_LEAST, _MOST = "_least", "_most"
_UNIT = list(UNIT)
_CELL = list(Cell._fields)


@dataclass(frozen=True)
class ReplyBounds:
    """The least and the most that each reply could be, averaged as every contrast needs it."""

    outcomes: tuple[str, ...]
    table: CellTable
    """Its outcomes are `outcomes` at their least, then at their most."""
    counts: pd.DataFrame
    """One row for each cell and benchmark: `asked`, and under each outcome how many replies are missing."""
    runs: Numbers
    """The replies asked for in each epoch; shape (epoch, unit, cell)."""
    adapters: Numbers
    """How many adapters, or models without one, of the cell's arm met it in the unit's stratum; shape (unit, cell)."""

    @classmethod
    def of(cls, replies: pd.DataFrame, outcomes: Sequence[str]) -> "ReplyBounds | None":
        """The bounds of every reply; None where none is missing.

        Args:
            replies: as `replies_asked_for` gives them.
            outcomes: columns of them, from 0 to 1.
        """
        unknown = {outcome: is_unknown(replies, outcome) for outcome in outcomes}
        if not any(mask.any() for mask in unknown.values()) and not any(never_run(replies).values()):
            return None
        ends = {
            outcome + end: np.where(mask, value, replies[outcome].astype(float))
            for end, value in ((_LEAST, 0.0), (_MOST, 1.0))
            for outcome, mask in unknown.items()
        }
        groups = replies[[*_CELL, "benchmark"]].assign(asked=1, **unknown)
        table = CellTable.build(replies[[*_UNIT, *_CELL]].assign(**ends), list(ends))
        return cls(
            outcomes=tuple(outcomes),
            table=table,
            counts=groups.groupby([*_CELL, "benchmark"], as_index=False).sum(),
            runs=_runs(replies, table),
            adapters=_adapters(replies, table),
        )

    def misses(self, contrast: Contrast) -> bool:
        """Whether a reply that a contrast compares is missing of any outcome."""
        return bool(self._counts(contrast)[list(self.outcomes)].any())

    def at(self, contrast: Contrast, case: str) -> CellTable:
        """The replies that a contrast compares, those that are missing at their `BEST` or at their `WORST`."""
        signs = self._signs(contrast)
        raised = np.array([(sign > 0) == (case == WORST) for sign in signs.values()])
        least, most = np.split(self.table.values[:, :, [self.table.columns[cell] for cell in signs]], 2)
        values, lacking = np.where(raised, most, least), self._never_run(contrast)
        asked = self.runs.sum(axis=0)[:, [self.table.columns[cell] for cell in signs]]
        # Without any reply the mean is NaN, and only what is lacking counts.
        filled = (np.nan_to_num(values) * asked + raised * lacking) / np.maximum(asked + lacking, 1)
        values = np.where(lacking > 0, filled, values)
        columns = {cell: i for i, cell in enumerate(signs)}
        return replace(self.table, outcomes=self.outcomes, columns=columns, values=values)

    def cases(self, contrast: Contrast) -> Iterator[Estimate]:
        """The best and the worst case of a contrast for each outcome of which a reply is missing."""
        if not self.misses(contrast):
            return
        counts = self._counts(contrast)
        for term in (BEST, WORST):
            for row in estimate(self.at(contrast, term), contrast):
                if n := int(counts[row.outcome]):
                    note = Note(Code.MISSING_TAKEN, n=n, asked=int(counts["asked"]))
                    notes = (*row.notes, note)
                    # A bound is a size and no test.
                    yield replace(row, term=term, family="", statistic=nan, p_value=nan, notes=notes)

    def _signs(self, contrast: Contrast) -> dict[Cell, float]:
        """Whether each cell with a reply raises the number (positive) or lowers it."""
        signs: dict[Cell, float] = {}
        for block in contrast.blocks:
            for cell, coefficient in block.items():
                signs[cell] = signs.get(cell, 0.0) + coefficient
        return {cell: sign for cell, sign in signs.items() if sign and cell in self.table.columns}

    def _never_run(self, contrast: Contrast) -> Numbers:
        """The replies that a cell was never asked for, and that of another arm was; shape (unit, cell)."""
        cells = list(self._signs(contrast))
        columns = [self.table.columns[cell] for cell in cells]
        runs = self.runs[:, :, columns]
        lacking = np.zeros(runs.shape[1:], dtype=np.int_)
        for i, cell in enumerate(cells):
            alike = [j for j, other in enumerate(cells) if other[1:] == cell[1:]]
            if len(alike) > 1:
                epochs = (runs[:, :, alike] > 0).any(axis=2).sum(axis=0)
                lacking[:, i] = epochs * self.adapters[:, columns[i]] - runs[:, :, i].sum(axis=0)
        return np.maximum(lacking, 0)

    def _counts(self, contrast: Contrast) -> "pd.Series[int]":
        """The replies asked for in the cells of a contrast, and how many are missing of each outcome."""
        cells, benchmark = list(map(tuple, self._signs(contrast))), contrast.identity.benchmark
        chosen = pd.MultiIndex.from_frame(self.counts[list(Cell._fields)]).isin(cells)
        if benchmark:
            chosen &= (self.counts["benchmark"] == benchmark).to_numpy()
        wanted = np.array([benchmark in ("", name) for name in self.table.benchmarks])[self.table.stratum]
        never = int(self._never_run(contrast)[wanted].sum())
        return self.counts.loc[chosen, ["asked", *self.outcomes]].sum() + never


def _runs(replies: pd.DataFrame, table: CellTable) -> Numbers:
    """The replies asked for in each epoch, in the table's order of units and cells; shape (epoch, unit, cell)."""
    by_epoch = replies.groupby(["epoch", *_UNIT, *_CELL]).size().unstack(_CELL, fill_value=0)
    units = replies[_UNIT].drop_duplicates().sort_values(_UNIT)
    every = pd.MultiIndex.from_frame(units.merge(replies[["epoch"]].drop_duplicates(), how="cross")[["epoch", *_UNIT]])
    counts = by_epoch.reindex(index=every.sort_values(), columns=_cells(table), fill_value=0)
    return counts.to_numpy(dtype=np.int_).reshape(-1, len(units), len(table.columns))


def _adapters(replies: pd.DataFrame, table: CellTable) -> Numbers:
    """How many adapters of the arm met each cell in each unit's stratum; shape (unit, cell)."""
    by_stratum = replies.groupby([*_UNIT[:2], *_CELL])["training_seed"].nunique().unstack(_CELL, fill_value=0)
    return by_stratum.reindex(columns=_cells(table)).to_numpy(dtype=np.int_)[table.stratum]


def _cells(table: CellTable) -> pd.MultiIndex:
    return pd.MultiIndex.from_tuples(list(table.columns), names=_CELL)
