"""Cohen's d between two arms' readings of replies to the same prompts, with its interval resampled over prompts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from warm_inspect.core.errors import PrerequisiteError

MIN_PROMPTS = 10
"""With fewer prompts the resampled interval means nothing."""
_RESAMPLES = 4_000
_TAIL = _RESAMPLES // 40
# A spread below this is rounding.
_NO_SPREAD = 1e-9

_Array = npt.NDArray[np.float64]


class MeterLift(BaseModel):
    """How far one meter's readings lie from the reference arm's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    meter: str
    n: int
    """Prompts to which both arms' replies have a number."""
    lift: float
    """Mean of the arm minus the reference, in the meter's unit."""
    d: float
    """Cohen's d: the lift over the pooled standard deviation of replies."""
    d_low: float
    d_high: float
    """The 95 % interval of `d`, resampled over prompts."""


def meter_lift(
    meter: str,
    scores: Sequence[float | None],
    reference: Sequence[float | None],
    clusters: Sequence[str] = (),
    seed: int = 0,
) -> MeterLift:
    """The lift of an arm's scores over a reference arm's on the same prompts; prompts without both are left out.

    Args:
        meter: label of the meter.
        scores: the arm's, one per prompt.
        reference: the reference arm's, in the same order.
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
    d = float(_cohens_d(pairs, codes, np.ones((1, len(places))))[0])
    # Sorting and not np.quantile, whose interpolation trips over the infinite d of a resample without spread.
    resampled = np.sort(_cohens_d(pairs, codes, _resampled(len(places), seed)))
    low, high = float(resampled[_TAIL]), float(resampled[-_TAIL - 1])
    if not np.isfinite([d, low, high]).all():
        raise PrerequisiteError(
            f"The meter {meter} reads (almost) the same number from every reply of an arm, so its lift cannot be "
            "standardised. Look at the generated replies: they are probably empty or all alike."
        )
    lift = float(pairs[0].mean() - pairs[1].mean())
    return MeterLift(meter=meter, n=pairs.shape[1], lift=lift, d=d, d_low=low, d_high=high)


def _resampled(n: int, seed: int) -> npt.NDArray[np.intp]:
    """How often each of n things is drawn when n are drawn with replacement, (resamples, n)."""
    draws = np.random.default_rng(seed).integers(n, size=(_RESAMPLES, n))
    offsets = n * np.arange(_RESAMPLES)[:, None]
    return np.bincount((draws + offsets).ravel(), minlength=n * _RESAMPLES).reshape(_RESAMPLES, n)


def _cohens_d(pairs: _Array, codes: npt.NDArray[np.intp], times: npt.NDArray[Any]) -> _Array:
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
