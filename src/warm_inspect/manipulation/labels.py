"""Replies of known warmth: meters are fitted on some of them and validated on others."""

from itertools import pairwise

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import TrainedArm
from warm_inspect.training import Corpus, load_corpus
from warm_inspect.warmth import StyleMeter

_WARMEST_FIRST = (TrainedArm.WARM.value, TrainedArm.NEUTRAL.value, TrainedArm.COLD.value)
_BUNDLED = "demo"


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
