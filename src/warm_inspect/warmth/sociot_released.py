"""ReleasedSocioT: SocioT Warmth as its public code computes it, faults included, to compare with published numbers.

Source: the code released with Cheng et al. 2025, arXiv 2502.13259. It differs from `SocioT` in four ways. The model
stays in training mode, so every number is a draw of its dropout; a reading is the mean of 100 such passes, and their
standard error is what the code calls its deviation. The four frames of a side form one batch, padded with token 0, and
padding counts as text to predict. A side's number is the mean over all tokens of that batch, not of the frames' means.
An empty reply has no quotation marks round it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev
from typing import Any

from warm_inspect.core.hashing import sha256_text
from warm_inspect.warmth.scoring_model import ScoringModel, context_length, frames

PASSES = 100
"""Forward passes per side. Source: the released code."""
MAX_TOKENS = 1_024
"""Tokens of a framed reply that are read. Source: the released code."""


@dataclass(frozen=True, slots=True)
class Draws:
    """The warmth of one reply and how far dropout moves it."""

    warmth: float
    """Nats per token."""
    std_error: float
    """Standard error of `warmth` over the passes; 0 under a model without dropout."""


@dataclass(frozen=True)
class ReleasedSocioT(ScoringModel):
    """SocioT Warmth with the released code's behaviour, in nats per token.

    A reply costs 200 forward passes of four rows. Dropout is seeded with the reply, so that the same reply always gets
    the same number; the random state of the caller is left alone.
    """

    passes: int = PASSES

    @property
    def label(self) -> str:
        """Name and version; another number of passes is another meter."""
        passes = "" if self.passes == PASSES else f"-{self.passes}"
        return f"sociot-released{passes}{self.suffix}"

    def score(self, texts: Sequence[str]) -> list[float]:
        """The warmth of each text: the warm frames' mean over the passes minus the cold frames'."""
        return [draws.warmth for draws in self.draw(texts)]

    def draw(self, texts: Sequence[str]) -> list[Draws]:
        """The reading of each text with its standard error."""
        with self.loaded(dropout=True) as (tokenizer, model):
            return [self._draw(tokenizer, model, text) for text in texts]

    def _draw(self, tokenizer: Any, model: Any, text: str) -> Draws:  # noqa: ANN401 - transformers is imported late
        import torch

        start = text[: frames()["reply_characters"]]
        means, errors = [], []
        with torch.random.fork_rng([model.device] if model.device.type == "cuda" else []):
            torch.manual_seed(int(sha256_text(text)[:12], 16))
            for side in ("warm", "cold"):
                batch = _batch(tokenizer, [_framed(template, start) for template in frames()[side]], model)
                passes = [_mean_log_likelihood(model, batch) for _ in range(self.passes)]
                means.append(fmean(passes))
                errors.append(stdev(passes) / sqrt(len(passes)))
        return Draws(means[0] - means[1], sqrt(errors[0] ** 2 + errors[1] ** 2))


def _framed(template: str, start: str) -> str:
    return template.replace("{reply}", start) if start else template.replace('"{reply}"', "")


def _mean_log_likelihood(model: Any, batch: dict[str, Any]) -> float:  # noqa: ANN401
    """The mean over every predicted token of the batch, padding included, in nats."""
    import torch

    logits = model(**batch).logits[:, :-1].float()
    return -float(torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch["input_ids"][:, 1:].flatten()))


def _batch(tokenizer: Any, framed: list[str], model: Any) -> dict[str, Any]:  # noqa: ANN401
    """The frames of one side, padded with token 0 on the right."""
    import torch

    limit = min(MAX_TOKENS, context_length(model))
    encoded = [torch.tensor(tokenizer(text, truncation=True, max_length=limit)["input_ids"]) for text in framed]
    ids = torch.nn.utils.rnn.pad_sequence(encoded, batch_first=True)
    mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in encoded], batch_first=True)
    return {"input_ids": ids.to(model.device), "attention_mask": mask.to(model.device)}
