"""Replies of known warmth, on some of which meters are fitted, and the validity of a meter on the others.

A meter's numbers mean different things under different scoring models, and a mean per token drifts with reply length:
SocioT under a small model scores terse replies warmest. So each meter is tried on pairs of replies of known warmth, one
contrast at a time. One that orders equally long replies of some contrast no better than chance cannot decide the
manipulation check.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import MeterValidity
from warm_inspect.core.vocabulary import TrainedArm
from warm_inspect.training import Corpus, load_corpus
from warm_inspect.warmth import StyleMeter, WarmthMeter

MATCHED_LENGTHS = 0.05
"""Two replies to a prompt are length-matched when they differ by at most this share of the longer one."""
MIN_MATCHED = 10
"""With fewer length-matched pairs the interval means nothing; ten that are all ordered correctly do exclude chance."""
CHANCE = 0.5
"""The AUC of a coin."""
_RESAMPLES = 2_000

_Array = npt.NDArray[np.float64]
_WARMEST_FIRST = (TrainedArm.WARM.value, TrainedArm.NEUTRAL.value, TrainedArm.COLD.value)
"""The arms whose replies are of known warmth."""
_BUNDLED = "demo"
"""The corpus that lends its labelled replies to corpora without any."""


class MeterValidation(BaseModel):
    """How well a meter orders the labelled pairs of one contrast; an AUC of .5 is chance."""

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
        """Whether the interval on equally long replies lies above .5, with enough pairs for it to mean something."""
        low = self.auc_length_matched_low
        return self.n_matched >= MIN_MATCHED and low is not None and low > CHANCE


class Calibration(BaseModel):
    """A meter's validity on every contrast of a labelled corpus."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    meter: str
    """Name and version of the meter."""
    corpus: str
    """Name of the corpus that the labelled replies come from."""
    contrasts: dict[str, MeterValidation]
    """By name, for example `warm against neutral`."""

    @property
    def why_undecided(self) -> str:
        """Why the meter cannot decide a check; empty when it can."""
        failed = [
            f"{name}: {_matched_auc(validation)}"
            for name, validation in self.contrasts.items()
            if not validation.beats_chance
        ]
        if not failed:
            return ""
        return (
            f"The meter {self.meter} failed validation and cannot decide the check: on labelled replies of equal "
            f"length from {self.corpus} it orders {'; '.join(failed)}. It takes {MIN_MATCHED} pairs and an interval "
            "above .5. Decide with another meter or scoring model, or validate this one on a labelled corpus of your "
            "own: --corpus FILE."
        )

    def validity(self) -> MeterValidity:
        """The contrast that the meter orders worst, as a manifest states it.

        Raises:
            PrerequisiteError: the meter cannot decide a check.
        """
        if self.why_undecided:
            raise PrerequisiteError(self.why_undecided)
        name, worst = min(self.contrasts.items(), key=lambda entry: entry[1].auc_length_matched_low or 0.0)
        return MeterValidity(
            pairs=f"{self.corpus}: {name}",
            n=worst.n_matched,
            auc=worst.auc_length_matched or 0.0,
            auc_low=worst.auc_length_matched_low or 0.0,
            auc_high=worst.auc_length_matched_high or 0.0,
        )


def labelled_corpus(corpus: Corpus) -> Corpus:
    """The corpus whose replies fit and validate the meters: this one if it holds out labelled replies, else `demo`.

    A corpus that was restyled for training has held-out prompts, but no held-out replies to validate a meter on.
    """
    return corpus if _levels(corpus) else load_corpus(_BUNDLED)


def style_meter(corpus: Corpus) -> StyleMeter:
    """The style meter of a corpus, fitted on its warm training replies and its coldest ones.

    Raises:
        PrerequisiteError: the corpus lacks the arms, or is too small.
    """
    levels = _require_levels(corpus)
    warm, other = ([example.reply for example in corpus.examples(arm, "train")] for arm in (levels[0], levels[-1]))
    return StyleMeter.fit(warm, other)


def labelled_contrasts(corpus: Corpus) -> dict[str, list[tuple[str, str]]]:
    """The warmer and the colder held-out reply to each prompt, for each step from warm over neutral to cold.

    Raises:
        PrerequisiteError: the corpus lacks the arms.
    """
    levels = _require_levels(corpus)
    held_out = {arm: [example.reply for example in corpus.examples(arm, "held_out")] for arm in levels}
    return {
        f"{warmer} against {colder}": list(zip(held_out[warmer], held_out[colder], strict=True))
        for warmer, colder in pairwise(levels)
    }


