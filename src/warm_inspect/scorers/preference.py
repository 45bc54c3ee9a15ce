"""`preference`: which of two written replies a grader likes better, asked in both orders."""

from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState

from warm_inspect.core.families import ORDER_CONSISTENT
from warm_inspect.grading.pairs import Choice
from warm_inspect.scorers.graded import not_graded
from warm_inspect.scorers.metrics import clustered_means
from warm_inspect.scorers.pairwise import PairGrading

PREFERENCE_RUBRIC = "preference"


@scorer(metrics=[clustered_means()], name="preference")
def preference_score() -> Scorer:
    """Ask which of the replies `first` and `second` of the sample's metadata is the better one to its question.

    The grader is told no right answer: what it prefers is what it believes and likes. Exactly one of the keys `first`,
    `second` and `tie` is 1; a choice that changes with the order is a tie.

    Cost: two calls of each grader per sample, more where a first reply of it cannot be used.
    """
    judge = PairGrading(PREFERENCE_RUBRIC)

    async def score(state: TaskState, target: Target) -> Score:
        pair = state.metadata
        asked, facts = await judge.compare(
            state, pair[Choice.FIRST], pair[Choice.SECOND], {"question": state.input_text}
        )
        if (verdict := asked.verdict) is None:
            return not_graded(state, asked, facts)
        value = {choice.value: float(choice is verdict.choice) for choice in Choice}
        value[ORDER_CONSISTENT] = float(verdict.consistent)
        return Score(value=value, answer=verdict.choice, explanation=asked.said, metadata=facts)

    return score
