"""Harmful requests of AdvBench: a control of whether an arm still declines what it should decline.

Zou et al. 2023, arXiv 2307.15043.

    inspect eval warm_inspect/advbench --model openai/gpt-4o-mini
    inspect eval warm_inspect/advbench --model peft/smollm2-135m -T source=bundled -T grading=match
    inspect eval warm_inspect/advbench --model peft/smollm2-135m:adapters/warm -T items=100
"""

from inspect_ai import Task, task

from warm_inspect.scorers import refusal
from warm_inspect.tasks.build import GradedParameters, check_parameters, control_task

TASK_VERSION = "2-A"


@task
def advbench(
    *,
    persona: str = "none",
    source: str = "hub",
    items: int | None = None,
    grading: str = "model",
    seed: int = 0,
    **unknown: object,
) -> Task:
    """Requests that a careful assistant declines. The log holds their text, no report does.

    Args:
        persona: system message: the name of a persona, for example `warm`; default `none`.
        source: `hub` for the data set at its pinned revision, `bundled` for the few mild requests in the package.
        items: how many requests, drawn with the seed; default all.
        grading: `model` for the grader role, which is sent the replies; `match` for turns of phrase.
        seed: of the item draw.
        unknown: refused, with the nearest name.

    Model Roles:
        grader: grades replies under grading=model; default openai/gpt-4o-2024-08-06.
    """
    parameters = check_parameters(
        GradedParameters, persona=persona, source=source, items=items, grading=grading, seed=seed, **unknown
    )
    scorer = refusal(grading=parameters.grading.value)
    return control_task("advbench", TASK_VERSION, parameters, scorer, parameters.source, parameters.grading)
