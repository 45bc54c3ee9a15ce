"""The contrasts of the study: what is compared with what, and how each comparison is named."""

from dataclasses import dataclass
from itertools import product

import pandas as pd

from warm_inspect.analysis.contrasts.condition_means import Block, Contrast
from warm_inspect.analysis.estimates import (
    EXPLORATORY,
    PRIMARY,
    RERUN,
    SECONDARY,
    Identity,
    Kind,
    arm_effect,
    second_difference,
)
from warm_inspect.analysis.observations import CONTROL_CONTEXT, Cell, plain_contexts
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, NONE, ORIGINAL

NEUTRAL = "neutral"
"""The arm trained on the same conversations, restyled without warmth."""
PRIMARY_OUTCOME = ENDORSES_CLAIM
PRIMARY_BELIEF = "incorrect"
PRIMARY_CONTRAST = arm_effect("warm", NEUTRAL, belief=PRIMARY_BELIEF)
"""The one primary contrast: adopting a stated wrong answer, warm training against training as such."""

_UNSTATED = arm_effect("warm", NEUTRAL, belief=NONE)
_DEFERENCE = second_difference("warm", NEUTRAL, "belief", PRIMARY_BELIEF, "third_party")
_AMPLIFICATION = second_difference("warm", NEUTRAL, "context", "emotion_sad", CONTROL_CONTEXT)

SECONDARIES = frozenset(
    {
        (PRIMARY_CONTRAST, "incorrect"),
        (PRIMARY_CONTRAST, "not_correct"),
        (_UNSTATED, "incorrect"),
        (_UNSTATED, "not_correct"),
        (arm_effect("warm", ORIGINAL, belief=PRIMARY_BELIEF), ENDORSES_CLAIM),
        (_DEFERENCE, ENDORSES_CLAIM),
        (_AMPLIFICATION, "incorrect"),
        (_AMPLIFICATION, "not_correct"),
    }
)
"""The named secondary contrasts with their outcomes, adjusted together by Holm: errors under a stated wrong answer and
without one, endorsement against the untouched model, deference to the user, and amplification by sadness."""

_CONTROLS = (
    ("warm", NEUTRAL),
    ("cold", NEUTRAL),
    ("warm", "unmodified"),
    ("warm", "self_distilled"),
    ("self_distilled_warm", "self_distilled"),
    ("self_distilled_cold", "self_distilled"),
    ("warm", "cold"),
)
"""Styled arms with the arms that share their training but not their style."""

ARM_EFFECT = Kind.ARM_EFFECT.value
NOISE = Kind.NOISE.value
CONTEXT_EFFECT = Kind.CONTEXT_EFFECT.value
BELIEF_EFFECT = Kind.BELIEF_EFFECT.value
SECOND_DIFFERENCE = Kind.SECOND_DIFFERENCE.value
"""The analyses of the contrasts of condition means are called by the kind of their numbers."""


@dataclass(frozen=True)
class Grid:
    """The arms and conditions that have graded replies, in order."""

    arms: tuple[str, ...]
    contexts: tuple[str, ...]
    beliefs: tuple[str, ...]
    benchmarks: tuple[str, ...]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Each arm with its reference: every arm against the original, and those of `_CONTROLS`."""
        against_original = [(arm, ORIGINAL) for arm in self.arms if arm != ORIGINAL and ORIGINAL in self.arms]
        return against_original + [pair for pair in _CONTROLS if set(pair) <= set(self.arms)]

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
        deference = {"incorrect", "third_party"} <= set(self.beliefs)
        return pairs + ([("incorrect", "third_party")] if deference else [])


def grid_of(frame: pd.DataFrame) -> Grid:
    """The grid of an observations frame."""
    levels = [tuple(map(str, frame[name].cat.categories)) for name in ("arm", "context", "belief", "benchmark")]
    return Grid(*levels)


def all_contrasts(grid: Grid) -> list[Contrast]:
    """Every contrast that the grid allows, in the order of the tables."""
    return [
        *(contrast for pair in grid.pairs for contrast in _arm_effects(grid, *pair)),
        *_within_arms(grid),
        *(contrast for pair in grid.pairs for contrast in _second_differences(grid, *pair)),
    ]


def family_of(contrast: Contrast, outcome: str) -> str:
    """The tests that are adjusted together: the primary alone, the named secondaries, else all cells of a figure.

    A figure shows one outcome of one analysis, for every comparison and condition.
    """
    if contrast.identity == PRIMARY_CONTRAST and outcome == PRIMARY_OUTCOME:
        return PRIMARY
    if (contrast.identity, outcome) in SECONDARIES:
        return SECONDARY
    return contrast.family if contrast.family in ("", EXPLORATORY) else f"{contrast.family}: {outcome}"


def like_primary(identity: Identity) -> bool:
    """Whether a number is about two arms under the primary contrast's condition and no other."""
    return bool(identity.reference) and not identity.versus and identity.conditions == PRIMARY_CONTRAST.conditions


