"""Tiny models of four architectures, and plain `transformers` as the judge of what they should say."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.tiny import make_tiny_base, make_tiny_gpt2
from warm_inspect.models.adapters import Adapter

FAMILIES = ("llama", "qwen2", "gemma3", "gpt2")
NEAR_TIE = 1e-3
"""Two best logits closer than this: the batch's shape may decide between them."""


def make_family(path: Path, family: str, head: int = 8) -> Path:
    """Save a tiny model with widely spread weights, so that greedy replies vary and hardly ever come to a near tie.

    `qwen2` has biases and one layer with a sliding window, `gemma3` norms of queries and keys, embeddings scaled by the
    width, and a window that most prompts outgrow; `gpt2` has learnt positions, and linear layers stored transposed.

    Args:
        path: the new folder.
        family: one of `FAMILIES`.
        head: the size of each of the four heads, which decides what kernels a card computes attention with; 8 for
            `gpt2`.
    """
    import torch
    from transformers import AutoModelForCausalLM

    (make_tiny_gpt2 if family == "gpt2" else make_tiny_base)(path)
    model = AutoModelForCausalLM.from_pretrained(path)
    if family != "gpt2":
        model = _build(family, model.config, head)
    torch.manual_seed(3)
    for weights in model.parameters():
        if weights.dim() == 2:
            torch.nn.init.normal_(weights, std=0.25 * (8 / head) ** 0.5)
    model.save_pretrained(path)
    return path


def _build(family: str, like: Any, head: int) -> Any:
    from transformers import (
        Gemma3ForCausalLM,
        Gemma3TextConfig,
        LlamaForCausalLM,
        Qwen2Config,
        Qwen2ForCausalLM,
    )

    like.update({"hidden_size": 4 * head, "intermediate_size": 8 * head, "head_dim": head})
    if family == "llama":
        return LlamaForCausalLM(like)
    names = (
        "vocab_size", "hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads",
        "max_position_embeddings", "bos_token_id", "eos_token_id", "pad_token_id", "tie_word_embeddings",
    )  # fmt: skip
    common = {name: getattr(like, name) for name in names}
    layers = {"num_hidden_layers": 3, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}
    if family == "qwen2":
        return Qwen2ForCausalLM(Qwen2Config(**common, **layers, use_sliding_window=True, sliding_window=20))
    return Gemma3ForCausalLM(
        Gemma3TextConfig(**common, **layers, head_dim=head, query_pre_attn_scalar=head, sliding_window=12)
    )


class Judge:
    """What a model says alone, by `transformers.generate`, one prompt at a time."""

    def __init__(self, base: Path, adapter: Adapter | None = None, dtype: str = "float32", device: str = "cpu") -> None:
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=dtype)
        if adapter is not None:
            # As the engine does: the adapter in the type of the model.
            model = PeftModel.from_pretrained(model, str(adapter.folder), autocast_adapter_dtype=False)
        self.model: Any = model.eval().to(device=device, dtype=model.dtype)

    def differs_by_a_near_tie(self, prompt: Sequence[int], reply: Sequence[int], max_tokens: int) -> bool:
        """Whether a greedy reply leaves the judge's own after a near tie; False when they are equal.

        Raises:
            AssertionError: the reply is another, and no near tie explains it.
        """
        import torch

        ids = torch.tensor([list(prompt)], device=self.model.device)
        told = self.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=max_tokens,
            do_sample=False,
            output_logits=True,
            return_dict_in_generate=True,
        )
        expected = told.sequences[0, len(prompt) :].tolist()
        if list(reply) == expected:
            return False
        best = torch.cat(told.logits).topk(2).values
        ties = (best[:, 0] - best[:, 1] < NEAR_TIE).nonzero().flatten().tolist()
        assert ties, (list(reply), expected)
        assert list(reply[: ties[0]]) == expected[: ties[0]], (list(reply), expected)
        return True

    def logprobs(self, prompt: Sequence[int], text: Sequence[int]) -> list[float]:
        """The log probability of each token of a text after a prompt."""
        import torch

        with torch.inference_mode():
            ids = torch.tensor([[*prompt, *text]], device=self.model.device)
            logits = self.model(ids).logits[0, len(prompt) - 1 : -1]
        told: list[float] = logits.float().log_softmax(-1).gather(-1, ids[0, len(prompt) :, None])[:, 0].tolist()
        return told
