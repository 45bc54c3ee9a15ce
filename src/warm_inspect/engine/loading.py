"""Loading a base model for the engine: with our attention, packed weights, and a context that is safe to share.

On a processor weights are packed: reordered once into the layout of its matrix unit, instead of in every product. A
product of a few dozen rows, which a decode step is made of, spends a third of its time on reordering. Results are equal
to the last bit.
"""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.engine import attention
from warm_inspect.engine.memory import is_out_of_memory
from warm_inspect.models import load_tokenizer, load_weights


class PackedLinear(torch.nn.Module):
    """A linear layer in bfloat16 on the CPU whose weight is stored for its own product only."""

    def __init__(self, layer: torch.nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        self.bias = layer.bias
        self._packed = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach(), None)

    @property
    def weight(self) -> torch.Tensor:
        """A copy of the weight in the usual layout: (outputs, inputs)."""
        weight: torch.Tensor = self._packed.to_dense()
        return weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x: (..., inputs). Result: (..., outputs)."""
        product: torch.Tensor = torch.ops.mkldnn._linear_pointwise(x, self._packed, self.bias, "none", [], "")
        return product


def pack_linear_layers(model: torch.nn.Module) -> None:
    """Replace a model's linear layers in place, where its device and type have such a layout; else do nothing.

    The weight of the output layer stays beside its packed form when the input embeddings are the same.
    """
    weights = next(model.parameters())
    if weights.device.type != "cpu" or weights.dtype is not torch.bfloat16:
        return
    # Builds without oneDNN, such as those for Apple's processors, lack the operators themselves.
    if not torch._C._has_mkldnn or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return
    for name, layer in list(model.named_modules()):
        if type(layer) is torch.nn.Linear:
            model.set_submodule(name, PackedLinear(layer))


def load_model(path: Path, dtype: str, device: str) -> tuple[Any, Any]:
    """The tokenizer and the model of a folder, ready for the engine.

    Raises:
        PrerequisiteError: one of the two does not load or does not fit into the device's memory, or the model's logits
            are not finite.
    """
    try:
        tokenizer = load_tokenizer(path)
        model = load_weights(
            AutoModelForCausalLM, path, dtype=getattr(torch, dtype), attn_implementation=attention.NAME
        )
    except Exception as error:  # transformers raises exceptions of any type
        raise PrerequisiteError(f"The base model in {path} cannot be loaded: {error}") from None
    try:
        model = model.eval().to(device)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise PrerequisiteError(
            f"The base model in {path} does not fit in {dtype} into the memory of {device}: {error} End what else uses "
            "it, or try: -M dtype=bfloat16, -M device=cpu"
        ) from None
    pack_linear_layers(model)
    with torch.inference_mode():
        if not usable(probe_logits(model)):
            raise PrerequisiteError(
                f"The logits of the base model in {path} in {dtype} are no numbers: its weights are damaged, or too "
                "large. Fetch it again, or try: -M dtype=float32"
            )
    return tokenizer, model


def probe_logits(model: Any) -> torch.Tensor:  # noqa: ANN401 - transformers is untyped here
    """The logits of a model over its first few tokens: (1, tokens, vocabulary)."""
    tokens = torch.arange(min(8, model.config.get_text_config().vocab_size), device=model.device)
    logits: torch.Tensor = model(input_ids=tokens[None], use_cache=False).logits
    return logits


def usable(logits: torch.Tensor) -> bool:
    """Whether all logits are finite and differ: after an overflow, norms make them all the same."""
    return bool(logits.isfinite().all()) and bool((logits.amax(-1) > logits.amin(-1)).all())


def context_tokens(config: Any) -> int:  # noqa: ANN401
    """The most tokens of a prompt and its reply.

    Raises:
        PrerequisiteError: the model has a state other than keys and values of past tokens.
    """
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    if kinds - {"full_attention", "sliding_attention"}:
        raise PrerequisiteError(
            f"The peft provider cannot run models with layers of type {', '.join(sorted(kinds))}. "
            "Use Inspect's vllm or hf provider."
        )
    rope = getattr(config, "rope_parameters", None) or {}
    # Beyond this length such a model rotates all positions differently, those of the row's batch mates too.
    limit = rope.get("original_max_position_embeddings") if rope.get("rope_type") == "longrope" else None
    return int(limit or config.max_position_embeddings)
