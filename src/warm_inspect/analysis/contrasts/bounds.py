"""Contrasts with every missing reply at its best and at its worst: how far a number depends on what is not known.

A missing reply counts as 0 or as 1, whichever speaks for the arm or against it: where a reply raises the number, 1 is
the worst case of an outcome that is an error, and where it lowers the number, 0. Both cases have the error of any
contrast, so that the lower end of the best and the upper end of the worst hold whatever the missing replies would have
been. A question that one of two arms was never asked under a condition is missing too where the other arm was asked it
and the first one other questions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import nan

import numpy as np
import pandas as pd

from warm_inspect.analysis.contrasts.condition_means import CellTable, Contrast, Mask, estimate
from warm_inspect.analysis.estimates import Code, Estimate, Note
from warm_inspect.analysis.observations import Cell, is_unknown, never_run

BEST, WORST = "best_case", "worst_case"
"""Terms of a contrast with every missing reply speaking for the arm, or against it."""
_LEAST, _MOST = "_least", "_most"


@dataclass(frozen=True)
class ReplyBounds:
    """The least and the most that each reply could be, averaged as every contrast needs it."""

    outcomes: tuple[str, ...]
    table: CellTable
    """Its outcomes are `outcomes` at their least, then at their most."""
    counts: pd.DataFrame
    """One row for each cell and benchmark: `asked`, and under each outcome how many replies are missing."""

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
        units = replies[["base_model", "benchmark", "cluster", "question_id", *Cell._fields]]
        groups = replies[[*Cell._fields, "benchmark"]].assign(asked=1, **unknown)
        return cls(
            outcomes=tuple(outcomes),
            table=CellTable.build(units.assign(**ends), list(ends)),
            counts=groups.groupby([*Cell._fields, "benchmark"], as_index=False).sum(),
        )

    def misses(self, contrast: Contrast) -> bool:
        """Whether a reply that a contrast compares is missing of any outcome."""
        return bool(self._counts(contrast)[list(self.outcomes)].any())

    def at(self, contrast: Contrast, case: str) -> CellTable:
        """The replies that a contrast compares, those that are missing at their `BEST` or at their `WORST`."""
        signs = self._signs(contrast)
        raised = np.array([(sign > 0) == (case == WORST) for sign in signs.values()])
        least, most = np.split(self.table.values[:, :, [self.table.columns[cell] for cell in signs]], 2)
        values = np.where(self._not_run(contrast), raised.astype(float), np.where(raised, most, least))
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

    def _not_run(self, contrast: Contrast) -> Mask:
        """Which questions were never run in a cell, and in that of another arm were; shape (unit, cell)."""
        cells, table = list(self._signs(contrast)), self.table
        asked = ~np.isnan(table.values[0][:, [table.columns[cell] for cell in cells]])
        strata = np.arange(len(table.names))[:, None] == table.stratum
        # A condition that an arm met with no question of a stratum was not to be run there.
        met = ((strata.astype(float) @ asked) > 0)[table.stratum]
        pairs = np.zeros((len(cells), len(cells)))
        for (i, one), (j, other) in product(enumerate(cells), repeat=2):
            pairs[i, j] = one != other and one[1:] == other[1:]
        return np.asarray(~asked & met & ((asked @ pairs.T) > 0))

    def _counts(self, contrast: Contrast) -> "pd.Series[int]":
        """The replies asked for in the cells of a contrast, and how many are missing of each outcome."""
        cells, benchmark = list(map(tuple, self._signs(contrast))), contrast.identity.benchmark
        chosen = pd.MultiIndex.from_frame(self.counts[list(Cell._fields)]).isin(cells)
        if benchmark:
            chosen &= (self.counts["benchmark"] == benchmark).to_numpy()
        wanted = np.array([benchmark in ("", name) for name in self.table.benchmarks])[self.table.stratum]
        never = int(self._not_run(contrast)[wanted].sum())
        return self.counts.loc[chosen, ["asked", *self.outcomes]].sum() + never
