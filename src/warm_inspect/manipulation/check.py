"""The manipulation check: did training move the warmth of an arm's replies the way it should have?

Every meter reads every arm, and arms are compared with their references on the prompts that both answered. The first
meter decides, if it orders labelled replies well enough (see `validity`). The other meters and the length of replies
stand beside it, because one meter alone can mislead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np
from pydantic import BaseModel, ConfigDict

from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.manifest import MeterValidity, WarmthCheck
from warm_inspect.core.vocabulary import ORIGINAL, WARMTH_DIRECTIONS, TrainedArm
from warm_inspect.manipulation.effect_size import MeterLift, meter_lift
from warm_inspect.manipulation.replies import ArmReplies
from warm_inspect.manipulation.validity import Calibration, correlation
from warm_inspect.warmth import WarmthMeter

THRESHOLD = 0.35
"""The least Cohen's d that counts as a change of warmth, in standard deviations of replies."""


class WarmthReading(BaseModel):
    """One meter's readings of one arm's replies, summarised."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arm: str
    meter: str
    n: int
    """Replies with a number."""
    unscored: int
    """Replies for which the meter gave no number."""
    mean: float
    sd: float | None
    """Standard deviation over replies, in the meter's unit; None of a single reply."""
    mean_chars: float
    """Mean length of all replies, in characters."""
    length_correlation: float | None
    """Pearson correlation of warmth and characters over the arm's replies; None when either does not vary."""


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

    deciding_meter: str
    """Label of the meter that decides."""
    why_undecided: str
    """Why that meter cannot decide; empty when it can."""
    calibrations: tuple[Calibration, ...]
    """Each meter's validity on labelled replies."""
    readings: tuple[WarmthReading, ...]
    """Each arm by each meter, with the length of its replies."""
    lifts: tuple[ArmLift, ...]
    checks: dict[str, WarmthCheck]
    """The check of each arm that training should have moved, or left, in a known way; see `deciding_check`."""
    notes: tuple[str, ...]

    @property
    def failed(self) -> list[str]:
        """The arms that failed their check."""
        return [arm for arm, check in self.checks.items() if not check.passed]


@dataclass(frozen=True)
class ScoredArm:
    """An arm's replies as every meter reads them."""

    replies: ArmReplies
    scores: Mapping[str, Sequence[float | None]]
    """Warmth of each reply in order, by meter label; None where the meter gave no number."""

    @property
    def name(self) -> str:
        """The arm's name among those that are compared."""
        return self.replies.name

    @cached_property
    def chars(self) -> list[int]:
        """Length of each reply in characters."""
        return [len(reply.text) for reply in self.replies.replies]


def score_arm(arm: ArmReplies, meters: Iterable[WarmthMeter]) -> ScoredArm:
    """The arm as the meters read it; each meter reads every reply.

    Raises:
        PrerequisiteError: a meter cannot be used.
    """
    texts = [reply.text for reply in arm.replies]
    return ScoredArm(arm, {meter.label: tuple(meter.score(texts)) for meter in meters})


def check_arms(
    arms: Sequence[ScoredArm], calibrations: Sequence[Calibration], reference: str = ORIGINAL, treated: str = ""
) -> WarmthReport:
    """Compare every arm with its references and check those whose direction is known. Deterministic, no model call.

    Args:
        arms: all arms of the comparison, read by the same meters.
        calibrations: each meter's validity, in the order of the meters; the first meter decides.
        reference: the arm that every other one is compared with.
        treated: an arm that should be warmer than it; of the arms that training moves the direction is known.

    Raises:
        PrerequisiteError: the treated arm is not among the arms.
    """
    names = [arm.name for arm in arms]
    for name in filter(None, (treated, reference if treated else "")):
        if name not in names:
            raise unknown_value("arm to compare", name, names, "These are the arms of the replies.")
    decider = calibrations[0]
    validity = None if decider.why_undecided else decider.validity()
    lifts: list[ArmLift] = []
    checks: dict[str, WarmthCheck] = {}
    notes: list[str] = []
    for arm in arms:
        references, note = _references(arm, arms, reference)
        notes += [note] if note else []
        comparisons = [ArmComparison(arm, other) for other in references]
        lifts += [lift for comparison in comparisons for lift in comparison.lifts]
        direction = 1 if arm.name == treated else WARMTH_DIRECTIONS.get(arm.replies.arm)
        if direction is None and comparisons and arm.replies.adapter_sha256:
            known = ", ".join(WARMTH_DIRECTIONS)
            notes.append(f"{arm.name}: not checked. Which way training should move it is known for {known} only.")
        if direction is not None and comparisons and validity:
            # An arm whose lift cannot be standardised keeps no other arm from its check.
            try:
                checks[arm.name] = deciding_check([each.check(direction, validity) for each in comparisons])
            except PrerequisiteError as error:
                notes.append(f"{arm.name}: not checked. {error}")
    if reference not in names:
        notes.append(
            f"There is no arm {reference} among these replies, so nothing is compared and nothing is checked. "
            "Name the arm to compare with (--reference) and the one that should be warmer (--treated): "
            f"{', '.join(names)}."
        )
    return WarmthReport(
        deciding_meter=decider.meter,
        why_undecided=decider.why_undecided,
        calibrations=tuple(calibrations),
        readings=tuple(reading for arm in arms for reading in arm_readings(arm)),
        lifts=tuple(lifts),
        checks=checks,
        notes=tuple(notes),
    )


