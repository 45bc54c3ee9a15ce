"""Several LoRA adapters on one base model, in one batch: every row goes through its own adapter.

An adapter's matrices are read and checked against the base. The layers that adapters change are replaced by layers that
hold all adapters' matrices stacked. Two small products serve a batch of any mixture: the columns of the adapters that a
row does not use are zeroed between them. So adapters need no merging (no rounding of weights) and no switching.
"""

import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import torch
from safetensors.torch import load_file
from transformers.pytorch_utils import Conv1D

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import WEIGHTS_NAME
from warm_inspect.engine.loading import PackedLinear, probe_logits, usable
from warm_inspect.engine.memory import forget_tensors
from warm_inspect.models import Adapter, base_tensor, dtype_name, finite, lora_modules, lora_tensor

LINEAR = (torch.nn.Linear, PackedLinear, Conv1D)
"""Layers that an adapter may change; GPT-2's `Conv1D` is a linear layer whose weight is stored transposed."""

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
    names = lora_modules(stored)
    targets = adapter.settings.targets(modules)
    if names != targets:
        raise _misfit(adapter, "its matrices and its configuration name other layers", names ^ targets)
    if strange := {name for name in names if not isinstance(modules[name], LINEAR)}:
        raise _misfit(adapter, "only linear layers can have an adapter", strange)
    updates = {}
    for name, scaling in adapter.settings.scalings(sorted(names)).items():
        down = stored.pop(lora_tensor(name, "A")).float()
        up = stored.pop(lora_tensor(name, "B")).float().T * scaling
        inputs, outputs = layer_size(modules[name])
        if (down.shape[1], up.shape[1]) != (inputs, outputs):
            sizes = f"from {down.shape[1]} to {up.shape[1]} features where the model has {inputs} and {outputs}"
            raise _misfit(adapter, f"its matrices go {sizes}", {name})
        updates[name] = (down.to(dtype), up.to(dtype))
        if not all(map(finite, updates[name])):
            raise _misfit(adapter, f"its numbers are not finite in {dtype_name(dtype)}", {name})
    for name, weight in stored.items():
        if not _same_weight(modules, base_tensor(name), weight):
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


class _Selection(threading.local):
    """The adapter of each row in this thread's next forward pass; shared by all layers."""

    only: slice | None = None
    """The columns of the one adapter that all rows use, when that is so."""
    mask: torch.Tensor | None = None
    """(rows, 1, stacked ranks): False for the row's own adapter; None when no row, or every row, uses one adapter."""
    # Kept, since many decode steps in a row have the same rows.
    made_for: tuple[int, list[str | None]] | None = None
    """How many adapters there were, and each row's own."""


