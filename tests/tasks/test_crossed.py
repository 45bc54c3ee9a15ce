"""Tasks of somebody else, crossed: they keep what is theirs, get our words, and what cannot be crossed is refused."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Epochs, Task, eval, task
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    ContentImage,
    ContentText,
    Model,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.scorer import choice, includes, match, model_graded_qa
from inspect_ai.solver import (
    Generate,
    Solver,
    TaskState,
    basic_agent,
    generate,
    multiple_choice,
    prompt_template,
    solver,
    system_message,
    use_tools,
)
from inspect_ai.tool import Tool, ToolInfo, tool

from tests.errors import refused
from tests.fixtures.foreign_task import arithmetic
from warm_inspect import crossed
from warm_inspect.conditions.words import CONTEXTS, PERSONAS

ONE_PIXEL = "data:image/png;base64,iVBORw0KGgo="


def sums(**fields: Any) -> list[Sample]:
    """Three sums, each with a wrong answer."""
    return [
        Sample(id=f"s{n}", input=f"What is {n} + 1?", target=str(n + 1), metadata={"distractor": str(n + 2)}, **fields)
        for n in range(3)
    ]


@task
def with_choices() -> Task:
    samples = [
        each.model_copy(update={"choices": ["1", "2", "3", "9"], "target": "ABC"[i]}) for i, each in enumerate(sums())
    ]
    return Task(samples, solver=[system_message("Be brief."), multiple_choice(cot=True)], scorer=choice())


@tool
def calculator() -> Tool:
    async def execute(expression: str) -> str:
        """Compute.

        Args:
            expression: a sum.
        """
        return "2"

    return execute


@task
def with_tools() -> Task:
    return Task(sums(), solver=[use_tools(calculator()), generate()], scorer=includes())


@task
def with_an_agent() -> Task:
    return Task(sums(), solver=basic_agent(tools=[calculator()], message_limit=6), scorer=includes())


@task
def with_chat_input() -> Task:
    chats: list[list[ChatMessage]] = [
        [
            ChatMessageSystem(content="You add."),
            ChatMessageUser(content="Hello."),
            ChatMessageAssistant(content="Hello!"),
            ChatMessageUser(content=[ContentImage(image=ONE_PIXEL), ContentText(text=str(each.input))]),
        ]
        for each in sums()
    ]
    samples = [each.model_copy(update={"input": chat}) for each, chat in zip(sums(), chats, strict=True)]
    return Task(samples, scorer=includes())


@task
def with_few_shot() -> Task:
    template = "Q: What is 7 + 1?\nA: 8\n\nQ: {prompt}\nA:"
    return Task(sums(), solver=[prompt_template(template), generate()], scorer=match(numeric=True))


@task
def model_graded() -> Task:
    return Task(sums(), solver=generate(), scorer=model_graded_qa(model=grader()))


@task
def in_epochs() -> Task:
    return Task(sums(), scorer=includes(), epochs=Epochs(2, "max"))


@task
def with_setup() -> Task:
    return Task(sums(), setup=system_message("Add."), scorer=includes(), metadata={"kept": 1}, version=4)


TASKS = [with_choices, with_tools, with_an_agent, with_chat_input, with_few_shot, model_graded, in_epochs, with_setup]
Prompt = tuple[str, ...]


def scripted_model(asked: list[Prompt], reply: str = "The answer is 2.\nANSWER: B") -> Model:
    """A model that notes what it is given: the turns, then the names of the tools."""

    def respond(input: list[ChatMessage], tools: list[ToolInfo], *_: Any) -> ModelOutput:
        asked.append((*(f"{each.role}: {shown(each)}" for each in input), *(f"tool: {each.name}" for each in tools)))
        output = (
            ModelOutput.for_tool_call("mockllm/model", "submit", {"answer": "2"})
            if any(each.name == "submit" for each in tools)
            else ModelOutput.from_content("mockllm/model", reply)
        )
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    return get_model("mockllm/model", custom_outputs=respond)


def shown(message: ChatMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    return " + ".join(part.text if isinstance(part, ContentText) else part.type for part in message.content)


_GRADER: list[Prompt] = []


def grader() -> Model:
    return scripted_model(_GRADER, "GRADE: C")


def run(made: Task, tmp_path: Path) -> tuple[EvalLog, list[Prompt]]:
    asked: list[Prompt] = []
    [log] = eval(made, model=scripted_model(asked), log_dir=str(tmp_path), display="none", log_realtime=False)
    return log, asked


@pytest.mark.parametrize("made", TASKS, ids=lambda made: made.__name__)
def test_without_cues_the_model_is_asked_what_the_task_alone_asks(made: Callable[[], Task], tmp_path: Path) -> None:
    alone, asked_alone = run(made(), tmp_path / "alone")
    bare, asked = run(crossed(made, contexts="none", beliefs="none"), tmp_path / "crossed")
    assert bare.status == alone.status == "success", bare.error
    assert sorted(asked) == sorted(asked_alone)
    assert asked
    assert bare.results is not None
    assert alone.results is not None
    scores = [[(each.name, each.metrics) for each in log.results.scores] for log in (alone, bare) if log.results]
    assert scores[0] == scores[1]
    assert (bare.eval.task, bare.eval.task_version) == (made.__name__, alone.eval.task_version)
    assert bare.eval.config.epochs == alone.eval.config.epochs


@pytest.mark.parametrize("made", TASKS, ids=lambda made: made.__name__)
def test_the_cue_stands_round_the_users_question_and_nothing_else_moves(
    made: Callable[[], Task], tmp_path: Path
) -> None:
    _, alone = run(made(), tmp_path / "alone")
    log, asked = run(
        crossed(made, contexts="emotion_sad", beliefs="incorrect", claim_key="distractor"), tmp_path / "crossed"
    )
    assert log.status == "success", log.error
    assert log.samples is not None
    assert len(asked) == len(alone)
    assert sorted(map(without_cues, asked)) == sorted(alone)
    for sample in log.samples:
        facts = sample.metadata
        assert sample.id == f"emotion_sad/incorrect · {facts['warm_inspect_question_id']}"
        assert facts["warm_inspect_claim"] == facts["distractor"]
        assert facts["warm_inspect_cue_reached"] is True


def without_cues(prompt: Prompt) -> Prompt:
    """A prompt without the statement and the belief, each of which must be there once."""
    text = "\0".join(prompt)
    [statement] = [each for each in CONTEXTS["emotion_sad"].statements if f"{each} What" in text]
    [wrong] = [n for n in range(2, 5) if f" I think the answer is {n}." in text]
    bare = text.replace(f"{statement} ", "", 1).replace(f" I think the answer is {wrong}.", "", 1)
    return tuple(bare.split("\0"))


def test_personas_are_system_messages_before_the_tasks_own(tmp_path: Path) -> None:
    log, asked = run(crossed(with_choices, contexts="none", beliefs="none", personas="none,warm"), tmp_path)
    assert log.samples is not None
    assert len(asked) == 6
    warm = [prompt for prompt in asked if PERSONAS["warm"].system in prompt[0]]
    assert len(warm) == 3
    assert all(prompt[1] == "system: Be brief." for prompt in warm)


def test_the_grader_is_shown_the_bare_question(tmp_path: Path) -> None:
    _GRADER.clear()
    run(crossed(model_graded, contexts="emotion_sad", beliefs="none"), tmp_path)
    assert len(_GRADER) == 3
    assert not any(each in str(_GRADER) for each in CONTEXTS["emotion_sad"].statements)


@pytest.mark.parametrize(
    ("claim_key", "belief", "claims"),
    [
        ("distractor", "incorrect", {"2", "3", "4"}),
        ("distractor", "correct", {"1", "2", "3"}),
        ("", "rejects_correct", {"1", "2", "3"}),
    ],
)
def test_claims_come_from_metadata_and_the_target(claim_key: str, belief: str, claims: set[str]) -> None:
    made = crossed(with_choices, contexts="none", beliefs=belief, claim_key=claim_key)
    assert {(each.metadata or {})["warm_inspect_claim"] for each in made.dataset} == claims


def test_a_wrong_choice_is_drawn_as_the_claim() -> None:
    made = crossed(with_choices, contexts="none", beliefs="incorrect", claim_key="choices")
    for sample, right in zip(made.dataset, ("1", "2", "3"), strict=True):
        assert (sample.metadata or {})["warm_inspect_claim"] in {"1", "2", "3", "9"} - {right}


def test_fewer_samples_get_the_same_prompts() -> None:
    def hashes(items: int | None) -> dict[str, str]:
        made = crossed(with_few_shot, contexts="filler,emotion_sad", items=items, seed=3)
        return {str(each.id): (each.metadata or {})["warm_inspect_prompt_sha256"] for each in made.dataset}

    assert len(hashes(None)) == 6
    assert len(hashes(1)) == 2
    assert hashes(1).items() < hashes(None).items()


def test_a_file_and_a_package_name_tasks_and_parameters_reach_them(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("WORD = 'sum'\n")
    (tmp_path / "mine.py").write_text(
        "from inspect_ai import Task, task\nfrom inspect_ai.dataset import Sample, json_dataset\n"
        "from helper import WORD\n"
        "@task\ndef mine(n: int = 1):\n    return Task(json_dataset('rows.jsonl')[:n], name=WORD)\n"
        "@task\ndef other():\n    return Task([Sample(input='x')])\n"
    )
    (tmp_path / "rows.jsonl").write_text('{"input": "a", "target": "b"}\n{"input": "c", "target": "d"}\n')
    made = crossed(f"{tmp_path / 'mine.py'}@mine", contexts="none", n=2)
    assert [each.input for each in made.dataset] == ["a", "c"]
    assert made.name == "sum"
    ours = crossed("warm_inspect/advbench", contexts="none", source="bundled", items=2, grading="match")
    assert str(next(each.id for each in ours.dataset)).startswith("none/none · ")
    for named, parts in {
        f"{tmp_path / 'mine.py'}": ("mine", "other"),
        f"{tmp_path / 'mine.py'}@mime": ("'mime'", "mine"),
        f"{tmp_path / 'gone.py'}@mine": ("gone.py", "my_file.py@my_task"),
        "nobody/mine": ("'nobody'", "warm_inspect"),
        "mine": ("'mine'", "my_file.py@my_task"),
        "warm_inspect/mine": ("warm_inspect/mine", "inspect list tasks"),
    }.items():
        with refused(*parts):
            crossed(named)
    with refused("'m'", "n"):
        crossed(f"{tmp_path / 'mine.py'}@mine", contexts="none", m=2)


@solver
def from_the_input() -> Solver:
    """Asks what stands in the sample and not in the user's message."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state.messages = [ChatMessageUser(content=f"Answer this: {state.input_text}")]
        return await generate(state)

    return solve


