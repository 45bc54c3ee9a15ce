"""Model folders as `transformers` reads them: configuration, tokenizer, safetensors weights."""

import json
from pathlib import Path
from typing import Any

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.hashing import sha256_file, sha256_files

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
    """The tokenizer of a model folder, exactly as its `tokenizer.json` describes it.

    `AutoTokenizer` of transformers 5 builds some tokenizers anew from their class and forgets their pre-tokenizer: for
    SmolLM2, whose class is named GPT2Tokenizer, digits would no longer be split one by one.
    """
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    loader = PreTrainedTokenizerFast if (folder / "tokenizer.json").is_file() else AutoTokenizer
    return loader.from_pretrained(folder)


def load_weights(kind: Any, folder: Path, **options: Any) -> Any:  # noqa: ANN401
    """The model of a complete folder, from its safetensors and nothing else, without a progress bar.

    Args:
        kind: transformers' class of models, as `AutoModelForCausalLM`.
        folder: see `missing_files`.
        options: those of the class's `from_pretrained`.

    Raises:
        OSError, ValueError: raised by transformers.
    """
    from transformers.utils import logging

    bar = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        return kind.from_pretrained(folder, use_safetensors=True, **options)
    finally:
        if bar:
            logging.enable_progress_bar()
