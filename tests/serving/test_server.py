"""The command that starts a server, and what it says of its models."""

import json
import os
import shlex
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.errors import refused
from tests.models.lora_maker import add_manifest, edit_config, make_adapter
from tests.serving.conftest import Arms
from tests.serving.loopback_vllm import from_command
from tests.tiny import CHATML
from warm_inspect.cli.serve import _lines, serve
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import WEIGHTS_NAME, AdapterManifest
from warm_inspect.models import TrainedAdapter, dated_template, find_adapters, load_tokenizer, render_chat
from warm_inspect.serving import plan_server, served_models

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(serve, [str(argument) for argument in arguments])


def test_the_command_is_one_that_serves_every_arm(arms: Arms, tmp_path: Path) -> None:
    done = run(arms.adapters, "--base", arms.base, "--out", tmp_path, "--json", "--port", 9000, "--tensor-parallel", 2)
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    served, options = from_command(said["command"][1:])
    assert served.base_name == arms.base_name
    assert sorted(served.adapters) == sorted(map(arms.name, arms.manifests))
    assert (options.max_loras, options.max_lora_rank, options.tensor_parallel_size) == (2, 8, 2)
    assert served.template == CHATML
    assert said["environment"]["VLLM_BASE_URL"] == "http://127.0.0.1:9000/v1"
    assert [each["arm"] for each in said["models"]] == ["original", "cold", "warm"]
    manifests = [arms.manifests["cold"], arms.manifests["warm"]]
    assert [each["model"] for each in said["models"]] == served_models(manifests, manifests[0].base_sha256)


def test_what_is_shown_can_be_pasted(arms: Arms, tmp_path: Path) -> None:
    done = run(arms.adapters, "--base", arms.base, "--out", tmp_path / "a b")
    assert done.exit_code == 0, done.output
    text = done.output.replace("\\\n", " ")
    [command] = [line for line in text.splitlines() if line.strip().startswith("vllm serve")]
    served, _ = from_command(shlex.split(command)[1:])
    assert len(served.adapters) == 2
    for word in ("doctor --ask", "warmth", "inspect eval", "analyze", f"WARM_INSPECT_ADAPTERS={arms.adapters}"):
        assert word in text


@pytest.mark.parametrize("folder", ["seed=1", "a,b", "x=1,y=2"])
def test_a_folder_may_have_what_separates_name_and_path(arms: Arms, tmp_path: Path, folder: str) -> None:
    make_adapter(tmp_path / folder, arms.base, 3)
    add_manifest(tmp_path / folder, arms.base)
    planned = plan_server([TrainedAdapter.read(tmp_path / folder)], str(arms.base), tmp_path)
    planned.write_template()
    served, _ = from_command(planned.command[1:])
    assert [adapter.folder for adapter in served.adapters.values()] == [tmp_path / folder]


def test_every_word_that_is_shown_is_quoted() -> None:
    command = ["vllm", "serve", "/a b", "--port", "1", "--evil=/x y; rm $HOME"]
    assert shlex.split(_lines(command).replace("\\\n", " ")) == command


def test_start_takes_the_place_of_the_command(arms: Arms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr(os, "execvp", lambda *words: started.append(words))
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run(arms.adapters, "--base", arms.base, "--out", tmp_path, "--start")
    assert isinstance(done.exception, PrerequisiteError)
    assert "pip install vllm" in str(done.exception)
    assert "vllm serve" in done.output, "the command is shown all the same"
    (tmp_path / "vllm").write_text("#!/bin/sh\n")
    (tmp_path / "vllm").chmod(0o700)
    assert run(arms.adapters, "--base", arms.base, "--out", tmp_path, "--start").exit_code == 0
    [(program, words)] = started
    assert (program, words[:2]) == ("vllm", ["vllm", "serve"])


def plan(arms: Arms, *folders: Path) -> Any:
    return plan_server([TrainedAdapter.read(folder) for folder in folders], str(arms.base), arms.adapters)


def test_weights_that_are_not_the_manifests_are_refused(arms: Arms, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "other", arms.base, 3)
    add_manifest(folder, arms.base, base_sha256="0" * 64)
    with refused(str(folder), "--base"):
        plan(arms, folder)
    add_manifest(folder, arms.base)
    (folder / WEIGHTS_NAME).write_bytes(b"else")
    with refused(str(folder), "warm-inspect train"):
        plan(arms, folder)


def test_nothing_to_serve(arms: Arms) -> None:
    with refused("warm-inspect train", "adapters"):
        plan(arms)
    hosted = arms.manifests["warm"].model_copy(update={"hosted_model": "openai/ft:gpt-4o:x"})
    with refused("openai/ft:gpt-4o:x"):
        plan_server([TrainedAdapter(arms.adapters, hosted)], str(arms.base), arms.adapters)


@pytest.mark.parametrize(("lora", "rank"), [({"r": 1}, 1), ({"r": 9}, 16), ({"rank_pattern": {"q_proj": 20}}, 32)])
def test_the_rank_is_one_that_vllm_takes(arms: Arms, tmp_path: Path, lora: dict[str, Any], rank: int) -> None:
    folder = make_adapter(tmp_path / "warm", arms.base, 3, **lora)
    add_manifest(folder, arms.base)
    command = plan(arms, folder).command
    assert command[command.index("--max-lora-rank") + 1] == str(rank)


def test_adapters_without_a_manifest_are_served_too(arms: Arms, tmp_path: Path) -> None:
    edit_config(make_adapter(tmp_path / "mine", arms.base, 4), base_model_name_or_path=str(arms.base))
    [adapter] = find_adapters(tmp_path)
    planned = plan_server([adapter], str(arms.base), tmp_path)
    assert [each.arm for each in planned.arms] == ["original", "mine"]
    assert planned.arms[0].name == arms.base_name


_DATED = (
    "{%- if not date_string is defined %}{%- set date_string = strftime_now('%d %b %Y') %}{%- endif %}"
    "Today Date: {{ date_string }}\n" + CHATML,
    'Current date: {{ strftime_now("%Y-%m-%d") }}\n' + CHATML,
    CHATML,
)
"""How Llama 3.1 dates its system message, how gpt-oss does, and a template without a date."""


@pytest.mark.parametrize("template", _DATED)
def test_the_template_renders_as_training_did_on_any_day(arms: Arms, template: str) -> None:
    """By transformers itself, which gives templates today's date where they ask for it."""
    tokenizer = load_tokenizer(arms.base)
    tokenizer.chat_template = template
    turns = [{"role": "user", "content": "Hello"}]
    ours = render_chat(tokenizer, turns, tokenize=False, add_generation_prompt=True)
    text = dated_template(tokenizer)
    served = tokenizer.apply_chat_template(turns, chat_template=text, tokenize=False, add_generation_prompt=True)
    assert served == ours
    assert datetime.now().strftime("%b %Y") not in served
    assert ("2024" in served) is (template != CHATML)


def test_a_manifest_names_what_the_plan_names(arms: Arms) -> None:
    planned = plan(arms, arms.folder("warm"), arms.folder("cold"))
    manifests: list[AdapterManifest] = [arms.manifests[arm] for arm in ("warm", "cold")]
    assert [each.model for each in planned.arms] == served_models(manifests, planned.base.weights_sha256)
