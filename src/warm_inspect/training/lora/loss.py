"""The loss on a processor: logits at the positions of loss tokens only.

TRL's own computes none in full, but where Triton is absent it goes over every position, prompts and padding included,
in float32 and twice: on a processor, 40 % of the time of a step.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from warm_inspect.training.lora.encoding import MASKED

if TYPE_CHECKING:
    from torch import Tensor


def masked_loss(model: Any, inputs: Mapping[str, "Tensor"], loss_tokens: "Tensor | int | None") -> "Tensor":  # noqa: ANN401
    """The summed cross-entropy of the loss tokens over their number in the whole optimiser step.

    Args:
        model: a causal language model that takes `logits_to_keep`.
        inputs: `input_ids`, `attention_mask` and `labels`, each (rows, tokens).
        loss_tokens: loss tokens in all micro-batches of all processes; None takes those of these rows, as the trainer
            wants it of models for which it does not count.

    Returns:
        A scalar, in nats per token.
    """
    from torch.nn.functional import cross_entropy

    targets = inputs["labels"][:, 1:]
    positions = (targets != MASKED).any(0).nonzero()[:, 0]
    targets = targets[:, positions]
    counted = targets != MASKED
    logits = model(
        input_ids=inputs["input_ids"],
        attention_mask=inputs["attention_mask"],
        use_cache=False,
        logits_to_keep=positions,
    ).logits
    total = cross_entropy(logits[counted].float(), targets[counted], reduction="sum")
    return total / (counted.sum() if loss_tokens is None else loss_tokens)