def require_decidable(corpus: Corpus) -> None:
    """Refuse labels on which no meter could be validated, whatever it reads.

    Raises:
        PrerequisiteError: a contrast has fewer than `MIN_MATCHED` pairs of replies of equal length.
    """
    for name, pairs in labelled_contrasts(corpus).items():
        n = int(_matched(np.array([[len(text) for text in pair] for pair in pairs], dtype=float)).sum())
        if n < MIN_MATCHED:
            raise PrerequisiteError(
                f"The labelled replies of the corpus {corpus.name!r} let no meter decide: {name} has "
                f"{n} held-out pairs of equal length, and it takes {MIN_MATCHED}. Give a corpus with more of them "
                "(--corpus demo has enough), or write replies that differ by at most "
                f"{MATCHED_LENGTHS:.0%} in length."
            )


def _matched(lengths: _Array) -> npt.NDArray[np.bool_]:
    """Which pairs are equally long. lengths: (pairs, 2), in characters."""
    return np.asarray(np.abs(lengths[:, 0] - lengths[:, 1]) <= MATCHED_LENGTHS * lengths.max(axis=1))


def _levels(corpus: Corpus) -> list[str]:
    """The arms with replies in both splits, the warmest first; none unless they are warm and something colder."""
    levels = [arm for arm in _WARMEST_FIRST if arm in corpus.arms and arm in corpus.arms_of("held_out")]
    return levels if len(levels) > 1 and levels[0] == _WARMEST_FIRST[0] else []


def _require_levels(corpus: Corpus) -> list[str]:
    levels = _levels(corpus)
    if not levels:
        raise PrerequisiteError(
            f"The corpus {corpus.name!r} has the arms {', '.join(corpus.arms)} to train on and "
            f"{', '.join(corpus.arms_of('held_out')) or 'none'} held out. Meters are fitted and validated on replies "
            "whose warmth is known: give one with warm and neutral or cold replies in both splits (demo has all three)."
        )
    return levels


def calibrate(meter: WarmthMeter, corpus: str, contrasts: Mapping[str, Sequence[tuple[str, str]]]) -> Calibration:
    """The meter's validity on labelled pairs that it was not fitted on.

    Args:
        meter: the meter; a grader model is called for every reply.
        corpus: name of the labelled replies.
        contrasts: the warmer and the colder reply to each prompt, by contrast.

    Raises:
        PrerequisiteError: there are no labelled pairs, or the meter gives numbers for none of them.
    """
    if not all(contrasts.values()) or not contrasts:
        raise PrerequisiteError(
            f"{corpus} has no labelled pairs to validate {meter.label} on: it takes held-out rows with replies of at "
            "least two of the arms warm, neutral and cold."
        )
    try:
        validations = {name: validate(meter, pairs) for name, pairs in contrasts.items()}
    except ValueError as error:
        raise PrerequisiteError(f"{meter.label} cannot be validated on {corpus}: {error}") from None
    return Calibration(meter=meter.label, corpus=corpus, contrasts=validations)


def validate(meter: WarmthMeter, pairs: Sequence[tuple[str, str]], seed: int = 0) -> MeterValidation:
    """The meter's validity on labelled pairs: the warmer and the colder reply to each prompt.

    Raises:
        ValueError: there are no pairs, or the meter gives a number for none of them.
    """
    scored = list(zip(*(meter.score([pair[side] for pair in pairs]) for side in (0, 1)), strict=True))
    kept = [place for place, scores in enumerate(scored) if None not in scores]
    if not kept:
        raise ValueError("A meter is validated on at least one labelled pair that it gives numbers for.")
    warmer, colder = np.array([scored[place] for place in kept], dtype=float).T
    lengths = np.array([[len(text) for text in pairs[place]] for place in kept], dtype=float)
    matched = _matched(lengths)
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
    """Pearson's correlation within groups, each centred on its own mean; None without spread.

    Args:
        scores: (groups, replies).
        lengths: (groups, replies), in characters.
    """
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


def _matched_auc(validation: MeterValidation) -> str:
    if validation.auc_length_matched is None:
        return "no pair at all"
    return (
        f"{validation.n_matched} pairs with an AUC of {validation.auc_length_matched:.2f} "
        f"({validation.auc_length_matched_low:.2f} to {validation.auc_length_matched_high:.2f})"
    )
