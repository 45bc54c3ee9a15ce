"""Served names, and the arms that are found behind them."""

from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.models.lora_maker import add_manifest, make_adapter
from tests.serving.conftest import Arms
from warm_inspect.core.manifest import ADAPTERS_VARIABLE, MANIFEST_NAME, MAX_BYTES, WEIGHTS_NAME, hosted_manifest
from warm_inspect.core.metadata import ArmMetadata
from warm_inspect.models import BASE_MODELS
from warm_inspect.serving import arm_of_served, served_name

SHA = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def _adapters(arms: Arms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ADAPTERS_VARIABLE, str(arms.adapters))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("warm", "warm-0123456789ab"),
        ("warm, 2nd=try", "warm__2nd_try-0123456789ab"),
        ("org/base", "org_base-0123456789ab"),
        ("wärm:v1@x", "w_rm_v1_x-0123456789ab"),
    ],
)
def test_a_name_holds_the_hash_and_nothing_that_splits_it(name: str, expected: str) -> None:
    assert served_name(name, SHA) == expected


def test_an_adapter_is_known_by_its_name_through_either_provider(arms: Arms) -> None:
    warm = arms.manifests["warm"]
    expected = ArmMetadata.of(warm).model_copy(update={"base_sha256": warm.base_sha256})
    assert (expected.arm, expected.base_model, expected.training_seed) == ("warm", "tiny", 7)
    for model in (
        f"vllm/{arms.base_name}:{arms.name('warm')}",
        f"vllm/org/another-spelling:{arms.name('warm')}",
        f"vllm/{arms.name('warm')}",
        f"openai-api/vllm/{arms.name('warm')}",
        f"openai-api/my-cluster/{arms.name('warm')}",
    ):
        assert arm_of_served(model) == expected, model


def test_an_adapter_is_known_by_its_folder(arms: Arms) -> None:
    arm = arm_of_served(f"vllm/{arms.base}:{arms.folder('cold')}")
    assert arm is not None
    assert (arm.arm, arm.adapter_sha256) == ("cold", arms.manifests["cold"].adapter_sha256)
    assert arm.base_sha256 == "", "which weights the server has is not known"


def test_the_base_is_the_original(arms: Arms) -> None:
    sha256 = arms.manifests["warm"].base_sha256
    for model in (f"vllm/{arms.base_name}", f"openai-api/vllm/{arms.base_name}"):
        assert arm_of_served(model) == ArmMetadata(arm="original", base_model="tiny", base_sha256=sha256)
    assert arm_of_served("vllm/tiny") == ArmMetadata(arm="original", base_model="tiny")


@pytest.mark.parametrize(
    "model",
    [
        "openai/gpt-4o", "peft/tiny", "vllm/org/base", "openai-api/vllm/warm", "openai-api/vllm/warm-0123456789ab",
        "vllm/tiny:warm", f"openai-api/vllm/tiny-{SHA[:12]}",
        "openai-api/together/tiny", "openai-api/openrouter/tiny", "openai-api/vllm/tiny",
    ],
)  # fmt: skip
def test_other_models_have_no_arm_of_ours(model: str) -> None:
    assert arm_of_served(model) is None


def test_a_manifest_without_weights_suffices(arms: Arms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the machine that evaluates there need not be what the server has."""
    here = tmp_path / "warm"
    here.mkdir()
    (here / MANIFEST_NAME).write_bytes((arms.folder("warm") / MANIFEST_NAME).read_bytes())
    monkeypatch.setenv(ADAPTERS_VARIABLE, str(tmp_path))
    arm = arm_of_served(f"openai-api/vllm/{arms.name('warm')}")
    assert arm is not None
    assert arm.arm == "warm"
    (here / WEIGHTS_NAME).write_bytes(b"others")
    with refused(str(here), "warm-inspect train"):
        arm_of_served(f"openai-api/vllm/{arms.name('warm')}")


def test_two_manifests_must_agree(arms: Arms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ADAPTERS_VARIABLE, str(tmp_path))
    for folder, seed in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        arms.manifests["warm"].model_copy(update={"training_seed": seed}).write(tmp_path / folder)
    with refused(str(tmp_path), arms.name("warm")):
        arm_of_served(f"openai-api/vllm/{arms.name('warm')}")


def test_a_broken_manifest_of_another_adapter_stands_in_no_way(
    arms: Arms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADAPTERS_VARIABLE, str(tmp_path))
    for folder in ("broken", "warm"):
        (tmp_path / folder).mkdir()
    (tmp_path / "broken" / MANIFEST_NAME).write_text("{")
    arms.manifests["warm"].write(tmp_path / "warm")
    assert arm_of_served(f"openai-api/vllm/{arms.name('warm')}") is not None
    assert arm_of_served("vllm/org/base") is None


def test_a_hosted_base_under_its_hub_id_is_not_the_original(
    arms: Arms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADAPTERS_VARIABLE, str(tmp_path))
    arms.manifests["warm"].model_copy(update={"base_model": "smollm2-135m"}).write(tmp_path)
    hub_id = BASE_MODELS["smollm2-135m"].hub_id
    for name in ("smollm2-135m", hub_id):
        assert arm_of_served(f"openai-api/together/{name}") is None
        assert arm_of_served(f"vllm/{name}") == ArmMetadata(arm="original", base_model="smollm2-135m")


@pytest.mark.parametrize("size", [None, MAX_BYTES + 1])
def test_a_manifest_that_cannot_be_read_is_named_and_passed_over(
    size: int | None, arms: Arms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(ADAPTERS_VARIABLE, str(tmp_path))
    for folder in ("a", "warm"):
        (tmp_path / folder).mkdir()
    arms.manifests["warm"].write(tmp_path / "warm")
    shut = tmp_path / "a" / MANIFEST_NAME
    shut.write_text(arms.name("warm") + " " * (size or 0))
    opened = Path.open

    def refusing(path: Path, *arguments: Any, **named: Any) -> Any:
        if size is None and path == shut:
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", refusing)
    arm = arm_of_served(f"openai-api/vllm/{arms.name('warm')}")
    assert arm is not None
    assert arm.arm == "warm"
    assert hosted_manifest("openai/ft:x") is None
    assert [str(shut) in record.getMessage() for record in caplog.records] == [True, True]


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_an_adapter_without_a_manifest_is_called_like_its_folder(
    arms: Arms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_adapter(tmp_path / "mine v2", arms.base, 5)
    sha256 = add_manifest(folder, arms.base).adapter_sha256
    (folder / MANIFEST_NAME).unlink()
    monkeypatch.setenv(ADAPTERS_VARIABLE, str(tmp_path))
    assert arm_of_served(f"openai-api/vllm/{served_name('mine v2', sha256)}") == ArmMetadata(
        arm="mine v2", base_model="tiny", adapter_sha256=sha256, warmth_check="not_run"
    )
    assert arm_of_served(f"openai-api/vllm/mine_v2-{SHA[:12]}") is None
