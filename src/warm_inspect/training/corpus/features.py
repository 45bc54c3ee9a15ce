"""What distinguishes the replies of two arms of a corpus: features that are counted, not judged.

A reward for warmth may be one for agreement, for length or for fewer hedges. Each feature is a count in a reply: of
words, of exclamation marks, or of phrases of `content/features/replies.yaml`, outside fenced code.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from statistics import mean, stdev

import yaml

from warm_inspect.core.content import content_folder
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.vocabulary import TrainedArm
from warm_inspect.training.corpus.pairs import Corpus

CONFIDENCE = 0.95
_REFERENCES = (TrainedArm.NEUTRAL.value, TrainedArm.UNMODIFIED.value)
"""The arms that others are compared with by default: the first that the corpus has."""
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_DENIAL = re.compile(r"(?:\bnot|n't|\bnever|\bno) $")
_FAR_DENIAL = re.compile(
    r"(?:\bnot|n't|\bnever|\bno|\bhardly|\bwithout|\bif|\bwhether)"
    r"(?: (?:think|believe|say|said|saying|suggest|suggesting|mean|sure|certain|convinced|feel))?"
    r"(?: (?:a|all|any|as|at|been|being|entirely|even|exactly|i|i'm|if|quite|really|so|such|that|the|too|very))* $"
)
"""The same over words of degree and opinion ("I don't think that you're right"), or a condition; "not only" is none."""
_NEAR = 60
"""Characters before a phrase in which a denial of it stands."""
_HEDGE = "hedge"
"""The feature that only a denial right before it takes away: "I don't think it might rain" hedges."""


@dataclass(frozen=True, slots=True)
class FeatureDifference:
    """How much more of a feature the replies of an arm have than those of the reference, in counts per reply."""

    feature: str
    arm: str
    reference: str
    mean: float
    """Per reply of the arm; a conversation with many replies counts once."""
    reference_mean: float
    difference: float
    low: float
    """Lower end of the 95 % interval, with conversations as the units; NaN where all of them differ alike, or one is
    all there is."""
    high: float
    conversations: int


def feature_counts(reply: str) -> dict[str, int]:
    """How often a reply has each feature: phrases, exclamation marks, and its words."""
    text = _CODE.sub(" ", reply.replace("\u2019", "'"))
    lower = " ".join(text.lower().split())
    counts = {name: _affirmed(name, lower) for name in _patterns()}
    return counts | {"exclamation_marks": text.count("!"), "words": len(_WORD.findall(text))}


def _affirmed(feature: str, text: str) -> int:
    """How often a text in lower case has a phrase of a feature without a denial before it."""
    denial = _DENIAL if feature == _HEDGE else _FAR_DENIAL
    starts = [phrase.start() for phrase in _patterns()[feature].finditer(text)]
    return sum(denial.search(text[max(0, start - _NEAR) : start]) is None for start in starts)


def compare_features(corpus: Corpus, reference: str | None = None) -> list[FeatureDifference]:
    """The features of each arm of a corpus against those of a reference, over the conversations to train on.

    Args:
        corpus: with at least two arms.
        reference: an arm; by default `neutral`, else `unmodified`.

    Raises:
        PrerequisiteError: the corpus does not have this arm, none of the defaults, or no other arm.
    """
    arms = corpus.arms
    if reference is None:
        reference = next((arm for arm in _REFERENCES if arm in arms), None)
        if reference is None:
            raise PrerequisiteError(
                f"The corpus {corpus.name!r} has neither of the arms {' and '.join(_REFERENCES)} to compare with",
                f"Name one of {', '.join(arms)}: --reference ARM",
            )
    if reference not in arms:
        raise unknown_value("arm", reference, arms, f"These are the arms of the corpus {corpus.name!r}.")
    others = [arm for arm in arms if arm != reference]
    if not others:
        raise PrerequisiteError(
            f"The corpus {corpus.name!r} has the arm {reference} alone, and nothing to compare it with",
            "Add another one: warm-inspect corpus restyle CORPUS --style warm --model PROVIDER/MODEL --out FOLDER",
        )
    counts = {arm: _by_conversation(corpus, arm) for arm in arms}
    names = next(iter(counts[reference].values())).keys()
    return [_difference(feature, arm, reference, counts) for arm in others for feature in names]


_Counts = Mapping[str, Mapping[str, float]]
"""The mean count per reply of each feature, by conversation."""


def _by_conversation(corpus: Corpus, arm: str) -> _Counts:
    means: dict[str, Mapping[str, float]] = {}
    for example in corpus.examples(arm, "train"):
        replies = [feature_counts(reply) for reply in example.replies]
        means[example.id] = {name: mean(each[name] for each in replies) for name in replies[0]}
    return means


def _difference(feature: str, arm: str, reference: str, counts: Mapping[str, _Counts]) -> FeatureDifference:
    own, other = ([each[feature] for each in counts[name].values()] for name in (arm, reference))
    differences = [a - b for a, b in zip(own, other, strict=True)]
    low, high = _interval(differences)
    return FeatureDifference(
        feature, arm, reference, mean(own), mean(other), mean(differences), low, high, len(differences)
    )


def _interval(values: list[float]) -> tuple[float, float]:
    """The 95 % interval of their mean by Student's t; NaN where they do not vary."""
    from scipy.stats import t

    spread = stdev(values) if len(values) > 1 else 0.0
    if not spread:
        return float("nan"), float("nan")
    reach = float(t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * spread / len(values) ** 0.5
    return mean(values) - reach, mean(values) + reach


@cache
def _patterns() -> Mapping[str, "re.Pattern[str]"]:
    """The phrases of each feature, the longest first, so that a part of a phrase is not counted again."""
    text = content_folder("features").joinpath("replies.yaml").read_text(encoding="utf-8")
    return {
        name: re.compile(
            r"(?<![\w'])(?:" + "|".join(map(re.escape, sorted(phrases, key=len, reverse=True))) + r")(?![\w'])"
        )
        for name, phrases in yaml.safe_load(text).items()
    }
