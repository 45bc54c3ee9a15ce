"""Contrasts with every missing reply at its best and at its worst: how far a number depends on what is not known.

A missing reply counts as 0 or as 1, whichever speaks for the arm or against it: where a reply raises the number, 1 is
the worst case of an outcome that is an error, and where it lowers the number, 0. Both cases have the error of any
contrast, so that the lower end of the best and the upper end of the worst hold whatever the missing replies would have
been. Prompts that one of two arms was never asked stay outside, as in the contrast.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np
import pandas as pd

from warm_inspect.analysis.contrasts.condition_means import CellTable, Contrast, estimate
from warm_inspect.analysis.estimates import Code, Estimate, Note
from warm_inspect.analysis.observations import Cell, is_unknown

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
        if not any(mask.any() for mask in unknown.values()):
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

    def cases(self, contrast: Contrast) -> Iterator[Estimate]:
        """The best and the worst case of a contrast for each outcome of which a reply is missing."""
        sign: dict[Cell, float] = {}
        for block in contrast.blocks:
            for cell, coefficient in block.items():
                sign[cell] = sign.get(cell, 0.0) + coefficient
        used = [cell for cell in sign if sign[cell] and cell in self.table.columns]
        counts = self._counts(contrast, used)
        if not counts[list(self.outcomes)].any():
            return
        raises = np.array([sign[cell] > 0 for cell in used])
        values = self.table.values[:, :, [self.table.columns[cell] for cell in used]]
        least, most = np.split(values, 2)
        for term, taken in ((BEST, np.where(raises, least, most)), (WORST, np.where(raises, most, least))):
            table = replace(
                self.table, outcomes=self.outcomes, columns={cell: i for i, cell in enumerate(used)}, values=taken
            )
            for row in estimate(table, contrast):
                if n := int(counts[row.outcome]):
                    note = Note(Code.MISSING_TAKEN, n=n, asked=int(counts["asked"]))
                    notes = (*row.notes, note)
                    # A bound is a size and no test.
                    yield replace(row, term=term, family="", statistic=nan, p_value=nan, notes=notes)

    def _counts(self, contrast: Contrast, cells: Sequence[Cell]) -> "pd.Series[int]":
        """The replies asked for in these cells, and how many are missing of each outcome."""
        chosen = pd.MultiIndex.from_frame(self.counts[list(Cell._fields)]).isin(list(map(tuple, cells)))
        if contrast.identity.benchmark:
            chosen &= (self.counts["benchmark"] == contrast.identity.benchmark).to_numpy()
        return self.counts.loc[chosen, ["asked", *self.outcomes]].sum()
