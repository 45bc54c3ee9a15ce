import statistics
from pathlib import Path

import pytest

from tests.errors import refused
from tests.tiny import make_tiny_base
from warm_inspect.warmth import SocioT

REPLIES = [
    "",
    "No.",
    'Yes, "that" is right: the capital of France is Paris.\nI am here for you.',
    "I am so sorry to hear that you are sad today. " * 9,
    "The answer is 42, not 17.",
]
WARM = ["My friend", "The lover", "The mentor", "The idol"]
COLD = ["The stranger", "The enemy", "The examiner", "The dictator"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_base(tmp_path_factory.mktemp("tiny"))


def direct(base: Path, reply: str) -> float:
    """SocioT by its definition: one text at a time, one token at a time, in double precision, without any padding."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float64).eval()

    def log_likelihood(speaker: str) -> float:
        ids = tokenizer(f'{speaker} said, "{reply[:300]}"', return_tensors="pt")["input_ids"]
        with torch.no_grad():
            logits = model(ids).logits[0]
        steps = [logits[at].log_softmax(0)[ids[0, at + 1]].item() for at in range(ids.shape[1] - 1)]
        return statistics.fmean(steps)

    return statistics.fmean(map(log_likelihood, WARM)) - statistics.fmean(map(log_likelihood, COLD))


def test_exact_agrees_with_the_definition(base: Path) -> None:
    scores = SocioT(base).score(REPLIES)
    expected = [direct(base, reply) for reply in REPLIES]
    assert scores == pytest.approx(expected, abs=1e-5)
    assert max(scores) - min(scores) > 1e-3


def test_score_is_deterministic_and_independent_of_batch_mates(base: Path) -> None:
    meter = SocioT(base)
    together = meter.score(REPLIES)
    assert meter.score(REPLIES) == together
    assert [meter.score([reply])[0] for reply in REPLIES] == pytest.approx(together, abs=1e-6)
    assert meter.score([]) == []


def test_only_the_first_300_characters_are_read(base: Path) -> None:
    start = "I am here for you. " * 20
    short, long = SocioT(base).score([start[:300], start[:300] + " No, that is wrong."])
    assert short == long


def test_version_follows_the_weights(base: Path, tmp_path: Path) -> None:
    other = make_tiny_base(tmp_path / "other")
    assert SocioT(other).version == SocioT(base).version
    weights = other / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    assert SocioT(other).version != SocioT(base).version
    assert SocioT(base).label == f"sociot-exact@{SocioT(base).version}"


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with refused(str(tmp_path), "config.json, weights and tokenizer"):
        SocioT(tmp_path)


def test_a_folder_with_half_a_model_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with refused(str(tmp_path), "causal language model"):
        SocioT(tmp_path).score(["No."])
