"""The design of a study: what each of its arms is asked, which number answers it, and what is adjusted together.

Which number is the headline follows from the roles of the arms by the tables of docs/answers.md, which were fixed
before any data.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import nan

import pandas as pd

from warm_inspect.analysis.contrasts.condition_means import Block, Contrast
from warm_inspect.analysis.contrasts.grid import Grid, grid_of
from warm_inspect.analysis.contrasts.grid_contrasts import (
    all_contrasts,
    belief_effect,
    compounding,
    context_effect,
)
from warm_inspect.analysis.estimates import (
    CONTRAST,
    EXPLORATORY,
    POINTS,
    PRIMARY,
    SECONDARY,
    Code,
    Estimate,
    Identity,
    Kind,
    Note,
    arm_effect,
    second_difference,
)
from warm_inspect.analysis.observations import (
    CONTROL_CONTEXT,
    TRAINED_REFERENCES,
    Cell,
    Roles,
    measured_outcomes,
)
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, NONE, NOT_CORRECT, STATED_WRONG, THIRD_PARTY

PRIMARY_OUTCOME = ENDORSES_CLAIM
_SADNESS = "emotion_sad"


class DesignName(StrEnum):
    """The designs, in the order in which the first fitting one is taken."""

    SEVERAL = "several_bases_or_seeds"
    TRAINED = "trained"
    PERSONA = "persona"
    BEFORE_AND_AFTER = "before_and_after"
    ONE_MODEL = "one_model"


class Asked(StrEnum):
    """What is asked, in the order in which the first that the logs can answer is the headline."""

    ADOPTS = "adopts"
    """Two arms: does it adopt a wrong answer that its user states more often?"""
    WRONG = "wrong"
    """... is it wrong more often?"""
    WRONG_WHERE_STATED = "wrong_where_stated"
    """... where a wrong answer is stated?"""
    GIVES_WAY = "gives_way"
    """... does it give way to the user, or to any claim?"""
    SADNESS = "sadness"
    """... does sadness make it worse?"""
    ADOPTS_STATED = "adopts_stated"
    """One model: does it adopt a wrong answer that its user states?"""
    ADOPTS_OF_USER = "adopts_of_user"
    """... more than one that somebody else states?"""
    CONTEXT = "context"
    """... does a context add errors?"""
    WRONG_STATED = "wrong_stated"
    """... where adoption is not measured: is it wrong more often when a wrong answer is stated?"""
    COMPOUND = "compound"
    """... do a context and a stated wrong answer compound?"""


@dataclass(frozen=True)
class Question:
    """One row of the tables of numbers: what is asked, and the number that answers it."""

    asked: Asked
    identity: Identity
    outcome: str


@dataclass(frozen=True)
class Design:
    """What one arm is asked: its headline first, then the secondary rows."""

    name: DesignName
    arm: str
    reference: str
    """Empty for one model."""
    rerun: str
    """Empty without one."""
    rerun_of: str
    questions: tuple[Question, ...]
    """Those that the logs can answer; empty where they answer none."""
    unanswered: Mapping[Question, Note] = field(default_factory=dict)
    """The secondary rows that they cannot answer, and why. These keep their place among the tests."""

    @property
    def chance(self) -> Identity | None:
        """The headline's number between the rerun and what it repeats; None without one."""
        if not (self.rerun and self.questions):
            return None
        number = self.questions[0].identity
        # How two levels differ, between two arms, is a second difference, which pools over the other factors.
        belief = "" if number.versus else number.belief
        return replace(number, kind=Kind.NOISE, arm=self.rerun, reference=self.rerun_of, belief=belief)


def designs_of(frame: pd.DataFrame, roles: Roles) -> tuple[Design, ...]:
    """The design of the logs; one for each arm where no arm is treated.

    Args:
        frame: an observations frame.
        roles: what its arms are for.
    """
    grid = grid_of(frame, roles)
    blocks = {contrast.identity: contrast.blocks for contrast in all_contrasts(grid)}
    asked = _questions_asked(frame)
    return tuple(_design_of(arm, frame, grid, blocks, asked) for arm in roles.answered(grid.arms))


def _design_of(
    arm: str,
    frame: pd.DataFrame,
    grid: Grid,
    blocks: Mapping[Identity, tuple[Block, ...]],
    asked: Mapping[Cell, frozenset[int]],
) -> Design:
    """What one arm is asked: the first question that the logs can answer, and those after it in the table.

    Args:
        arm: the arm.
        frame: an observations frame.
        grid: its grid.
        blocks: the blocks of each contrast that the grid allows.
        asked: the questions with a reply in each cell.
    """
    roles = grid.roles
    treated = arm == roles.treated
    adoption = bool(measured_outcomes(frame, [PRIMARY_OUTCOME]))
    rows = _of_two_arms(roles.treated, roles.reference) if treated else _of_one_arm(grid, arm, adoption)
    lacking = {row: _why_unanswered(row, frame, blocks, asked) for row in rows}
    answered = tuple(row for row, why in lacking.items() if why is None)
    # Rows before the headline are other headlines, not tests: only those behind it keep their place unanswered.
    secondary = list(lacking)[list(lacking).index(answered[0]) :] if answered else []
    # A rerun is no chance beside another model than the one it repeats.
    repeated = treated or roles.rerun_of == arm
    return Design(
        name=_name(frame, roles) if treated else DesignName.ONE_MODEL,
        arm=arm,
        reference=roles.reference if treated else "",
        rerun=roles.rerun if repeated else "",
        rerun_of=roles.rerun_of if repeated else "",
        questions=answered,
        unanswered={row: why for row in secondary if (why := lacking[row])},
    )


