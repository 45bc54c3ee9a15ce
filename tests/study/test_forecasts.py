"""A forecast counts the prompts that a run sends: ours, and those of a task of the user's own."""

import json
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner
from inspect_ai.model import ChatMessageUser, ModelCost

from tests.errors import refused
from tests.tiny import make_tiny_base
from warm_inspect.cli.main import group
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.study import TaskForecast, bill, forecast, read_prices
from warm_inspect.study.prompt_tokens import prompt_counter

OURS = {"source": "bundled", "items": 4, "contexts": "none,emotion_sad", "beliefs": "none,incorrect"}
OWN = """
from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import model_graded_qa
from inspect_ai.solver import generate, user_message

@task
def twice(word: str = "tea"):
    return Task(
        dataset=MemoryDataset([Sample(f"{word} {number}", target="yes") for number in range(6)]),
        solver=[generate(), user_message("Are you sure?"), generate()],
        scorer=model_graded_qa(model_role="grader"),
    )
"""
PRICES = ModelCost(input=2.0, output=10.0, input_cache_write=2.0, input_cache_read=1.0)


@pytest.fixture(scope="module")
def ours() -> TaskForecast:
    return forecast("warm_inspect/truthfulqa", OURS, epochs=3, tried=8, reply_tokens=20)


def test_every_sample_is_counted_and_some_are_rendered(ours: TaskForecast) -> None:
    # 4 questions x 2 contexts x 2 beliefs x 3 replies.
    assert (ours.samples, ours.tried) == (48, 8)
    assert ours.calls(ours.model_prompts) == 48
    assert ours.calls(ours.grader_prompts) == 48


def test_the_conditions_of_every_sample_are_known(ours: TaskForecast) -> None:
    conditions = Counter((each.context, each.belief) for each in ours.grid)
    assert conditions == dict.fromkeys(product(("none", "emotion_sad"), ("none", "incorrect")), 4)


def test_graders_read_the_made_up_reply_once(ours: TaskForecast) -> None:
    # A verdict on it cannot be read, so each was asked for twice.
    assert len(ours.grader_prompts) == 8
    assert all("word word" in prompt[-1].text or "word word" in prompt[0].text for prompt in ours.grader_prompts)


@pytest.mark.parametrize(("grading", "graders"), [("match", 0), ("model", 1)])
def test_matching_asks_no_grader(grading: str, graders: int) -> None:
    planned = forecast("warm_inspect/truthfulqa", OURS | {"grading": grading}, tried=2)

    assert len(planned.grader_prompts) == 2 * graders


def test_a_task_of_ones_own_is_run_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")

    planned = forecast(f"{tmp_path / 'own.py'}@twice", {"word": "coffee"}, tried=3)

    assert planned.samples == 6
    assert planned.calls(planned.model_prompts) == 12
    assert planned.calls(planned.grader_prompts) == 6
    assert [prompt[-1].text for prompt in planned.model_prompts].count("Are you sure?") == 3
    assert all("coffee" in prompt[0].text for prompt in planned.model_prompts)


def test_a_task_that_cannot_be_built_is_an_error() -> None:
    with pytest.raises(PrerequisiteError, match="emotion_sad"):
        forecast("warm_inspect/truthfulqa", OURS | {"contexts": "emotion_sat"})


def test_the_price_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    prompts = tuple([ChatMessageUser(content=letters)] for letters in ("a" * 8, "b" * 40))
    planned = TaskForecast("made", samples=10, tried=4, model_prompts=prompts, grader_prompts=())
    monkeypatch.setattr("tiktoken.get_encoding", lambda name: (_ for _ in ()).throw(OSError(name)))

    asked = bill("openai/x", [(planned, prompts), (planned, prompts)], 100, {"openai/x": PRICES})

    # Two tasks; of each 10 samples with half a call: 5 calls. (4 + 2) + (4 + 10) tokens in 4 samples: 50 in 10.
    assert (asked.calls, asked.input_tokens, asked.output_tokens) == (10, 100, 1000)
    assert asked.usd == pytest.approx((100 * 2.0 + 1000 * 10.0) / 1e6)
    assert asked.counted_by == "4 characters a token"
    assert bill("openai/y", [(planned, prompts)], 100, {"openai/x": PRICES}).usd is None


def test_a_local_model_counts_with_its_own_template(tmp_path: Path) -> None:
    tiny_base = make_tiny_base(tmp_path / "tiny")
    from warm_inspect.models import load_tokenizer, prompt_tokens

    prompt = [ChatMessageUser(content="How many legs has a spider?")]

    counter = prompt_counter(f"peft/{tiny_base}")

    assert counter.tokens(prompt) == len(prompt_tokens(load_tokenizer(tiny_base), prompt))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("openai/x: {input: 1}", "openai/x"),
        ("openai/x: 3", "openai/x"),
        ("- 1", "prices.yaml"),
        ("a: [", "prices.yaml"),
    ],
)
def test_prices_that_are_not_complete_are_refused(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(text, encoding="utf-8")

    with refused(named):
        read_prices(path)


def test_the_command_sums_and_says_what_has_no_price(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    full = dict.fromkeys(("input", "output", "input_cache_write", "input_cache_read"), 1.0)
    (tmp_path / "prices.json").write_text(json.dumps({"openai/x": full}), encoding="utf-8")
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    arguments = ["plan", "own.py@twice", "--model", "openai/x", "--tried", "2", "--model-cost-config", "prices.json"]
    arguments += ["--per-minute", "3"]

    priced = CliRunner().invoke(group, [*arguments, "--grader", "openai/x", "--json"])
    unpriced = CliRunner().invoke(group, [*arguments, "--grader", "openai/other"])

    record = json.loads(priced.stdout)
    assert [each["calls"] for each in record["models"]] == [12, 6]
    assert record["usd"] == pytest.approx(
        sum(each["input_tokens"] + each["output_tokens"] for each in record["models"]) / 1e6
    )
    assert record["hours"] == pytest.approx(18 / 3 / 60)
    assert record["answers"] == [], "a bare task is asked in no conditions"
    assert unpriced.exit_code == 0
    assert "--model-cost-config" in unpriced.stdout
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {"own.py", "prices.json"}


def test_the_command_says_what_a_crossed_task_can_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    parameters = ("-T", "task=own.py@twice", "-T", "contexts=none,emotion_sad", "--tried", "2")

    done = CliRunner().invoke(group, ["plan", "warm_inspect/crossed", "--model", "openai/x", *parameters, "--json"])

    [answer] = json.loads(done.stdout)["answers"]
    assert (answer["outcome"], answer["questions"], answer["pairs"]) == ("not_correct", 6, 6)
    assert "emotion_sad" in answer["asked"]
    assert set(answer["smallest_effects"]) == {"10", "20", "50"}


def test_a_parameter_without_a_value_is_wrong_usage() -> None:
    done = CliRunner().invoke(group, ["plan", "--model", "openai/x", "-T", "items"])

    assert done.exit_code == 2
    assert "-T items=50" in done.output
