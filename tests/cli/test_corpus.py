"""`warm-inspect corpus`: what the commands show, write and return."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.training.corpus.building.conftest import chats
from tests.training.corpus.building.test_filters import LABELS, save
from tests.training.corpus.rewriting import scripted
from warm_inspect.cli.corpus import corpus
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.training import load_corpus

__all__ = ["scripted"]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(corpus, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setenv("INSPECT_CACHE_DIR", str(tmp_path / "inspect_cache"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:1/{repo_id}/resolve/{revision}/{filename}"
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "chats.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in chats(6)), encoding="utf-8")
    return path


@pytest.fixture
def lenient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real classifier of random weights, with a threshold that lets everything pass."""
    monkeypatch.setattr("warm_inspect.training.corpus.equal_sampling.MAX_SCORE", 1.0)
    return save(tmp_path / "toxic-bert", LABELS)


def build(source: Path, out: Path, lenient: Path, *more: object) -> Result:
    return run("build", source, "--out", out, "--train", 12, "--held-out", 6, "--nsfw-model", lenient, *more)


def test_build_distill_and_restyle_give_a_corpus_that_trains(source: Path, lenient: Path, tmp_path: Path) -> None:
    built = build(source, tmp_path / "base", lenient)
    assert built.exit_code == 0, built.output
    for text in ("build: 12 conversations to train on, 6 held out", "not compared with triviaqa (hub)", "none stated"):
        assert text in built.output
    own = run("distill", tmp_path / "base", "--model", "scripted/own_words", "--out", tmp_path / "own")
    assert own.exit_code == 0, own.output
    styled = run(
        "restyle", tmp_path / "own", "--style", "warm", "--style", "cold", "--from", "self_distilled",
        "--model", "scripted/warm", "--out", tmp_path / "styled", "--json",
    )  # fmt: skip
    assert styled.exit_code == 0, styled.output
    sheet: dict[str, Any] = json.loads(styled.stdout)
    assert [step["step"] for step in sheet["steps"]] == ["build", "distill", "restyle"]
    loaded = load_corpus(str(tmp_path / "styled"))
    assert loaded.arms == ("unmodified", "self_distilled", "self_distilled_warm", "self_distilled_cold")
    assert len(loaded.examples("self_distilled_warm", "train")) == 12
    assert len(loaded.prompts("held_out")) == 6


def test_dry_runs_show_counts_and_prices_and_write_nothing(source: Path, lenient: Path, tmp_path: Path) -> None:
    counted = build(source, tmp_path / "base", lenient, "--dry-run")
    assert counted.exit_code == 0, counted.output
    assert json.loads(counted.stdout)["query_types"]["advice"] == {"available_before_filter": 6, "wanted": 3}
    assert not (tmp_path / "base").exists()
    build(source, tmp_path / "base", lenient)
    priced = run(
        "restyle", tmp_path / "base", "--style", "warm", "--model", "none/such", "--out", tmp_path / "styled",
        "--price-in", "1", "--price-out", "2", "--grader", "none/other", "--grade", "5", "--dry-run",
    )  # fmt: skip
    assert priced.exit_code == 0, priced.output
    assert "Estimate: 12 calls, about" in priced.output
    [graded] = re.findall("And of the grader: 5 calls, about .* and 2,000 output tokens (.*)", priced.output)
    assert graded == "(if each first verdict is clear)."
    assert "US dollars" in priced.output
    unpriced = run("distill", tmp_path / "base", "--model", "none/such", "--out", tmp_path / "own", "--dry-run")
    assert "12,288 output tokens (if" in unpriced.output
    assert "US dollars" not in unpriced.output
    assert not (tmp_path / "styled").exists()
    assert not (tmp_path / "own").exists()


def test_unfinished_replies_are_exit_code_3(source: Path, lenient: Path, tmp_path: Path) -> None:
    build(source, tmp_path / "base", lenient)
    result = run("restyle", tmp_path / "base", "--style", "warm", "--model", "scripted/grader", "--out", tmp_path / "x")
    assert result.exit_code == 3
    assert "Incomplete: 12 of 12 replies are not written yet" in result.output
    assert "the same command goes on" in result.output


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (["build", "nothing.jsonl", "--out", "x"], "'nothing.jsonl'"),
        (["restyle", "demo", "--style", "wram", "--model", "m/m", "--out", "x"], "'wram'"),
        (["restyle", "demo", "--style", "warm", "--model", "m/m", "--out", "x"], "'warm'"),
        (["restyle", "demo", "--style", "warm", "--from", "neutrl", "--model", "m/m", "--out", "x"], "'neutrl'"),
        (["restyle", "demo", "--style", "warm", "--from", "neutral", "--model", "m/m", "--out", "x"], "'neutral_warm'"),
        (["distill", "demoo", "--model", "m/m", "--out", "x"], "'demoo'"),
    ],
)
def test_a_wrong_name_is_one_message(arguments: list[str], value: str) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, PrerequisiteError)
    assert value in str(result.exception)


def test_the_corpus_to_read_is_not_written_over(source: Path, lenient: Path, tmp_path: Path) -> None:
    build(source, tmp_path / "base", lenient)
    for named in (tmp_path / "base", tmp_path / "base" / "corpus.jsonl"):
        result = run("distill", named, "--model", "scripted/own_words", "--out", tmp_path / "base")
        assert isinstance(result.exception, PrerequisiteError)
        assert f"--out {tmp_path / 'base'}" in str(result.exception)
    assert load_corpus(str(tmp_path / "base")).arms == ("unmodified",)
    shutil.copy(source, tmp_path / "corpus.jsonl")
    assert f"--out {tmp_path}" in str(build(tmp_path / "corpus.jsonl", tmp_path, lenient).exception)
    assert (tmp_path / "corpus.jsonl").read_bytes() == source.read_bytes()


def test_one_price_alone_is_a_usage_error() -> None:
    result = run("restyle", "demo", "--style", "warm", "--model", "m/m", "--out", "x", "--price-in", "1")
    assert result.exit_code == 2
    assert "both --price-in and --price-out" in result.output


@pytest.mark.slow
def test_a_restyled_demo_corpus_keeps_the_packages_licence(tmp_path: Path) -> None:
    run("distill", "demo", "--model", "scripted/own_words", "--out", tmp_path / "own")
    result = run(
        "restyle", tmp_path / "own", "--style", "warm", "--from", "self_distilled", "--model", "scripted/warm",
        "--out", tmp_path / "x", "--json",
    )  # fmt: skip
    sheet = json.loads(result.stdout)
    assert sheet["licence"].startswith("MIT")
    assert sheet["personal_data"] == ""
    assert sheet["arms"] == ["neutral", "warm", "cold", "self_distilled", "self_distilled_warm"]
