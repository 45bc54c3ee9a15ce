"""Attention over a `SlotCache`, registered with `transformers` under a name of our own.

`transformers` calls it for every layer and makes no masks for a name it does not know, so all that depends on how rows
share the cache is in this one place.
"""

from typing import Any

import torch
from transformers import AttentionInterface

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.engine.kv_cache import Layout

NAME = "warm_inspect_slots"

_IGNORED = ("dropout", "is_causal", "position_ids", "use_cache", "output_attentions", "output_hidden_states")
"""Arguments without effect on a causal model that only generates."""


def slot_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    layout: Layout | None = None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of one layer.

    Args:
        module: the layer.
        query: (rows, heads, tokens, size).
        key: (rows, key heads, columns, size).
        value: as `key`.
        attention_mask: not used.
        layout: which columns each row may attend to; None = all tokens stand in one pass, as in a plain forward call.
        scaling: factor of the products; None = 1 / sqrt(size).
        sliding_window: how many of the latest columns a token sees, itself included; None = all.
        others: what else the architecture passes on.

    Returns:
        (rows, tokens, heads, size), and no attention weights.

    Raises:
        PrerequisiteError: the architecture asks for something else that would change the result.
    """
    if unsupported := [name for name, value in others.items() if name not in _IGNORED and value is not None]:
        raise PrerequisiteError(
            f"The peft provider cannot run this architecture: its attention needs {', '.join(sorted(unsupported))}. "
            "Use Inspect's hf or vllm provider."
        )
    layout = layout or Layout(rows=query.shape[0], width=query.shape[2])
    mask = _mask(layout, sliding_window, query)
    if mask is not None and query.device.type != "cpu":
        # Only the CPU's fast kernel takes grouped heads together with a mask.
        key, value = (each.repeat_interleave(query.shape[1] // each.shape[1], dim=1) for each in (key, value))
    result = torch.nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=mask, scale=scaling, is_causal=mask is None, enable_gqa=True
    )
    return result.transpose(1, 2).contiguous(), None


def _mask(layout: Layout, window: int | None, query: torch.Tensor) -> torch.Tensor | None:
    """The additive mask; None for plain causal attention within one pass."""
    if window not in layout.masks:
        layout.masks[window] = _new_mask(layout, window, query)
    return layout.masks[window]


def _new_mask(layout: Layout, window: int | None, query: torch.Tensor) -> torch.Tensor | None:
    columns = torch.arange(layout.shared + layout.width, device=query.device)
    if layout.lengths is not None:
        newest = layout.lengths[:, None, None, None]
    elif layout.prefix is None and (window is None or layout.width <= window):
        return None
    else:
        newest = columns[layout.shared :, None]
    hidden = columns > newest
    # A window counts the token itself.
    if window is not None:
        hidden |= columns <= newest - window
    mask = torch.zeros(hidden.shape, dtype=query.dtype, device=query.device)
    return mask.masked_fill_(hidden, torch.finfo(query.dtype).min)


AttentionInterface.register(NAME, slot_attention)
