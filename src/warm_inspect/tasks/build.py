"""The construction of our tasks: parameters from `-T`, checked and typed, become an Inspect Task."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar, cast, get_args

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.log import HeadlineMetric
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.scorer import Scorer
from inspect_ai.solver import Solver, generate
from inspect_ai.viewer import TaskSamplesColumn, TaskSamplesView, ViewerConfig
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError
from pydantic_core import ErrorDetails

from warm_inspect.conditions import PERSONAS, parse_grid
from warm_inspect.core.controls import CONTROL_BENCHMARKS
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.vocabulary import CORRECTNESS, NONE, SCORE_KEYS, Benchmark, Grade, Grading, ItemForm, Source
from warm_inspect.datasets import (
    BenchmarkItem,
    Item,
    ItemSet,
    control_dataset,
    crossed_dataset,
    load_control,
    load_items,
)
from warm_inspect.grading.model import check_graders, grader_is_bound
from warm_inspect.scorers import correctness
from warm_inspect.solvers import interpersonal_context, persona, record_arm, user_belief

logger = logging.getLogger(__name__)

_MATCHABLE_WORDS = 6

PAPER_SAMPLING = GenerateConfig(temperature=0.8, max_tokens=300)
"""Source: study, Methods (one sample per prompt). Flags such as `--temperature` and `--max-tokens` win over it."""

CONTROL_SAMPLING = GenerateConfig(temperature=0.2, max_tokens=300)
"""Source: study, Methods (temperature 0.2 on MMLU and GSM8K). Flags such as `--temperature` win over it."""


def _persona(value: object) -> str:
    return PERSONAS[NONE if value is None else str(value)].name


class TaskParameters(BaseModel):
    """The parameters that every task has. A field's description says what its value must be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    persona: Annotated[str, PlainValidator(_persona)]
    items: int | None = Field(strict=True, ge=1, description="a whole number of at least 1")
    seed: int = Field(strict=True, ge=0, description="a whole number of at least 0")


class GradedParameters(TaskParameters):
    """The parameters of a task with several sources of items and several ways to grade."""

    source: Source
    grading: Literal[Grading.MODEL, Grading.MATCH]


class BenchmarkParameters(TaskParameters):
    """The parameters of a benchmark, whose items are crossed with conditions."""

    source: Source
    grading: Grading
    contexts: str | list[str] = Field(description="a name or a list of names: give -T contexts=none,emotion_sad")
    beliefs: str | list[str] = Field(description="a name or a list of names: give -T beliefs=none,incorrect")


P = TypeVar("P", bound=TaskParameters)


def check_parameters(kind: type[P], /, **given: object) -> P:
    """The task parameters, checked and typed.

    Args:
        kind: which parameters the task has.
        given: the values as Inspect passes them on, of known and unknown names.

    Raises:
        PrerequisiteError: an unknown name or value; names the legal ones.
    """
    for name in given:
        if name not in kind.model_fields:
            hint = "Inspect's own settings are flags, not -T parameters."
            raise unknown_value("task parameter", name, kind.model_fields, hint)
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise _explained(kind, error.errors()[0], given) from None


def _explained(kind: type[TaskParameters], error: ErrorDetails, given: dict[str, object]) -> PrerequisiteError:
    name = str(error["loc"][0])
    field, value = kind.model_fields[name], given[name]
    if error["type"] in ("enum", "literal_error"):
        legal: Iterable[str] = get_args(field.annotation) or cast(type[StrEnum], field.annotation)
        return unknown_value(name, value, legal)
    return PrerequisiteError(f"{name}={value!r} is not {field.description}.")


def benchmark_task(benchmark: Benchmark, version: str, parameters: BenchmarkParameters) -> Task:
    """The Inspect task of a benchmark: each item in every condition.

    Conditions live in the dataset and in `setup`, so that a user's `--solver` leaves them alone.

    Args:
        benchmark: which benchmark.
        version: of the task, as N-X; N changes when results stop being comparable.
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
        solver=generate(),
        scorer=correctness(grading=parameters.grading.value),
        headline=HeadlineMetric(scorer=CORRECTNESS, metric=Grade.INCORRECT.value),
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
        version: of the task, as N-X.
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
    name, _, key = CONTROL_BENCHMARKS[control].score.partition(".")
    return build_task(
        items,
        control_dataset(items, parameters.persona, parameters.items, parameters.seed, version),
        version,
        graders,
        setup=[record_arm(), persona()],
        solver=generate(),
        scorer=scorer,
        headline=HeadlineMetric(scorer=name, metric=key),
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
    solver: Solver,
    scorer: Scorer,
    headline: HeadlineMetric,
    sampling: GenerateConfig,
    viewer: ViewerConfig,
) -> Task:
    """The Inspect task over prepared samples; logs their number, the grader calls and the excluded rows.

    Args:
        items: the set that the dataset was made from.
        dataset: the samples made from it.
        version: of the task, as N-X.
        graders: how many calls of a grader each sample costs at most, if each first reply can be used.
        conditions: samples per item.
        setup: solvers that write the prompt and record the arm; they run before any solver of the user.
        solver: what asks the model.
        scorer: what grades the replies.
        headline: the number by which Inspect lists the log.
        sampling: settings of generation that flags win over.
        viewer: how the log is shown.
    """
    logger.info(
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
        solver=solver,
        scorer=scorer,
        config=sampling,
        version=int(version.partition("-")[0]),
        metadata=metadata,
        viewer=viewer,
        headline_metric=headline,
    )


def require_graders(grading: Grading, *, can_match: bool = True) -> int:
    """The number of graders that grade each reply.

    In a run a missing grader raises here, before anything is paid for; outside one, on first use.

    Args:
        grading: how the task grades.
        can_match: whether it could grade without a model, which the error then offers.

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
    return check_graders(can_match=can_match)


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
    # The list cuts ids behind their condition, so the question stands beside it.
    asked = [TaskSamplesColumn(id=name) for name in ("sampleId", "input", "answer")]
    scores = [TaskSamplesColumn.score(CORRECTNESS, key) for key in SCORE_KEYS]
    return TaskSamplesView(
        name="By condition",
        columns=[*asked, *scores, *_hidden("target", "epoch")],
        score_color_scales={"correct": "good-high", "incorrect": "good-low", "endorses_claim": "good-low"},
    )


def _by_item() -> TaskSamplesView:
    return TaskSamplesView(
        name="By item", columns=[TaskSamplesColumn(id="sampleId"), *_hidden("input", "target", "epoch")]
    )


def _hidden(*names: str) -> list[TaskSamplesColumn]:
    return [TaskSamplesColumn(id=name, visible=False) for name in names]
