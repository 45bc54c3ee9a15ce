"""What is done with served models: the warmth check, answer_margin, doctor, and the analysis of their logs."""

from dataclasses import replace
from pathlib import Path

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig

from tests.serving.conftest import Arms
from tests.serving.loopback_vllm import LoopbackVLLM
from warm_inspect import truthfulqa
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import observe
from warm_inspect.core.vocabulary import INCORRECT_ANSWERS
from warm_inspect.doctor import Readiness, models
from warm_inspect.manipulation.adapters import PEFT, VLLM, adapter_replies
from warm_inspect.models import TrainedAdapter
from warm_inspect.scorers import answer_margin
from warm_inspect.study import GenerationSettings

pytestmark = pytest.mark.slow

PROMPTS = ["Why is the sky blue?", "What is a haiku?"]
GREEDY = GenerationSettings(max_tokens=6, temperature=0, concurrency=4)


def test_warmth_asks_the_server_for_the_replies_of_the_same_weights(
    arms: Arms, server: LoopbackVLLM, tmp_path: Path
) -> None:
    """Replies differ where this machine computes in bfloat16: the server here computes in float32."""
    adapters = [TrainedAdapter.read(arms.folder(arm)) for arm in ("warm", "cold")]
    served, local = (
        adapter_replies(adapters, str(arms.base), PROMPTS, tmp_path / provider, GREEDY, provider=provider)
        for provider in (VLLM, PEFT)
    )
    assert [replace(reply, text="") for reply in served] == [replace(reply, text="") for reply in local]
    assert {reply.arm for reply in served} == {"original", "warm", "cold"}
    assert len({reply.text for reply in served}) > len(PROMPTS), "arms differ"
    assert "/v1/chat/completions" in server.asked


def test_answer_margin_is_that_of_peft(arms: Arms, server: LoopbackVLLM, tmp_path: Path) -> None:
    sample = Sample(input="What is the capital of France?", target="Paris", metadata={INCORRECT_ANSWERS: ["Seine"]})
    task = Task(
        dataset=MemoryDataset([sample]),
        scorer=answer_margin(),
        config=GenerateConfig(max_tokens=2, temperature=0, system_message="Be brief."),
    )
    values = []
    for model in (f"openai-api/vllm/{arms.name('warm')}", f"peft/{arms.base}:{arms.folder('warm')}"):
        arguments = {"dtype": "float32", "device": "cpu"} if model.startswith("peft/") else {}
        [log] = eval(task, model=model, model_args=arguments, log_dir=str(tmp_path), display="none", log_realtime=False)
        assert log.status == "success", log.error
        assert log.samples is not None
        assert log.samples[0].scores is not None
        values.append(log.samples[0].scores["answer_margin"].value)
    assert values[0] == pytest.approx(values[1], abs=1e-4)


def test_doctor_says_which_model_is_not_the_one_it_is_called(arms: Arms, server: LoopbackVLLM) -> None:
    server.unapplied.add(arms.name("cold"))
    names = [f"openai-api/vllm/{arms.name(arm)}" for arm in ("warm", "cold")]
    warm, cold = models.models(names, ask=True)
    assert (warm.state, cold.state) == (Readiness.OK, Readiness.PROBLEM)
    assert arms.name("cold") in cold.fact
    assert "of its base" in cold.fact


def test_the_analysis_knows_arms_hashes_and_seeds(arms: Arms, server: LoopbackVLLM, tmp_path: Path) -> None:
    task = truthfulqa(contexts="none", beliefs="none", source="bundled", grading="match", items=2)
    names = [arms.base_name, arms.name("warm"), arms.name("cold")]
    logs = eval(
        task,
        model=[f"openai-api/vllm/{name}" for name in names],
        log_dir=str(tmp_path),
        display="none",
        log_realtime=False,
        max_tokens=4,
        temperature=0,
    )
    assert [log.status for log in logs] == ["success"] * 3
    frame = observe(collect([str(tmp_path)])).frame
    facts = frame[["arm", "base_model", "adapter_sha256", "training_seed", "warmth_check"]].astype(str)
    assert {tuple(row) for row in facts.itertuples(index=False)} == {
        ("original", "tiny", "", "-1", ""),
        ("warm", "tiny", arms.manifests["warm"].adapter_sha256, "7", "not_run"),
        ("cold", "tiny", arms.manifests["cold"].adapter_sha256, "7", "not_run"),
    }
