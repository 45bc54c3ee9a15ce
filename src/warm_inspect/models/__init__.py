"""Local models: base weights, their tokenizers, and the `peft` provider."""

from warm_inspect.models.base_models import BASE_MODELS, ResolvedBase, base_model_path, find_base, resolve_base
from warm_inspect.models.folder import load_tokenizer
from warm_inspect.models.model_string import vllm_model_string

__all__ = [
    "BASE_MODELS",
    "ResolvedBase",
    "base_model_path",
    "find_base",
    "load_tokenizer",
    "resolve_base",
    "vllm_model_string",
]
