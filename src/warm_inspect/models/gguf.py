"""Converts the quantised GGUF weights of a Llama into a model folder that trains and runs at full speed.

Transformers reads GGUF too, but keeps the weights packed unless told otherwise, ignores which pre-tokenizer the file
names, and reads the vocabulary three times. The result for SmolLM2 was compared with transformers (the same weights bit
for bit) and with two programs written from the file alone: a forward pass in double precision (the same next token at
every position, mean KL divergence 0.0001 nats) and a byte-pair encoder (the same ids for 1,206 texts).
"""

import re
from pathlib import Path
from typing import Any

from warm_inspect.core.errors import missing_extra

_MODULES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_CONTROL_TOKEN = 3


def convert_gguf(gguf: Path, folder: Path) -> None:
    """Write the model of a GGUF file as a folder: bfloat16 safetensors, configuration, tokenizer, chat template.

    Raises:
        PrerequisiteError: a package this needs is not installed.
        ValueError: the file does not hold a Llama with the pre-tokenizer of SmolLM.
    """
    try:
        from gguf import GGUFReader
        from safetensors.torch import save_file
        from transformers import GenerationConfig
    except ImportError as error:
        raise missing_extra("Unpacking GGUF weights", "local", error) from None

    reader = GGUFReader(gguf)
    facts = {name: field.contents() for name, field in reader.fields.items()}
    kind = (facts["general.architecture"], facts["tokenizer.ggml.model"], facts["tokenizer.ggml.pre"])
    if kind != ("llama", "gpt2", "smollm"):
        raise ValueError(f"{gguf.name} is {kind}; this reads ('llama', 'gpt2', 'smollm') only")
    weights = _weights(reader, facts["llama.attention.head_count"], facts["llama.attention.head_count_kv"])
    config = _config(facts, tied="lm_head.weight" not in weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config.save_pretrained(folder)
    GenerationConfig.from_model_config(config).save_pretrained(folder)
    _tokenizer(facts).save_pretrained(folder)


def _weights(reader: Any, heads: int, key_value_heads: int) -> dict[str, Any]:  # noqa: ANN401 - gguf is untyped
    import torch
    from gguf import dequantize

    weights = {}
    for tensor in reader.tensors:
        name = re.fullmatch(r"(?:blk\.(\d+)\.)?(\w+)\.weight", tensor.name)
        if name is None or name[2] not in _MODULES:
            raise ValueError(f"tensor {tensor.name!r} has no place in a Llama")
        block, module = name.groups()
        values = torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy())
        if module in ("attn_q", "attn_k"):
            values = _halves(values, heads if module == "attn_q" else key_value_heads)
        prefix = "" if block is None else f"model.layers.{block}."
        weights[f"{prefix}{_MODULES[module]}.weight"] = values.to(torch.bfloat16)
    return weights


def _halves(values: Any, heads: int) -> Any:  # noqa: ANN401 - a torch tensor
    """Rows of a projection reordered for rotation: GGUF rotates neighbouring rows, transformers rows half a head apart.

    Args:
        values: (heads * head size, hidden size).
        heads: number of heads in the projection.
    """
    return values.reshape(heads, -1, 2, values.shape[1]).transpose(1, 2).reshape(values.shape)


def _config(facts: dict[str, Any], *, tied: bool) -> Any:  # noqa: ANN401 - transformers is untyped here
    from transformers import LlamaConfig

    return LlamaConfig(
        architectures=["LlamaForCausalLM"],
        dtype="bfloat16",
        vocab_size=facts["llama.vocab_size"],
        hidden_size=facts["llama.embedding_length"],
        intermediate_size=facts["llama.feed_forward_length"],
        num_hidden_layers=facts["llama.block_count"],
        num_attention_heads=facts["llama.attention.head_count"],
        num_key_value_heads=facts["llama.attention.head_count_kv"],
        head_dim=facts["llama.rope.dimension_count"],
        max_position_embeddings=facts["llama.context_length"],
        rms_norm_eps=facts["llama.attention.layer_norm_rms_epsilon"],
        rope_parameters={"rope_type": "default", "rope_theta": facts["llama.rope.freq_base"]},
        tie_word_embeddings=tied,
        bos_token_id=facts["tokenizer.ggml.bos_token_id"],
        eos_token_id=facts["tokenizer.ggml.eos_token_id"],
        pad_token_id=facts["tokenizer.ggml.padding_token_id"],
    )


def _tokenizer(facts: dict[str, Any]) -> Any:  # noqa: ANN401 - transformers is untyped here
    """The tokenizer, with the splitting llama.cpp calls `smollm`: every digit alone, then byte-level as in GPT-2."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    tokens: list[str] = facts["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in facts["tokenizer.ggml.merges"]]
    fast = Tokenizer(models.BPE(vocab={token: index for index, token in enumerate(tokens)}, merges=merges))
    fast.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    fast.decoder = decoders.ByteLevel()
    kinds = zip(tokens, facts["tokenizer.ggml.token_type"], strict=True)
    fast.add_special_tokens([AddedToken(token, special=True) for token, kind in kinds if kind == _CONTROL_TOKEN])
    return PreTrainedTokenizerFast(
        tokenizer_object=fast,
        bos_token=tokens[facts["tokenizer.ggml.bos_token_id"]],
        eos_token=tokens[facts["tokenizer.ggml.eos_token_id"]],
        unk_token=tokens[facts["tokenizer.ggml.unknown_token_id"]],
        pad_token=tokens[facts["tokenizer.ggml.padding_token_id"]],
        model_max_length=facts["llama.context_length"],
        clean_up_tokenization_spaces=False,
        chat_template=facts["tokenizer.chat_template"],
    )
