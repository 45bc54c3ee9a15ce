"""Models of known shapes with random weights, adapters for them, and requests whose replies have a given length.

Nothing is downloaded. No token ends a reply, so every contestant reads and writes the same number of tokens.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RANK = 16
_BYTES = 2
"""Of a number in bfloat16."""
_SHARED = 24
"""Tokens that all prompts begin with, as those of one system message do."""


@dataclass(frozen=True)
class Shape:
    """The shape of a Llama."""

    layers: int
    width: int
    inner: int
    heads: int
    key_heads: int
    vocabulary: int
    tied: bool

    @property
    def head(self) -> int:
        return self.width // self.heads

    @property
    def linear(self) -> dict[str, tuple[int, int]]:
        """Inputs and outputs of a layer's products, by module."""
        keys = self.key_heads * self.head
        return {
            "self_attn.q_proj": (self.width, self.width),
            "self_attn.k_proj": (self.width, keys),
            "self_attn.v_proj": (self.width, keys),
            "self_attn.o_proj": (self.width, self.width),
            "mlp.gate_proj": (self.width, self.inner),
            "mlp.up_proj": (self.width, self.inner),
            "mlp.down_proj": (self.inner, self.width),
        }

    def config(self) -> Any:
        from transformers import LlamaConfig

        return LlamaConfig(
            architectures=["LlamaForCausalLM"],
            dtype="bfloat16",
            num_hidden_layers=self.layers,
            hidden_size=self.width,
            intermediate_size=self.inner,
            num_attention_heads=self.heads,
            num_key_value_heads=self.key_heads,
            vocab_size=self.vocabulary,
            max_position_embeddings=2_048,
            rope_parameters={"rope_type": "default", "rope_theta": 500_000.0},
            tie_word_embeddings=self.tied,
            bos_token_id=None,
            eos_token_id=None,
            pad_token_id=None,
        )


SHAPES = {
    "1b": Shape(16, 2_048, 8_192, 32, 8, 128_256, tied=True),
    "8b": Shape(32, 4_096, 14_336, 32, 8, 128_256, tied=False),
    "tiny": Shape(2, 64, 128, 4, 2, 512, tied=True),
}
"""`1b` and `8b` as Llama 3.2 1B and Llama 3.1 8B; `tiny` tries the script."""


@dataclass(frozen=True)
class Request:
    """A prompt, the adapter that answers it, and how many tokens it writes."""

    prompt: tuple[int, ...]
    arm: int
    reply: int


def make_requests(shape: Shape, count: int, arms: int) -> list[Request]:
    """Prompts of 44 to 144 tokens and replies of 32 to 160, the arms in turn; the same for each number of arms."""
    chance = random.Random(0)

    def tokens(length: int) -> tuple[int, ...]:
        return tuple(chance.randrange(10, shape.vocabulary) for _ in range(length))

    shared = tokens(_SHARED)
    return [
        Request(shared + tokens(chance.randint(20, 120)), number % arms, chance.randint(32, 160))
        for number in range(count)
    ]


def least_bytes(shape: Shape, requests: Sequence[Request], rows: int) -> int:
    """What decoding must read: all weights once per step of so many rows, and each row's keys and values at each step.

    Reading prompts, adapters and writing are left out, so nobody can need less.
    """
    products = sum(inputs * outputs for inputs, outputs in shape.linear.values())
    weights = shape.layers * products + shape.width * shape.vocabulary
    steps = -(-sum(request.reply for request in requests) // rows)
    seen = sum(len(each.prompt) + place for each in requests for place in range(each.reply))
    cached = 2 * shape.layers * shape.key_heads * shape.head
    return _BYTES * (steps * weights + seen * cached)


def write_base(shape: Shape, folder: Path) -> Path:
    """The folder of a model without its weights."""
    shape.config().save_pretrained(folder)
    return folder


def write_adapter(shape: Shape, folder: Path, seed: int) -> Path:
    """An adapter on all products, with small random matrices."""
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(seed)
    matrices = {}
    for layer in range(shape.layers):
        for module, (inputs, outputs) in shape.linear.items():
            name = f"base_model.model.model.layers.{layer}.{module}"
            matrices[f"{name}.lora_A.weight"] = (torch.randn(RANK, inputs) / inputs**0.5).bfloat16()
            matrices[f"{name}.lora_B.weight"] = (torch.randn(outputs, RANK) * 1e-2).bfloat16()
    folder.mkdir()
    save_file(matrices, folder / "adapter_model.safetensors")
    settings = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": "",
        "r": RANK,
        "lora_alpha": 2 * RANK,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": [module.rpartition(".")[2] for module in shape.linear],
    }
    (folder / "adapter_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder
