"""Local models on disk: base models and LoRA adapters by name, their folders, tokenizers and chat templates.

Finding a model by name needs no torch and no network; its weights are fetched and read when they are needed.
"""

from warm_inspect.models.adapter_config import CONFIG_NAME, base_tensor, lora_modules, lora_tensor, read_config
from warm_inspect.models.adapters import Adapter, find_adapter
from warm_inspect.models.base_models import (
    BASE_MODELS,
    BaseReference,
    ResolvedBase,
    base_model_path,
    find_base,
    resolve_base,
)
from warm_inspect.models.chat import dated_template, markup_tokens, prompt_tokens, render_chat
from warm_inspect.models.fetch import hub_snapshot, reason
from warm_inspect.models.folder import finite, load_tokenizer, load_weights, missing_files, weights_sha256
from warm_inspect.models.model_string import ModelString, parse_model_string
from warm_inspect.models.placement import (
    Device,
    Dtype,
    available_cpus,
    dtype_name,
    resolve_device,
    resolve_dtype,
    share_cpus,
)
from warm_inspect.models.trained import TrainedAdapter, distinct, find_adapters, of_one_base

__all__ = [
    "BASE_MODELS",
    "CONFIG_NAME",
    "Adapter",
    "BaseReference",
    "Device",
    "Dtype",
    "ModelString",
    "ResolvedBase",
    "TrainedAdapter",
    "available_cpus",
    "base_model_path",
    "base_tensor",
    "dated_template",
    "distinct",
    "dtype_name",
    "find_adapter",
    "find_adapters",
    "find_base",
    "finite",
    "hub_snapshot",
    "load_tokenizer",
    "load_weights",
    "lora_modules",
    "lora_tensor",
    "markup_tokens",
    "missing_files",
    "of_one_base",
    "parse_model_string",
    "prompt_tokens",
    "read_config",
    "reason",
    "render_chat",
    "resolve_base",
    "resolve_device",
    "resolve_dtype",
    "share_cpus",
    "weights_sha256",
]
