"""The replies that adapters and their base give, and which are used again."""

from pathlib import Path

import pytest

from tests.models.lora_maker import add_manifest, make_adapter
from tests.tiny import make_tiny_base
from warm_inspect.manipulation.adapters import adapter_replies, generate
from warm_inspect.models import TrainedAdapter, find_adapters, resolve_base
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
