"""Roles: what each arm of the logs is for.

A role is declared by the user. Only the arms that this package trains and runs itself come with theirs. The table is
in docs/answers.md.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from warm_inspect.core.arm_names import split_persona
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.roles import Role
from warm_inspect.core.vocabulary import NONE, ORIGINAL, RERUN

# Only here a name says what an arm is for: the package trains these arms itself, so that they are what they are called.
_TREATED = {"warm": ("neutral", "self_distilled"), "self_distilled_warm": ("self_distilled", "neutral")}
"""The trained arms that are on trial, with what each is compared with, best first."""
TRAINED_REFERENCES = frozenset(reference for references in _TREATED.values() for reference in references)
"""The package's own arms that are trained as a treated one is, without warmth."""
_CONTROL_ARMS = ("cold", "unmodified")
_POSITIVE_CONTROL = ("agreeing", "answering")
"""The positive control, and the arm that it is compared with."""
POSITIVE_CONTROL_ARMS = frozenset(_POSITIVE_CONTROL)
"""The package's own arms that show whether the measurement detects an effect that is there."""


@dataclass(frozen=True)
class Roles:
    """The arms by their role; empty text where no arm has it."""

    treated: str = ""
    """Empty without a reference: then there is nothing that it could be compared with."""
    reference: str = ""
    rerun: str = ""
    rerun_of: str = ""
    """The arm that the rerun repeats."""
    controls: tuple[str, ...] = ()
    positive_control: str = ""
    positive_reference: str = ""
    """The arm that the positive control is compared with."""

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """Each arm with the arm that its role compares it with."""
        if self.treated:
            yield self.treated, self.reference
            yield from ((self.treated, control) for control in self.controls)
            yield from ((control, self.reference) for control in self.controls)
        if self.rerun:
            yield self.rerun, self.rerun_of
        if self.positive_control:
            yield self.positive_control, self.positive_reference

    def answered(self, arms: Sequence[str]) -> tuple[str, ...]:
        """The arms that have an answer of their own.

        The treated one; without one every arm but the rerun and the positive control, whose answers are known before.
        """
        if self.treated:
            return (self.treated,)
        others = [arm for arm in arms if arm != self.rerun]
        # Logs of a positive control alone still get an answer.
        return tuple(arm for arm in others if arm not in self.positive_control_arms) or tuple(others)

    def repeats(self, arm: str, reference: str) -> bool:
        """Whether the arm is the reference asked a second time: what differs is noise."""
        return bool(arm) and (arm, reference) == (self.rerun, self.rerun_of)

    def baseline(self, arms: Collection[str]) -> str:
        """The arm that figures, regressions and control benchmarks compare the others with; empty without one.

        The original where the logs have it, else the reference.
        """
        return ORIGINAL if ORIGINAL in arms else self.reference

    def compared(self, arms: Sequence[str]) -> list[str]:
        """The arms that are compared with the baseline, in order: never a rerun, and none without a baseline.

        Every arm against the original; against another reference those whose role compares them with it.
        """
        baseline = self.baseline(arms)
        compared = set(arms) if baseline == ORIGINAL else {arm for arm, other in self.pairs if other == baseline}
        return [arm for arm in arms if arm in compared - {baseline, self.rerun}]

    @property
    def positive_control_arms(self) -> frozenset[str]:
        """The positive control, and the package's own arm that was trained beside it: neither is judged."""
        return frozenset({self.positive_control} | ({self.positive_reference} & {_POSITIVE_CONTROL[1]}))


def roles_of(arms: Sequence[str], declared: Mapping[str, Role] | None = None) -> Roles:
    """The roles of the arms of the logs: as declared, the others by the table of the package's own arms.

    Args:
        arms: every arm of the logs.
        declared: the role of each arm that was given one.

    Raises:
        PrerequisiteError: a role for an arm that is in no log; two arms for a role of which there is one; a treated
            arm without a reference, or a reference or rerun for which the other arm is not known.
    """
    given = dict(declared or {})
    for arm in given:
        if arm not in arms:
            raise unknown_value("arm with a role", arm, arms, "These are the arms of the logs.")
    free = [arm for arm in arms if arm not in given]
    controls = [arm for arm in arms if given.get(arm) == Role.CONTROL or (arm in free and arm in _CONTROL_ARMS)]
    positive = _declared(given, Role.POSITIVE_CONTROL) or _only(free, _POSITIVE_CONTROL[0])
    treated, reference = _on_trial(arms, given, (_declared(given, Role.RERUN), positive, *controls))
    rerun, rerun_of = _repeated(arms, given, reference)
    positive, compared = _positive_pair(arms, free, positive, reference)
    return Roles(
        treated=treated if reference else "",
        reference=reference,
        rerun=rerun,
        rerun_of=rerun_of,
        controls=tuple(controls),
        positive_control=positive,
        positive_reference=compared,
    )


