"""Adapters found by their manifests, and the replies that they and their base give."""

from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.models.lora_maker import add_manifest, edit_config, make_adapter
from tests.tiny import make_tiny_base
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import WEIGHTS_NAME
from warm_inspect.manipulation.adapters import (
    TrainedAdapter,
    adapter_replies,
    distinct,
    find_adapters,
    generate,
    of_one_base,
)
from warm_inspect.models import resolve_base
from warm_inspect.study import ArmRun, GenerationSettings, Weights

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")

PROMPTS = ["Why is the sky blue?", "What is a haiku?"]
SETTINGS = GenerationSettings(max_tokens=4, temperature=0.6, concurrency=8)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_base(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture
def adapters(base: Path, tmp_path: Path) -> list[TrainedAdapter]:
    """A warm adapter twice, and a cold one whose folder is a draft."""
    for name, seed, arm in (("a", 1, "warm"), ("b", 1, "warm"), (".draft", 2, "cold")):
        add_manifest(make_adapter(tmp_path / "adapters" / name, base, seed), base, arm=arm)
    return find_adapters(tmp_path / "adapters")


def test_adapters_are_found_by_their_manifests_and_asked_once(adapters: list[TrainedAdapter]) -> None:
    assert [adapter.folder.name for adapter in adapters] == ["a", "b"]
    assert [adapter.folder.name for adapter in distinct(adapters)] == ["a"]


def test_a_folder_without_a_manifest_is_an_error(tmp_path: Path) -> None:
    with refused(str(tmp_path), "Train it again"):
        TrainedAdapter.read(tmp_path)


def test_a_base_for_no_adapter_is_an_error() -> None:
    assert of_one_base([], None) == ((), "")
    with refused("--base tiny", "Leave it out"):
        of_one_base([], "tiny")


@pytest.mark.slow
def test_every_model_is_sampled_with_a_seed_of_its_own(
    base: Path, adapters: list[TrainedAdapter], tmp_path: Path
) -> None:
    from inspect_ai.log import list_eval_logs, read_eval_log

    def seeds(folder: Path) -> set[int | None]:
        logs = [read_eval_log(log, header_only=True) for log in list_eval_logs(str(folder))]
        return {log.plan.config.seed for log in logs}

    adapter = adapters[:1]
    replies = adapter_replies(adapter, str(base), PROMPTS, tmp_path / "own", SETTINGS)
    assert [reply.arm for reply in replies] == ["original", "original", "warm", "warm"]
    assert {reply.training_seed for reply in replies} == {-1, 7}
    weights = (resolve_base(str(base)).weights_sha256, adapter[0].manifest.adapter_sha256)
    assert seeds(tmp_path / "own") == {int(sha256[:7], 16) for sha256 in weights}
    adapter_replies(adapter, str(base), PROMPTS, tmp_path / "given", SETTINGS, seeds=(1, 2))
    assert seeds(tmp_path / "given") == {1, 2}


def test_replies_are_reused_for_the_same_weights_only(base: Path, tmp_path: Path) -> None:
    sha256 = resolve_base(str(base)).weights_sha256
    arm = ArmRun("original", f"peft/{base}", Weights(sha256))
    [texts] = generate([arm], PROMPTS, SETTINGS, tmp_path)
    assert len(texts) == 2
    assert generate([arm], PROMPTS, SETTINGS, tmp_path) == [texts]
    assert len(list(tmp_path.glob("*.eval"))) == 1
    generate([ArmRun("original", arm.model, Weights("0" * 64))], PROMPTS, SETTINGS, tmp_path)
    assert len(list(tmp_path.glob("*.eval"))) == 2


def test_adapters_without_a_manifest_are_found_and_called_like_their_folder(base: Path, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "adapters" / "warm", base, 0)
    add_manifest(make_adapter(tmp_path / "adapters" / "ours", base, 1), base, arm="cold")
    make_adapter(tmp_path / "adapters" / ".hidden", base, 2)
    ours, plain = find_adapters(tmp_path / "adapters")
    assert (ours.manifest.arm, ours.described) == ("cold", True)
    assert (plain.folder, plain.manifest.arm, plain.described) == (folder, "warm", False)
    assert plain.manifest.adapter_sha256 == sha256_file(folder / WEIGHTS_NAME)
    assert of_one_base([plain], None)[1] == str(base)


@pytest.mark.parametrize(("name", "stated"), [("smollm2-135m", "HuggingFaceTB/SmolLM2-135M-Instruct"), ("a/b", "a/b")])
def test_a_stated_base_is_called_by_its_alias(base: Path, tmp_path: Path, name: str, stated: str) -> None:
    folder = make_adapter(tmp_path / "warm", base, 0)
    edit_config(folder, base_model_name_or_path=stated)
    (adapter,) = find_adapters(tmp_path)
    assert adapter.manifest.base_model == name


@pytest.mark.parametrize(
    ("folder", "fields", "said"), [("original", {}, "original"), ("warm", {"peft_type": "IA3"}, "IA3")]
)
def test_a_plain_adapter_that_cannot_be_an_arm(
    base: Path, tmp_path: Path, folder: str, fields: dict[str, Any], said: str
) -> None:
    edit_config(make_adapter(tmp_path / folder, base, 0), **fields)
    with pytest.raises(PrerequisiteError, match=said):
        find_adapters(tmp_path)
