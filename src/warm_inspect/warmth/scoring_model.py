"""The language model of SocioT and its speaker frames: weights are loaded once and used by one meter at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import yaml

from warm_inspect.core.content import content_folder
from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.hashing import sha256_files, sha256_json
from warm_inspect.models import find_base, hub_snapshot, load_tokenizer, load_weights, reason, resolve_device

DEFAULT_SCORING_MODEL = "gpt2"

# Meters share weights, and the released form switches dropout on in them: one meter at a time.
_IN_USE = threading.RLock()
_SHARED: "WeakValueDictionary[tuple[Path, str, str], _Weights]" = WeakValueDictionary()
"""Weights by folder, numeric type and device; freed when no meter uses them any more."""


def scoring_model_path(name: str = DEFAULT_SCORING_MODEL) -> Path:
    """The folder of a scoring model, fetched on first use.

    Args:
        name: `gpt2` for the published meter's model at a pinned revision, or an alias, a folder or a Hub id of a base
            model.

    Raises:
        PrerequisiteError: the name is unknown, or the weights cannot be fetched.
    """
    published = yaml.safe_load(content_folder("warmth").joinpath("scoring_model.yaml").read_text(encoding="utf-8"))
    if name not in (published["name"], published["hub_id"]):
        return find_base(name).fetch().path
    try:
        return hub_snapshot(published["hub_id"], published["revision"])
    except PrerequisiteError:
        raise
    except Exception as failure:
        raise PrerequisiteError(
            f"The scoring model {name!r} cannot be fetched from the Hub ({reason(failure)}). Check the network and "
            "HF_TOKEN, or score with another model and validate the meter anew: --scoring-model smollm2-135m, or a "
            "model folder."
        ) from None


@dataclass(frozen=True)
class ScoringModel:
    """A causal language model in a folder, which scores framed replies; loaded on first use."""

    model_path: Path
    dtype: str = "float32"
    """Numeric type of the weights; `bfloat16` is several times faster where it is native, and rounds."""
    device: str = "auto"
    """`auto`, `cpu`, `cuda` or `mps`."""

    def __post_init__(self) -> None:
        if not (self.model_path / "config.json").is_file():
            raise PrerequisiteError(
                f"The SocioT meter needs the folder of a causal language model; {str(self.model_path)!r} has no "
                "config.json. Give the folder that holds the model's config.json, weights and tokenizer."
            )

    @cached_property
    def version(self) -> str:
        """The first twelve digits of a hash over the frames, the weights and the tokenizer; reads all weights once."""
        files = [*self.model_path.glob("*.safetensors"), *self.model_path.glob("tokenizer.json")]
        return sha256_json([frames(), sha256_files(files)])[:12]

    @property
    def suffix(self) -> str:
        """The end of a label: the numeric type unless it is float32, and the version."""
        rounded = "" if self.dtype == "float32" else f"-{self.dtype}"
        return f"{rounded}@{self.version}"

    @contextmanager
    def loaded(self, *, dropout: bool = False) -> Iterator[tuple[Any, Any]]:
        """The tokenizer and the model, locked for this meter, without gradients.

        Args:
            dropout: whether the model is in training mode, as in the released form.

        Raises:
            PrerequisiteError: the folder holds no loadable causal language model, or torch is missing.
        """
        try:
            import torch
        except ImportError as error:
            raise missing_extra("The SocioT meter", "local", error) from None
        with _IN_USE, torch.inference_mode():
            weights = self._weights
            weights.model.train(dropout)
            yield weights.tokenizer, weights.model

    @cached_property
    def _weights(self) -> "_Weights":
        key = (self.model_path, self.dtype, resolve_device(self.device))
        weights = _SHARED.get(key) or _load(*key)
        _SHARED[key] = weights
        return weights


@cache
def frames() -> dict[str, Any]:
    """The speaker frames: `warm` and `cold` templates with `{reply}`, and how many `reply_characters` are read."""
    text = content_folder("warmth").joinpath("sociot.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def rows_per_reply() -> int:
    """Forward rows that one reply costs, in each pass: one per speaker frame."""
    return len(frames()["warm"]) + len(frames()["cold"])


def context_length(model: Any) -> int:  # noqa: ANN401 - transformers is imported late
    """The most tokens a model reads; 300 characters of rare scripts can be more than GPT-2's 1,024."""
    # Models without a table of positions have no such limit, and 300 characters never reach this one.
    return int(getattr(model.config.get_text_config(), "max_position_embeddings", None) or 1 << 16)


@dataclass(frozen=True)
class _Weights:
    tokenizer: Any
    model: Any


def _load(path: Path, dtype: str, device: str) -> _Weights:
    import torch

    try:
        from transformers import AutoModelForCausalLM
    except ImportError as error:
        raise missing_extra("The SocioT meter", "local", error) from None
    try:
        tokenizer = load_tokenizer(path)
        model = load_weights(AutoModelForCausalLM, path, dtype=getattr(torch, dtype))
    except (OSError, ValueError) as error:
        raise PrerequisiteError(
            f"The SocioT meter cannot load a causal language model from {str(path)!r}: {error}"
        ) from None
    return _Weights(tokenizer, model.to(device))
