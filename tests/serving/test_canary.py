"""The canary, and what it saves: a server that gives the base's replies under an adapter's name."""

import asyncio
from pathlib import Path

import pytest
from inspect_ai import eval
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessageUser, get_model

from tests.errors import refused
from tests.serving.conftest import Arms
from tests.serving.loopback_vllm import LoopbackVLLM
from warm_inspect import truthfulqa
from warm_inspect.serving import ServedModel
from warm_inspect.serving.canary import Difference, difference, require_applied

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def evaluated(model: str, folder: Path) -> EvalLog:
    task = truthfulqa(contexts="none", beliefs="none,incorrect", source="bundled", grading="match", items=1)
    [log] = eval(task, model=model, log_dir=str(folder), display="none", max_tokens=4, temperature=0)
    return log


@pytest.mark.parametrize(
    ("adapter", "noise", "shows"),
    [(0.0, 0.0, False), (0.2, 0.0, True), (0.2, 0.1, False), (0.4, 0.1, True), (1e-3, 0.0, False)],
)
def test_an_adapter_must_differ_more_than_the_base_from_itself(adapter: float, noise: float, shows: bool) -> None:
    assert Difference(adapter, noise).shows is shows


@pytest.mark.slow
def test_samples_say_which_arm_they_are_of(arms: Arms, server: LoopbackVLLM, tmp_path: Path) -> None:
    for model, arm in (
        (f"openai-api/vllm/{arms.base_name}", "original"),
        (f"openai-api/vllm/{arms.name('warm')}", "warm"),
        (f"vllm/{arms.base_name}:{arms.name('cold')}", "cold"),
    ):
        log = evaluated(model, tmp_path)
        assert log.status == "success", log.error
        for sample in log.samples or ():
            facts = sample.metadata
            assert (facts["arm"], facts["base_model"]) == (arm, "tiny")
            assert facts["base_sha256"] == arms.manifests["warm"].base_sha256
            trained = arms.manifests.get(arm)
            assert facts["adapter_sha256"] == (trained.adapter_sha256 if trained else "")
            assert facts["training_seed"] == (trained.training_seed if trained else -1)
            assert facts["warmth_check"] == ("not_run" if trained else "")


@pytest.mark.parametrize("prefix", ["openai-api/vllm/{0}", pytest.param("vllm/tiny:{0}", marks=pytest.mark.slow)])
def test_a_server_that_replies_as_the_base_is_caught_before_the_run(
    prefix: str, arms: Arms, server: LoopbackVLLM, tmp_path: Path
) -> None:
    server.unapplied.add(arms.name("warm"))
    log = evaluated(prefix.format(arms.name("warm")), tmp_path)
    assert log.status == "error"
    assert log.error is not None
    for part in (arms.name("warm"), arms.base_name, "0 nats", "peft/"):
        assert part in log.error.message
    assert "/v1/chat/completions" not in server.asked, "nothing was evaluated"


def test_a_name_that_is_not_served_or_served_as_a_base(arms: Arms, server: LoopbackVLLM) -> None:
    server.unload(arms.name("cold"))
    with refused(arms.name("cold"), arms.name("warm"), "warm-inspect serve"):
        asyncio.run(require_applied(get_model(f"openai-api/vllm/{arms.name('cold')}", memoize=False).api))
    with refused(arms.base_name, "--enable-lora"):
        asyncio.run(require_applied(get_model(f"openai-api/vllm/{arms.base_name}", memoize=False).api))


def test_no_server(arms: Arms, server: LoopbackVLLM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_BASE_URL", "http://127.0.0.1:9/v1")
    api = get_model(f"openai-api/vllm/{arms.name('warm')}", memoize=False).api
    with refused("127.0.0.1:9", "warm-inspect serve"):
        asyncio.run(require_applied(api))


def test_probabilities_are_those_of_peft(arms: Arms, server: LoopbackVLLM) -> None:
    texts = ["Paris", "The river Seine."]
    messages = [ChatMessageUser(content="What is the capital of France?")]

    async def both(name: str, model: str) -> tuple[list[list[float]], list[list[float]]]:
        local = get_model(model, dtype="float32", device="cpu", memoize=False).api
        served = await ServedModel.of(get_model(f"openai-api/vllm/{name}", memoize=False).api)
        assert served is not None
        prompt = await served.prompt_tokens(messages)
        own = [await served.logprobs(prompt, await served.text_tokens(text)) for text in texts]
        return own, await local.text_logprobs(messages, texts)  # type: ignore[attr-defined]

    for name, model in (
        (arms.base_name, f"peft/{arms.base}"),
        (arms.name("warm"), f"peft/{arms.base}:{arms.folder('warm')}"),
    ):
        served, local = asyncio.run(both(name, model))
        for a, b in zip(served, local, strict=True):
            assert a == pytest.approx(b, abs=1e-4)


def test_how_far_a_trained_adapter_is_from_its_base(arms: Arms, server: LoopbackVLLM) -> None:
    async def seen() -> Difference:
        adapter = await ServedModel.of(get_model(f"openai-api/vllm/{arms.name('warm')}", memoize=False).api)
        assert adapter is not None
        base = await adapter.base()
        assert base.name == arms.base_name
        return await difference(adapter, base)

    measured = asyncio.run(seen())
    assert measured.noise < 1e-4
    assert measured.shows
