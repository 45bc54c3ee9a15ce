"""Model folders as `transformers` reads them: configuration, tokenizer, safetensors weights."""

import json
from pathlib import Path
from typing import Any

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.hashing import sha256_file, sha256_files
from warm_inspect.models.placement import dtype_name

_INDEX = "model.safetensors.index.json"
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")


def weight_files(folder: Path) -> list[Path]:
    """The weight files of a model folder, whether they exist or not, sorted by name."""
    index = folder / _INDEX
    if not index.is_file():
        return [folder / "model.safetensors"]
    shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    return [folder / name for name in sorted(shards)]


def missing_files(folder: Path) -> list[str]:
    """The names of the files without which a folder is no loadable model, in the order config, tokenizer, weights."""
    needed = [folder / "config.json", *weight_files(folder)]
    missing = [path.name for path in needed if not path.is_file()]
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        missing.append(_TOKENIZERS[0])
    return missing


def check_weights(path: Path) -> None:
    """Check the header of a safetensors file, which shows a file that is cut short or of another format.

    Raises:
        PrerequisiteError: the file is damaged.
    """
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        raise missing_extra("Reading weights", "local", error) from None
    try:
        with safe_open(path, framework="numpy"):
            pass
    except (SafetensorError, OSError) as error:
        raise PrerequisiteError(
            f"The weights {path} are damaged ({error}). Fetch or train them again: copying may have been cut short."
        ) from None


def weights_sha256(folder: Path) -> str:
    """The sha256 of the weights: the file's own when there is one file, else the hash over the shards' hashes."""
    files = weight_files(folder)
    return sha256_file(files[0]) if len(files) == 1 else sha256_files(files)


def weights_dtype(folder: Path) -> str:
    """The numeric type that the configuration states for the stored weights; empty when it states none."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return str(config.get("dtype") or config.get("torch_dtype") or "")


def load_tokenizer(folder: Path) -> Any:  # noqa: ANN401 - transformers is imported late
    """The tokenizer of a model folder, exactly as its `tokenizer.json` describes it, with its default chat template.

    `AutoTokenizer` of transformers 5 builds some tokenizers anew from their class and forgets their pre-tokenizer: for
    SmolLM2, whose class is named GPT2Tokenizer, digits would no longer be split one by one.
    """
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    loader = PreTrainedTokenizerFast if (folder / "tokenizer.json").is_file() else AutoTokenizer
    tokenizer = loader.from_pretrained(folder, trust_remote_code=False)
    if isinstance(tokenizer.chat_template, dict):
        # Several templates by name: plain chats are rendered by the one called default, and only that is one here.
        tokenizer.chat_template = tokenizer.chat_template.get("default", tokenizer.chat_template)
    return tokenizer


def load_weights(kind: Any, folder: Path, **options: Any) -> Any:  # noqa: ANN401
    """The model of a complete folder, from its safetensors and nothing else, without a progress bar.

    Args:
        kind: transformers' class of models, as `AutoModelForCausalLM`.
        folder: see `missing_files`.
        options: those of the class's `from_pretrained`.

    Raises:
        PrerequisiteError: the weights are not exactly the tensors of this model, or not all finite in its numeric type.
        OSError, ValueError: raised by transformers.
    """
    from transformers.utils import logging

    bar = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        model, report = kind.from_pretrained(
            folder,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # reported, and then an error of ours
            **options,
        )
    finally:
        if bar:
            logging.enable_progress_bar()
    _check_report(report, f"a {type(model).__name__} in {folder}")
    for name, weight in model.named_parameters():
        if weight.is_floating_point() and not finite(weight):
            raise PrerequisiteError(
                f"The weight {name} in {folder} has no finite norm in {dtype_name(weight.dtype)}. Fetch or save the "
                "model again; if only that type is too small for it, load it in float32."
            )
    return model


def _check_report(report: dict[str, Any], what: str) -> None:
    """Refuse a model some of whose weights transformers has filled with random numbers, or not used."""
    faults = []
    for kind in ("missing", "unexpected", "mismatched"):
        # Mismatched weights come with their two shapes.
        names = sorted(str(key[0] if isinstance(key, tuple) else key) for key in report[f"{kind}_keys"])
        if names:
            faults.append(f"{kind}: {', '.join(names[:3])}{' ...' if len(names) > 3 else ''}")
    if faults:
        raise PrerequisiteError(
            f"The weights are not those of {what} ({'; '.join(faults)}). Fetch or save the model again."
        )


def finite(weight: Any) -> bool:  # noqa: ANN401 - a torch tensor
    """Whether a weight has neither NaN nor infinity, nor numbers whose squares overflow in the model's norms."""
    import torch

    return bool(torch.linalg.vector_norm(weight.detach(), dtype=torch.float32).isfinite())
