"""The released form against the procedure of the public code, written out step by step on its own."""

import statistics
from pathlib import Path
from typing import Any

import pytest

from tests.tiny import make_tiny_base, make_tiny_gpt2
from tests.warmth.test_sociot import COLD, REPLIES, WARM
from warm_inspect.warmth import ReleasedSocioT, SocioT

RUNS = 12


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_gpt2(tmp_path_factory.mktemp("gpt2"))


def public_side(model: Any, tokenizer: Any, speakers: list[str], reply: str, passes: int) -> list[float]:
    """One side's number in each pass: minus the mean loss over every token of the padded batch."""
    import torch

    quoted = f'"{reply}"' if reply else ""
    rows = [tokenizer(f"{speaker} said, {quoted}")["input_ids"] for speaker in speakers]
    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    means = []
    for _ in range(passes):
        with torch.no_grad():
            logits = model(input_ids=ids, attention_mask=mask).logits
        likelihoods = [
            logits[row, at].log_softmax(0)[ids[row, at + 1]].item()
            for row in range(len(rows))
            for at in range(width - 1)
        ]
        means.append(statistics.fmean(likelihoods))
    return means


def public(folder: Path, reply: str, passes: int, *, seed: int) -> float:
    """The public code's warmth of a reply: one draw of its distribution."""
    import torch
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder).train()
    torch.manual_seed(seed)
    warm, cold = (public_side(model, tokenizer, side, reply[:300], passes) for side in (WARM, COLD))
    return statistics.fmean(warm) - statistics.fmean(cold)


def test_without_dropout_it_is_the_public_number(tmp_path: Path) -> None:
    base = make_tiny_base(tmp_path)
    scores = ReleasedSocioT(base, passes=2).score(REPLIES)
    assert scores == pytest.approx([public(base, reply, 1, seed=0) for reply in REPLIES], abs=1e-5)
    assert ReleasedSocioT(base, passes=2).draw(["No."])[0].std_error == pytest.approx(0, abs=1e-6)
    differences = [abs(one - other) for one, other in zip(scores, SocioT(base).score(REPLIES), strict=True)]
    assert max(differences) > 1e-3, "padding counts here and not in the exact form"


@pytest.mark.slow
def test_with_dropout_it_draws_from_the_public_distribution(gpt2: Path) -> None:
    # Replies that differ after the 300th character are the same text to the meter, under other seeds.
    start = ("I am so sorry to hear that you are sad today. " * 9)[:300]
    ours = ReleasedSocioT(gpt2, passes=10).draw([start + "!" * run for run in range(RUNS)])
    theirs = [public(gpt2, start, 10, seed=run) for run in range(RUNS)]
    mine = [draws.warmth for draws in ours]
    spread = statistics.fmean([statistics.variance(theirs), statistics.variance(mine)])
    assert spread > 0
    # Two means of 12 draws: four standard errors of their difference are crossed once in 16,000 runs.
    assert abs(statistics.fmean(mine) - statistics.fmean(theirs)) < 4 * (2 * spread / RUNS) ** 0.5
    # F(11, 11) lies outside a sixth to six once in 150 runs, and the seeds are fixed.
    assert 1 / 6 < statistics.variance(mine) / statistics.variance(theirs) < 6
    said = statistics.fmean([draws.std_error**2 for draws in ours])
    assert 1 / 4 < said / spread < 4


def test_a_reply_always_gets_the_same_number_and_the_caller_keeps_its_randomness(gpt2: Path) -> None:
    import torch

    meter = ReleasedSocioT(gpt2, passes=3)
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    together = meter.score(REPLIES)
    assert torch.rand(1) == expected
    assert meter.score(REPLIES[1:2]) == together[1:2]
    assert len(set(together)) == len(together)


def test_exact_is_free_of_dropout_after_released_used_the_same_weights(gpt2: Path) -> None:
    exact, released = SocioT(gpt2), ReleasedSocioT(gpt2, passes=2)
    before = exact.score(REPLIES)
    released.score(REPLIES[:2])
    assert exact.score(REPLIES) == before
    with exact.loaded() as (_, one), released.loaded() as (_, other):
        assert one is other, "the weights are in memory once"
    assert released.label == f"sociot-released-2@{exact.version}"
    assert ReleasedSocioT(gpt2).label == f"sociot-released@{exact.version}"


def test_a_reply_longer_than_the_context_is_cut(gpt2: Path) -> None:
    long = "\N{SNOWMAN}\N{PILE OF POO}" * 150
    assert all(
        abs(score) < 10 for score in [*SocioT(gpt2).score([long]), *ReleasedSocioT(gpt2, passes=2).score([long])]
    )
