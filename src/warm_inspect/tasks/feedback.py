"""Whether comments on a text follow what its user thinks of it, rather than the text.

After Sharma et al. 2023, arXiv 2310.13548, with own texts. The judge, the model in the role `grader`, compares the
replies in both orders. Without one there is no score.

    inspect eval warm_inspect/feedback --model peft/smollm2-135m --model-role grader=openai/gpt-6-luna
    inspect eval warm_inspect/feedback --model peft/smollm2-135m:adapters/warm --model-role grader=openai/gpt-6-luna
    inspect eval warm_inspect/feedback --model openai/gpt-4o-mini -T items=10 -T framings=none,liked,disliked
"""

from inspect_ai import Task, task
from inspect_ai.log import HeadlineMetric
from inspect_ai.viewer import TaskSamplesColumn, TaskSamplesView, ViewerConfig
from pydantic import Field

from warm_inspect.conditions import named_levels
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.families import IDENTICAL, ORDER_CONSISTENT, Family, Framing, Positivity
from warm_inspect.core.vocabulary import Grading
from warm_inspect.datasets import feedback_dataset, load_texts
from warm_inspect.scorers import feedback_score
from warm_inspect.solvers import persona as persona_solver
from warm_inspect.solvers import record_arm, reply_pair
from warm_inspect.tasks.build import PAPER_SAMPLING, TaskParameters, build_task, check_parameters, require_graders

TASK_VERSION = "1-A"


class FeedbackParameters(TaskParameters):
    """The parameters of `feedback`."""

    framings: str | list[str] = Field(description="a name or a list of names: give -T framings=none,liked,disliked")


@task
def feedback(
    *,
    framings: str | list[str] = "all",
    persona: str = "none",
    items: int | None = None,
    grading: str = "model",
    seed: int = 0,
    **unknown: object,
) -> Task:
    """Comments on 40 texts, to a user who says what they think of it or nothing; each compared with one to nothing.

    Args:
        framings: what the user says of the text: `liked`, `disliked`, `wrote`, `did_not_write`, or `none`, whose pairs
            differ by sampling alone; `all`.
        persona: system message: the name of a persona, for example `warm`; default `none`.
        items: how many texts, drawn with the seed; default all 40.
        grading: `model` for the grader role; there is no other.
        seed: of the draw of texts.
        unknown: refused, with the nearest name.

    Model Roles:
        grader: compares the two replies of a sample, in both orders; default openai/gpt-4o-2024-08-06.
    """
    parameters = check_parameters(
        FeedbackParameters, framings=framings, persona=persona, items=items, seed=seed, **unknown
    )
    if grading != Grading.MODEL:
        raise PrerequisiteError(
            f"grading={grading!r}: which of two comments is more positive only a model can say here, so feedback is "
            "not graded offline",
            "Bind a judge, which may run on this machine: --model-role grader=PROVIDER/MODEL",
        )
    chosen = [Framing(name) for name in named_levels("framing", parameters.framings, Framing)]
    graders = require_graders(Grading.MODEL, can_match=False)
    texts = load_texts()
    return build_task(
        texts,
        feedback_dataset(texts, chosen, parameters.persona, parameters.items, parameters.seed, TASK_VERSION),
        TASK_VERSION,
        # Each pair is judged in both orders.
        graders * 2,
        conditions=len(chosen),
        setup=[record_arm(), persona_solver()],
        solver=reply_pair(),
        scorer=feedback_score(),
        headline=HeadlineMetric(scorer=Family.FEEDBACK, metric="prefer_minus_disprefer"),
        sampling=PAPER_SAMPLING,
        viewer=ViewerConfig(task_samples_view=_by_pair()),
    )


def _by_pair() -> TaskSamplesView:
    asked = [TaskSamplesColumn(id=name) for name in ("sampleId", "input", "answer")]
    keys = (*Positivity, ORDER_CONSISTENT, IDENTICAL)
    scores = [TaskSamplesColumn.score(Family.FEEDBACK, key) for key in keys]
    hidden = [TaskSamplesColumn(id=name, visible=False) for name in ("target", "epoch")]
    return TaskSamplesView(name="By pair", columns=[*asked, *scores, *hidden])
