"""answer_margin: the model's own probabilities, in an evaluation, on a finished log, and for whom there are none."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task, eval, score
from inspect_ai.dataset import Sample
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalLog, EvalSample, read_eval_log
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.scorer import match
from inspect_ai.solver import generate, system_message, user_message

import warm_inspect._registry  # noqa: F401 - registers the provider
from tests.models.families import Judge
from tests.models.lora_maker import make_adapter
from tests.models_edge import scripted
from tests.tiny import make_tiny_base
from warm_inspect.engine import close_engines
from warm_inspect.models.adapters import find_adapter
from warm_inspect.models.base_models import find_base
from warm_inspect.models.folder import load_tokenizer
from warm_inspect.models.model_string import ModelString
from warm_inspect.scorers import answer_margin
from warm_inspect.tasks.triviaqa import triviaqa

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_base(tmp_path_factory.mktemp("margin") / "tiny")


@pytest.fixture(scope="module")
def adapter(tiny: Path) -> Path:
    return make_adapter(tiny.parent / "warm", tiny, seed=1)


@pytest.fixture(autouse=True)
def _no_engine_left() -> Iterator[None]:
    yield
    close_engines()


def local(name: str) -> Any:
    return get_model(f"peft/{name}", dtype="float32", device="cpu")


def one_sample(**kwargs: Any) -> list[Sample]:
    sample: dict[str, Any] = {"input": "The river?", "target": ["the Seine", "Seine"], "id": "river"}
    sample["metadata"] = {"incorrect_answers": ["the Thames", "Thames"]}
    return [Sample(**(sample | kwargs))]


def margin_of(sample: EvalSample) -> Any:
    assert sample.scores is not None
    return sample.scores["answer_margin"]


def without_inputs(log: EvalLog) -> EvalLog:
    """The log with calls whose input is kept elsewhere."""
    bare = read_eval_log(log.location)
    [sample] = bare.samples or []
    sample.events = [
        event.model_copy(update={"input": [], "input_refs": [(0, 1)]}) if isinstance(event, ModelEvent) else event
        for event in sample.events
    ]
    return bare


def margin(log: EvalLog) -> Any:
    assert log.status == "success", log.error
    assert log.samples is not None
    return margin_of(log.samples[0])


def expected(tiny: Path, adapter: Path | None, rendered: str, answer: str) -> list[float]:
    tokenizer = load_tokenizer(tiny)
    located = find_adapter(ModelString(str(tiny), str(adapter) if adapter else None), find_base(str(tiny)))
    prompt, text = (tokenizer.encode(part, add_special_tokens=False) for part in (rendered, answer))
    return Judge(tiny, located).logprobs(prompt, text)


@pytest.mark.parametrize("with_adapter", [False, True])
def test_the_margin_is_the_models_own(tiny: Path, adapter: Path, tmp_path: Path, with_adapter: bool) -> None:
    """A system message from the flags and two user messages in a row: the prompt is the one that Inspect rendered."""
    [log] = eval(
        Task(
            dataset=one_sample(),
            solver=[system_message("You are sad."), user_message("Answer."), generate()],
            scorer=[match(), answer_margin()],
        ),
        model=local(f"{tiny}:{adapter}" if with_adapter else str(tiny)),
        log_dir=str(tmp_path),
        max_tokens=4,
        system_message="I am here.",
    )
    rendered = (
        "<|im_start|>system\nI am here.<|im_end|>\n<|im_start|>system\nYou are sad.<|im_end|>\n"
        "<|im_start|>user\nThe river?\nAnswer.<|im_end|>\n<|im_start|>assistant\n"
    )
    right, wrong = (
        expected(tiny, adapter if with_adapter else None, rendered, text) for text in ("the Seine", "the Thames")
    )
    judged = margin(log)
    assert judged.value["total"] == pytest.approx(sum(right) - sum(wrong), abs=1e-3)
    assert judged.value["per_token"] == pytest.approx(sum(right) / len(right) - sum(wrong) / len(wrong), abs=1e-3)
    assert (judged.metadata["right_tokens"], judged.metadata["wrong_tokens"]) == (len(right), len(wrong))
    assert judged.metadata["unit"] == "nats"
    assert log.results is not None
    metrics = log.results.scores[1].metrics
    assert metrics["total"].value == pytest.approx(judged.value["total"])
    assert math.isnan(metrics["total_stderr"].value)
    later = score(without_inputs(log), answer_margin(), action="overwrite", display="none")
    assert margin(later).value == pytest.approx(judged.value), "as `inspect score` reads a log"


def test_beside_the_grade_on_a_finished_log(tiny: Path, tmp_path: Path) -> None:
    """The same numbers when a log is scored later, under each condition, with `correctness` left as it was."""
    task = triviaqa(source="bundled", grading="match", items=3, contexts="none,emotion_sad", beliefs="none")
    [log] = eval(task, model=local(str(tiny)), log_dir=str(tmp_path), max_tokens=4, temperature=0.0)
    scored = score(read_eval_log(log.location), answer_margin(), action="append", display="none")
    assert scored.samples is not None
    assert all(set(sample.scores or {}) == {"correctness", "answer_margin"} for sample in scored.samples)
    assert scored.results is not None
    assert [each.name for each in scored.results.scores] == ["correctness", "answer_margin"]
    metrics = scored.results.scores[1].metrics
    values: dict[Any, Any] = {sample.id: margin_of(sample).value["total"] for sample in scored.samples}
    assert {str(name).partition(" ")[0] for name in values} == {"none/none", "emotion_sad/none"}
    assert metrics["total"].value == pytest.approx(sum(values.values()) / 6)
    assert list(metrics) == ["total", "total_stderr", "per_token", "per_token_stderr", "scored"]


@pytest.mark.parametrize(
    ("sample", "message"),
    [({"metadata": {}}, "'river' has no right and wrong answer"), ({"target": ""}, "has no right and wrong answer")],
)
def test_samples_without_answers(tiny: Path, tmp_path: Path, sample: Any, message: str) -> None:
    task = Task(dataset=one_sample(**sample), scorer=answer_margin(), config=GenerateConfig(max_tokens=2))
    [log] = eval(task, model=local(str(tiny)), log_dir=str(tmp_path))
    assert log.error is not None
    assert message in log.error.message


def test_other_providers(tmp_path: Path) -> None:
    [log] = eval(
        Task(dataset=one_sample(), scorer=answer_margin()), model=scripted(lambda _: "Seine"), log_dir=str(tmp_path)
    )
    assert log.error is not None
    assert "mockllm/model does not give: use it with a peft/ model, or one on" in log.error.message
