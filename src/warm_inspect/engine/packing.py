"""Weights in the layout of the processor's matrix unit, reordered once at loading instead of in every product.

A product of a few dozen rows, which a decode step is made of, spends a third of its time on reordering. Results are
equal to the last bit.
"""

import torch


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
