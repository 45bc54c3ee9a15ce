"""Detoxify's original classifier, through transformers: the detoxify package itself unpickles its weights.

Hanu and Unitary team 2020, https://github.com/unitaryai/detoxify; weights `unitary/toxic-bert` (Apache-2.0). Variant
and threshold of the study's filter are not published.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.models import hub_snapshot, load_weights, missing_files, reason, resolve_device, weights_sha256

TOXIC_BERT = "unitary/toxic-bert"
TOXIC_BERT_REVISION = "4d6c22e74ba2fdd26bc4f7238f50766b045a0d94"
"""The commit that public projects pin; it could not be checked against the live Hub."""

MAX_SCORE = 0.5
"""A conversation above it is left out."""
CHARACTERS = 2_000
"""Characters of a conversation's start that are read."""
BATCH = 32
"""Texts per forward pass."""

_MAX_TOKENS = 512
_LABELS = frozenset({"toxic", "toxicity", "severe_toxic", "severe_toxicity", "obscene", "sexual_explicit"})
"""The classes that count, by their names in the weights and in the detoxify package."""


class Toxicity(Protocol):
    """Scores texts from 0 to 1."""

    def facts(self) -> dict[str, Any]:
        """The classifier's description for a datasheet; the scores depend on nothing else."""

    def __call__(self, texts: Sequence[str]) -> list[float]:
        """One score per text, in their order."""


class ToxicBert:
    """The greatest probability among toxicity, severe toxicity, obscenity and, where there is one, explicit sex."""

    def __init__(self, folder: Path, source: str, revision: str) -> None:
        """Load the classifier of a complete model folder.

        Raises:
            PrerequisiteError: it has none of the classes, or the packages for local models are missing.
        """
        try:
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
        except ImportError as error:
            raise missing_extra("The NSFW filter", "local", error) from None
        self._source = source
        self._revision = revision
        self._sha256 = weights_sha256(folder)
        self._tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        model = load_weights(AutoModelForSequenceClassification, folder)
        self._model = model.eval().to(resolve_device("auto"))
        self._columns = [place for place, label in model.config.id2label.items() if label.lower() in _LABELS]
        if not self._columns:
            classes = ", ".join(sorted(_LABELS))
            raise PrerequisiteError(f"The classifier {source} has none of the classes {classes}", f"Use {TOXIC_BERT}.")

    @classmethod
    def open(cls, folder: Path | None = None) -> "ToxicBert":
        """The classifier of a model folder, or without one the pinned one from the Hub or its cache.

        Raises:
            PrerequisiteError: the folder, or what the Hub gives, is no complete safetensors model with these classes.
        """
        if folder is not None:
            if missing := missing_files(folder):
                raise PrerequisiteError(
                    f"{folder} is no classifier: it lacks {', '.join(missing)}",
                    f"Weights must be safetensors: save {TOXIC_BERT} there with save_pretrained.",
                )
            return cls(folder, folder.name, "")
        try:
            folder = hub_snapshot(TOXIC_BERT, TOXIC_BERT_REVISION)
        except PrerequisiteError:
            raise
        except Exception as failure:
            raise PrerequisiteError(
                f"The NSFW filter needs {TOXIC_BERT}@{TOXIC_BERT_REVISION[:12]}, and the Hub does not give it "
                f"({reason(failure)})",
                "Load it once with a network, or give a folder with it: --nsfw-model FOLDER",
            ) from None
        return cls(folder, TOXIC_BERT, TOXIC_BERT_REVISION)

    def facts(self) -> dict[str, Any]:
        """Model, revision, hash of the weights, and the rule."""
        return {
            "model": self._source,
            "revision": self._revision,
            "weights_sha256": self._sha256,
            "rule": f"max of {', '.join(sorted(_LABELS))}, where present, over {MAX_SCORE}",
            "characters_read": CHARACTERS,
        }

    def __call__(self, texts: Sequence[str]) -> list[float]:
        """One score per text, in their order; each text is cut to 2,000 characters and 512 tokens."""
        import torch

        batch = self._tokenizer(
            [text[:CHARACTERS] for text in texts],
            padding=True,
            truncation=True,
            max_length=min(_MAX_TOKENS, self._model.config.max_position_embeddings),
            return_tensors="pt",
        ).to(self._model.device)
        with torch.inference_mode():
            scores = self._model(**batch).logits[:, self._columns].sigmoid().amax(dim=1)
        return [float(score) for score in scores]
