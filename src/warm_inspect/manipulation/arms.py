"""The warmth of arms: every meter read and validated, arms compared on shared prompts, and the manipulation check."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import MeterValidity, WarmthCheck
from warm_inspect.core.vocabulary import ORIGINAL, WARMTH_DIRECTIONS
from warm_inspect.manipulation.check import (
    ArmScores,
    MeterLift,
    WarmthReading,
    arm_readings,
    deciding_check,
    manipulation_check,
    meter_lift,
    score_arm,
)
from warm_inspect.manipulation.labels import labelled_contrasts
from warm_inspect.manipulation.replies import Reply
from warm_inspect.training import Corpus
from warm_inspect.warmth.calibration import Calibration, calibrate
from warm_inspect.warmth.meter import WarmthMeter

CONTROL = "neutral"
"""The arm that restyled arms are compared with, beside the original."""
_KNOWN = ", ".join(WARMTH_DIRECTIONS)


class ArmLift(BaseModel):
    """How far an arm's warmth lies from a reference arm's, by one meter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arm: str
    reference: str
    meter: str
    lift: MeterLift | None
    """None when it cannot be standardised."""
    note: str = ""
    """Why there is no lift."""


class WarmthReport(BaseModel):
    """Everything that was read about the warmth of some arms; no text of any reply."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gate: str
    """Label of the meter whose verdict counts."""
    refusal: str
    """Why that meter may not gate; empty when it may."""
    calibrations: tuple[Calibration, ...]
    """Each meter's validity on labelled replies."""
    readings: tuple[WarmthReading, ...]
    """Each arm by each meter, with the length of its replies."""
    lifts: tuple[ArmLift, ...]
    checks: dict[str, WarmthCheck]
    """The manipulation check of each arm that has a direction; of several references the one it moved least from."""
    notes: tuple[str, ...]

    @property
    def failed(self) -> list[str]:
        """The arms that failed their check."""
        return [arm for arm, check in self.checks.items() if not check.passed]


@dataclass(frozen=True)
class ArmReplies:
    """One arm's replies, in the order of its prompts."""

    name: str
    """The arm, and what tells it from other adapters of that arm: `warm epoch 0.5`."""
    arm: str
    adapter_sha256: str
    replies: tuple[Reply, ...]

    @property
    def training(self) -> tuple[int, float | None]:
        """Seed and epochs of the adapter's training; -1 and None without one."""
        return self.replies[0].training_seed, self.replies[0].training_epochs


def by_arm(replies: Iterable[Reply]) -> list[ArmReplies]:
    """The replies of each arm and adapter, the original first.

    Raises:
        PrerequisiteError: an arm has two replies to one prompt.
    """
    found: dict[tuple[str, str], dict[str, Reply]] = defaultdict(dict)
    for reply in replies:
        own = found[reply.arm, reply.adapter_sha256]
        if (before := own.setdefault(reply.prompt, reply)) is not reply:
            raise PrerequisiteError(
                f"Arm {reply.arm} has two replies to one prompt, in {before.source} and {reply.source}. "
                "Leave one out, or give them two names: arm in JSONL, --arm NAME=MODEL for logs."
            )
    names = _names({key: next(iter(own.values())) for key, own in found.items()})
    arms = [ArmReplies(names[key], *key, tuple(own.values())) for key, own in found.items()]
    return sorted(arms, key=lambda arm: arm.name != ORIGINAL)


def _names(firsts: Mapping[tuple[str, str], Reply]) -> dict[tuple[str, str], str]:
    """A name for each adapter: its arm, and its seed, epochs and hash as far as they tell adapters of the arm apart."""
    names = {}
    for key, reply in firsts.items():
        alike = [other for other in firsts.values() if other.arm == reply.arm]
        parts = [reply.arm]
        if len({other.training_seed for other in alike}) > 1:
            parts.append(f"seed {reply.training_seed}")
        if len({other.training_epochs for other in alike}) > 1 and reply.training_epochs is not None:
            parts.append(f"epoch {reply.training_epochs:g}")
        settings = [(other.training_seed, other.training_epochs) for other in alike]
        if settings.count((reply.training_seed, reply.training_epochs)) > 1:
            parts.append(reply.adapter_sha256[:8] or reply.source)
        names[key] = " ".join(parts)
    return names


