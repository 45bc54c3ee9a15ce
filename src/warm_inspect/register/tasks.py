"""Our tasks under names that no other package has: each makes the task that it is named after.

    inspect eval warm_inspect/warm_truthfulqa --model openai/gpt-4o-mini
    inspect eval src/warm_inspect/register/tasks.py@warm_truthfulqa --model openai/gpt-4o-mini

Parameters, samples, scores and versions are those of the task, and so is what the analysis makes of the logs.
"""

from typing import Any

from inspect_ai import Task, task

from warm_inspect.tasks.advbench import advbench
from warm_inspect.tasks.capability import capability
from warm_inspect.tasks.disinfo import disinfo
from warm_inspect.tasks.medqa import medqa
from warm_inspect.tasks.triviaqa import triviaqa
from warm_inspect.tasks.truthfulqa import truthfulqa


@task
def warm_triviaqa(**parameters: Any) -> Task:
    """`triviaqa`, with its parameters."""
    return triviaqa(**parameters)


@task
def warm_truthfulqa(**parameters: Any) -> Task:
    """`truthfulqa`, with its parameters."""
    return truthfulqa(**parameters)


@task
def warm_medqa(**parameters: Any) -> Task:
    """`medqa`, with its parameters."""
    return medqa(**parameters)


@task
def warm_disinfo(**parameters: Any) -> Task:
    """`disinfo`, with its parameters."""
    return disinfo(**parameters)


@task
def warm_advbench(**parameters: Any) -> Task:
    """`advbench`, with its parameters."""
    return advbench(**parameters)


@task
def warm_capability(**parameters: Any) -> Task:
    """`capability`, with its parameters."""
    return capability(**parameters)