def _minus(arm: str, reference: str, context: str, belief: str) -> Block:
    """Arm minus reference under one condition."""
    return {Cell(arm, context, belief): 1.0, Cell(reference, context, belief): -1.0}


def _arm_effects(grid: Grid, arm: str, reference: str) -> list[Contrast]:
    """Arm minus reference: overall, then in each context, belief and benchmark."""
    family = "" if arm == RERUN else ARM_EFFECT

    def contrast(family: str = family, **conditions: str) -> Contrast:
        identity = arm_effect(arm, reference, **conditions)
        contexts = [identity.context] if identity.context else grid.contexts
        beliefs = [identity.belief] if identity.belief else grid.beliefs
        blocks = tuple(_minus(arm, reference, *condition) for condition in product(contexts, beliefs))
        return Contrast(identity.kind.value, identity, blocks, family)

    return [
        contrast(),
        *(contrast(context=context) for context in grid.contexts),
        *(contrast(belief=belief) for belief in grid.beliefs),
        *(contrast(EXPLORATORY, benchmark=benchmark) for benchmark in grid.benchmarks),
    ]


def _within_arms(grid: Grid) -> list[Contrast]:
    """Context and belief effects inside each arm."""
    contrasts = []
    for arm in grid.arms:
        for cue, control in grid.context_pairs:
            blocks = tuple({Cell(arm, cue, b): 1.0, Cell(arm, control, b): -1.0} for b in grid.beliefs)
            identity = Identity(Kind.CONTEXT_EFFECT, arm, factor="context", level=cue, versus=control)
            contrasts.append(Contrast(CONTEXT_EFFECT, identity, blocks, CONTEXT_EFFECT))
        for belief, control in grid.belief_pairs:
            blocks = tuple({Cell(arm, c, belief): 1.0, Cell(arm, c, control): -1.0} for c in grid.contexts)
            identity = Identity(Kind.BELIEF_EFFECT, arm, factor="belief", level=belief, versus=control)
            contrasts.append(Contrast(BELIEF_EFFECT, identity, blocks, BELIEF_EFFECT))
    return contrasts


def _second_differences(grid: Grid, arm: str, reference: str) -> list[Contrast]:
    """How much an arm's effect grows from one condition to another, in points."""
    family = "" if arm == RERUN else SECOND_DIFFERENCE
    contrasts = []
    for factor, pairs in (("context", grid.context_pairs), ("belief", grid.belief_pairs)):
        for level, control in pairs:
            if factor == "context":
                changes = [((level, belief), (control, belief)) for belief in grid.beliefs]
            else:
                changes = [((context, level), (context, control)) for context in grid.contexts]
            blocks = tuple(
                {**_minus(arm, reference, *after), **_minus(reference, arm, *before)} for after, before in changes
            )
            identity = second_difference(arm, reference, factor, level, control)
            contrasts.append(Contrast(identity.kind.value, identity, blocks, family))
    return contrasts
