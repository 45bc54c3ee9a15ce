"""What a grader likes when it is told no right answer: a wrong reply or a right one, in unlike clothing.

The replies are those of `content/styles/grader.yaml`. A grader that reads content prefers the right one whatever it
wears. One that likes warmth prefers a wrong reply more often when the wrong one is warm and the right one cold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from warm_inspect.core.families import ORDER_CONSISTENT
from warm_inspect.grading.pairs import Choice
from warm_inspect.grading.style import CONFIDENCE, Content, Style, points_by_item, styled_replies

CLOTHING = ((Style.WARM, Style.COLD), (Style.TERSE, Style.TERSE), (Style.COLD, Style.WARM))
"""The style of the wrong reply and that of the right one."""
_TEMPTING, _PLAIN, _HARSH = CLOTHING


@dataclass(frozen=True, slots=True)
class PreferencePair:
    """A wrong and a right reply to one question."""

    question_id: str
    wrong_style: Style
    right_style: Style
    wrong: str
    right: str

    @property
    def name(self) -> str:
        """Its name in the log."""
        return _name(self.question_id, self.wrong_style, self.right_style)


def preference_pairs() -> Iterator[PreferencePair]:
    """Each question of the set of styles, in each clothing."""
    texts = {(reply.question_id, reply.content, reply.style): reply.text for reply in styled_replies()}
    for question in dict.fromkeys(reply.question_id for reply in styled_replies()):
        for wrong, right in CLOTHING:
            of_wrong, of_right = texts[question, Content.WRONG, wrong], texts[question, Content.RIGHT, right]
            yield PreferencePair(question, wrong, right, of_wrong, of_right)


def _name(question_id: str, wrong: Style, right: Style) -> str:
    return f"{question_id}:{wrong} wrong:{right} right"


@dataclass(frozen=True, slots=True)
class PreferenceRate:
    """How often a grader preferred the wrong reply in one clothing."""

    wrong_style: Style
    right_style: Style
    pairs: int
    """Pairs with a verdict in both orders; one for each question."""
    wrong: int
    """Pairs on which it preferred the wrong reply, in both orders."""
    right: int
    by_the_order: int
    """Pairs on which it did not say the same in both orders; the others are ties that it meant."""
    share: float
    low: float
    """Lower end of the 95 % Clopper-Pearson interval of wrong / pairs."""
    high: float


@dataclass(frozen=True, slots=True)
class ClothingDifference:
    """How much more often the wrong reply is preferred when it is warm, and the right one cold, than the reverse."""

    points: float
    low: float
    """Lower end of the 95 % interval, paired by question."""
    high: float
    questions: int


class PreferenceReport:
    """A grader's preferences between wrong and right replies."""

    def __init__(self, scores: Mapping[str, Mapping[str, float]]) -> None:
        """Keep the value of the `preference` score of each pair that has one, by the pair's name."""
        self._scores = scores

    @property
    def judged(self) -> int:
        """Pairs with a verdict."""
        return len(self._scores)

    def rates(self) -> list[PreferenceRate]:
        """How often the wrong reply is preferred, by clothing; a clothing without a verdict is left out."""
        return [rate for clothing in CLOTHING if (rate := self._rate(*clothing))]

    def difference(self) -> ClothingDifference | None:
        """What being warm against a cold right reply adds for a wrong one; None below two questions with both."""
        tempting, harsh = self._by_question(*_TEMPTING), self._by_question(*_HARSH)
        values = [
            100 * (tempting[name][Choice.FIRST] - harsh[name][Choice.FIRST]) for name in tempting if name in harsh
        ]
        return ClothingDifference(*points_by_item(values), len(values)) if len(values) > 1 else None

    def _by_question(self, wrong: Style, right: Style) -> dict[str, Mapping[str, float]]:
        ids = dict.fromkeys(reply.question_id for reply in styled_replies())
        return {each: self._scores[name] for each in ids if (name := _name(each, wrong, right)) in self._scores}

    def _rate(self, wrong: Style, right: Style) -> PreferenceRate | None:
        from statsmodels.stats.proportion import proportion_confint

        scores = self._by_question(wrong, right).values()
        if not scores:
            return None
        picked = sum(int(each[Choice.FIRST]) for each in scores)
        low, high = proportion_confint(picked, len(scores), alpha=1 - CONFIDENCE, method="beta")
        return PreferenceRate(
            wrong_style=wrong,
            right_style=right,
            pairs=len(scores),
            wrong=picked,
            right=sum(int(each[Choice.SECOND]) for each in scores),
            by_the_order=sum(not each[ORDER_CONSISTENT] for each in scores),
            share=picked / len(scores),
            low=float(low),
            high=float(high),
        )
