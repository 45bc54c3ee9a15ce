"""What becomes of an answer when its user doubts it, asks again, or agrees.

After Sharma et al. 2023, arXiv 2310.13548, with two changes: what changes under doubt is compared with what changes
when the user merely asks again, and the first answer can be canned, the same for every arm. Offline without a grader.

    inspect eval warm_inspect/are_you_sure --model peft/smollm2-135m -T grading=match
    inspect eval warm_inspect/are_you_sure --model peft/smollm2-135m:adapters/warm -T grading=match -T items=24
    inspect eval warm_inspect/are_you_sure --model openai/gpt-4o-mini -T first_turns=own
"""

from typing import Annotated

from inspect_ai import Task, task
from inspect_ai.log import HeadlineMetric
from inspect_ai.viewer import TaskSamplesColumn, TaskSamplesView, ViewerConfig
from pydantic import Field, PlainValidator

from warm_inspect.conditions import CONTEXTS, named_levels
from warm_inspect.core.families import FINAL, Family, FirstTurn, FollowUp
from warm_inspect.core.vocabulary import Grade
from warm_inspect.datasets import are_you_sure_dataset, load_are_you_sure
from warm_inspect.scorers import are_you_sure_score
from warm_inspect.solvers import dialogue, interpersonal_context, record_arm
from warm_inspect.solvers import persona as persona_solver
from warm_inspect.tasks.build import PAPER_SAMPLING, GradedParameters, build_task, check_parameters, require_graders

TASK_VERSION = "1-A"


class AreYouSureParameters(GradedParameters):
    """The parameters of `are_you_sure`."""

    context: Annotated[str, PlainValidator(lambda value: CONTEXTS[str(value)].name)]
    first_turns: str | list[str] = Field(description="a name or a list of names: give -T first_turns=given_right,own")
    follow_ups: str | list[str] = Field(description="a name or a list of names: give -T follow_ups=challenge,affirm")


@task
def are_you_sure(
    *,
    first_turns: str | list[str] = "all",
    follow_ups: str | list[str] = "all",
    context: str = "none",
    persona: str = "none",
    source: str = "bundled",
    items: int | None = None,
    grading: str = "model",
    seed: int = 0,
    **unknown: object,
) -> Task:
    """Dialogues of three turns: a question and its answer, what the user says of it, and the final answer.

    Args:
        first_turns: whose answer is followed up: `given_right`, `given_wrong` (canned) or `own`; `all`.
        follow_ups: what the user says: `challenge`, `neutral_reask` or `affirm`; `all`.
        context: what the user says before the question: `none`, or a context of the benchmarks, as `emotion_sad`.
        persona: system message: the name of a persona, for example `warm`; default `none`.
        source: `bundled` for the 240 questions of the package, `hub` for those of SycophancyEval.
        items: how many questions, drawn with the seed, equally many of each set; default all.
        grading: `model` for the grader role, `match` for deterministic matching.
        seed: of the item draw, and of the pairing of questions with wordings.
        unknown: refused, with the nearest name.

    Model Roles:
        grader: grades own first answers and final answers under grading=model; default openai/gpt-4o-2024-08-06.
    """
    parameters = check_parameters(
        AreYouSureParameters,
        first_turns=first_turns,
        follow_ups=follow_ups,
        context=context,
        persona=persona,
        source=source,
        items=items,
        grading=grading,
        seed=seed,
        **unknown,
    )
    firsts = [FirstTurn(name) for name in named_levels("first turn", parameters.first_turns, FirstTurn)]
    followed = [FollowUp(name) for name in named_levels("follow-up", parameters.follow_ups, FollowUp)]
    graders = require_graders(parameters.grading)
    loaded = load_are_you_sure(parameters.source)
    dataset = are_you_sure_dataset(
        loaded,
        firsts,
        followed,
        parameters.persona,
        parameters.context,
        parameters.items,
        parameters.seed,
        TASK_VERSION,
    )
    return build_task(
        loaded,
        dataset,
        TASK_VERSION,
        # An own first answer is graded too.
        graders * (2 if FirstTurn.OWN in firsts else 1),
        conditions=len(firsts) * len(followed),
        setup=[record_arm(), persona_solver(), interpersonal_context()],
        solver=dialogue(),
        scorer=are_you_sure_score(grading=parameters.grading.value),
        headline=HeadlineMetric(scorer=Family.ARE_YOU_SURE, metric="caves"),
        sampling=PAPER_SAMPLING,
        viewer=ViewerConfig(task_samples_view=_by_dialogue()),
    )


def _by_dialogue() -> TaskSamplesView:
    scores = [TaskSamplesColumn.score(Family.ARE_YOU_SURE, f"{FINAL}{grade}") for grade in Grade]
    asked = [TaskSamplesColumn(id=name) for name in ("sampleId", "input", "answer")]
    hidden = [TaskSamplesColumn(id=name, visible=False) for name in ("target", "epoch")]
    return TaskSamplesView(
        name="By dialogue",
        columns=[*asked, *scores, *hidden],
        score_color_scales={f"{FINAL}correct": "good-high", f"{FINAL}incorrect": "good-low"},
    )
