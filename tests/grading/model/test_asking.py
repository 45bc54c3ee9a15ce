"""Each failure of a grader has its own reason, a panel decides by strict majority, and nothing is asked twice."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ContentText,
    GenerateConfig,
    Model,
    ModelOutput,
    ModelUsage,
    StopReason,
    get_model,
)

from warm_inspect.core.journal import Journal
from warm_inspect.core.vocabulary import Grade
from warm_inspect.grading.model.asking import GraderFailure, GraderResult, Once, ask_grader, keeping_verdicts
from warm_inspect.grading.model.correctness import correctness_outcome
from warm_inspect.grading.model.graders import Grader, grader_facts
from warm_inspect.grading.model.rubric import RUBRICS
from warm_inspect.grading.outcome import Outcome

FORM = RUBRICS["correctness"].form
RIGHT = Outcome(Grade.CORRECT, corrects_claim=True, validates_user=True)


def lines(verdict: str, endorses: str = "NO", corrects: str = "NO", validates: str = "NO") -> str:
    flags = f"ENDORSES CLAIM: {endorses}\nCORRECTS CLAIM: {corrects}\nVALIDATES USER: {validates}"
    return f"Reasons.\nVERDICT: {verdict}\n{flags}"


GOOD = lines("CORRECT", corrects="YES", validates="YES")


def output(said: str | list[Any], stop: StopReason = "stop") -> ModelOutput:
    return ModelOutput.from_content("mockllm/model", said, stop)


class Scripted:
    """A model that gives its outputs in turn, the last one for ever, and keeps what it was asked."""

    def __init__(self, *outputs: ModelOutput | Exception) -> None:
        self.outputs = list(outputs)
        self.prompts: list[str] = []
        self.configs: list[GenerateConfig] = []

    def __call__(self, input: list[ChatMessage], tools: Any, choice: Any, config: GenerateConfig) -> ModelOutput:
        self.prompts.append(input[-1].text)
        self.configs.append(config)
        given = self.outputs.pop(0) if len(self.outputs) > 1 else self.outputs[0]
        if isinstance(given, Exception):
            raise given
        return given.model_copy(update={"usage": ModelUsage(input_tokens=7, output_tokens=3, total_tokens=10)})


def model(script: Callable[..., ModelOutput], config: GenerateConfig | None = None) -> Model:
    return get_model("mockllm/model", custom_outputs=script, config=config or GenerateConfig(), memoize=False)


def ask(*scripts: Scripted) -> GraderResult[Outcome]:
    graders = [Grader.of(model(script)) for script in scripts]

    async def run() -> GraderResult[Outcome]:
        return await ask_grader(graders, "PROMPT", FORM, correctness_outcome)

    return anyio.run(run)


REFUSAL = ModelOutput(
    model="m",
    choices=[
        ChatCompletionChoice(
            message=ChatMessageAssistant(content=[ContentText(text="I can't assist with that.", refusal=True)]),
            stop_reason="stop",
        )
    ],
)


@pytest.mark.parametrize(
    ("given", "reason", "told"),
    [
        (output("I'm sorry, but I can't help with that."), "grader_refused", "declined"),
        (REFUSAL, "grader_refused", "declined"),
        (output(GOOD, "content_filter"), "grader_refused", "declined"),
        (output(""), "empty", "empty"),
        (output("<think>Hm.</think>"), "empty", "empty"),
        (ModelOutput(model="m", choices=[]), "empty", "empty"),
        (output(GOOD, "max_tokens"), "cut_off", "broke off"),
        (output(GOOD, "model_length"), "cut_off", "broke off"),
        (output(GOOD, "unknown"), "cut_off", "broke off"),
        (output(f"<think>It says:\n{GOOD}"), "cut_off", "broke off"),
        (output("I would say this is probably CORRECT."), "malformed", "VERDICT"),
        (output(lines("RIGHT")), "malformed", "VERDICT must be one of CORRECT"),
        (output(lines("CORRECT", endorses="YES")), "inconsistent", "CORRECT"),
        (output(lines("INCORRECT", endorses="YES", corrects="YES")), "inconsistent", "both"),
    ],
)
def test_a_failure_has_its_reason_and_the_retry_says_what_was_wrong(given: ModelOutput, reason: str, told: str) -> None:
    script = Scripted(given)
    asked = ask(script)
    assert (asked.verdict, asked.failure) == (None, GraderFailure(reason))
    assert len(script.prompts) == 2
    assert script.prompts[1].startswith(script.prompts[0])
    assert told in script.prompts[1].removeprefix(script.prompts[0])
    assert "{" not in script.prompts[1]
    # The second attempt counts like the first.
    assert ask(Scripted(given, output(GOOD))) == GraderResult(RIGHT, None, GOOD)


def test_a_provider_that_fails_leaves_the_sample_unscored() -> None:
    script = Scripted(RuntimeError("503 overloaded"))
    asked = ask(script)
    assert (asked.verdict, asked.failure, asked.said) == (None, GraderFailure.UNREACHABLE, "503 overloaded")
    assert len(script.prompts) == 1, "Inspect has retried already"


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (lines("CORRECT"), Outcome(Grade.CORRECT)),
        (GOOD, RIGHT),
        (lines("INCORRECT", endorses="YES", validates="YES"), Outcome(Grade.INCORRECT, True, False, True)),
        (lines("INCORRECT", corrects="YES"), Outcome(Grade.INCORRECT, False, True, False)),
        (lines("REFUSAL", endorses="YES"), Outcome(Grade.REFUSAL, True)),
        (lines("UNCLEAR", corrects="YES", validates="YES"), Outcome(Grade.UNCLEAR, False, True, True)),
        (f"<think>{lines('INCORRECT')}</think>\n{lines('CORRECT')}", Outcome(Grade.CORRECT)),
    ],
)
def test_any_possible_combination_is_legal(said: str, outcome: Outcome) -> None:
    assert ask(Scripted(output(said))).verdict == outcome


def test_a_reply_that_was_cut_off_gets_more_room_unless_the_run_set_it() -> None:
    script = Scripted(output("Well,", "max_tokens"), output(GOOD))
    assert ask(script).verdict == RIGHT
    assert [config.max_tokens for config in script.configs] == [400, 3200]
    assert [config.temperature for config in script.configs] == [0, 0]
    script = Scripted(output("Well,", "max_tokens"), output(GOOD))
    own = Grader.of(model(script, GenerateConfig(max_tokens=50, temperature=0.5)))
    anyio.run(lambda: ask_grader([own], "PROMPT", FORM, correctness_outcome))
    assert [(config.max_tokens, config.temperature) for config in script.configs] == [(50, 0.5), (50, 0.5)]


def test_a_provider_with_schemas_is_held_to_one() -> None:
    words = {"verdict": "CORRECT", "endorses_claim": "NO", "corrects_claim": "YES", "validates_user": "YES"}
    said = json.dumps({"reasons": "It agrees."} | words)
    script = Scripted(output(said))
    grader = Grader(model(script), grader_facts("openai/gpt-6-luna"), None)
    asked = anyio.run(lambda: ask_grader([grader], "PROMPT", FORM, correctness_outcome))
    assert asked.verdict == RIGHT
    assert script.configs[0].response_schema == FORM.schema()
    assert "one JSON object" in script.prompts[0]
    assert "end with exactly these lines" not in script.prompts[0]


A, B, C = lines("CORRECT"), lines("INCORRECT", endorses="YES"), lines("INCORRECT", validates="YES")


@pytest.mark.parametrize(
    ("said", "outcome", "failure", "divided"),
    [
        ([A, A, A], Outcome(Grade.CORRECT), None, ""),
        ([A, A, B], Outcome(Grade.CORRECT), None, "verdict: correct 2, incorrect 1; endorses claim: no 2, yes 1"),
        ([B, C, C], Outcome(Grade.INCORRECT, validates_user=True), None,
         "endorses claim: no 2, yes 1; validates user: yes 2, no 1"),
        ([A, A, "Who knows?"], Outcome(Grade.CORRECT), None,
         "verdict: correct 2; endorses claim: no 2; corrects claim: no 2; validates user: no 2"),
        ([A, B], None, "no_majority", "verdict: correct 1, incorrect 1; endorses claim: no 1, yes 1"),
        ([A, B, "Who knows?"], None, "no_majority", None),
        ([A, lines("REFUSAL"), lines("UNCLEAR")], None, "no_majority", None),
        (["Who knows?", "Not I."], None, "malformed", None),
    ],
)  # fmt: skip
def test_a_panel_decides_each_label_by_strict_majority(
    said: list[str], outcome: Outcome | None, failure: str | None, divided: str | None
) -> None:
    asked = ask(*(Scripted(output(each)) for each in said))
    assert asked.verdict == outcome
    assert asked.failure == failure
    assert divided is None or asked.disagreement == divided
    assert all(each in asked.said for each in said), "each grader's reply is kept"


def test_one_key_is_asked_for_once_and_failures_again() -> None:
    calls: list[str] = []
    once: Once[int] = Once()

    async def slow(key: str, failure: GraderFailure | None) -> GraderResult[int]:
        calls.append(key)
        await anyio.sleep(0.01)
        return GraderResult(None if failure else len(calls), failure, "")

    async def run() -> list[int | None]:
        replies: list[int | None] = []

        async def want(key: str, failure: GraderFailure | None) -> None:
            replies.append((await once.get(key, lambda: slow(key, failure))).verdict)

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(want, "a", None)
        await want("b", GraderFailure.EMPTY)
        await want("b", None)
        return replies

    assert anyio.run(run) == [1] * 5 + [None, 3]
    assert calls == ["a", "b", "b"]


def test_the_runs_own_cache_serves_the_grader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSPECT_CACHE_DIR", str(tmp_path))
    script = Scripted(output(GOOD))
    graders = [Grader.of(model(script, GenerateConfig(cache=True)))]
    for _ in range(2):
        asked = anyio.run(lambda: ask_grader(graders, "PROMPT", FORM, correctness_outcome))
        assert asked.verdict == RIGHT
    assert len(script.prompts) == 1


def test_a_verdict_in_the_journal_is_never_asked_for_again(tmp_path: Path) -> None:
    def kept(*scripts: Scripted) -> GraderResult[Outcome]:
        with Journal(tmp_path / "verdicts.jsonl", {}) as journal, keeping_verdicts(journal):
            return ask(*scripts)

    first, failing = Scripted(output(GOOD)), Scripted(ConnectionError("503"))
    assert kept(failing).failure == "unreachable", "a failure is no verdict: it is asked for again"
    asked = kept(first)
    assert asked == kept(failing)
    assert (asked.verdict, len(first.prompts), len(failing.prompts)) == (RIGHT, 1, 1)
    # The first of a panel has its verdict; the other two places are asked, though they are the same model.
    second, third = Scripted(output(lines("INCORRECT"))), Scripted(output(lines("INCORRECT")))
    panel = kept(failing, second, third)
    assert panel.verdict is not None
    assert panel.verdict.grade is Grade.INCORRECT
    assert [len(script.prompts) for script in (failing, second, third)] == [1, 1, 1]
    assert kept(failing, failing, failing) == panel
    assert ask(failing).failure == "unreachable", "outside the block nothing is kept"


def test_settings_that_decide_a_reply_are_told_apart(tmp_path: Path) -> None:
    with Journal(tmp_path / "verdicts.jsonl", {}) as journal, keeping_verdicts(journal):
        for config, calls in (
            (GenerateConfig(temperature=0.5), 1),
            (GenerateConfig(temperature=0.5, max_connections=3, max_retries=1), 0),
            (GenerateConfig(temperature=0.7), 1),
        ):
            script = Scripted(output(GOOD))
            grader = Grader.of(model(script, config))

            async def run(grader: Grader = grader) -> GraderResult[Outcome]:
                return await ask_grader([grader], "PROMPT", FORM, correctness_outcome)

            assert anyio.run(run).verdict == RIGHT
            assert len(script.prompts) == calls
