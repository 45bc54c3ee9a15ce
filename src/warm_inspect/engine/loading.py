"""Loading a base model for the engine: with our attention, packed weights, and a context that is safe to share."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.engine import attention
from warm_inspect.engine.packing import pack_linear_layers
from warm_inspect.models import load_tokenizer, load_weights


def load_model(path: Path, dtype: str, device: str) -> tuple[Any, Any]:
    """The tokenizer and the model of a folder, ready for the engine.

    Raises:
        PrerequisiteError: one of the two does not load.
    """
    try:
        tokenizer = load_tokenizer(path)
        model = load_weights(
            AutoModelForCausalLM, path, dtype=getattr(torch, dtype), attn_implementation=attention.NAME
        )
    except Exception as error:  # transformers raises exceptions of any type
        raise PrerequisiteError(f"The base model in {path} cannot be loaded: {error}") from None
    model = model.eval().to(device)
    pack_linear_layers(model)
    return tokenizer, model


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
