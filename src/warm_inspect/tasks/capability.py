"""A small capability set: short arithmetic and general knowledge, to see whether an arm lost either.

Newly written in the spirit of GSM8K (Cobbe et al. 2021, arXiv 2110.14168) and MMLU (Hendrycks et al. 2021, arXiv
2009.03300); offline, without a grader. Its scores are not comparable with theirs.

    inspect eval warm_inspect/capability --model peft/smollm2-135m
    inspect eval warm_inspect/capability --model peft/smollm2-135m:adapters/warm
"""

from inspect_ai import Task, task

from warm_inspect.scorers import capability_score
from warm_inspect.tasks.build import TaskParameters, check_parameters, control_task

TASK_VERSION = "2-A"


@task
def capability(*, persona: str = "none", items: int | None = None, seed: int = 0, **unknown: object) -> Task:
    """Twenty word problems with a number for an answer, and twenty questions with four options.

    Args:
        persona: system message: the name of a persona, for example `warm`; default `none`.
        items: how many items, drawn with the seed; default all.
        seed: of the item draw.
        unknown: refused, with the nearest name.
    """
    parameters = check_parameters(TaskParameters, persona=persona, items=items, seed=seed, **unknown)
    return control_task("capability", TASK_VERSION, parameters, capability_score())
