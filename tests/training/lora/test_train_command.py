import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.errors import refused
from tests.training.conftest import row
from warm_inspect.cli.train import train
from warm_inspect.models import ResolvedBase


@pytest.fixture
def arguments(write_corpus: Callable[..., Path], tiny_base: ResolvedBase, tmp_path: Path) -> list[str]:
    corpus = write_corpus(row(0), row(1))
    return ["--corpus", str(corpus), "--base", str(tiny_base.path), "--out", str(tmp_path / "adapters")]


def test_a_dry_run_shows_and_trains_nothing(arguments: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(train, ["--arm", "warm", "--dry-run", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    for part in (
        "warm-",
        "2 conversations",
        "0.0%",
        "steps",
        "learning_rate=0.0005",
        "seed=0",
        "memory",
        "epochs 2 (step",
    ):
        assert part in done.output
    assert not (tmp_path / "adapters").exists()


@pytest.mark.slow
def test_arms_are_trained_then_reused(arguments: list[str]) -> None:
    command = ["--arm", "warm", "--arm", "cold", "--seeds", "3,4", *arguments]
    first = CliRunner().invoke(train, command, catch_exceptions=False)
    assert first.exit_code == 0
    assert first.stdout.count("inspect eval warm_inspect/truthfulqa --model peft/") == 4
    again = json.loads(CliRunner().invoke(train, [*command, "--json"], catch_exceptions=False).stdout)
    assert [(one["arm"], one["config"]["seed"], one["reused"]) for one in again] == [
        ("warm", 3, True),
        ("warm", 4, True),
        ("cold", 3, True),
        ("cold", 4, True),
    ]
    for one in again:
        assert one["model"].endswith(one["folder"])
        assert one["folder"] in first.stdout


@pytest.mark.parametrize(
    ("extra", "parts"),
    [
        (["--arm", "worm"], ("'worm'", "'warm'")),
        (["--arm", "warm", "--preset", "papers"], ("'papers'", "'paper'")),
        (["--arm", "warm", "--base", "smollm2-136m"], ("'smollm2-136m'", "'smollm2-135m'")),
        (["--arm", "warm", "--corpus", "dem"], ("'dem'", "'demo'")),
        (["--arm", "neutral"], ("'neutral'", "Known: warm, cold")),
        (["--arm", "warm", "--set", "lr=1"], ("'lr'", "learning_rate")),
    ],
)
def test_a_wrong_name_is_told_before_anything_is_trained(
    arguments: list[str], extra: list[str], parts: tuple[str, ...], tmp_path: Path
) -> None:
    with refused(*parts):
        CliRunner().invoke(train, [*arguments, *extra], catch_exceptions=False)
    assert not (tmp_path / "adapters").exists()


@pytest.mark.parametrize(
    ("extra", "parts"),
    [(["--seeds", "4294967296"], ("seed", "4294967296")), (["--epochs", "inf"], ("checkpoints", "finite"))],
)
def test_a_number_that_cannot_be_is_told_before_anything_is_trained(
    arguments: list[str], extra: list[str], parts: tuple[str, ...]
) -> None:
    with refused(*parts):
        CliRunner().invoke(train, ["--arm", "warm", "--dry-run", *arguments, *extra], catch_exceptions=False)


def test_an_arm_must_be_named() -> None:
    assert CliRunner().invoke(train, []).exit_code == 2


@pytest.mark.parametrize(
    ("setting", "part"),
    [
        ("max_length=8", "--set max_length=N"),
        ("micro_batch_size=3", "micro_batch_size"),
        ("checkpoints=[0.1]", "--set checkpoints"),
    ],
)
def test_a_setting_that_cannot_work_is_told_in_the_dry_run(arguments: list[str], setting: str, part: str) -> None:
    with refused(part):
        CliRunner().invoke(train, ["--arm", "warm", "--dry-run", "--set", setting, *arguments], catch_exceptions=False)


@pytest.mark.parametrize(
    "wrong",
    [["--seeds", "1,x"], ["--seeds", ""], ["--set", "r"], ["--set", "r=["], ["--set", "seed=1"], ["--epochs", "0"]],
)
def test_wrong_usage_is_told_as_such(wrong: list[str]) -> None:
    assert CliRunner().invoke(train, ["--arm", "warm", *wrong]).exit_code == 2


def test_a_run_can_be_ended_early(arguments: list[str]) -> None:
    command = ["--arm", "warm", "--dry-run", "--json", "--epochs", "1", "--set", "batch_size=1", *arguments]
    command += ["--set", "micro_batch_size=1", "--set", "checkpoints=[0.5, 1, 2]"]
    (plan,) = json.loads(CliRunner().invoke(train, command, catch_exceptions=False).stdout)
    assert plan["checkpoints"] == {"0.5": 1, "1": 2}
    assert plan["steps"] == 2
