"""A rough estimate of a training's memory, from shapes alone: no weight is loaded."""

from pathlib import Path
from typing import Any, NamedTuple

from warm_inspect.models import resolve_device
from warm_inspect.training.lora.config import TrainingConfig
from warm_inspect.training.lora.encoding import EncodedSet
from warm_inspect.training.lora.order import padded

_BYTES = {"bfloat16": 2.0, "float32": 4.0}
_FOUR_BIT = 0.53
"""Bytes of a weight in NF4 with doubly quantised scales."""
_ACTIVATION_BYTES = 6.0
"""Bytes per counted element: the base computes in two, its norms and the adapters in four.

Fitted, not derived, on a CPU with SmolLM2-135M in bfloat16, libraries included: 2.6 GB with passes of 4 x 176 tokens,
5.9 with 4 x 432, and with dropout and 4 x 512 from 7.0 to 9.3, the more the longer it ran.
"""
_ADAPTER_BYTES = 16.0
"""Bytes of an adapter weight in float32: itself, its gradient and two moments of AdamW."""
_LOGIT_BYTES = 12.0
"""Bytes of a loss token's logit on a processor: in the base's type and in float32, each with its gradient."""


class Memory(NamedTuple):
    """Estimated bytes on one accelerator, or in main memory without one; what the libraries take comes on top."""

    weights: int
    """The frozen base model."""
    adapter: int
    """The adapter with gradients and optimiser."""
    activations: int
    """The tensors of the longest forward pass that the backward pass reads."""
    logits: int
    """Those of a forward pass's loss tokens; 0 on an accelerator, where TRL computes its loss in pieces."""

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self)


def estimate_memory(config: TrainingConfig, base: Path, encoded: EncodedSet) -> Memory:
    """The memory of one process that trains without sharding.

    Counts, per token of a padded forward pass and layer, the tensors that the backward pass reads in a Llama-like
    block: twelve of the hidden size and four of the inner size, and the inputs of the adapters once more under dropout;
    with gradient checkpointing only each layer's input, and one layer in full. Measured peaks are in `bench/training`.

    Args:
        config: hyperparameters, with the numeric type resolved.
        base: folder of the base model.
        encoded: the examples.
    """
    from transformers import AutoConfig

    shape = AutoConfig.from_pretrained(base, trust_remote_code=False).get_text_config()
    weights, adapter = _parameters(config, base)
    block = 12 * shape.hidden_size + 4 * shape.intermediate_size
    if config.dropout:
        block += 6 * shape.hidden_size + shape.intermediate_size
    layers = shape.num_hidden_layers
    per_token = layers * shape.hidden_size + block if config.gradient_checkpointing else layers * block
    return Memory(
        weights=round(weights * (_FOUR_BIT if config.four_bit else _BYTES[config.dtype])),
        adapter=round(adapter * _ADAPTER_BYTES),
        activations=round(per_token * _ACTIVATION_BYTES * _longest_pass(config, encoded)),
        logits=round(shape.vocab_size * _LOGIT_BYTES * _most_loss_tokens(config, encoded))
        if resolve_device("auto") == "cpu"
        else 0,
    )


def _longest_pass(config: TrainingConfig, encoded: EncodedSet) -> int:
    """Tokens, padding included, of the largest forward pass there can be."""
    return config.micro_batch_size * padded(max(len(example.input_ids) for example in encoded.examples))


def _most_loss_tokens(config: TrainingConfig, encoded: EncodedSet) -> int:
    """The most loss tokens that one forward pass can hold."""
    return sum(sorted(example.loss_tokens for example in encoded.examples)[-config.micro_batch_size :])


def _parameters(config: TrainingConfig, base: Path) -> tuple[int, int]:
    """Weights of the base model and of the adapter, counted on a model without storage."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.device("meta"):
        model: Any = AutoModelForCausalLM.from_config(
            AutoConfig.from_pretrained(base, trust_remote_code=False), trust_remote_code=False
        )
    linear = [
        module
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and name.rpartition(".")[2] in config.target_modules
    ]
    adapter = sum(config.r * (module.in_features + module.out_features) for module in linear)
    return sum(parameter.numel() for parameter in model.parameters()), adapter
