"""Packed weights change nothing but the time: the same numbers to the last bit, with adapters on top."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from tests.models.lora_maker import make_adapter
from warm_inspect.engine.loading import PackedLinear, pack_linear_layers
from warm_inspect.engine.lora import AdapterBank
from warm_inspect.models import ModelString, find_adapter, find_base

pytestmark = [
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),
    pytest.mark.skipif(
        not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="this processor has no products in bfloat16"
    ),
]


@pytest.mark.parametrize("rows", [1, 7, 200])
@pytest.mark.parametrize("bias", [True, False])
def test_the_same_product(rows: int, bias: bool) -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(96, 72, bias=bias, dtype=torch.bfloat16)
    x = torch.randn(rows, 3, 96, dtype=torch.bfloat16)
    with torch.inference_mode():
        assert torch.equal(PackedLinear(layer)(x), layer(x))


def test_the_same_model_with_an_adapter(tiny_base: Path, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "warm", tiny_base, seed=1)
    adapter = find_adapter(ModelString(str(tiny_base), str(folder)), find_base(str(tiny_base)))
    assert adapter is not None
    tokens = torch.arange(20, 60).view(2, 20)
    outputs = []
    for pack in (False, True):
        model = AutoModelForCausalLM.from_pretrained(tiny_base, dtype=torch.bfloat16).eval()
        if pack:
            pack_linear_layers(model)
            assert not any(type(layer) is torch.nn.Linear for layer in model.modules())
        with torch.inference_mode():
            bank = AdapterBank(model)
            bank.load(adapter)
            bank.select([adapter.key, None])
            outputs.append(model(tokens).logits)
    assert torch.equal(*outputs)


def test_other_types_are_left_alone(tiny_base: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_base, dtype=torch.float32)
    pack_linear_layers(model)
    assert not any(isinstance(layer, PackedLinear) for layer in model.modules())
