"""The loss on a processor against the one that transformers computes from all logits."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import pad
from transformers import AutoModelForCausalLM

from tests.tiny import make_tiny_base
from warm_inspect.training.lora.encoding import MASKED
from warm_inspect.training.lora.fit import masked_loss


def test_loss_and_gradients_are_those_of_all_logits(tmp_path: Path) -> None:
    """Prompts and replies of different lengths, padded on the right, some loss tokens in the middle."""
    model = AutoModelForCausalLM.from_pretrained(make_tiny_base(tmp_path / "base"), dtype=torch.float32)
    torch.manual_seed(0)
    ids = torch.randint(5, 50, (3, 12))
    labels = ids.clone()
    for row, (start, end) in enumerate([(4, 12), (2, 9), (6, 8)]):
        labels[row, :start] = labels[row, end:] = MASKED
    labels[0, 7] = MASKED
    attention = torch.ones_like(ids)
    attention[1, 9:] = attention[2, 8:] = 0
    inputs = {"input_ids": ids, "attention_mask": attention, "labels": labels}

    def losses_and_gradients() -> list[tuple[float, list[torch.Tensor]]]:
        results = []
        for loss in (
            masked_loss(model, inputs, 40),
            model(**inputs, num_items_in_batch=40).loss,
        ):
            model.zero_grad()
            loss.backward()
            results.append((loss.item(), [weight.grad.clone() for weight in model.parameters()]))
        return results

    with torch.no_grad():
        assert masked_loss(model, inputs, None).item() == pytest.approx(model(**inputs).loss.item(), rel=1e-6)

    (ours, gradients), (theirs, expected) = losses_and_gradients()
    assert ours == pytest.approx(theirs, rel=1e-6)
    for gradient, wanted in zip(gradients, expected, strict=True):
        torch.testing.assert_close(gradient, wanted, rtol=1e-4, atol=1e-6)


def test_more_padding_changes_no_loss_and_no_gradient(tmp_path: Path) -> None:
    """Training pads to a multiple of a tile."""
    model = AutoModelForCausalLM.from_pretrained(make_tiny_base(tmp_path / "base"), dtype=torch.float32)
    torch.manual_seed(0)
    ids = torch.randint(5, 50, (2, 13))
    labels = ids.clone()
    labels[0, :4] = labels[1, :6] = labels[1, 11:] = MASKED
    attention = torch.ones_like(ids)
    attention[1, 11:] = 0
    results = []
    for more in (0, 3):
        inputs = {
            "input_ids": pad(ids, (0, more), value=2),
            "labels": pad(labels, (0, more), value=MASKED),
            "attention_mask": pad(attention, (0, more)),
        }
        model.zero_grad()
        loss: Any = masked_loss(model, inputs, None)
        loss.backward()
        results.append((loss.item(), [weight.grad.clone() for weight in model.parameters()]))
    (short, gradients), (long, others) = results
    assert long == pytest.approx(short, rel=1e-6)
    for gradient, other in zip(gradients, others, strict=True):
        torch.testing.assert_close(gradient, other, rtol=1e-4, atol=1e-7)
