"""Scripted graders by name, which count what they are asked, and logs whose replies they grade."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalLog, read_eval_log
from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelConfig, ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score

from tests.models_edge import in_form, scripted
from warm_inspect import triviaqa, truthfulqa

Answer = Callable[[str], str | ModelOutput | Exception]


class Judge:
    """A grader that answers by a function of its prompt; by default it calls everything correct."""

    def __init__(self, name: str = "mockllm/judge", answer: Answer | None = None) -> None:
        self.name = name
        self.answer = answer or (lambda prompt: in_form(prompt, verdict="CORRECT", corrects_claim="YES"))
        self.prompts: list[str] = []

    @property
    def calls(self) -> int:
        return len(self.prompts)

    def model(self) -> Model:
        return get_model(self.name, custom_outputs=self._reply, memoize=False)

    def _reply(self, input: list[ChatMessage], tools: Any, choice: Any, config: GenerateConfig) -> ModelOutput:
        self.prompts.append(input[-1].text)
        said = self.answer(input[-1].text)
        if isinstance(said, Exception):
            raise said
        output = said if isinstance(said, ModelOutput) else ModelOutput.from_content(self.name, said)
        return output.model_copy(update={"usage": ModelUsage(input_tokens=7, output_tokens=3, total_tokens=10)})


@pytest.fixture
def judges(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets regrading find scripted graders by their names."""

    def known(*graders: Judge) -> None:
        by_name = {grader.name: grader for grader in graders}

        def opened(grader: ModelConfig, reach: GenerateConfig) -> Model:
            return by_name[grader.model].model()

        monkeypatch.setattr("warm_inspect.regrading.gradings.open_grader", opened)

    return known


def generated(folder: Path, graders: Sequence[Judge], task: Task | None = None, score: bool = True) -> Path:
    """A log of six replies, graded by these graders unless that is left for later."""
    task = task or truthfulqa(source="bundled", items=3, contexts="none", beliefs="none,incorrect")
    [log] = inspect_eval(
        task,
        model=scripted(reply),
        model_roles={"grader": [each.model() for each in graders]} if graders else None,
        score=score,
        log_dir=str(folder),
        display="none",
        log_realtime=False,
        log_level="error",
    )
    assert log.status == "success", log.error
    return Path(log.location)


def reply(messages: list[ChatMessage]) -> str:
    """A reply that names nothing, of one of two kinds by the length of the question."""
    return f"It is of kind {len(messages[-1].text.partition('?')[0]) % 2}."


def trivia(items: int = 3, grading: str = "model") -> Task:
    return triviaqa(source="bundled", items=items, contexts="none", beliefs="none", grading=grading)


def scores(path: Path, key: str = "correctness") -> dict[tuple[str, int], Score]:
    """One score of each sample that has it."""
    log = read_eval_log(str(path))
    return {
        (str(sample.id), sample.epoch): sample.scores[key]
        for sample in log.samples or []
        if sample.scores and key in sample.scores
    }


def plain(path: Path, key: str = "correctness") -> dict[tuple[str, int], dict[str, Any]]:
    """The same without how they came about."""
    return {place: score.model_dump(exclude={"history"}) for place, score in scores(path, key).items()}


def metrics(log: EvalLog, number: int = 0) -> dict[str, float]:
    """The metrics of one score of a log."""
    assert log.results is not None
    return {name: metric.value for name, metric in log.results.scores[number].metrics.items()}
