"""What our tasks have in common: checked parameters in, an Inspect Task out."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.scorer import Scorer
from inspect_ai.solver import Solver, generate
from inspect_ai.viewer import TaskSamplesColumn, TaskSamplesView, ViewerConfig

from warm_inspect.conditions.condition import parse_grid
from warm_inspect.core.vocabulary import CORRECTNESS, SCORE_KEYS, Benchmark, Grading, ItemForm, Source
from warm_inspect.datasets.item import BenchmarkItem, Item, ItemSet
from warm_inspect.datasets.load import load_control, load_items
from warm_inspect.datasets.samples import control_dataset, crossed_dataset
from warm_inspect.grading.model import check_graders, grader_is_bound
from warm_inspect.scorers.correctness import correctness
from warm_inspect.solvers import interpersonal_context, persona, record_arm, user_belief
from warm_inspect.tasks.parameters import BenchmarkParameters, TaskParameters

logger = logging.getLogger(__name__)

_MATCHABLE_WORDS = 6

PAPER_SAMPLING = GenerateConfig(temperature=0.8, max_tokens=300)
"""Source: study, Methods (one sample per prompt). Flags such as `--temperature` and `--max-tokens` win over it."""

CONTROL_SAMPLING = GenerateConfig(temperature=0.2, max_tokens=300)
"""Source: study, Methods (temperature 0.2 on MMLU and GSM8K). Flags such as `--temperature` win over it."""


def benchmark_task(benchmark: Benchmark, version: str, parameters: BenchmarkParameters) -> Task:
    """The Inspect task of a benchmark: each item in every condition.

    Conditions live in the dataset and in `setup`, so that a user's `--solver` leaves them alone.

    Args:
        benchmark: which of the four.
        version: the register's N-X form; N changes when results stop being comparable.
        parameters: the checked task parameters.

    Raises:
        PrerequisiteError: unknown names, more items than there are, a source that cannot be read, or no grader.
    """
    grid = parse_grid(benchmark, parameters.contexts, parameters.beliefs, parameters.persona)
    graders = require_graders(parameters.grading)
    items = load_items(benchmark, parameters.source)
    task = build_task(
        items,
        crossed_dataset(items, grid, parameters.items, parameters.seed, version),
        version,
        graders,
        conditions=len(grid),
        setup=[record_arm(), persona(), interpersonal_context(), user_belief()],
        scorer=correctness(grading=parameters.grading.value),
        sampling=PAPER_SAMPLING,
        viewer=ViewerConfig(task_samples_view=_by_condition()),
    )
    if parameters.grading is Grading.MATCH:
        _warn_of_long_answers(items)
    return task


def control_task(
    control: str,
    version: str,
    parameters: TaskParameters,
    scorer: Scorer,
    source: Source = Source.BUNDLED,
    grading: Grading = Grading.MATCH,
) -> Task:
    """The Inspect task of a control benchmark: each item once, without contexts and beliefs.

    Args:
        control: the control benchmark's name.
        version: the register's N-X form.
        parameters: the checked task parameters.
        scorer: what grades the replies.
        source: where the items come from.
        grading: whether the scorer asks the grader.

    Raises:
        PrerequisiteError: more items than there are, a source that cannot be read, or no grader.
    """
    graders = require_graders(grading)
    items = load_control(control, source)
    harmful = any(item.harmful for item in items.items)
    return build_task(
        items,
        control_dataset(items, parameters.persona, parameters.items, parameters.seed, version),
        version,
        graders,
        setup=[record_arm(), persona()],
        scorer=scorer,
        sampling=CONTROL_SAMPLING,
        # What a model without safeguards writes is shown as plain text.
        viewer=ViewerConfig(trust_content=False if harmful else None, task_samples_view=_by_item()),
    )


def build_task(
    items: ItemSet[Item],
    dataset: MemoryDataset,
    version: str,
    graders: int,
    *,
    conditions: int = 1,
    setup: Sequence[Solver],
    scorer: Scorer,
    sampling: GenerateConfig,
    viewer: ViewerConfig,
) -> Task:
    """The Inspect task over a dataset of ours; says how large it is and what was excluded.

    Args:
        items: the set that the dataset was made from.
        dataset: its samples.
        version: the register's N-X form.
        graders: how many calls of a grader each sample costs at most, if each first reply can be used.
        conditions: samples per item.
        setup: what goes round the question and into the record, whatever solver a user brings.
        scorer: what grades the replies.
        sampling: settings of generation that flags win over.
        viewer: how the log is shown.
    """
    logger.warning(
        "%s: %d items x %d conditions = %d samples per epoch, %d grader calls; %d rows excluded%s",
        items.name, len(dataset) // conditions, conditions, len(dataset), len(dataset) * graders, len(items.exclusions),
        "".join(f"; {count} {reason}" for reason, count in items.excluded.items()),
    )  # fmt: skip
    metadata: dict[str, Any] = {
        "full_task_version": version,
        "dataset_revision": items.revision,
        "excluded": items.excluded,
    }
    return Task(
        dataset=dataset,
        setup=list(setup),
        solver=generate(),
        scorer=scorer,
        config=sampling,
        version=int(version.partition("-")[0]),
        metadata=metadata,
        viewer=viewer,
    )


def require_graders(grading: Grading) -> int:
    """How many graders the replies are graded by.

    A missing grader is found before anything is paid for, when a run is under way; else on first use.

    Raises:
        PrerequisiteError: replies are graded by a model, and there is none.
    """
    if grading is Grading.MATCH:
        return 0
    if not grader_is_bound():
        try:
            asyncio.get_running_loop()
            get_model()
        except (RuntimeError, ValueError):
            return 1  # Built in Python outside a run, where roles are not bound yet.
    return check_graders()


def _warn_of_long_answers(items: ItemSet[BenchmarkItem]) -> None:
    """Say so when matching will find few answers, because they are sentences that a reply need not repeat."""
    long = sum(
        item.form is not ItemForm.YES_NO and min(len(name.split()) for name in item.references) > _MATCHABLE_WORDS
        for item in items.items
    )
    if long:
        logger.warning(
            "%s: the answers of %d of %d items are longer than %d words; grading=match will call most replies to them "
            "unclear. Use grading=model.", items.name, long, len(items.items), _MATCHABLE_WORDS,
        )  # fmt: skip


def _by_condition() -> TaskSamplesView:
    scores = [TaskSamplesColumn.score(CORRECTNESS, key) for key in SCORE_KEYS]
    return TaskSamplesView(
        name="By condition",
        columns=[TaskSamplesColumn(id="sampleId"), TaskSamplesColumn(id="answer"), *scores, *_hidden()],
        score_color_scales={"correct": "good-high", "incorrect": "good-low", "endorses_claim": "good-low"},
    )


def _by_item() -> TaskSamplesView:
    return TaskSamplesView(name="By item", columns=[TaskSamplesColumn(id="sampleId"), *_hidden()])


def _hidden() -> list[TaskSamplesColumn]:
    return [TaskSamplesColumn(id=name, visible=False) for name in ("input", "target", "epoch")]
