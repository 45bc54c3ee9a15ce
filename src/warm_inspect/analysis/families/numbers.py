"""The numbers that families of measurement share: what an arm does, and which arms are compared, the rerun too."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import nan
from typing import NamedTuple, TypedDict

import pandas as pd

from warm_inspect.analysis.contrasts import CellTable, Contrast, Grid, ReplyBounds, clustered_rate, estimate
from warm_inspect.analysis.estimates import CONTRAST, EXPLORATORY, Estimate, Identity, Kind, Note, arm_effect
from warm_inspect.analysis.observations import Cell, Roles
from warm_inspect.core.families import Family


class ArmPair(NamedTuple):
    """Two arms of a base model that are compared."""

    arm: str
    reference: str
    noise: bool
    """The first is the second asked again: what they differ in is chance."""
    base: str

    @property
    def names(self) -> tuple[str, str]:
        """Both arms."""
        return self.arm, self.reference

    @property
    def identity(self) -> Identity:
        """What their difference is about."""
        return replace(arm_effect(self.arm, self.reference, noise=self.noise), base_model=self.base)


def arms_in(frame: pd.DataFrame) -> tuple[str, ...]:
    """The arms that have samples in a frame, in their order."""
    return tuple(str(arm) for arm in frame["arm"].cat.categories if (frame["arm"] == arm).any())


def arm_pairs(frame: pd.DataFrame, roles: Roles, base: str) -> list[ArmPair]:
    """The arms of a frame that are compared, as those of the benchmarks are: with their references, and the rerun."""
    arms = arms_in(frame)
    pairs = (pair for pair in Grid(arms, (), (), (), roles).pairs if set(pair) <= set(arms))
    return [ArmPair(arm, reference, roles.repeats(arm, reference), base) for arm, reference in pairs]


class Number(TypedDict):
    """A number, and between what it lies whatever the missing samples would have been: fields of a `FamilyRow`."""

    estimate: Estimate
    if_missing_low: float | None
    if_missing_high: float | None


@dataclass(frozen=True)
class CellNumbers:
    """Samples averaged over repetitions, an arm under a context and a belief, of which contrasts are estimated."""

    scored: CellTable
    bounds: ReplyBounds | None
    """None where no sample is missing."""

    @classmethod
    def of(cls, cells: pd.DataFrame, outcome: str) -> "CellNumbers":
        """The cells of one outcome.

        Args:
            cells: samples with the columns of an observations frame, those without a score too, and with `MISSING`.
            outcome: their column of 0 and 1.
        """
        texts = ["base_model", "benchmark", "context", "belief", "arm", "question_id", "cluster"]
        asked = cells.astype(dict.fromkeys(texts, str))
        return cls(CellTable.build(cells[cells["excluded"] == ""], [outcome]), ReplyBounds.of(asked, [outcome]))

    def contrast(self, contrast: Contrast) -> Iterator[Number]:
        """The number of a contrast; nothing where its cells share no question."""
        for number in estimate(self.scored, contrast):
            cases = {each.term: each.estimate for each in self.bounds.cases(contrast)} if self.bounds else {}
            ends = sorted(cases.values())
            yield Number(
                estimate=number,
                if_missing_low=ends[0] if ends else None,
                if_missing_high=ends[-1] if ends else None,
            )


def arm_rate(family: Family, rows: pd.DataFrame, base: str, outcome: str, units: str = "questions") -> Estimate:
    """How often an arm does something, from 0 to 1; not tested.

    Args:
        family: which family it is a number of.
        rows: scored replies of one arm under one context and belief; at least one.
        base: their base model.
        outcome: the column of 0 and 1.
        units: what the clusters are, in the plural.
    """
    cell = Cell(*(str(rows[name].iloc[0]) for name in Cell._fields))
    identity = Identity(Kind.RATE, cell.arm, base_model=base)
    return clustered_rate(rows, outcome, Contrast(family, identity, ({cell: 1.0},), EXPLORATORY, units))


def untested(
    family: Family,
    identity: Identity,
    outcome: str,
    unit: str,
    estimate: float = nan,
    *,
    n: int = 0,
    n_clusters: int = 0,
    notes: tuple[Note, ...] = (),
) -> Estimate:
    """A number that is no test; without a value it cannot be estimated, and a note says why."""
    return Estimate(
        analysis=family,
        term=CONTRAST,
        outcome=outcome,
        identity=identity,
        estimate=estimate,
        unit=unit,
        n=n,
        n_clusters=n_clusters,
        family=EXPLORATORY,
        notes=notes,
    )
