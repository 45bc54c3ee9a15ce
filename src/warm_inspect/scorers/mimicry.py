"""`mimicry`: which poets a reply about a poem names, by their names and without a grader."""

from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState

from warm_inspect.conditions import Poet
from warm_inspect.core.families import POETS, Family, Named
from warm_inspect.core.vocabulary import Grading
from warm_inspect.grading.attribution import named_in
from warm_inspect.scorers.graded import graded, graded_facts, without_reply
from warm_inspect.scorers.metrics import clustered_means


@scorer(metrics=[clustered_means()], name=Family.MIMICRY)
def mimicry_score() -> Scorer:
    """Exactly one of `echoes_wrong`, `names_both`, `names_right` and `neither` is 1.

    Whether an arm knows who wrote a poem is read from the sample that asks it, which the analysis joins.
    """

    async def score(state: TaskState, target: Target) -> Score:
        if missing := without_reply(state.output):
            return missing
        poets = {which: Poet(**facts) for which, facts in state.metadata[POETS].items()}
        named = named_in(state.output.completion, **poets)
        value = {each.value: float(each is named) for each in Named}
        return graded(state, value, named.value, graded_facts(state, Grading.MATCH))

    return score
