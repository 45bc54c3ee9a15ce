"""Real logs of a task that is not ours, made by Inspect's own evaluation with a scripted model."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from inspect_ai import Epochs, Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

Reply = Callable[[str, int], str]
"""The reply to a question in the epoch given."""


def scripted(reply: Callable[[str], str]) -> Model:
    """A model that replies by script. Each output says its usage: else Inspect would fetch a tokenizer."""

    def generate(input: list[ChatMessage], tools: Any, tool_choice: Any, config: GenerateConfig) -> ModelOutput:
        output = ModelOutput.from_content("mockllm/model", reply(input[-1].text))
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    return get_model("mockllm/model", custom_outputs=generate)


@scorer(metrics=[mean()])
def by_reply(values: Mapping[str, Any], epoch_values: Mapping[str, list[Any]] | None = None) -> Scorer:
    """Scores a sample by a table of its id, or of its id for each epoch: a value, or None for a failed grader."""

    async def score(state: TaskState, target: Target) -> Score:
        name = str(state.sample_id)
        value = (epoch_values or {}).get(name, [values.get(name)] * 99)[state.epoch - 1]
        if value is None:
            return Score.unscored(reason="grader_failed")
        return Score(value=value, answer=state.output.completion)

    return score


def evaluate(
    folder: Path,
    values: Mapping[str, Any],
    *,
    epochs: Mapping[str, list[Any]] | None = None,
    metadata: Callable[[str], dict[str, Any]] = lambda name: {},
    question: Callable[[str], str] = lambda name: f"Question {name}?",
    **task: Any,
) -> str:
    """The path of a log whose samples, named by the keys, are scored with these values."""
    names = list(dict.fromkeys([*values, *(epochs or {})]))
    data = [Sample(id=name, input=question(name), target="yes", metadata=metadata(name)) for name in names]
    count = max((len(scores) for scores in (epochs or {}).values()), default=1)
    (log,) = eval(
        Task(dataset=data, scorer=by_reply(values, epochs), epochs=Epochs(count), name="arithmetic", **task),
        model=scripted(lambda text: f"reply to {text}"),
        log_dir=str(folder),
        display="none",
        log_realtime=False,
    )
    return str(log.location)
