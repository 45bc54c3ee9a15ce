"""Model names: what stands before and after the colon, and which names are refused."""

from pathlib import Path

import pytest
from inspect_ai.model._providers._vllm_lora import parse_vllm_model

from tests.errors import refused
from warm_inspect.models.model_string import ModelString, parse_model_string


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("smollm2-135m", ModelString("smollm2-135m")),
        ("~nobody-here/base:~nobody-here/warm", ModelString("~nobody-here/base", "~nobody-here/warm")),
        ("base:war\0m", ModelString("base", "war\0m")),
        ("base:" + "x" * 5_000, ModelString("base", "x" * 5_000)),
        ("org/base", ModelString("org/base")),
        ("org/base:me/warm", ModelString("org/base", "me/warm")),
        ("org/base:me/warm@v1.0", ModelString("org/base", "me/warm", "v1.0")),
        ("smollm2-135m:runs/plain", ModelString("smollm2-135m", "runs/plain")),
        ("smollm2-135m:runs/at@home", ModelString("smollm2-135m", "runs/at@home")),
        ("smollm2-135m:runs/10:30", ModelString("smollm2-135m", "runs/10:30")),
        ("bases/my:base", ModelString("bases/my:base")),
        ("bases/my:base:runs/10:30", ModelString("bases/my:base", "runs/10:30")),
        ("bases/my:base:me/warm@main", ModelString("bases/my:base", "me/warm", "main")),
    ],
)
def test_parts(text: str, expected: ModelString, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("runs/plain", "runs/at@home", "runs/10:30", "bases/my:base"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert parse_model_string(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", ":", "base:", ":adapter", "base::adapter", "base:a:b", "base:a@", "base:@r", "base:a@b@c", "base: a", "a@b"],
)
def test_refused_with_the_grammar(text: str) -> None:
    with refused("peft/<base>[:<adapter>[@<revision>]]"):
        parse_model_string(text)


def test_a_folder_has_no_revision(tmp_path: Path) -> None:
    with refused(str(tmp_path), "'@'"):
        parse_model_string(f"base:{tmp_path}@main")


@pytest.mark.parametrize(
    "text", ["org/base", "org/base:me/warm", "org/base:me/warm@v1.0", "org/base:runs/plain", "org/base:runs/at@home"]
)
def test_hub_ids_and_folders_parse_the_same_for_vllm(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By Inspect's own parser: the same base, adapter and revision, and no adapter that a server must know already."""
    for folder in ("runs/plain", "runs/at@home"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    ours = parse_model_string(text)
    base, adapter = parse_vllm_model(text)
    assert base == ours.base
    assert (adapter.path if adapter else None, adapter.revision if adapter else None) == (ours.adapter, ours.revision)
    assert adapter is None or not adapter.is_preloaded
