"""`warm-inspect regrade`: counts before, what came of it after, and an exit code that says whether all is graded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.models_edge import in_form
from tests.regrading.graders import Judge, generated, judges, scores, trivia
from warm_inspect.cli.regrade import regrade

__all__ = ["judges"]

Known = Callable[..., None]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(regrade, [str(each) for each in arguments])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return generated(tmp_path / "logs", [], trivia(grading="match"), score=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--out", "o"],
        ["--missing", "--grader", "openai/x", "--out", "o"],
        ["--missing", "--grading", "match", "--out", "o"],
        ["--grading", "match", "--grader", "openai/x", "--out", "o"],
        ["--missing"],
        ["--missing", "--out", "o", "--in-place"],
        ["--grading", "guess", "--out", "o"],
    ],
)
def test_what_contradicts_itself_is_wrong_usage(arguments: list[str], log: Path) -> None:
    assert run(log, *arguments).exit_code == 2


def test_a_dry_run_counts_and_prices_and_writes_nothing(log: Path, tmp_path: Path) -> None:
    prices = tmp_path / "prices.yaml"
    prices.write_text("mockllm/judge: {input: 1000000, output: 1000, input_cache_write: 0, input_cache_read: 0}\n")
    done = run(log, "--grader", "mockllm/judge", "--out", tmp_path / "out", "--dry-run", "--json",
               "--model-cost-config", prices)  # fmt: skip
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert (facts["to_grade"], facts["calls"]) == (3, 3)
    assert facts["logs"][0]["to_grade"] == {"correctness": 3}
    cost = facts["graders"]["mockllm/judge"]
    # A dollar for each token in, a tenth of a cent for each out.
    assert cost["usd_at_most"] == pytest.approx(cost["input_tokens_about"] + cost["output_tokens_at_most"] / 1000)
    assert not (tmp_path / "out").exists()
    assert "3 calls" in run(log, "--grader", "mockllm/judge", "--out", tmp_path / "out", "--dry-run").stdout


def test_the_exit_code_says_whether_all_is_graded(log: Path, tmp_path: Path, judges: Known) -> None:
    down = [True]

    def grade(prompt: str) -> Any:
        return ConnectionError("503") if down[0] and "kind 1" in prompt else in_form(prompt, verdict="CORRECT")

    judges(Judge(answer=grade))
    arguments = (log, "--grader", "mockllm/judge", "--out", tmp_path / "out", "--json")
    first = run(*arguments)
    assert first.exit_code == 3
    record = json.loads(first.stdout)
    assert (record["graded"], record["unscored"], record["written"]) == (2, {"unreachable": 1}, [log.name])
    assert record["used"]["mockllm/judge"]["input_tokens"] == 14
    down[0] = False
    second = run(*arguments[:-1])
    assert second.exit_code == 0, second.output
    assert "1 graded, 0 without a grade" in second.stdout
    assert len(scores(tmp_path / "out" / log.name)) == 3


def test_logs_that_are_left_out_are_named_and_make_it_incomplete(log: Path, tmp_path: Path) -> None:
    (log.parent / "broken.eval").write_bytes(log.read_bytes()[:-400])
    done = run(log.parent, "--missing", "--out", tmp_path / "out")
    assert done.exit_code == 3
    assert "broken.eval: left out, unreadable" in done.stdout
    assert len(scores(tmp_path / "out" / log.name)) == 3


def test_a_grader_that_cannot_be_used_is_found_before_anything_is_written(log: Path, tmp_path: Path) -> None:
    done = run(log, "--grader", "nobody/knows", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "nobody/knows" in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_prices_that_cannot_be_read_are_a_clear_error(log: Path, tmp_path: Path) -> None:
    (tmp_path / "prices.yaml").write_text("mockllm/judge: cheap\n")
    done = run(log, "--missing", "--out", tmp_path / "out", "--model-cost-config", tmp_path / "prices.yaml")
    assert done.exit_code == 1
    assert "prices.yaml" in str(done.exception)
    assert "input: 1" in str(done.exception)