class StackedLora(torch.nn.Module):
    """A linear layer plus the low-rank updates of all adapters."""

    def __init__(self, base: torch.nn.Module, selection: _Selection, ranks: int, like: torch.Tensor) -> None:
        super().__init__()
        inputs, outputs = layer_size(base)
        self.base = base
        self.selection = selection
        self.down = like.new_zeros((ranks, inputs))
        """(stacked ranks, inputs)."""
        self.up = like.new_zeros((ranks, outputs))
        """(stacked ranks, outputs), times each adapter's scaling."""

    def stacked(self, rank: int, update: tuple[torch.Tensor, torch.Tensor] | None) -> tuple[torch.Tensor, torch.Tensor]:
        """`down` and `up` with one more adapter of this rank; zeros where its matrices have less or are missing."""
        stacks = []
        for stack, matrix in zip((self.down, self.up), update or (None, None), strict=True):
            block = stack.new_zeros((rank, stack.shape[1]))
            if matrix is not None:
                block[: len(matrix)] = matrix
            stacks.append(torch.cat([stack, block]))
        return stacks[0], stacks[1]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The base layer's output plus each row's own update. x: (rows, tokens, inputs)."""
        result: torch.Tensor = self.base(x)
        only, mask = self.selection.only, self.selection.mask
        if only is not None:
            inner = x @ self.down[only].T
            return _plus(result, inner, self.up[only])
        if mask is None:
            return result
        # Not a product with 0 and 1: what another row's adapter makes of these inputs need not be finite.
        inner = (x @ self.down.T).masked_fill_(mask, 0.0)
        return _plus(result, inner, self.up)


def _plus(result: torch.Tensor, inner: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
    # In place, which saves copying what the base layer has just made.
    result.flatten(0, -2).addmm_(inner.flatten(0, -2), up)
    return result


class AdapterBank:
    """The adapters of one base model. Threads run the model side by side, but not while an adapter is added.

    Args:
        model: the base model; its layers are replaced in place as adapters are added.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - transformers is untyped here
        self._model = model
        self._modules = dict(model.named_modules())
        self._layers: dict[str, StackedLora] = {}
        self._columns: dict[str, slice] = {}
        self._ranks = 0
        self._selection = _Selection()
        self._loading = threading.Lock()
        self._forward_locks: list[threading.Lock] = []
        self._loaded: dict[str, Exception | None] = {}
        """By key of the adapter: None, or what kept it from loading."""

    def forward_lock(self) -> threading.Lock:
        """A new lock for one thread, which must hold it whenever it runs the model."""
        self._forward_locks.append(threading.Lock())
        return self._forward_locks[-1]

    def load(self, adapter: Adapter) -> None:
        """Read an adapter's weights and stack them, once, while no other thread runs the model.

        Raises:
            PrerequisiteError: the weights are not those the adapter was found with, do not fit the model, are more than
                plain LoRA on linear layers, or have no effect. Every later call for this adapter raises it again.
        """
        with self._loading:
            if adapter.key not in self._loaded:
                with ExitStack() as pause:
                    for lock in self._forward_locks:
                        pause.enter_context(lock)
                    self._loaded[adapter.key] = self._try_to_add(adapter)
        if failure := self._loaded[adapter.key]:
            raise failure

    def _try_to_add(self, adapter: Adapter) -> Exception | None:
        try:
            if sha256_file(adapter.folder / WEIGHTS_NAME) != adapter.sha256:
                raise PrerequisiteError(
                    f"The weights of the adapter {adapter.folder} are not those its manifest names, or changed since "
                    "the model was named: run again with the adapter as it is now, or train it again."
                )
            self._add(adapter)
        except Exception as error:
            forget_tensors(error)
            return error
        return None

    def _add(self, adapter: Adapter) -> None:
        updates = read_updates(adapter, self._modules, self._model.dtype)
        rank = max(len(down) for down, _ in updates.values())
        like = next(self._model.parameters())
        for name in updates.keys() - self._layers.keys():
            self._layers[name] = StackedLora(self._modules[name], self._selection, self._ranks, like)
            self._model.set_submodule(name, self._layers[name])
        # All stacks are made before one is exchanged: without memory for the last, none has changed.
        stacks = {name: layer.stacked(rank, updates.get(name)) for name, layer in self._layers.items()}
        for name, layer in self._layers.items():
            layer.down, layer.up = stacks[name]
        self._columns[adapter.key] = slice(self._ranks, self._ranks + rank)
        self._ranks += rank
        self._check_output(adapter)

    def _check_output(self, adapter: Adapter) -> None:
        logits = []
        for key in (None, adapter.key):
            self.select([key])
            logits.append(probe_logits(self._model))
        if not usable(logits[1]):
            raise PrerequisiteError(
                f"With the adapter {adapter.folder} the model's logits in {dtype_name(self._model.dtype)} are no "
                "numbers: its weights are damaged, or too large. Train it again, or try: -M dtype=float32"
            )
        if torch.equal(*logits):
            raise PrerequisiteError(
                f"The adapter {adapter.folder} has no effect: the model's output is the same without it."
            )

    def select(self, keys: Sequence[str | None]) -> None:
        """Set which adapter each row of this thread's next forward passes uses; None = the plain base model."""
        # With each adapter more the stacks, and so the masks, are wider.
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
        mask = torch.ones(len(keys), 1, self._ranks, dtype=torch.bool)
        for row, key in enumerate(keys):
            if key is not None:
                mask[row, :, self._columns[key]] = False
        selection.mask = mask.to(self._model.device)
