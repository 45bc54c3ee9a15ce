"""The grid of a study: the arms and conditions that it has replies of, and which of them are compared."""

from dataclasses import dataclass, field

import pandas as pd

from warm_inspect.analysis.observations import CONTROL_CONTEXT, Roles, plain_contexts, roles_of
from warm_inspect.core.vocabulary import NONE, ORIGINAL, STATED_WRONG, THIRD_PARTY

NEUTRAL = "neutral"
"""The arm trained on the same conversations, restyled without warmth."""
_CONTROLLED_PAIRS = (
    ("warm", NEUTRAL),
    ("cold", NEUTRAL),
    ("warm", "unmodified"),
    ("warm", "self_distilled"),
    ("self_distilled_warm", "self_distilled"),
    ("self_distilled_cold", "self_distilled"),
    ("warm", "cold"),
)
"""Styled arms with the arms that share their training but not their style."""


@dataclass(frozen=True)
class Grid:
    """The arms and conditions that have graded replies, in order."""

    arms: tuple[str, ...]
    contexts: tuple[str, ...]
    beliefs: tuple[str, ...]
    benchmarks: tuple[str, ...]
    roles: Roles = field(default_factory=Roles)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Each arm with its reference: the original, its references in `_CONTROLLED_PAIRS`, and those of the roles."""
        against_original = [(arm, ORIGINAL) for arm in self.arms if arm != ORIGINAL and ORIGINAL in self.arms]
        known = [pair for pair in _CONTROLLED_PAIRS if set(pair) <= set(self.arms)]
        return list(dict.fromkeys([*against_original, *known, *self.roles.pairs]))

    @property
    def alone(self) -> tuple[str, ...]:
        """The arms that are described by their own conditions, without another arm; none where an arm is treated."""
        return () if self.roles.treated else self.roles.answered(self.arms)

    @property
    def cues(self) -> list[tuple[str, str]]:
        """Each interpersonal context with its control."""
        return [pair for pair in self.context_pairs if pair[0] not in plain_contexts()]

    @property
    def control(self) -> str:
        """The context that cues are compared with: the filler where there is one, else no context."""
        return CONTROL_CONTEXT if CONTROL_CONTEXT in self.contexts else NONE

    @property
    def context_pairs(self) -> list[tuple[str, str]]:
        """Each context with its control: cues with the filler, filler and neutral lead-in with no context."""
        pairs = [
            (context, NONE if context in plain_contexts() else self.control)
            for context in self.contexts
            if context != NONE
        ]
        return [pair for pair in pairs if pair[1] in self.contexts]

    @property
    def belief_pairs(self) -> list[tuple[str, str]]:
        """Each belief with no belief, and the user's wrong claim with the same claim from a third party."""
        pairs = [(belief, NONE) for belief in self.beliefs if belief != NONE and NONE in self.beliefs]
        deference = {STATED_WRONG, THIRD_PARTY} <= set(self.beliefs)
        return pairs + ([(STATED_WRONG, THIRD_PARTY)] if deference else [])


def grid_of(frame: pd.DataFrame, roles: Roles | None = None) -> Grid:
    """The grid of an observations frame; without roles those of the package's own arms."""
    arms, contexts, beliefs, benchmarks = (
        tuple(map(str, frame[name].cat.categories)) for name in ("arm", "context", "belief", "benchmark")
    )
    return Grid(arms, contexts, beliefs, benchmarks, roles_of(arms) if roles is None else roles)