def _on_trial(arms: Sequence[str], given: Mapping[str, Role], apart: Sequence[str]) -> tuple[str, str]:
    """The treated arm and its reference, each empty where the logs have none.

    Args:
        arms: every arm of the logs.
        given: the declared roles.
        apart: arms that have another role, which an error does not offer for the lacking one.
    """
    free = [arm for arm in arms if arm not in given]
    treated, reference = _declared(given, Role.TREATED) or _treated(free), _declared(given, Role.REFERENCE)
    others = [arm for arm in arms if arm not in (reference, *apart)]
    if treated and not reference:
        reference = _reference(treated, [arm for arm in free if arm != treated])
        # What the user declares must be compared; an arm that is treated by its name may stand alone.
        if not reference and Role.TREATED in given.values() and len(arms) > 1:
            raise _asks(Role.REFERENCE, Role.TREATED, treated, others)
    elif reference and not treated and others:
        raise _asks(Role.TREATED, Role.REFERENCE, reference, others)
    return treated, reference


def _repeated(arms: Sequence[str], given: Mapping[str, Role], reference: str) -> tuple[str, str]:
    """The rerun and the arm that it repeats: the reference, else the only other arm; empty without a rerun."""
    rerun = _declared(given, Role.RERUN)
    if not rerun:
        return (RERUN, ORIGINAL) if RERUN in arms and RERUN not in given and ORIGINAL in arms else ("", "")
    if reference:
        return rerun, reference
    alone = [arm for arm in arms if arm != rerun]
    if len(alone) != 1:
        raise _asks(Role.REFERENCE, Role.RERUN, rerun, alone)
    return rerun, alone[0]


def _positive_pair(arms: Sequence[str], free: Sequence[str], positive: str, reference: str) -> tuple[str, str]:
    """The positive control and the arm that it is compared with; empty where one of them is lacking.

    The package's own is compared with the arm that was trained beside it; any other with the reference of the study.
    """
    beside = _only(free, _POSITIVE_CONTROL[1]) if positive == _POSITIVE_CONTROL[0] else ""
    compared = beside or reference or _only([arm for arm in arms if arm != positive], ORIGINAL)
    return (positive, compared) if positive and compared else ("", "")


def _declared(given: Mapping[str, Role], role: Role) -> str:
    arms = [arm for arm, own in given.items() if own == role]
    if len(arms) > 1:
        raise PrerequisiteError(f"{len(arms)} arms are the {role.option[2:]}: {', '.join(arms)}. Give the role to one.")
    return arms[0] if arms else ""


def _only(arms: Sequence[str], name: str) -> str:
    return name if name in arms else ""


def _treated(free: Sequence[str]) -> str:
    """The package's own treated arm: a trained one, else the first with a persona whose arm is there too."""
    trained = [arm for arm in _TREATED if arm in free]
    personas = [arm for arm in free if split_persona(arm)[1] != NONE and split_persona(arm)[0] in free]
    personas.sort(key=lambda arm: split_persona(arm)[1] != "warm")
    return next(iter([*trained, *personas]), "")


def _reference(treated: str, free: Sequence[str]) -> str:
    """The package's own reference of a treated arm; empty without one."""
    bare = split_persona(treated)[0]
    first = (bare,) if bare != treated else _TREATED.get(treated, ("neutral", "self_distilled"))
    return next((arm for arm in (*first, ORIGINAL) if arm in free), "")


def _asks(wanted: Role, given: Role, arm: str, others: Sequence[str]) -> PrerequisiteError:
    choices = ", ".join(other for other in others if other != arm) or "none, so add its logs"
    return PrerequisiteError(
        f"{given.option} {arm} is compared with nothing. Add {wanted.option} ARM. Other arms of the logs: {choices}."
    )
