"""The matrices of a LoRA adapter's folder, by the layer of the base model that each belongs to."""

from pathlib import Path
from typing import Any

import torch
from peft import PeftConfig, inject_adapter_in_model
from peft.tuners.lora import Linear as PeftLinear
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import WEIGHTS_NAME

_NAME = "adapter"
"""PEFT's name for the adapter while it is read."""


def read_updates(config: Any, folder: Path) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:  # noqa: ANN401
    """The `down` (rank, inputs) and scaled `up` (rank, outputs) matrices of an adapter, by module name.

    PEFT applies the adapter's configuration to a skeleton without weights, which says what each tensor means and leaves
    the model itself as it is.

    Args:
        config: the base model's configuration.
        folder: the adapter's.

    Raises:
        PrerequisiteError: the adapter does not fit the model, or is more than plain LoRA on linear layers.
    """
    with torch.device("meta"):
        skeleton = AutoModelForCausalLM.from_config(config)
    stored = load_file(folder / WEIGHTS_NAME)
    updates = {}
    try:
        inject_adapter_in_model(PeftConfig.from_pretrained(str(folder)), skeleton, _NAME, low_cpu_mem_usage=True)
        for name, layer in skeleton.named_modules():
            if isinstance(layer, LoraLayer):
                if not isinstance(layer, PeftLinear) or layer.lora_variant:
                    raise ValueError(f"{name} is adapted by more than plain LoRA on a linear layer")
                down, up = (
                    _checked(stored.pop(f"base_model.model.{name}.{part}.weight"), getattr(layer, part)[_NAME].weight)
                    for part in ("lora_A", "lora_B")
                )
                updates[name] = (down, up.T * layer.scaling[_NAME])
    except (ValueError, KeyError, TypeError) as error:
        raise PrerequisiteError(f"The adapter {folder} does not fit its base model: {error}.") from None
    if stored:
        raise PrerequisiteError(
            f"The adapter {folder} has weights that its base model has no place for: {min(stored)}."
        )
    return updates


def _checked(weight: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
    if weight.shape != place.shape:
        raise ValueError(f"its matrices have the shape {tuple(weight.shape)} where {tuple(place.shape)} is needed")
    return weight.float()
