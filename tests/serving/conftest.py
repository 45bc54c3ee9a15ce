"""A tiny base with a warm and a cold adapter, and a server that has them under the names that hold their hashes."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.models.lora_maker import add_manifest, make_adapter
from tests.serving.loopback_vllm import LoopbackVLLM, serving
from tests.tiny import make_tiny_base
from warm_inspect.core.manifest import ADAPTERS_VARIABLE, AdapterManifest
from warm_inspect.core.vocabulary import TrainedArm
from warm_inspect.models import weights_sha256
from warm_inspect.serving import served_name


@dataclass(frozen=True)
class Arms:
    """A base model, and its adapters with their manifests."""

    base: Path
    adapters: Path
    manifests: dict[str, AdapterManifest]

    @property
    def base_name(self) -> str:
        return served_name("tiny", weights_sha256(self.base))

    def name(self, arm: str) -> str:
        return served_name(arm, self.manifests[arm].adapter_sha256)

    def folder(self, arm: str) -> Path:
        return self.adapters / f"{arm}-run"


@pytest.fixture(scope="session")
def arms(tmp_path_factory: pytest.TempPathFactory) -> Arms:
    folder = tmp_path_factory.mktemp("served")
    base = make_tiny_base(folder / "tiny")
    manifests = {}
    with warnings.catch_warnings(action="ignore", category=FutureWarning):  # peft asks transformers in an old way
        for seed, arm in enumerate((TrainedArm.WARM.value, TrainedArm.COLD.value)):
            made = make_adapter(folder / "adapters" / f"{arm}-run", base, seed)
            manifests[arm] = add_manifest(made, base, arm=arm)
    return Arms(base, folder / "adapters", manifests)


@pytest.fixture(scope="session")
def _served(arms: Arms) -> Iterator[tuple[LoopbackVLLM, str]]:
    """One server for all tests: Inspect keeps a model that it made by its name, with the address it had."""
    served = LoopbackVLLM(arms.base, arms.base_name)
    with serving(served) as address:
        yield served, address
    served.engine.close()


@pytest.fixture
def server(arms: Arms, _served: tuple[LoopbackVLLM, str], monkeypatch: pytest.MonkeyPatch) -> LoopbackVLLM:
    """The server as it starts, to which VLLM_BASE_URL leads."""
    served, address = _served
    served.adapters.clear()
    served.unapplied.clear()
    served.asked.clear()
    for arm in arms.manifests:
        served.load(arms.name(arm), str(arms.folder(arm)))
    monkeypatch.setenv(ADAPTERS_VARIABLE, str(arms.adapters))
    monkeypatch.setenv("VLLM_API_KEY", "of-this-test")
    monkeypatch.setenv("VLLM_BASE_URL", address)
    return served
