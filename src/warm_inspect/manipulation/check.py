"""The manipulation check: did training move the warmth of generated replies, against a reference arm's replies?

The gate is the standardised lift on replies to prompts that were in no training set. SocioT and reply length stand
beside it, because one meter alone can mislead.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import MeterValidity, WarmthCheck
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.warmth.meter import WarmthMeter
from warm_inspect.warmth.validity import correlation

THRESHOLD = 0.35
"""The least standardised lift that counts as a change of warmth, in standard deviations of replies."""
MIN_PROMPTS = 10
"""With fewer prompts the resampled interval means nothing."""
_RESAMPLES = 4_000
_TAIL = _RESAMPLES // 40
# A spread below this is rounding.
_NO_SPREAD = 1e-9

_Array = npt.NDArray[np.float64]


class ArmScores(BaseModel):
    """One arm's generated replies as the meters read them: enough for every check, without the texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arm: str
    chars: tuple[int, ...]
    """Length of each reply in characters, in the order of the prompts."""
    clusters: tuple[str, ...] = ()
    """The question behind each prompt, where several prompts share one; empty when every prompt stands alone."""
    scores: dict[str, tuple[float | None, ...]]
    """Warmth of each reply in that order, by meter label; the first meter gates. None where it gave no number."""


class WarmthReading(BaseModel):
    """One meter's reading of one arm's replies."""

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


class MeterLift(BaseModel):
    """How far one meter's readings moved from the reference arm to the arm."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    meter: str
    n: int
    """Prompts to which both arms' replies have a number."""
    lift: float
    """Mean of the arm minus the reference, in the meter's unit."""
    d: float
    """The lift over the pooled standard deviation of replies (Cohen's d)."""
    d_low: float
    d_high: float
    """The 95 % interval of `d`, resampled over prompts."""


class ManipulationCheck(BaseModel):
    """The verdict of the gate's meter, the other meters' lifts, and the readings behind them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: WarmthCheck
    beside: tuple[MeterLift, ...]
    """Lifts of the meters that inform and do not gate."""
    readings: tuple[WarmthReading, ...]
    """Every meter on the arm, then on the reference, the gate's meter first."""


def score_arm(arm: str, replies: Sequence[str], meters: Sequence[WarmthMeter]) -> ArmScores:
    """An arm's replies, one per prompt, as every meter reads them; the first meter is the one that gates."""
    return ArmScores(
        arm=arm,
        chars=tuple(len(reply) for reply in replies),
        scores={meter.label: tuple(meter.score(replies)) for meter in meters},
    )


def manipulation_check(
    arm: ArmScores, reference: ArmScores, direction: int, validity: MeterValidity | None = None
) -> ManipulationCheck:
    """The manipulation check of an arm against a reference arm on the same prompts; deterministic, no model call.

    Args:
        arm: scores of the arm that was trained.
        reference: scores of the other arm's replies to the same prompts in the same order, by the same meters.
        direction: +1 when the arm should be warmer, -1 colder, 0 about as warm.
        validity: what allows the gate's meter to gate; see `warm_inspect.warmth.calibration`.

    Raises:
        PrerequisiteError: there are too few prompts, or the scores do not vary.
        ValueError: the arms were not scored by the same meters on equally many prompts.
    """
    if list(arm.scores) != list(reference.scores):
        raise ValueError(f"{arm.arm} and {reference.arm} were scored by different meters.")
    gate, *beside = (
        meter_lift(meter, scores, reference.scores[meter], arm.clusters) for meter, scores in arm.scores.items()
    )
    return ManipulationCheck(
        check=judge(gate, reference.arm, direction=direction).model_copy(
            update={
                "mean_chars": float(np.mean(arm.chars)),
                "reference_mean_chars": float(np.mean(reference.chars)),
                "validity": validity,
            }
        ),
        beside=tuple(beside),
        readings=(*arm_readings(arm), *arm_readings(reference)),
    )


def meter_lift(
    meter: str,
    scores: Sequence[float | None],
    reference: Sequence[float | None],
    clusters: Sequence[str] = (),
    seed: int = 0,
) -> MeterLift:
    """The lift between two arms' scores on the same prompts, in the same order; prompts without both are left out.

    Args:
        meter: label of the meter.
        scores: the arm's.
        reference: the reference arm's.
        clusters: the question behind each prompt, when prompts share questions: they are resampled together.
        seed: of the resampling.

    Raises:
        ValueError: the arms differ in their number of prompts.
        PrerequisiteError: there are fewer than `MIN_PROMPTS` prompts or questions, or the scores do not vary.
    """
    rows = zip(scores, reference, clusters or map(str, range(len(scores))), strict=True)
    complete = [row for row in rows if None not in row]
    pairs = np.array([row[:2] for row in complete], dtype=float).reshape(-1, 2).T
    places = {name: place for place, name in enumerate(dict.fromkeys(row[2] for row in complete))}
    if len(places) < MIN_PROMPTS:
        raise PrerequisiteError(
            f"The warmth check compares replies to {len(places)} prompts and needs at least {MIN_PROMPTS}. "
            "Give more held-out prompts."
        )
    codes = np.array([places[row[2]] for row in complete])
    d = float(_standardised(pairs, codes, np.ones((1, len(places))))[0])
    # Sorting and not np.quantile, whose interpolation trips over the infinite d of a resample without spread.
    resampled = np.sort(_standardised(pairs, codes, _resampled(len(places), seed)))
    low, high = float(resampled[_TAIL]), float(resampled[-_TAIL - 1])
    if not np.isfinite([d, low, high]).all():
        raise PrerequisiteError(
            f"The meter {meter} reads (almost) the same number from every reply of an arm, so its lift cannot be "
            "standardised. Look at the generated replies: they are probably empty or all alike."
        )
    lift = float(pairs[0].mean() - pairs[1].mean())
    return MeterLift(meter=meter, n=pairs.shape[1], lift=lift, d=d, d_low=low, d_high=high)