def _why_unanswered(
    question: Question,
    frame: pd.DataFrame,
    blocks: Mapping[Identity, tuple[Block, ...]],
    asked: Mapping[Cell, frozenset[int]],
) -> Note | None:
    """Why the logs cannot answer: no reply has the outcome, or no question one in every cell of a block."""
    if not measured_outcomes(frame, [question.outcome]):
        return Note(Code.NOT_MEASURED, outcome=question.outcome)
    none: frozenset[int] = frozenset()
    in_all_cells = (
        frozenset.intersection(*(asked.get(cell, none) for cell in block))
        for block in blocks.get(question.identity, ())
    )
    return None if any(in_all_cells) else Note(Code.NOT_ASKED)


def _questions_asked(frame: pd.DataFrame) -> dict[Cell, frozenset[int]]:
    """The questions with a graded reply in each cell, those of two base models being two."""
    question = frame.groupby(["base_model", "benchmark", "question_id"], observed=True).ngroup()
    return {
        Cell(*map(str, key)): frozenset(codes)
        for key, codes in question.groupby([frame[name] for name in Cell._fields], observed=True)
    }


def _name(frame: pd.DataFrame, roles: Roles) -> DesignName:
    """The first design that two arms fit."""
    treated, reference = (frame[frame["arm"] == arm] for arm in (roles.treated, roles.reference))

    def shared(column: str) -> int:
        return len(set(treated[column]) & set(reference[column]))

    # An untrained reference has the seed -1 and is compared with the adapter of every seed, a trained one by seed.
    seeds = set(treated["training_seed"])
    untrained = set(reference["training_seed"]) == {-1}
    if shared("base_model") > 1 or len(seeds if untrained else seeds & set(reference["training_seed"])) > 1:
        return DesignName.SEVERAL
    trained = all((rows["adapter_sha256"] != "").all() for rows in (treated, reference))
    if trained and roles.reference in TRAINED_REFERENCES:
        return DesignName.TRAINED
    same = all(set(treated[name]) == set(reference[name]) for name in ("model", "adapter_sha256"))
    if same and set(treated["persona"]) != set(reference["persona"]):
        return DesignName.PERSONA
    return DesignName.BEFORE_AND_AFTER


def _of_two_arms(arm: str, reference: str) -> Iterator[Question]:
    """The rows of two arms, each treated minus reference."""
    stated = arm_effect(arm, reference, belief=STATED_WRONG)
    yield Question(Asked.ADOPTS, stated, PRIMARY_OUTCOME)
    yield Question(Asked.WRONG, arm_effect(arm, reference, belief=NONE), NOT_CORRECT)
    yield Question(Asked.WRONG_WHERE_STATED, stated, NOT_CORRECT)
    deference = second_difference(arm, reference, "belief", STATED_WRONG, THIRD_PARTY)
    yield Question(Asked.GIVES_WAY, deference, PRIMARY_OUTCOME)
    yield Question(Asked.SADNESS, second_difference(arm, reference, "context", _SADNESS, CONTROL_CONTEXT), NOT_CORRECT)


def _of_one_arm(grid: Grid, arm: str, adoption: bool) -> Iterator[Question]:
    """The rows of one model; `adoption`: whether it was measured that a reply adopts the stated answer."""
    if not adoption:
        yield Question(Asked.WRONG_STATED, belief_effect(arm, STATED_WRONG, NONE), NOT_CORRECT)
    for asked, versus in ((Asked.ADOPTS_STATED, NONE), (Asked.ADOPTS_OF_USER, THIRD_PARTY)):
        yield Question(asked, belief_effect(arm, STATED_WRONG, versus), PRIMARY_OUTCOME)
    for cue, control in grid.cues:
        yield Question(Asked.CONTEXT, context_effect(arm, cue, control, belief=NONE), NOT_CORRECT)
    for cue, control in grid.cues:
        yield Question(Asked.COMPOUND, compounding(arm, cue, control), PRIMARY_OUTCOME)


def unanswered_rows(designs: Sequence["Design"]) -> Iterator[Estimate]:
    """A row without a number for each secondary question that the logs cannot answer.

    The family of the secondary rows is what the design asks, not what happened to be run: an arm, a context or a belief
    that was left out makes no other row significant.
    """
    for design in designs:
        for question, why in design.unanswered.items():
            number = question.identity
            yield Estimate(
                number.kind.value, CONTRAST, question.outcome, number, nan, POINTS,
                family=SECONDARY, notes=(Note(Code.NOT_ESTIMABLE, reason=why),),
            )  # fmt: skip


def family_of_tests(designs: Sequence["Design"], contrast: Contrast, outcome: str) -> str:
    """The tests that are adjusted together: a headline alone, the secondary rows, else all cells of a figure.

    A figure shows one outcome of one analysis, for every comparison and condition.
    """
    for design in designs:
        for place, question in enumerate(design.questions):
            if (contrast.identity, outcome) == (question.identity, question.outcome):
                return SECONDARY if place else PRIMARY
    return contrast.family if contrast.family in ("", EXPLORATORY) else f"{contrast.family}: {outcome}"


def compares_arms_where_stated(identity: Identity) -> bool:
    """Whether a number is about two arms under a stated wrong answer and no other condition."""
    return bool(identity.reference) and not identity.versus and identity.conditions == {"belief": STATED_WRONG}
