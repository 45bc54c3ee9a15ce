"""What our control tasks have in common: a set of items in, an Inspect Task out."""

import logging

from inspect_ai import Task
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import Scorer
from inspect_ai.solver import Solver
from inspect_ai.viewer import TaskSamplesColumn, TaskSamplesView, ViewerConfig

from warm_inspect.core.vocabulary import Grading
from warm_inspect.datasets.controls import ControlSet, control_dataset
from warm_inspect.datasets.item import exclusion_counts
from warm_inspect.solvers import persona, record_arm
from warm_inspect.tasks.build import require_grader
from warm_inspect.tasks.parameters import ControlParameters

logger = logging.getLogger(__name__)

CONTROL_SAMPLING = GenerateConfig(temperature=0.2, max_tokens=300)
"""Source: study, Methods (temperature 0.2 on MMLU and GSM8K). Flags such as `--temperature` win over it."""


def control_task(
    found: ControlSet, version: str, parameters: ControlParameters, solver: Solver, scorer: Scorer
) -> Task:
    """The Inspect task of a control set: each item once, the persona and the arm's record in `setup`.

    Raises:
        PrerequisiteError: more items than there are, or no grader.
    """
    if parameters.grading is Grading.MODEL:
        require_grader()
    dataset = control_dataset(found, parameters.items, parameters.persona, parameters.seed, version)
    excluded = exclusion_counts(found)
    calls = len(dataset) if parameters.grading is Grading.MODEL else 0
    logger.warning(
        "%s: %d items, %d grader calls; %d rows excluded", found.name, len(dataset), calls, sum(excluded.values())
    )
    return Task(
        dataset=dataset,
        setup=[record_arm(), persona()],
        solver=solver,
        scorer=scorer,
        config=CONTROL_SAMPLING,
        version=int(version.partition("-")[0]),
        metadata={"full_task_version": version, "dataset_revision": found.revision, "excluded": excluded},
        viewer=_viewer(found),
    )


def _viewer(found: ControlSet) -> ViewerConfig:
    hidden = [TaskSamplesColumn(id=name, visible=False) for name in ("input", "target", "epoch")]
    return ViewerConfig(
        # What a model without safeguards writes is shown as plain text.
        trust_content=False if found.harmful else None,
        task_samples_view=TaskSamplesView(name="By item", columns=[TaskSamplesColumn(id="sampleId"), *hidden]),
    )
