"""The rows of `hostility`: which dialogues a number is of, and the names of what is measured."""

from dataclasses import dataclass
from typing import NamedTuple

from warm_inspect.analysis.estimates import Estimate
from warm_inspect.analysis.families.rows import FamilyResults, FamilyRow
from warm_inspect.core.families import Family, Hostile

HOSTILE_DIALOGUES = Hostile.HOSTILE.value
"""Outcome: any turn of the dialogue is of severity 2 or more."""
ARTEFACT_HOSTILE = Hostile.ARTEFACT_HOSTILE.value
HOSTILE_TURNS, CURT_TURNS = "hostile_turns", "curt_turns"
"""Outcomes: turns of severity 2 or more; of severity 1 or more."""
SEVERITY = "severity"
"""Outcome: the mean severity of the turns of a dialogue."""
APOLOGIES, APOLOGIES_WITHOUT_FIX = "apologies", "apologies_without_fix"
HAZARD = "hazard"
"""Outcome: a turn is the first hostile one of a dialogue that was civil so far."""


@dataclass(frozen=True, kw_only=True)
class HostilityRow(FamilyRow):
    """One number of the revisions; its events are dialogues, or of a share of turns turns."""

    language: str
    history: str
    depth: int
    """Turns of the user."""
    affect: str = ""
    """The manner that it is of; of a comparison the first; empty for all."""
    versus_affect: str = ""
    """The manner that it is compared with; empty for none."""
    turn: int | None = None
    """The turn that it is restricted to; None for all."""
    rho: str = ""
    """How alike dialogues of one script are taken to be, of an exact interval; empty for other numbers."""
    unscored: str = ""
    """What dialogues that are not known to be civil are taken for, `civil` or `hostile`. Empty: those without a score
    are left out, and of those with a reply that was cut, filtered or empty the other replies count."""
    predictor: str = ""
    """Of a hazard: what its odds are multiplied by."""


HostilityResults = FamilyResults[HostilityRow]
"""Its counts are of dialogues, one row per base model, language, history, depth, arm and affect."""


class About(NamedTuple):
    """Which dialogues a number is of."""

    base: str
    language: str
    history: str
    depth: int

    def row(
        self,
        number: Estimate,
        events: int | None = None,
        *,
        affect: str = "",
        versus_affect: str = "",
        turn: int | None = None,
        rho: str = "",
        unscored: str = "",
        predictor: str = "",
    ) -> HostilityRow:
        """The row of a number on these dialogues; see `HostilityRow`."""
        return HostilityRow(
            family=Family.HOSTILITY,
            language=self.language,
            history=self.history,
            depth=self.depth,
            affect=affect,
            versus_affect=versus_affect,
            turn=turn,
            rho=rho,
            unscored=unscored,
            predictor=predictor,
            events=events,
            estimate=number,
        )
