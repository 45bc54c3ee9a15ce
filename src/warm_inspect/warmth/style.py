"""StyleMeter: how much more a reply's everyday words are those of warm than of cold writing.

It is fitted on labelled replies, costs no model call, and every weight can be read. Only words that many replies use
count, so it measures style and hardly topic. It is an average over words, so it does not grow with length.

Source: log-odds with an informative Dirichlet prior, Monroe, Colaresi and Quinn 2008, "Fightin' Words".
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_json

MIN_REPLIES = 5
"""A word of fewer training replies is left out: it tells the topic rather than the style."""

# A contraction is two words ("we", "'ll"), so that its ending counts whatever it hangs on. No punctuation and no
# digits: lists and line breaks would pass for coldness.
_WORD = re.compile(r"[a-z]+|'[a-z]+")


@dataclass(frozen=True)
class StyleMeter:
    """Mean weight of a reply's words; 0 is as much warm as other, above 0 is warmer."""

    weights: Mapping[str, float]
    """Log-ratio of a word's rate in warm to its rate in other replies, each shrunk half-way to the common rate."""

    @classmethod
    def fit(cls, warm: Sequence[str], other: Sequence[str]) -> "StyleMeter":
        """The meter of these two sets of replies, best to the same prompts, so that topics cancel.

        Args:
            warm: warm replies.
            other: replies without warmth; cold ones make the meter see both ends.

        Raises:
            PrerequisiteError: the replies are too few for any word to occur in `MIN_REPLIES` of them.
        """
        warm_counts, other_counts = _counts(warm), _counts(other)
        warm_total, other_total = warm_counts.total(), other_counts.total()
        replies_with = Counter(word for text in (*warm, *other) for word in set(_words(text)))
        weights: dict[str, float] = {}
        for word in sorted(word for word, replies in replies_with.items() if replies >= MIN_REPLIES):
            common_rate = (warm_counts[word] + other_counts[word]) / (warm_total + other_total)
            warm_rate = warm_counts[word] / max(1, warm_total) + common_rate
            other_rate = other_counts[word] / max(1, other_total) + common_rate
            weights[word] = round(math.log(warm_rate / other_rate), 6)
        if not weights:
            raise PrerequisiteError(
                f"{len(warm)} warm and {len(other)} other replies are too few to fit the style meter: no word occurs "
                f"in {MIN_REPLIES} of them. Give it a larger corpus."
            )
        return cls(weights)

    @cached_property
    def version(self) -> str:
        """The first twelve digits of the weights' hash."""
        return sha256_json(dict(self.weights))[:12]

    @property
    def label(self) -> str:
        """Name and version."""
        return f"style@{self.version}"

    def score(self, texts: Sequence[str]) -> list[float]:
        """The mean weight over each text's known words, in log-ratio per word; 0 when it has none."""
        return [_mean(self.weights[word] for word in _words(text) if word in self.weights) for text in texts]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


def _counts(texts: Sequence[str]) -> Counter[str]:
    return Counter(word for text in texts for word in _words(text))


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known) if known else 0.0
