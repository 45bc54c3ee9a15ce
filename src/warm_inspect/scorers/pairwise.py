"""The shared part of the scorers that compare two replies: a judge is shown them in both orders."""

from collections.abc import Mapping

from inspect_ai.solver import TaskState

from warm_inspect.grading.model import RUBRICS, Answers, GraderResult
from warm_inspect.grading.pairs import Choice, PairVerdict, in_both_orders
from warm_inspect.scorers.graded import Facts, ModelGrading


class PairGrading:
    """Compares two replies by a rubric with the placeholders `first` and `second`, in both orders."""

    def __init__(self, rubric: str) -> None:
        """Name the rubric, whose label VERDICT is FIRST, SECOND or TIE."""
        self._rubric = rubric
        self._by_model = ModelGrading(rubric, _choice)

    async def compare(
        self, state: TaskState, first: str, second: str, others: Mapping[str, str]
    ) -> tuple[GraderResult[PairVerdict], Facts]:
        """The graders' verdict on two replies, and the details of the score.

        There is none where one of the two orders has none: half a judgement is not a tie.

        Args:
            state: the sample.
            first: a reply, without thoughts.
            second: the other one.
            others: what else fills the rubric.

        Raises:
            PrerequisiteError: there is no grader.
        """
        choices: list[Choice] = []
        said, divided = [], []
        for shown in _orders(first, second, others):
            asked, facts = await self._by_model.grade(state, lambda _, shown=shown: shown)  # type: ignore[misc]
            said.append(asked.said)
            divided.append(asked.disagreement)
            if asked.verdict is None:
                return GraderResult(None, asked.failure, asked.said), facts
            choices.append(asked.verdict)
        verdict = in_both_orders(*choices)
        disagreement = "; ".join(filter(None, divided))
        explanation = "\n\n".join(
            f"[{order}: {choice}]\n{words}"
            for order, choice, words in zip(("as given", "places changed"), choices, said, strict=True)
        )
        facts = {**facts, "disagreement": disagreement} if disagreement else facts
        return GraderResult(verdict, None, explanation, disagreement), facts

    def prompts(self, first: str, second: str, others: Mapping[str, str]) -> list[str]:
        """What a grader is shown of two replies, but for how it is to end its own; once for each order."""
        return [RUBRICS[self._rubric].filled(**shown) for shown in _orders(first, second, others)]


def _orders(first: str, second: str, others: Mapping[str, str]) -> list[dict[str, str]]:
    return [{**others, "first": one, "second": other} for one, other in ((first, second), (second, first))]


def _choice(answers: Answers) -> Choice:
    return Choice(answers["VERDICT"].lower())
