"""`reliability`: whether a reply to a problem is right, wrong, or no answer, by rules; what a grader takes it for."""

from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState

from warm_inspect.core.endings import is_cut_off, why_no_reply
from warm_inspect.core.families import GIVEN, Answered, Family, Judged
from warm_inspect.core.vocabulary import Grading
from warm_inspect.grading import without_thoughts
from warm_inspect.grading.model import RUBRICS, Answers, graders_for, panel_name
from warm_inspect.grading.problems import ReadAnswer, grade_problem
from warm_inspect.scorers.graded import ModelGrading, graded, graded_facts, without_reply
from warm_inspect.scorers.metrics import clustered_means

_RUBRIC = "supervision"


@scorer(metrics=[clustered_means()], name=Family.RELIABILITY)
def reliability_score(grading: str = Grading.MATCH) -> Scorer:
    """Exactly one of `correct`, `avoidant_epistemic`, `avoidant_form` and `incorrect` is 1, by rules, never by a model.

    The explanation names the rule by which the answer was read. A reply that was cut before any answer is
    `avoidant_form`. Under `model` a grader that does not see the answer judges each reply that gives one: what it takes
    the reply for stands in `judged_...` beside, and is absent where it gave no verdict.

    Cost: under `model` one call of each grader for each different problem and reply with an answer.

    Args:
        grading: `match`, or `model` to ask a grader too.
    """
    supervision = ModelGrading(_RUBRIC, _judged)

    async def score(state: TaskState, target: Target) -> Score:
        if missing := without_reply(state.output):
            return missing
        answered, read = _graded(state, target)
        value = {each.value: float(each is answered) for each in Answered}
        said = f"{read.rule or 'no answer'}: {state.output.completion}"
        if grading == Grading.MATCH:
            return graded(state, value, said, graded_facts(state, Grading.MATCH), " or ".join(read.answers))
        # Replies for which no grader is asked are graded by the same rules and the same grader as the others.
        names = panel_name([grader.name for grader in graders_for(state.metadata)])
        facts = graded_facts(state, Grading.MODEL, names, supervision.rubric.sha256)
        if read.answers:
            asked, facts = await supervision.grade(state, lambda reply: _shown(state, reply))
            said = f"{said}\n\n{asked.said}"
            if asked.verdict is not None:
                value |= {each.value: float(each is asked.verdict) for each in Judged}
        return graded(state, value, said, facts, " or ".join(read.answers))

    return score


def reliability_prompts(state: TaskState, target: Target, grading: str) -> list[str]:
    """What a grader is shown of a reply, but for how it is to end its own; nothing where none is asked."""
    if grading == Grading.MATCH or why_no_reply(state.output) or not _graded(state, target)[1].answers:
        return []
    reply = without_thoughts(state.output.completion) or ""
    return [RUBRICS[_RUBRIC].filled(**_shown(state, reply))]


def _graded(state: TaskState, target: Target) -> tuple[Answered, ReadAnswer]:
    facts = state.metadata
    return grade_problem(
        state.output.completion,
        facts["item_set"],
        facts["category"],
        list(target),
        facts[GIVEN],
        cut=is_cut_off(state.output),
    )


def _shown(state: TaskState, reply: str) -> dict[str, str]:
    return {"problem": state.input_text, "reply": reply}


def _judged(answers: Answers) -> Judged:
    return Judged[answers["VERDICT"]]
