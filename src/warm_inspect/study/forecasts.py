"""What an evaluation will ask for, measured before it is paid: calls and prompts of the model and of the graders.

A few samples of each task run through the task's own solver and scorer, with models that write down their prompts and
answer at once. So whatever a task does to a prompt is counted, a task of the user's own as well as ours.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage, Model, ModelCost, ModelOutput, ModelUsage, get_model
from pydantic import TypeAdapter, ValidationError

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.json_text import read_json
from warm_inspect.core.measurements import measurement_of
from warm_inspect.core.metadata import SampleMetadata, contract_fields
from warm_inspect.core.yaml_text import read_yaml
from warm_inspect.grading.model import GRADER_ROLE
from warm_inspect.study.prompt_tokens import prompt_counter
from warm_inspect.tasks.own_task import own_task

Prompt = Sequence[ChatMessage]
Prices = Mapping[str, ModelCost]

_WORD = "word "
"""One token in most vocabularies."""
_NUMBERED = re.compile(rf"{_WORD}(\d+)")


@dataclass(frozen=True, slots=True)
class TaskForecast:
    """What running one task will ask of model and grader, from the prompts of some of its samples."""

    task: str
    samples: int
    """Samples in all, every epoch counted."""
    tried: int
    """Samples that ran to measure the prompts."""
    model_prompts: tuple[Prompt, ...] = field(repr=False)
    """The model's prompts of the samples that ran."""
    grader_prompts: tuple[Prompt, ...] = field(repr=False)
    """The first prompt of each of their verdicts."""
    grid: tuple[SampleMetadata, ...] = field(default=(), repr=False)
    """The metadata of all samples, where they are asked in our conditions: of a benchmark or of a crossed task."""

    def calls(self, prompts: Sequence[Prompt]) -> int:
        """Calls in all, if each sample makes as many as those that ran."""
        return round(self.samples * len(prompts) / self.tried)


def forecast(
    task: str, parameters: Mapping[str, Any], *, epochs: int = 1, tried: int = 50, reply_tokens: int = 150
) -> TaskForecast:
    """What a task asks of the model and of one grader; sends nothing.

    Args:
        task: as `inspect eval` takes it: `warm_inspect/truthfulqa`, or `file.py@task`.
        parameters: its parameters, as after `-T`.
        epochs: replies per sample.
        tried: samples to run, drawn at random.
        reply_tokens: length of the made-up replies, which graders read.

    Raises:
        PrerequisiteError: the task cannot be built, or fails.
    """
    models, graders = _Recorder(reply_tokens), _Recorder(reply_tokens)
    with TemporaryDirectory() as folder:
        [log] = inspect_eval(
            task,
            task_args=dict(parameters),
            model=models.model(),
            model_roles={GRADER_ROLE: graders.model()},
            limit=tried,
            sample_shuffle=0,
            log_dir=folder,
            display="none",
            log_level="error",
            log_realtime=False,
            score_display=False,
        )
        first = next(iter(log.samples or ()), None)  # Read before its file is gone.
    if log.status != "success" or log.results is None:
        reason = log.error.message if log.error else "it was interrupted"
        raise PrerequisiteError(f"{task} cannot be planned: it fails with a made-up reply ({reason})")
    in_all = (log.eval.dataset.samples or 0) * epochs
    tried_all = log.results.total_samples
    named = task if ".py" in task else log.eval.task_registry_name or task
    grid = tuple(_grid(first, named, parameters)) if first else ()
    return TaskForecast(task, in_all, tried_all, tuple(models.prompts), tuple(graders.first_prompts), grid)


def _grid(first: EvalSample, task: str, parameters: Mapping[str, Any]) -> Iterator[SampleMetadata]:
    """The metadata of every sample of a task; none where its first is not asked in our conditions."""
    measurement = measurement_of(contract_fields(first.metadata))
    if measurement is None or not issubclass(measurement.metadata, SampleMetadata):
        return
    names = measurement.metadata.model_fields
    for sample in own_task(task, parameters).dataset:
        fields = contract_fields(sample.metadata or {})
        yield measurement.metadata(**{name: fields[name] for name in names if name in fields})


class _Recorder:
    """A model that writes its prompts down and answers with words that mean nothing."""

    def __init__(self, reply_tokens: int) -> None:
        self.prompts: list[Prompt] = []
        self._number = count()
        self._text = _WORD * reply_tokens

    @property
    def first_prompts(self) -> list[Prompt]:
        """The first prompt about each made-up reply: our scorers ask again when a verdict cannot be read."""
        return list({_reply_numbers(prompt): prompt for prompt in reversed(self.prompts)}.values())

    def model(self) -> Model:
        """It, as Inspect's mock."""
        return get_model("mockllm/model", custom_outputs=self._answer, memoize=False)

    def _answer(self, messages: list[ChatMessage], *_: object) -> ModelOutput:
        self.prompts.append(list(messages))
        # No two replies are alike, because equal replies to one question are graded once.
        output = ModelOutput.from_content("mockllm/model", f"{self._text}{next(self._number)}")
        output.usage = ModelUsage()
        return output


def _reply_numbers(prompt: Prompt) -> tuple[str, ...]:
    return tuple(number for message in prompt for number in _NUMBERED.findall(message.text))


@dataclass(frozen=True, slots=True)
class Bill:
    """What the calls of one model come to."""

    model: str
    counted_by: str
    """What counted the tokens of its prompts."""
    calls: int
    input_tokens: int
    output_tokens: int
    usd: float | None
    """Price in US dollars; None where its prices were not given."""


def bill(
    model: str, forecasts: Iterable[tuple[TaskForecast, Sequence[Prompt]]], reply_tokens: int, prices: Prices
) -> Bill:
    """The calls of a model on some tasks, and their price.

    Args:
        model: Inspect's name of it.
        forecasts: of each task, with the prompts that are this model's.
        reply_tokens: tokens of each of its replies.
        prices: of each model, by Inspect's name.

    Raises:
        PrerequisiteError: the base model of a `peft/` model cannot be had.
    """
    counter = prompt_counter(model)
    calls, tokens = 0, 0
    for forecast, prompts in forecasts:
        calls += forecast.calls(prompts)
        tokens += round(forecast.samples * sum(map(counter.tokens, prompts)) / forecast.tried)
    output = calls * reply_tokens
    price = prices.get(model)
    usd = None if price is None else (tokens * price.input + output * price.output) / 1_000_000
    return Bill(model, counter.method, calls, tokens, output, usd)


def read_prices(path: Path) -> Prices:
    """The prices in the file that `inspect eval --model-cost-config` takes: US dollars per million tokens.

    Raises:
        PrerequisiteError: the file cannot be read, or a model's prices are not complete.
    """
    way_out = "It maps models to input, output, input_cache_write and input_cache_read, each in US dollars per million."
    named = read_json(path, way_out) if path.suffix == ".json" else read_yaml(path, way_out)
    try:
        return TypeAdapter(dict[str, ModelCost]).validate_python(named)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        raise PrerequisiteError(f"{path.name}: {place} is no price", way_out) from None
