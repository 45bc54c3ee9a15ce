"""Whether a warmth meter can be trusted: how well it tells labelled replies apart that it was not fitted on."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from warm_inspect.warmth.meter import WarmthMeter

MATCHED_LENGTHS = 0.05
"""Two replies to a prompt are length-matched when they differ by at most this share of the longer one."""
MIN_MATCHED = 10
"""With fewer length-matched pairs the interval means nothing; ten that are all ordered rightly do exclude a coin."""
CHANCE = 0.5
"""The AUC of a coin."""
_RESAMPLES = 2_000

_Array = npt.NDArray[np.float64]


class MeterValidation(BaseModel):
    """How well a meter orders labelled pairs of replies; .5 is a coin."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    meter: str
    """Name and version of the meter."""
    auc: float
    """Chance that a warmer-labelled reply scores above a colder-labelled one, to any prompt; ties count half."""
    auc_low: float
    auc_high: float
    """The 95 % interval of `auc`, resampled over prompts; it has no width when every pair is ordered the same way."""
    auc_length_matched: float | None
    """`auc` among prompts whose two replies are equally long within 5 %; None without such a prompt."""
    auc_length_matched_low: float | None
    auc_length_matched_high: float | None
    """Its 95 % interval."""
    n: int
    """Prompts, each with one warmer and one colder reply."""
    n_matched: int
    unscored: int
    """Prompts left out because the meter gave no number for one of their replies."""
    length_correlation: float | None
    """Pearson correlation of score and characters within a label; None when either does not vary."""

    @property
    def beats_chance(self) -> bool:
        """Whether the meter orders equally long replies better than a coin, beyond doubt."""
        low = self.auc_length_matched_low
        return self.n_matched >= MIN_MATCHED and low is not None and low > CHANCE


def validate(meter: WarmthMeter, pairs: Sequence[tuple[str, str]], seed: int = 0) -> MeterValidation:
    """The meter's validity on labelled pairs: the warmer and the colder reply to each prompt.

    The pairs must not have been used to fit the meter.

    Raises:
        ValueError: there are no pairs, or the meter gives a number for none of them.
    """
    read = [
        (warmer, colder)
        for warmer, colder in zip(*(meter.score([pair[side] for pair in pairs]) for side in (0, 1)), strict=True)
    ]
    kept = [at for at, scores in enumerate(read) if None not in scores]
    if not kept:
        raise ValueError("A meter is validated on at least one labelled pair that it gives numbers for.")
    warmer, colder = np.array([read[at] for at in kept], dtype=float).T
    lengths = np.array([[len(text) for text in pairs[at]] for at in kept], dtype=float)
    matched = np.abs(lengths[:, 0] - lengths[:, 1]) <= MATCHED_LENGTHS * lengths.max(axis=1)
    wins = _wins(warmer, colder)
    low, high = _interval(wins, seed)
    equal = wins[np.ix_(matched, matched)]
    matched_low, matched_high = _interval(equal, seed) if matched.any() else (None, None)
    return MeterValidation(
        meter=meter.label,
        auc=float(wins.mean()),
        auc_low=low,
        auc_high=high,
        auc_length_matched=float(equal.mean()) if matched.any() else None,
        auc_length_matched_low=matched_low,
        auc_length_matched_high=matched_high,
        n=len(kept),
        n_matched=int(matched.sum()),
        unscored=len(pairs) - len(kept),
        length_correlation=correlation(np.stack([warmer, colder]), lengths.T),
    )


def correlation(scores: _Array, lengths: _Array) -> float | None:
    """Pearson's correlation after each group's mean is taken off; both are (groups, replies). None without spread."""
    centred = [(values - values.mean(axis=1, keepdims=True)).ravel() for values in (scores, lengths)]
    scale = float(np.linalg.norm(centred[0]) * np.linalg.norm(centred[1]))
    return float(centred[0] @ centred[1]) / scale if scale > 0 else None


def _wins(warmer: _Array, colder: _Array) -> _Array:
    """1 where a warmer reply outscores a colder one, .5 where they tie: (warmer, colder)."""
    difference = warmer[:, None] - colder[None, :]
    return np.asarray((np.sign(difference) + 1) / 2)


def _interval(wins: _Array, seed: int) -> tuple[float, float]:
    """The 95 % interval of the mean win, prompts resampled with both of their replies."""
    n = len(wins)
    draws = np.random.default_rng(seed).integers(n, size=(_RESAMPLES, n))
    low, high = np.quantile([wins[np.ix_(draw, draw)].mean() for draw in draws], [0.025, 0.975])
    return float(low), float(high)
