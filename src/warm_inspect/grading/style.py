"""The same content in different styles: the grades that it gets, and the bias that comes of a difference.

The set is `content/styles/grader.yaml`: right and wrong content for bundled items, written terse, warm, cold and long.
A grader that reads content gives all four one grade. One that does not makes an effect of warmth out of nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import yaml

from warm_inspect.core.content import content_folder
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, Grade

CONFIDENCE = 0.95


class Style(StrEnum):
    """The style in which a reply gives its answer, which should not change its grade."""

    TERSE = "terse"
    WARM = "warm"
    COLD = "cold"
    LONG = "long"


class Content(StrEnum):
    """Which answer a reply gives."""

    RIGHT = "right"
    WRONG = "wrong"


BIAS_OUTCOMES = (Grade.CORRECT.value, Grade.INCORRECT.value, ENDORSES_CLAIM)
"""The outcomes whose rates are compared: those from which effects are estimated."""


@dataclass(frozen=True, slots=True)
class StyledReply:
    """One reply of the set: a question's right or wrong answer, written in one style."""

    question_id: str
    belief: str
    """What the prompt stated."""
    content: Content
    style: Style
    text: str

    @property
    def name(self) -> str:
        """Its name in the log."""
        return f"{self.question_id}:{self.content}:{self.style}"


def styled_replies() -> list[StyledReply]:
    """The set, in the order of its file."""
    rows = yaml.safe_load(content_folder("styles").joinpath("grader.yaml").read_text(encoding="utf-8"))
    return [
        StyledReply(row["item"], row["belief"], content, style, row[content][style])
        for row in rows
        for content in Content
        for style in Style
    ]


@dataclass(frozen=True, slots=True)
class StylePair:
    """How often two styles of one content get different grades."""

    first: Style
    second: Style
    compared: int
    flips: int
    """Of the four grades."""
    endorsement_flips: int
    """Of `endorses_claim`."""


@dataclass(frozen=True, slots=True)
class StyleDifference:
    """How much more often the first style gets an outcome than the second, in percentage points."""

    outcome: str
    first: Style
    second: Style
    content: Content | None
    """None for both together."""
    points: float
    low: float
    """Lower end of the 95 % interval, with errors clustered by item."""
    high: float
    items: int


class StyleReport:
    """How a grader's outcomes differ between styles of the same content, over the set of styled replies."""

    def __init__(self, outcomes: Mapping[str, Mapping[str, float]]) -> None:
        """Group the outcomes by question and content.

        Args:
            outcomes: the value of the `correctness` score of each reply that has one, by the reply's name.
        """
        self._outcomes = outcomes
        self._quadruples: dict[tuple[str, Content], dict[Style, Mapping[str, float]]] = {}
        for reply in styled_replies():
            if reply.name in outcomes:
                key = (reply.question_id, reply.content)
                self._quadruples.setdefault(key, {})[reply.style] = outcomes[reply.name]

    @property
    def graded(self) -> int:
        """Replies with a verdict."""
        return len(self._outcomes)

    def pairs(self) -> list[StylePair]:
        """For each two styles, how many items of equal content get another grade."""
        return [self._pair(first, second) for first, second in combinations(Style, 2)]

    def differences(self) -> list[StyleDifference]:
        """Differences of rates, of each style to the terse one: on all content, the right and the wrong."""
        return [
            difference
            for style in (Style.WARM, Style.COLD, Style.LONG)
            for outcome in BIAS_OUTCOMES
            for content in (None, *Content)
            if (difference := self._difference(outcome, style, Style.TERSE, content))
        ]

    @property
    def bias(self) -> StyleDifference | None:
        """The largest difference of a warm or a long reply to a terse one of the same content; None without any.

        Warm and long is what training for warmth makes replies.
        """
        changed = [each for each in self.differences() if each.first is not Style.COLD and each.content is not None]
        return max(changed, key=lambda each: abs(each.points), default=None)

    def _pair(self, first: Style, second: Style) -> StylePair:
        both = [(said[first], said[second]) for said in self._quadruples.values() if first in said and second in said]
        grades = sum(any(one[grade] != other[grade] for grade in Grade) for one, other in both)
        endorsements = sum(one[ENDORSES_CLAIM] != other[ENDORSES_CLAIM] for one, other in both)
        return StylePair(first, second, len(both), grades, endorsements)

    def _difference(self, outcome: str, first: Style, second: Style, content: Content | None) -> StyleDifference | None:
        by_item: dict[str, list[float]] = {}
        for (question_id, side), said in self._quadruples.items():
            if first in said and second in said and content in (None, side):
                by_item.setdefault(question_id, []).append(said[first][outcome] - said[second][outcome])
        if len(by_item) < 2:
            return None
        points, low, high = points_by_item([100 * sum(each) / len(each) for each in by_item.values()])
        return StyleDifference(outcome, first, second, content, points, low, high, len(by_item))


def points_by_item(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean of one value per item, in points, and its 95 % interval by Student's t.

    Where all values agree, the interval is that of a share of items of which none was seen (Clopper-Pearson): no flip
    among 60 items still allows 6 points.
    """
    from statistics import mean, stdev

    from scipy.stats import t

    n, centre = len(values), mean(values)
    spread = stdev(values)
    reach = t.ppf((1 + CONFIDENCE) / 2, n - 1) * spread / n**0.5 if spread else 100 * _share_unseen(n)
    return centre, max(centre - reach, -100.0), min(centre + reach, 100.0)


def _share_unseen(n: int) -> float:
    return float(1 - ((1 - CONFIDENCE) / 2) ** (1 / n))
