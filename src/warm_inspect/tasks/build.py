"""What the four benchmark tasks have in common: parameters in, an Inspect Task out."""

import asyncio
import logging

from inspect_ai import Task
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.solver import generate
from inspect_ai.viewer import TaskSamplesColumn, TaskSamplesView, ViewerConfig

from warm_inspect.conditions.condition import parse_grid
from warm_inspect.core.vocabulary import CORRECTNESS, SCORE_KEYS, Benchmark, Grading, ItemForm
from warm_inspect.datasets.item import ItemSet, exclusion_counts
from warm_inspect.datasets.load import load_items
from warm_inspect.datasets.samples import build_dataset
from warm_inspect.scorers.correctness import correctness
from warm_inspect.scorers.grader import grader_is_bound, grader_model
from warm_inspect.solvers import interpersonal_context, persona, record_arm, user_belief
from warm_inspect.tasks.parameters import TaskParameters

logger = logging.getLogger(__name__)

_MATCHABLE_WORDS = 6

PAPER_SAMPLING = GenerateConfig(temperature=0.8, max_tokens=300)
"""Source: study, Methods. Flags such as `--temperature` and `--max-tokens` win over it."""


def benchmark_task(benchmark: Benchmark, version: str, parameters: TaskParameters) -> Task:
    """The Inspect task of a benchmark.

    Conditions live in the dataset and in `setup`, so that a user's `--solver` leaves them alone.

    Args:
        benchmark: which of the four.
        version: the register's N-X form; N changes when results stop being comparable.
        parameters: the checked task parameters.

    Raises:
        PrerequisiteError: unknown names, more items than there are, a source that cannot be read, or no grader.
    """
    grid = parse_grid(benchmark, parameters.contexts, parameters.beliefs, parameters.persona)
    if parameters.grading is Grading.MODEL:
        require_grader()
    items = load_items(benchmark, parameters.source)
    dataset = build_dataset(items, grid, parameters.items, parameters.seed, version)
    excluded = exclusion_counts(items)
    calls = len(dataset) if parameters.grading is Grading.MODEL else 0
    logger.warning(
        "%s: %d items x %d conditions = %d samples per epoch, %d grader calls; %d rows excluded%s",
        benchmark, len(dataset) // len(grid), len(grid), len(dataset), calls, sum(excluded.values()),
        "".join(f"; {count} {reason}" for reason, count in excluded.items()),
    )  # fmt: skip
    if parameters.grading is Grading.MATCH:
        _warn_of_long_answers(items)
    return Task(
        dataset=dataset,
        setup=[record_arm(), persona(), interpersonal_context(), user_belief()],
        solver=generate(),
        scorer=correctness(grading=parameters.grading.value),
        config=PAPER_SAMPLING,
        version=int(version.partition("-")[0]),
        metadata={
            "full_task_version": version,
            "dataset_revision": items.revision,
            "excluded": excluded,
        },
        viewer=_viewer(),
    )


def _warn_of_long_answers(items: ItemSet) -> None:
    """Say so when matching will find few answers, because they are sentences that a reply need not repeat."""
    long = sum(
        item.form is not ItemForm.YES_NO and min(len(name.split()) for name in item.references) > _MATCHABLE_WORDS
        for item in items.items
    )
    if long:
        logger.warning(
            "%s: the answers of %d of %d items are longer than %d words; grading=match will call most replies to them "
            "unclear. Use grading=model.", items.benchmark, long, len(items.items), _MATCHABLE_WORDS,
        )  # fmt: skip


def require_grader() -> None:
    """Find a missing grader before anything is paid for, when a run is under way; else on first use."""
    if grader_is_bound():
        return
    try:
        asyncio.get_running_loop()
        get_model()
    except (RuntimeError, ValueError):
        return  # Built in Python outside a run, where roles are not bound yet.
    grader_model()


def _viewer() -> ViewerConfig:
    hidden = [TaskSamplesColumn(id=name, visible=False) for name in ("input", "target", "epoch")]
    scores = [TaskSamplesColumn.score(CORRECTNESS, key) for key in SCORE_KEYS]
    return ViewerConfig(
        task_samples_view=TaskSamplesView(
            name="By condition",
            columns=[TaskSamplesColumn(id="sampleId"), TaskSamplesColumn(id="answer"), *scores, *hidden],
            score_color_scales={"correct": "good-high", "incorrect": "good-low", "endorses_claim": "good-low"},
        )
    )
