"""Shared parts of the grading scorers: how a reply ended, asking the run's graders, and the logged score."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from inspect_ai.model import ModelOutput
from inspect_ai.scorer import Score
from inspect_ai.solver import TaskState

from warm_inspect.core.endings import EMPTY_REPLY, is_cut_off, why_no_reply
from warm_inspect.core.scored import ScoreDetails
from warm_inspect.core.vocabulary import TRUNCATED, Grading
from warm_inspect.grading import without_thoughts
from warm_inspect.grading.model import RUBRICS, Answers, GraderResult, Once, Rubric, ask_grader, graders_for, panel_name

T = TypeVar("T")
Facts = dict[str, Any]


def without_reply(output: ModelOutput) -> Score | None:
    """The score of an output without a completion: unscored, with the reason. None for any other."""
    reason = why_no_reply(output)
    return Score.unscored(reason=reason, explanation=output.completion) if reason else None


class ModelGrading(Generic[T]):
    """Grades the replies of one scorer by a rubric, each different question and reply once."""

    def __init__(self, rubric: str, parse: Callable[[Answers], T], silent: T | None = None) -> None:
        """Name the rubric.

        Args:
            rubric: its name in `content/rubrics/`.
            parse: what the graders' answers stand for.
            silent: the verdict on a reply that says nothing, given without asking a grader; None asks all the same.
        """
        self._rubric, self._parse, self._silent = rubric, parse, silent
        self._once: Once[T] = Once()

    @property
    def rubric(self) -> Rubric:
        """The rubric by which the grader is asked."""
        return RUBRICS[self._rubric]

    async def grade(
        self, state: TaskState, data: Callable[[str], Mapping[str, str]], of: str | None = None
    ) -> tuple[GraderResult[T], Facts]:
        """The verdict on a sample's reply, and the details of its score.

        Args:
            state: the sample.
            data: what fills the rubric for a reply, which comes without its thoughts.
            of: an earlier reply of the sample; its last one without.

        Raises:
            PrerequisiteError: there is no grader.
        """
        graders = graders_for(state.metadata)
        name = panel_name([grader.name for grader in graders])
        reply = without_thoughts(state.output.completion if of is None else of) or ""
        if not reply and self._silent is not None:
            asked = GraderResult(self._silent, None, "the reply says nothing")
        else:
            prompt = self.rubric.filled(**data(reply))
            asked = await self._once.get(
                f"{name}\n{prompt}", lambda: ask_grader(graders, prompt, self.rubric.form, self._parse)
            )
        return asked, graded_facts(state, Grading.MODEL, name, self.rubric.sha256, asked.disagreement)


def graded(
    state: TaskState, value: Mapping[str, float], explanation: str, facts: Facts, answer: str | None = None
) -> Score:
    """The score of a graded reply: its value and whether the reply was cut off. The answer is the reply as a rule."""
    return Score(
        value={**value, TRUNCATED: float(is_cut_off(state.output))},
        answer=state.output.completion if answer is None else answer,
        explanation=explanation,
        metadata=facts,
    )


def not_graded(state: TaskState, asked: GraderResult[T], facts: Facts) -> Score:
    """The score of a reply that the graders gave no verdict on: none, with the reason."""
    return Score.unscored(
        reason=str(asked.failure), answer=state.output.completion, explanation=asked.said, metadata=facts
    )


def graded_facts(
    state: TaskState,
    grading: Grading,
    grader: str = "",
    rubric: str = "",
    disagreement: str | None = None,
    abstained: str | None = None,
) -> Facts:
    """The details of a score, as its metadata. Of a reply that holds nothing no grading gives a verdict."""
    usage = state.output.usage
    silent = not without_thoughts(state.output.completion)
    return ScoreDetails(
        reply_chars=len(state.output.completion),
        reply_tokens=usage.output_tokens if usage else -1,
        stop_reason=state.output.stop_reason,
        grading=grading.value,
        grader=grader,
        grader_prompt_sha256=rubric,
        disagreement=disagreement or None,
        abstained=EMPTY_REPLY if silent else abstained,
    ).flat()