def _references(arm: ScoredArm, arms: Sequence[ScoredArm], reference: str) -> tuple[list[ScoredArm], str]:
    """The reference; for an arm that should move also the neutral arm, since effects are stated against both.

    The neutral arm is that of the same training seed and epochs, else the only one there is. With it a note when there
    are several and none, or more than one, fits.
    """
    originals = [other for other in arms if other.name == reference]
    if arm.name == reference or not originals:
        return [], ""
    neutrals = [other for other in arms if other.replies.arm == TrainedArm.NEUTRAL]
    if not WARMTH_DIRECTIONS.get(arm.replies.arm, 0) or not neutrals:
        return originals, ""
    alike = [neutral for neutral in neutrals if neutral.replies.training == arm.replies.training] or neutrals
    if len(alike) == 1:
        return [*originals, *alike], ""
    names = ", ".join(neutral.name for neutral in alike)
    return originals, (
        f"{arm.name}: compared with the original alone. Which of the arms {names} to compare it with cannot be told: "
        "none, or more than one, was trained with its seed for as many epochs."
    )


@dataclass(frozen=True)
class ArmComparison:
    """An arm and a reference arm on the prompts that both answered."""

    arm: ScoredArm
    reference: ScoredArm

    @cached_property
    def lifts(self) -> tuple[ArmLift, ...]:
        """The lift by each meter, the deciding one first."""
        return tuple(self._lift(meter) for meter in self.arm.scores)

    def _lift(self, meter: str) -> ArmLift:
        scores, reference = self.arm.scores[meter], self.reference.scores[meter]
        lift, note = None, ""
        try:
            lift = meter_lift(
                meter,
                [scores[own] for own, _ in self._places],
                [reference[other] for _, other in self._places],
                [self.arm.replies.replies[own].question for own, _ in self._places],
            )
        except PrerequisiteError as error:
            note = str(error)
        return ArmLift(arm=self.arm.name, reference=self.reference.name, meter=meter, lift=lift, note=note)

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        """Where the shared prompts stand in the arm and in the reference, in the arm's order."""
        places = {reply.prompt: place for place, reply in enumerate(self.reference.replies.replies)}
        own = enumerate(self.arm.replies.replies)
        return [(place, places[reply.prompt]) for place, reply in own if reply.prompt in places]

    def check(self, direction: int, validity: MeterValidity) -> WarmthCheck:
        """The check of the arm against the reference, by the deciding meter.

        Args:
            direction: +1 when the arm should be warmer than the reference, -1 colder, 0 about as warm.
            validity: what allows the meter to decide.

        Raises:
            PrerequisiteError: the lift cannot be standardised.
        """
        first = self.lifts[0]
        if first.lift is None:
            raise PrerequisiteError(first.note)
        own, other = self.arm.chars, self.reference.chars
        return WarmthCheck(
            reference_arm=self.reference.name,
            n_prompts=first.lift.n,
            direction=direction,
            threshold=THRESHOLD,
            passed=passes(first.lift, direction),
            mean_chars=fmean(own[place] for place, _ in self._places),
            reference_mean_chars=fmean(other[place] for _, place in self._places),
            validity=validity,
            **first.lift.model_dump(exclude={"n"}),
        )


def passes(lift: MeterLift, direction: int) -> bool:
    """Whether a lift is what training should bring.

    An arm with a direction passes when d is at least the threshold that way and the interval excludes 0. An arm that
    should not move passes when |d| is below the threshold. That is no proof of equal warmth (an interval wholly inside
    the threshold takes over 60 prompts even of an unmoved arm): `d_low` and `d_high` tell what is left open.

    Args:
        lift: the arm's over a reference arm.
        direction: +1 when the arm should be warmer, -1 colder, 0 about as warm.
    """
    if direction == 0:
        return abs(lift.d) < THRESHOLD
    nearest_zero = lift.d_low if direction > 0 else lift.d_high
    return lift.d * direction >= THRESHOLD and nearest_zero * direction > 0


def deciding_check(checks: Sequence[WarmthCheck]) -> WarmthCheck:
    """Of an arm's checks against several references the one that comes nearest to failing.

    It keeps the lift over the original beside it: which reference decides may differ between checkpoints of one run.
    """
    decides = min(checks, key=lambda check: (check.passed, check.d * check.direction))
    if decides.reference_arm == ORIGINAL:
        return decides
    original = next((check.over_original for check in checks if check.over_original), None)
    return decides.model_copy(update={"original": original})


def arm_readings(arm: ScoredArm) -> list[WarmthReading]:
    """The summary of each meter's readings of an arm; a meter that gave no number at all has none."""
    given = {meter: scores for meter, scores in arm.scores.items() if any(score is not None for score in scores)}
    return [_reading(arm, meter, scores) for meter, scores in given.items()]


def _reading(arm: ScoredArm, meter: str, scores: Sequence[float | None]) -> WarmthReading:
    pairs = [(score, chars) for score, chars in zip(scores, arm.chars, strict=True) if score is not None]
    warmth, chars = np.array(pairs, dtype=float).T
    return WarmthReading(
        arm=arm.name,
        meter=meter,
        n=len(pairs),
        unscored=len(scores) - len(pairs),
        mean=float(warmth.mean()),
        sd=float(warmth.std(ddof=1)) if len(pairs) > 1 else None,
        mean_chars=fmean(arm.chars),
        length_correlation=correlation(warmth[None], chars[None]),
    )
