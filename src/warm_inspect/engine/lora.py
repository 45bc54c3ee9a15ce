"""Several LoRA adapters on one base model, in one batch: every row goes through its own adapter.

PEFT reads the adapters and says what their tensors mean; its layers are then exchanged for layers that hold all
adapters' matrices stacked. Two small products serve a batch of any mixture: the columns of the adapters that a row
does not use are zeroed between them. So adapters need no merging (no rounding of weights) and no switching.
"""

import threading
from collections.abc import Sequence
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
from warm_inspect.engine.packing import PackedLinear

_NAME = "adapter"
"""What PEFT calls an adapter while it is read."""


class _Selection(threading.local):
    """Which adapter each row of this thread's coming forward pass uses; shared by all layers."""

    only: slice | None = None
    """The columns of the one adapter that all rows use, when that is so."""
    mask: torch.Tensor | None = None
    """(rows, 1, stacked ranks): 1 where the row's adapter is; None when no row, or every row, uses one adapter."""
    made_for: tuple[int, list[str | None]] | None = None
    """How many adapters there were, and the row's own."""


class StackedLora(torch.nn.Module):
    """A linear layer plus the low-rank updates of all adapters."""

    def __init__(self, base: torch.nn.Linear | PackedLinear, selection: _Selection, like: torch.Tensor) -> None:
        super().__init__()
        self.base = base
        self.selection = selection
        self.down = like.new_zeros((0, base.in_features))
        self.up = like.new_zeros((0, base.out_features))

    def add(self, rank: int, down: torch.Tensor | None = None, up: torch.Tensor | None = None) -> None:
        """Stack one adapter's `down` (rank, inputs) and scaled `up` (rank, outputs); zeros where it has less."""
        for name, matrix in (("down", down), ("up", up)):
            stack = getattr(self, name)
            block = stack.new_zeros((rank, stack.shape[1]))
            if matrix is not None:
                block[: len(matrix)] = matrix
            setattr(self, name, torch.cat([stack, block]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The base layer's output plus each row's own update. x: (rows, tokens, inputs)."""
        result: torch.Tensor = self.base(x)
        only, mask = self.selection.only, self.selection.mask
        if only is not None:
            inner = x @ self.down[only].T
            return _plus(result, inner, self.up[only])
        if mask is None:
            return result
        inner = (x @ self.down.T) * mask
        return _plus(result, inner, self.up)


def _plus(result: torch.Tensor, inner: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
    # In place, which saves copying what the base layer has just made.
    result.flatten(0, -2).addmm_(inner.flatten(0, -2), up)
    return result


class AdapterBank:
    """The adapters of one base model. Threads may select and run side by side, but not while one is added.

    Args:
        model: the base model; its layers are exchanged in place as adapters are added.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - transformers is untyped here
        self._model = model
        self._layers: dict[str, StackedLora] = {}
        self._columns: dict[str, slice] = {}
        self._selection = _Selection()

    def add(self, key: str, folder: Path) -> None:
        """Read an adapter's folder and stack its matrices under this key.

        Raises:
            PrerequisiteError: the adapter does not fit the model, or is more than plain LoRA on linear layers.
        """
        updates = _read_updates(self._model.config, folder)
        rank = max(len(down) for down, _ in updates.values())
        start = max((columns.stop for columns in self._columns.values()), default=0)
        like = next(self._model.parameters())
        for name in updates.keys() - self._layers.keys():
            self._layers[name] = layer = StackedLora(self._model.get_submodule(name), self._selection, like)
            layer.add(start)
        for name, layer in self._layers.items():
            layer.add(rank, *updates.get(name, ()))
            self._model.set_submodule(name, layer)
        self._columns[key] = slice(start, start + rank)
        self._check_effect(key, folder)

    def _check_effect(self, key: str, folder: Path) -> None:
        probe = torch.arange(8, device=self._model.device)[None]
        logits = []
        for chosen in (None, key):
            self.select([chosen])
            logits.append(self._model(input_ids=probe, use_cache=False).logits)
        if torch.equal(*logits):
            raise PrerequisiteError(f"The adapter {folder} has no effect: the model's output is the same without it.")

    def select(self, keys: Sequence[str | None]) -> None:
        """Say which adapter each row of this thread's coming forward passes uses; None = the plain base model."""
        selection, wanted = self._selection, (len(self._columns), list(keys))
        if wanted == selection.made_for:
            return
        selection.made_for = wanted
        selection.only = selection.mask = None
        if set(keys) == {None}:
            return
        if len(set(keys)) == 1 and keys[0] is not None:
            selection.only = self._columns[keys[0]]
            return
        mask = torch.zeros(len(keys), 1, max(columns.stop for columns in self._columns.values()))
        for row, key in enumerate(keys):
            if key is not None:
                mask[row, :, self._columns[key]] = 1.0
        selection.mask = mask.to(device=self._model.device, dtype=self._model.dtype)


def _read_updates(config: Any, folder: Path) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:  # noqa: ANN401
    """The `down` (rank, inputs) and scaled `up` (rank, outputs) matrices of an adapter, by module name.

    PEFT lays the adapter's configuration over a skeleton without weights, so the model itself stays as it is.

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
