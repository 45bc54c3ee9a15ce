"""The matrices of a LoRA adapter, by the layer of the base model that each belongs to."""

from collections.abc import Mapping

import torch
from safetensors.torch import load_file
from transformers.pytorch_utils import Conv1D

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import WEIGHTS_NAME
from warm_inspect.engine.packing import PackedLinear
from warm_inspect.models import Adapter, dtype_name, finite

LINEAR = (torch.nn.Linear, PackedLinear, Conv1D)
"""Layers that an adapter may change; GPT-2's `Conv1D` is a linear layer whose weight is stored transposed."""

_PREFIX = "base_model.model."

Updates = dict[str, tuple[torch.Tensor, torch.Tensor]]
"""By module: `down` (rank, inputs), and `up` (rank, outputs) times the adapter's scaling."""


def read_updates(adapter: Adapter, modules: Mapping[str, torch.nn.Module], dtype: torch.dtype) -> Updates:
    """The matrices of an adapter, in the model's numeric type.

    Args:
        adapter: the adapter.
        modules: all modules of the base model without adapters, by name.
        dtype: the model's numeric type.

    Raises:
        PrerequisiteError: the adapter's layers or shapes are not those of the model, its numbers are not finite in this
            type, or it carries other weights of the base than the base has.
    """
    stored = load_file(adapter.folder / WEIGHTS_NAME)
    names = {name.removesuffix(".lora_A.weight").removeprefix(_PREFIX) for name in stored if ".lora_A." in name}
    targets = adapter.settings.targets(modules)
    if names != targets:
        raise _misfit(adapter, "its matrices and its configuration name other layers", names ^ targets)
    if strange := {name for name in names if not isinstance(modules[name], LINEAR)}:
        raise _misfit(adapter, "only linear layers can have an adapter", strange)
    updates = {}
    for name, scaling in adapter.settings.scalings(sorted(names)).items():
        down = stored.pop(f"{_PREFIX}{name}.lora_A.weight").float()
        up = stored.pop(f"{_PREFIX}{name}.lora_B.weight").float().T * scaling
        inputs, outputs = layer_size(modules[name])
        if (down.shape[1], up.shape[1]) != (inputs, outputs):
            found = f"from {down.shape[1]} to {up.shape[1]} features where the model has {inputs} and {outputs}"
            raise _misfit(adapter, f"its matrices go {found}", {name})
        updates[name] = (down.to(dtype), up.to(dtype))
        if not all(map(finite, updates[name])):
            raise _misfit(adapter, f"its numbers are not finite in {dtype_name(dtype)}", {name})
    for name, weight in stored.items():
        if not _same_weight(modules, name.removeprefix(_PREFIX), weight):
            raise _misfit(adapter, "it has weights of its own for the base, or for a layer the base lacks", {name})
    return updates


def layer_size(layer: torch.nn.Module) -> tuple[int, int]:
    """The input and output features of a linear layer."""
    if isinstance(layer, Conv1D):
        return layer.nx, layer.nf
    assert isinstance(layer, torch.nn.Linear | PackedLinear)
    return layer.in_features, layer.out_features


def _same_weight(modules: Mapping[str, torch.nn.Module], name: str, weight: torch.Tensor) -> bool:
    """Whether a stored weight is a copy of the base's own, as PEFT saves it for an output layer with an adapter."""
    module = modules.get(name.removesuffix(".weight").removesuffix(".base_layer"))
    own = getattr(module, "weight", None)
    if not isinstance(own, torch.Tensor) or own.shape != weight.shape:
        return False
    return torch.equal(own, weight.to(device=own.device, dtype=own.dtype))


def _misfit(adapter: Adapter, problem: str, names: set[str]) -> PrerequisiteError:
    shown = ", ".join(sorted(names)[:3]) + (" ..." if len(names) > 3 else "")
    return PrerequisiteError(f"The adapter {adapter.folder} does not fit its base model: {problem} ({shown}).")