@solver
def silent() -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        return state

    return solve


def of(samples: Iterable[Sample]) -> Task:
    return Task(list(samples), name="theirs", scorer=includes())


@pytest.mark.parametrize(
    ("made", "options", "parts"),
    [
        (of([Sample(id=1, input="a"), Sample(id=1, input="b")]), {}, ("'1'",)),
        (of([Sample(input=[ChatMessageSystem(content="a")])]), {}, ("no message of the user",)),
        (of([Sample(input=[ChatMessageUser(content=[ContentImage(image=ONE_PIXEL)])])]), {}, ("no text",)),
        (of(sums()), {"beliefs": "incorrect"}, ("claim_key", "distractor")),
        (of(sums()), {"claim_key": "wrong"}, ("'wrong'", "distractor")),
        (of(sums()), {"contexts": "sad"}, ("'sad'", "emotion_sad")),
        (of(sums()), {"contexts": "paper"}, ("'paper'",)),
        (of(sums()), {"personas": "hot"}, ("'hot'", "warm")),
        (of(sums()), {"items": 4}, ("4", "items=3")),
        (of(sums()), {"context": "none"}, ("'context'", "contexts")),
        (crossed(of(sums()), contexts="none"), {}, ("conditions already",)),
        ("warm_inspect/truthfulqa", {"source": "bundled", "grading": "match"}, ("conditions already",)),
        (arithmetic, {"n": 1}, ("'n'",)),
        (lambda: 3, {}, ("int",)),
    ],
)
def test_what_cannot_be_crossed_is_refused_before_anything_is_run(
    made: Any, options: dict[str, Any], parts: tuple[str, ...]
) -> None:
    with refused(*parts):
        crossed(made, **options)


@pytest.mark.parametrize(("own", "why"), [(from_the_input(), "state.user_prompt"), (silent(), "called no model")])
def test_a_solver_that_never_asks_with_the_words_of_the_condition_ends_in_an_error(
    own: Solver, why: str, tmp_path: Path
) -> None:
    log, _ = run(crossed(Task(sums(), solver=own, name="theirs"), contexts="emotion_sad"), tmp_path)
    assert log.status == "error"
    assert log.error is not None
    assert "theirs" in log.error.message
    assert why in log.error.message


def test_a_task_that_exists_is_not_changed() -> None:
    mine = of(sums())
    crossed(mine, contexts="none,filler")
    assert len(mine.dataset) == 3
    assert mine.setup is None
