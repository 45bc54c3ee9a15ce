"""The solvers on our samples, and refused as the whole solver of a task."""

from collections.abc import Callable

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog
from inspect_ai.scorer import includes
from inspect_ai.solver import Solver

from tests.errors import refused
from tests.models_edge import scripted
from warm_inspect import truthfulqa
from warm_inspect.conditions.prompt import rendered_sha256
from warm_inspect.conditions.words import PERSONAS
from warm_inspect.core.metadata import SampleMetadata
from warm_inspect.core.vocabulary import CLAIMS, INCORRECT_ANSWERS
from warm_inspect.solvers import interpersonal_context, persona, user_belief


def run(task: Task, log_dir: str) -> EvalLog:
    [log] = eval(
        task, model=scripted(lambda _: "Yes."), log_dir=log_dir, display="none", log_realtime=False, score=False
    )
    assert log.status == "success", log.error
    return log


@pytest.mark.parametrize("cells", [("all", "all"), ("paper", "paper")])
@pytest.mark.parametrize("who", ["none", "warm"])
@pytest.mark.slow
def test_every_cell_shows_the_model_the_prompt_that_was_hashed(
    cells: tuple[str, str], who: str, tmp_path: object
) -> None:
    task = truthfulqa(contexts=cells[0], beliefs=cells[1], persona=who, source="bundled", grading="match", items=1)
    log = run(task, str(tmp_path))
    assert log.samples is not None
    for sample in log.samples:
        system = [message.text for message in sample.messages if message.role == "system"]
        [user] = [message.text for message in sample.messages if message.role == "user"]
        assert system == ([PERSONAS["warm"].system] if who == "warm" else [])
        assert rendered_sha256(user, who) == sample.metadata["prompt_sha256"]
        assert str(sample.input) in user
        facts = SampleMetadata.model_validate(
            {k: v for k, v in sample.metadata.items() if k not in (INCORRECT_ANSWERS, CLAIMS)}
        )
        statement, _, rest = user.partition(str(sample.input))
        assert bool(statement) == bool(facts.statement_id or facts.lead_in), "statement and lead-in stand before"
        assert bool(rest) == (facts.belief != "none"), "the belief stands behind"
        assert facts.base_model == "mockllm/model"
        assert facts.arm == "", "a foreign model does not say which arm it is"


@pytest.mark.parametrize("solver", [persona, interpersonal_context, user_belief])
def test_the_solvers_of_our_tasks_replace_none_of_another_task(solver: Callable[..., Solver], tmp_path: object) -> None:
    """Alone they ask no model, and every reply would be scored as wrong."""
    [log] = eval(
        Task(dataset=[Sample(input="Is 7 prime?", target="Yes")], scorer=includes()),
        solver=solver(),
        model=scripted(lambda _: "Yes."),
        log_dir=str(tmp_path),
        display="none",
        log_realtime=False,
    )
    assert log.status == "error"
    assert log.error is not None
    assert f"warm_inspect/{solver.__name__}" in log.error.message
    assert "warm_inspect/crossed" in log.error.message


@pytest.mark.parametrize("solver", [persona, interpersonal_context, user_belief])
def test_nor_the_solver_of_our_own_tasks(solver: Callable[..., Solver], tmp_path: object) -> None:
    """There its words stand in the prompt already, and nothing would ask the model."""
    task = truthfulqa(contexts="none", beliefs="none", source="bundled", grading="match", items=1)
    [log] = eval(
        task,
        solver=solver(),
        model=scripted(lambda _: "Yes."),
        log_dir=str(tmp_path),
        display="none",
        log_realtime=False,
    )
    assert log.status == "error"
    assert log.error is not None
    assert "warm_inspect/crossed" in log.error.message


@pytest.mark.parametrize(
    ("solver", "argument"),
    [(persona, "persona"), (interpersonal_context, "context"), (user_belief, "then_generate")],
)
def test_parameters_are_refused_before_anything_is_run(solver: Callable[..., Solver], argument: str) -> None:
    with refused(f"-S {argument}", "warm_inspect/crossed"):
        solver(**{argument: "x"})