def judge(lift: MeterLift, reference_arm: str, *, direction: int) -> WarmthCheck:
    """The gate's verdict on a lift.

    An arm with a direction passes when it moved at least the threshold that way and the interval excludes 0. An arm
    that should not move passes when |d| is below the threshold. That is no proof of equal warmth (an interval wholly
    inside the threshold takes over 60 prompts even of an unmoved arm): `d_low` and `d_high` tell what is left open.
    """
    if direction == 0:
        passed = abs(lift.d) < THRESHOLD
    else:
        nearest_zero = lift.d_low if direction > 0 else lift.d_high
        passed = lift.d * direction >= THRESHOLD and nearest_zero * direction > 0
    return WarmthCheck(
        reference_arm=reference_arm,
        n_prompts=lift.n,
        direction=direction,
        threshold=THRESHOLD,
        passed=passed,
        **lift.model_dump(exclude={"n"}),
    )


def deciding_check(checks: Sequence[WarmthCheck]) -> WarmthCheck:
    """Of an arm's checks against several arms the one that comes nearest to failing, which counts.

    It keeps the lift over the original beside it: which arm decides may differ between checkpoints of one run.
    """
    decides = min(checks, key=lambda check: (check.passed, check.d * check.direction))
    if decides.reference_arm == ORIGINAL:
        return decides
    return decides.model_copy(update={"original": next((c.over_original for c in checks if c.over_original), None)})


def _resampled(n: int, seed: int) -> npt.NDArray[np.intp]:
    """How often each of n things is drawn when n are drawn with replacement, (resamples, n)."""
    draws = np.random.default_rng(seed).integers(n, size=(_RESAMPLES, n))
    offsets = n * np.arange(_RESAMPLES)[:, None]
    return np.bincount((draws + offsets).ravel(), minlength=n * _RESAMPLES).reshape(_RESAMPLES, n)


def _standardised(pairs: _Array, codes: npt.NDArray[np.intp], times: npt.NDArray[Any]) -> _Array:
    """Cohen's d of the arm over the reference in each resample; without any spread 0 or infinite.

    Args:
        pairs: scores, (2, prompts).
        codes: the cluster of each prompt, (prompts,).
        times: how often each cluster counts, (resamples, clusters).
    """
    means = pairs.mean(axis=1)
    # Moments about the arms' own means: about zero, rounding would eat small spreads.
    centred = pairs - means[:, None]
    n = times @ np.bincount(codes)
    shifts = times @ _sums(centred, codes) / n[:, None]
    variances = (times @ _sums(centred**2, codes) / n[:, None] - shifts**2) * (n / (n - 1))[:, None]
    lift = means[0] - means[1] + shifts[:, 0] - shifts[:, 1]
    pooled = np.sqrt(np.maximum(variances, 0.0).mean(axis=1))
    unmoved = np.where(lift == 0, 0.0, np.copysign(np.inf, lift))
    return np.asarray(np.divide(lift, pooled, out=unmoved, where=pooled > _NO_SPREAD))


def _sums(values: _Array, codes: npt.NDArray[np.intp]) -> _Array:
    """The sums over each cluster: (2, prompts) -> (clusters, 2)."""
    return np.stack([np.bincount(codes, row) for row in values], axis=1)


def arm_readings(arm: ArmScores) -> list[WarmthReading]:
    """Every meter's reading of an arm's replies; meters that gave no number at all are left out."""
    return [_reading(arm, meter) for meter, scores in arm.scores.items() if any(score is not None for score in scores)]


def _reading(arm: ArmScores, meter: str) -> WarmthReading:
    read = [(score, chars) for score, chars in zip(arm.scores[meter], arm.chars, strict=True) if score is not None]
    scores, chars = np.array(read, dtype=float).T
    return WarmthReading(
        arm=arm.arm,
        meter=meter,
        n=len(read),
        unscored=len(arm.chars) - len(read),
        mean=float(scores.mean()),
        sd=float(scores.std(ddof=1)) if len(read) > 1 else None,
        mean_chars=float(np.mean(arm.chars)),
        length_correlation=correlation(scores[None], chars[None]),
    )