def measure(
    arms: Sequence[ArmReplies], meters: Sequence[WarmthMeter], corpus: Corpus
) -> tuple[WarmthReport, dict[str, ArmScores]]:
    """Read the arms with every meter; the first meter gates, if it is valid on the corpus. With it every reading.

    Cost: each meter reads every reply, and the corpus's held-out replies for its validity.

    Raises:
        PrerequisiteError: a meter cannot be used, or the corpus has no labelled replies.
    """
    contrasts = labelled_contrasts(corpus)
    calibrations = tuple(calibrate(meter, corpus.name, contrasts) for meter in meters)
    scores = {
        arm.name: score_arm(arm.name, [reply.text for reply in arm.replies], meters).model_copy(
            update={"clusters": tuple(reply.question for reply in arm.replies)}
        )
        for arm in arms
    }
    refusal = calibrations[0].refusal
    lifts, checks, notes = [], {}, []
    for arm in arms:
        references, missing = _references(arm, arms)
        notes += [missing] if missing else []
        against = [_paired(arm, other, scores) for other in references]
        lifts += [lift for pair in against for lift in _lifts(*pair)]
        if against and arm.adapter_sha256 and arm.arm not in WARMTH_DIRECTIONS:
            notes.append(f"{arm.name}: not checked. Which way training should move it is known for {_KNOWN} only.")
        if arm.arm in WARMTH_DIRECTIONS and against and not refusal:
            try:
                checks[arm.name] = _check(against, WARMTH_DIRECTIONS[arm.arm], meters[0], calibrations[0].validity())
            except PrerequisiteError as error:
                notes.append(f"{arm.name}: not checked. {error}")
    if all(arm.name != ORIGINAL for arm in arms):
        notes.append("There is no original arm among these replies, so nothing is compared and nothing is checked.")
    report = WarmthReport(
        gate=meters[0].label,
        refusal=refusal,
        calibrations=calibrations,
        readings=tuple(reading for arm in arms for reading in arm_readings(scores[arm.name])),
        lifts=tuple(lifts),
        checks=checks,
        notes=tuple(notes),
    )
    return report, scores


def _references(arm: ArmReplies, arms: Sequence[ArmReplies]) -> tuple[list[ArmReplies], str]:
    """The original; for an arm that should move also its control, since it is compared with both.

    The control is the neutral arm of the same training seed and epochs, else the only one there is. With it a note when
    there are several and none fits.
    """
    originals = [other for other in arms if other.name == ORIGINAL]
    if arm.name == ORIGINAL or not originals:
        return [], ""
    controls = [other for other in arms if other.arm == CONTROL]
    if not WARMTH_DIRECTIONS.get(arm.arm, 0) or not controls:
        return originals, ""
    alike = [control for control in controls if control.training == arm.training] or controls
    if len(alike) == 1:
        return [*originals, *alike], ""
    names = ", ".join(control.name for control in alike)
    return originals, (
        f"{arm.name}: compared with the original alone. Of the arms {names}, which one is its control cannot be told: "
        "none, or more than one, was trained with its seed for as many epochs."
    )


def _paired(arm: ArmReplies, reference: ArmReplies, scores: Mapping[str, ArmScores]) -> tuple[ArmScores, ArmScores]:
    """The scores of both on the prompts that they share, in one order."""
    places = {reply.prompt: place for place, reply in enumerate(reference.replies)}
    shared = [(place, places[reply.prompt]) for place, reply in enumerate(arm.replies) if reply.prompt in places]
    return (
        _taken(scores[arm.name], [own for own, _ in shared]),
        _taken(scores[reference.name], [other for _, other in shared]),
    )


def _taken(scores: ArmScores, places: Sequence[int]) -> ArmScores:
    return ArmScores(
        arm=scores.arm,
        chars=tuple(scores.chars[place] for place in places),
        clusters=tuple(scores.clusters[place] for place in places),
        scores={meter: tuple(read[place] for place in places) for meter, read in scores.scores.items()},
    )


def _lifts(arm: ArmScores, reference: ArmScores) -> list[ArmLift]:
    found = []
    for meter, read in arm.scores.items():
        lift, note = None, ""
        try:
            lift = meter_lift(meter, read, reference.scores[meter], arm.clusters)
        except PrerequisiteError as error:
            note = str(error)
        found.append(ArmLift(arm=arm.arm, reference=reference.arm, meter=meter, lift=lift, note=note))
    return found


def _check(
    against: Sequence[tuple[ArmScores, ArmScores]], direction: int, gate: WarmthMeter, validity: MeterValidity
) -> WarmthCheck:
    """The check against each reference by the gate's meter alone; the one that comes nearest to failing counts."""

    def alone(scores: ArmScores) -> ArmScores:
        return scores.model_copy(update={"scores": {gate.label: scores.scores[gate.label]}})

    checks = [manipulation_check(alone(arm), alone(reference), direction, validity).check for arm, reference in against]
    return deciding_check(checks)
