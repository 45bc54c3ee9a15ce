"""`reliability`: whether a reply to a problem is right, wrong, or no answer, by rules and without a grader."""

from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState

from warm_inspect.core.families import GIVEN, Answered, Family
from warm_inspect.core.vocabulary import Grading
from warm_inspect.grading.problems import grade_problem
from warm_inspect.scorers.graded import graded, graded_facts, without_reply
from warm_inspect.scorers.metrics import clustered_means


@scorer(metrics=[clustered_means()], name=Family.RELIABILITY)
def reliability_score() -> Scorer:
    """Exactly one of `correct`, `avoidant_epistemic`, `avoidant_form` and `incorrect` is 1.

    The explanation names the rule by which the answer was read. A reply that was cut before any answer is
    `avoidant_form`.
    """

    async def score(state: TaskState, target: Target) -> Score:
        if missing := without_reply(state.output):
            return missing
        facts = state.metadata
        answered, read = grade_problem(
            state.output.completion, facts["item_set"], facts["category"], list(target), facts[GIVEN]
        )
        value = {each.value: float(each is answered) for each in Answered}
        said = f"{read.rule or 'no answer'}: {state.output.completion}"
        return graded(state, value, said, graded_facts(state, Grading.MATCH), " or ".join(read.answers))

    return score
