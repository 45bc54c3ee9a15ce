"""The canary, and what it saves: a server that gives the base's replies under an adapter's name."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import openai
import pytest
from inspect_ai import eval
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessageUser, get_model

from tests.errors import refused
from tests.serving.conftest import Arms
from tests.serving.loopback_vllm import LoopbackVLLM
from warm_inspect import truthfulqa
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import ADAPTERS_VARIABLE
from warm_inspect.core.metadata import ArmMetadata
from warm_inspect.serving import ServedModel, canary
from warm_inspect.serving.canary import Difference, difference, require_applied
from warm_inspect.solvers import arm as recorded

MetadataOf = Callable[[str], list[ArmMetadata | Exception]]

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def evaluated(model: str, folder: Path) -> EvalLog:
    task = truthfulqa(contexts="none", beliefs="none,incorrect", source="bundled", grading="match", items=1)
    [log] = eval(
        task, model=model, log_dir=str(folder), display="none", log_realtime=False, max_tokens=4, temperature=0
    )
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


@pytest.mark.slow
def test_no_server(arms: Arms, server: LoopbackVLLM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_BASE_URL", "http://127.0.0.1:9/v1")
    api = get_model(f"openai-api/vllm/{arms.name('warm')}", memoize=False).api
    with refused("127.0.0.1:9", "warm-inspect serve"):
        asyncio.run(require_applied(api))


def test_a_provider_that_cannot_be_asked_does_not_count_as_applied() -> None:
    with refused("openai-api/vllm/", "MockLLM"):
        asyncio.run(require_applied(get_model("mockllm/model").api))


class _Client:
    """A client of OpenAI's API that gets one answer, or one error, for every request."""

    base_url = "http://here/v1"

    def __init__(self, answer: object) -> None:
        self._answer = answer

    async def get(self, *_: object, **__: object) -> object:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    post = get


def _status(code: int) -> Exception:
    response: Any = SimpleNamespace(request=None, status_code=code, headers={})
    kinds = {400: openai.BadRequestError, 401: openai.AuthenticationError, 403: openai.PermissionDeniedError}
    kinds |= {404: openai.NotFoundError, 429: openai.RateLimitError}
    return kinds.get(code, openai.InternalServerError)(f"no {code}", response=response, body=None)


ASKED = {
    "tokens": lambda served: served.text_tokens("a"),
    "base": lambda served: served.base(),
    "logprobs": lambda served: served.logprobs([1], [2]),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    ("answer", "parts"),
    [
        (_status(400), ("no 400", "serve")),
        (_status(401), ("no 401", "VLLM_API_KEY")),
        (_status(403), ("no 403", "VLLM_API_KEY")),
        (_status(404), ("no 404", "serve")),
        (_status(429), ("no 429", "serve")),
        (_status(500), ("no 500", "serve")),
        (openai.APITimeoutError(cast("Any", None)), ("timed out", "serve")),
        ({"object": "error"}, ("serve",)),
        ("<html>", ("serve",)),
        ([], ("serve",)),
        ({"data": [{}], "tokens": ["a"], "choices": []}, ("serve",)),
        ({"data": None, "tokens": None, "choices": [{"prompt_logprobs": [None, {"3": {"logprob": 0}}]}]}, ("serve",)),
        ({"data": [], "tokens": [], "choices": [{}]}, ("serve",)),
        ({"data": 1, "tokens": 1, "choices": [{"prompt_logprobs": [None, None]}]}, ("serve",)),
    ],
)
def test_what_a_server_answers_otherwise_names_the_way_out(asked: str, answer: object, parts: tuple[str, ...]) -> None:
    with refused("http://here", *parts):
        asyncio.run(ASKED[asked](ServedModel(_Client(answer), "warm-x")))


UNEXPLAINED = ["openai-api/vllm/warm-0123456789ab", "openai-api/vllm/mine", "vllm/mine", "vllm/tiny:mine"]


@pytest.fixture
def metadata_of(arms: Arms, server: LoopbackVLLM, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MetadataOf:
    """What `record_arm` writes for models of a server, two samples after each other, where no manifest names them."""
    monkeypatch.setenv(ADAPTERS_VARIABLE, str(tmp_path))
    monkeypatch.setattr(canary, "_texts", lambda: [("Who are you?", "I am so glad that you ask.")])
    for name in ("warm-0123456789ab", "mine"):
        server.load(name, str(arms.folder("warm")))

    def metadata(model: str) -> list[ArmMetadata | Exception]:
        api = get_model(model, memoize=False)
        monkeypatch.setattr(recorded, "get_model", lambda: api)

        async def both() -> list[ArmMetadata | Exception]:
            active = recorded.ActiveArm()
            return [await _or_error(active), await _or_error(active)]

        return asyncio.run(both())

    return metadata


async def _or_error(active: recorded.ActiveArm) -> ArmMetadata | Exception:
    try:
        return await active.metadata()
    except Exception as error:
        return error


def test_an_applied_adapter_without_a_manifest_leaves_the_arm_to_be_named(
    metadata_of: MetadataOf, caplog: pytest.LogCaptureFixture
) -> None:
    model = "openai-api/vllm/mine"
    assert metadata_of(model) == [ArmMetadata(base_model=model)] * 2
    [warning] = [record.getMessage() for record in caplog.records if model in record.getMessage()]
    assert "--metadata arm=NAME" in warning


@pytest.mark.parametrize("model", UNEXPLAINED)
def test_an_adapter_without_a_manifest_is_checked_too(
    model: str, server: LoopbackVLLM, metadata_of: MetadataOf
) -> None:
    server.unapplied |= {"mine", "warm-0123456789ab"}
    for error in metadata_of(model):
        assert isinstance(error, PrerequisiteError)
        assert "of its base" in str(error)
    assert server.asked.count("/v1/completions") == 3, "the second sample does not ask again"


@pytest.mark.parametrize("prefix", ["openai-api/vllm/", "vllm/"])
def test_a_base_without_a_manifest_is_asked_for_nothing_but_what_it_is(
    prefix: str, arms: Arms, server: LoopbackVLLM, metadata_of: MetadataOf
) -> None:
    model = prefix + arms.base_name
    assert metadata_of(model) == [ArmMetadata(base_model=model)] * 2
    assert "/v1/completions" not in server.asked


def test_a_look_up_that_fails_in_any_way_fails_once(monkeypatch: pytest.MonkeyPatch, metadata_of: MetadataOf) -> None:
    failed: list[str] = []

    def fail(name: str) -> None:
        failed.append(name)
        raise OSError("the disk is gone")

    monkeypatch.setattr(recorded, "arm_of_served", fail)
    assert [str(error) for error in metadata_of("openai-api/vllm/mine")] == ["the disk is gone"] * 2
    assert failed == ["openai-api/vllm/mine"]


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
