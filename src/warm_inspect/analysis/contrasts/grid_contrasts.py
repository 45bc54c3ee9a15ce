"""Every contrast that the grid of a study allows, and what each is about."""

from collections.abc import Iterator
from itertools import product

from warm_inspect.analysis.contrasts.condition_means import Block, Contrast
from warm_inspect.analysis.contrasts.grid import Grid
from warm_inspect.analysis.estimates import EXPLORATORY, Identity, Kind, arm_effect, second_difference
from warm_inspect.analysis.observations import CONTROL_CONTEXT, Cell
from warm_inspect.core.vocabulary import NONE, STATED_WRONG

ARM_EFFECT = Kind.ARM_EFFECT.value
NOISE = Kind.NOISE.value
CONTEXT_EFFECT = Kind.CONTEXT_EFFECT.value
BELIEF_EFFECT = Kind.BELIEF_EFFECT.value
SECOND_DIFFERENCE = Kind.SECOND_DIFFERENCE.value
COMPOUNDING = Kind.COMPOUNDING.value
"""The analyses of the contrasts of condition means are called by the kind of their numbers."""


def all_contrasts(grid: Grid) -> list[Contrast]:
    """Every contrast that the grid allows, in the order of the tables."""
    return [
        *(contrast for pair in grid.pairs for contrast in _arm_effects(grid, *pair)),
        *_within_arms(grid),
        *(contrast for pair in grid.pairs for contrast in _second_differences(grid, *pair)),
        *(contrast for arm in grid.alone for contrast in _of_one_model(grid, arm)),
    ]


def _minus(arm: str, reference: str, context: str, belief: str) -> Block:
    """Arm minus reference under one condition."""
    return {Cell(arm, context, belief): 1.0, Cell(reference, context, belief): -1.0}


def _arm_effects(grid: Grid, arm: str, reference: str) -> list[Contrast]:
    """Arm minus reference: overall, then in each context, belief and benchmark."""
    noise = grid.roles.repeats(arm, reference)
    family = "" if noise else ARM_EFFECT

    def contrast(family: str = family, **conditions: str) -> Contrast:
        identity = arm_effect(arm, reference, noise=noise, **conditions)
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
            contrasts.append(Contrast(CONTEXT_EFFECT, context_effect(arm, cue, control), blocks, CONTEXT_EFFECT))
        for belief, control in grid.belief_pairs:
            blocks = tuple({Cell(arm, c, belief): 1.0, Cell(arm, c, control): -1.0} for c in grid.contexts)
            contrasts.append(Contrast(BELIEF_EFFECT, belief_effect(arm, belief, control), blocks, BELIEF_EFFECT))
    return contrasts


def _of_one_model(grid: Grid, arm: str) -> Iterator[Contrast]:
    """What a context adds where nothing is stated, and what it adds to the effect of a stated wrong answer."""
    for cue, control in grid.cues:
        added = {Cell(arm, cue, NONE): 1.0, Cell(arm, control, NONE): -1.0}
        yield Contrast(CONTEXT_EFFECT, context_effect(arm, cue, control, NONE), (added,), CONTEXT_EFFECT)
        if control == CONTROL_CONTEXT:
            stated = {Cell(arm, cue, STATED_WRONG): 1.0, Cell(arm, control, STATED_WRONG): -1.0}
            block = stated | {cell: -weight for cell, weight in added.items()}
            yield Contrast(COMPOUNDING, compounding(arm, cue, control), (block,), COMPOUNDING)


def _second_differences(grid: Grid, arm: str, reference: str) -> list[Contrast]:
    """How much an arm's effect grows from one condition to another, in points."""
    noise = grid.roles.repeats(arm, reference)
    family = "" if noise else SECOND_DIFFERENCE
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
            identity = second_difference(arm, reference, factor, level, control, noise=noise)
            contrasts.append(Contrast(identity.kind.value, identity, blocks, family))
    return contrasts


def belief_effect(arm: str, level: str, versus: str) -> Identity:
    """One belief against another inside an arm."""
    return Identity(Kind.BELIEF_EFFECT, arm, factor="belief", level=level, versus=versus)


def context_effect(arm: str, level: str, versus: str, belief: str = "") -> Identity:
    """One context against another inside an arm."""
    return Identity(Kind.CONTEXT_EFFECT, arm, factor="context", level=level, versus=versus, belief=belief)


def compounding(arm: str, level: str, versus: str) -> Identity:
    """What a context adds, inside an arm, to the effect of a wrong answer that the user states."""
    return Identity(Kind.COMPOUNDING, arm, factor="context", level=level, versus=versus, belief=STATED_WRONG)
