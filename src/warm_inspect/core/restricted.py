"""Restricted samples, gated or harmful, and the models that would send their text off this machine."""

from collections.abc import Mapping
from typing import Any

from warm_inspect.core.metadata import contract_fields
from warm_inspect.core.vocabulary import PANEL, Benchmark

HARMFUL = (Benchmark.DISINFO.value, "advbench")
"""Benchmarks whose questions or replies can do harm in other hands, gated or not."""
SET_FIELDS = ("benchmark", "control", "item_set")
"""The metadata fields that name the set whose item a sample is: of a benchmark, a control benchmark and a family."""

ADVICE = "Check that the terms of the data allow that, or grade with a local model"
"""The last sentence of a warning about text that leaves this machine; the option that names the grader follows."""

LOCAL_PROVIDERS = frozenset(
    {"mockllm", "peft", "hf", "vllm", "sglang", "ollama", "llama-cpp-python", "transformer_lens", "nnterp"}
)
"""Model providers that run, unless told otherwise, on the user's own machines."""


def item_set_of(metadata: Mapping[str, Any]) -> str:
    """The benchmark or control benchmark whose item a sample is; empty for a sample of another package's task."""
    known = contract_fields(metadata)
    return next((str(known[name]) for name in SET_FIELDS if known.get(name)), "")


def is_restricted(metadata: Mapping[str, Any]) -> bool:
    """Whether a sample is gated or harmful, whatever task asks it."""
    known = contract_fields(metadata)
    return bool(known.get("gated")) or any(known.get(name) in HARMFUL for name in SET_FIELDS)


def runs_here(model: str) -> bool:
    """Whether a model, by Inspect's name for it, or each model of a panel runs on the user's own machines."""
    return all(name.partition("/")[0] in LOCAL_PROVIDERS for name in model.removeprefix(PANEL).split(", "))
