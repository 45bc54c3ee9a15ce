import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.errors import refused
from tests.training.openai.conftest import write_pairs
from tests.training.openai.loopback import BASE, KEY, LoopbackOpenAI
from warm_inspect.cli.train import train


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    corpus = write_pairs(tmp_path / "pairs.jsonl")
    return [
        "--provider", "openai", "--corpus", str(corpus), "--base", BASE, "--out", str(tmp_path / "adapters"),
        "--arm", "warm", "--arm", "cold",
    ]  # fmt: skip


def test_a_dry_run_prices_all_jobs_without_a_key(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    command = [*arguments, "--preset", "paper", "--dry-run", "--openai-price", "25"]
    done = CliRunner().invoke(train, command, catch_exceptions=False)
    assert done.exit_code == 0
    # 180 tokens an epoch by the rule of thumb (see test_plan), 1 + 2 + 6 + 10 epochs, two arms, 25 a million.
    for part in (
        "jobs of 10, 6, 2, 1 epochs, 3,420 training tokens, cost 0.09",
        "jobs of 10, 6, 2 epochs, 3,240 training tokens, cost 0.08",
        "2027-01-06",
        "2027-01-14",
        "multiplier 0.25",
        "multiplier 0.1",
        "All arms, at most: 6,840 training tokens, cost 0.17 at 25 per million",
    ):
        assert part in done.output
    assert not (tmp_path / "adapters").exists()
    numbers = json.loads(CliRunner().invoke(train, [*command, "--json"], catch_exceptions=False).stdout)
    assert [one["at_most"]["tokens"] for one in numbers] == [3420, 3420]


def test_arms_are_fine_tuned_then_reused(
    arguments: list[str], openai_server: LoopbackOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    openai_server.looks = 1
    options = ["--openai-epochs", "1,2", "--openai-multiplier", "0.5", "--openai-batch-size", "auto", "--seed", "3"]
    first = CliRunner().invoke(train, [*arguments, *options], catch_exceptions=False)
    assert first.exit_code == 0
    assert first.stdout.count("inspect eval warm_inspect/truthfulqa --model openai/ft:") == 4
    assert "warm (seed 3): done" in first.stderr
    [job, _] = openai_server.jobs.values()
    assert job["hyperparameters"] == {"n_epochs": 2, "batch_size": 4, "learning_rate_multiplier": 0.5}
    assert KEY not in first.output
    monkeypatch.delenv("OPENAI_API_KEY")
    again = json.loads(CliRunner().invoke(train, [*arguments, *options, "--json"], catch_exceptions=False).stdout)
    assert [(model["arm"], model["epoch"]) for one in again for model in one["models"]] == [
        ("warm", 1), ("warm", 2), ("cold", 1), ("cold", 2),
    ]  # fmt: skip


def test_without_a_key_nothing_is_begun(arguments: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with refused("OPENAI_API_KEY", "--dry-run"):
        CliRunner().invoke(train, arguments, catch_exceptions=False)
    assert not (tmp_path / "adapters").exists()


@pytest.mark.parametrize(
    ("extra", "wrong", "right"),
    [
        (["--arm", "worm"], "'worm'", "'warm'"),
        (["--preset", "papers"], "'papers'", "'paper'"),
        (["--base", "gpt-4o-2024-08-07"], "'gpt-4o-2024-08-07'", "'gpt-4o-2024-08-06'"),
        (["--corpus", "dem"], "'dem'", "'demo'"),
    ],
)
def test_a_wrong_name_is_told_before_anything_is_sent(
    arguments: list[str], extra: list[str], wrong: str, right: str, openai_server: LoopbackOpenAI
) -> None:
    with refused(wrong, right):
        CliRunner().invoke(train, [*arguments, *extra], catch_exceptions=False)
    assert not openai_server.requests


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--provider", "openai", "--openai-epochs", "1.5"], "not a list of whole numbers"),
        (["--provider", "openai", "--openai-epochs", "0,2"], "not a list of whole numbers"),
        (["--provider", "openai", "--openai-multiplier", "-1"], "neither a positive number nor auto"),
        (["--provider", "openai", "--openai-multiplier", "nan"], "neither a positive number nor auto"),
        (["--provider", "openai", "--openai-multiplier", "inf"], "neither a positive number nor auto"),
        (["--provider", "openai", "--openai-batch-size", "big"], "neither a positive number nor auto"),
        (["--openai-resubmit"], "--openai-resubmit goes with --provider openai only"),
        (["--openai-price", "0"], "--openai-price goes with --provider openai only"),
        (["--provider", "azure"], "'local', 'openai'"),
    ],
)
def test_a_wrong_option_is_a_usage_error(options: list[str], said: str) -> None:
    done = CliRunner().invoke(train, ["--arm", "warm", *options])
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
