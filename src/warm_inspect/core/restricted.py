"""Restricted samples, gated or harmful, and the models that would send their text off this machine."""

from collections.abc import Mapping
from typing import Any

from warm_inspect.core.vocabulary import PANEL, Benchmark

HARMFUL = (Benchmark.DISINFO.value, "advbench")
"""Benchmarks whose questions or replies can do harm in other hands, gated or not."""

ADVICE = "Check that the terms of the data allow that, or grade with a local model"
"""The last sentence of a warning about text that leaves this machine; the option that names the grader follows."""

LOCAL_PROVIDERS = frozenset(
    {"mockllm", "peft", "hf", "vllm", "sglang", "ollama", "llama-cpp-python", "transformer_lens", "nnterp"}
)
"""Model providers that run, unless told otherwise, on the user's own machines."""


def benchmark_of(metadata: Mapping[str, Any]) -> str:
    """The benchmark or control benchmark of a sample; empty for a sample of another package's task."""
    return str(metadata.get("benchmark") or metadata.get("control") or "")


def is_restricted(metadata: Mapping[str, Any]) -> bool:
    """Whether a sample is gated or harmful."""
    return bool(metadata.get("gated")) or benchmark_of(metadata) in HARMFUL


def runs_here(model: str) -> bool:
    """Whether a model, by Inspect's name for it, or each model of a panel runs on the user's own machines."""
    return all(name.partition("/")[0] in LOCAL_PROVIDERS for name in model.removeprefix(PANEL).split(", "))
