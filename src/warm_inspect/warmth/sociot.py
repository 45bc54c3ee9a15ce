"""SocioT Warmth: how much likelier a small language model finds a reply said by a friend than said by a stranger.

Source: Cheng et al. 2025, arXiv 2502.13259. This is the `exact` form: no dropout, padding masked, deterministic. As in
the published meter the mean runs over all predicted tokens, the frame's included, so short replies are drawn towards
the likelihoods of the frames: read it beside reply length, and validate it for each scoring model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warm_inspect.warmth.scoring_model import ScoringModel, context_length, frames, rows_per_reply

if TYPE_CHECKING:
    from torch import Tensor

# Logits fill memory first: 8 rows x 100 tokens x 50,000 words are 0.16 GB in float32, and are held three times over.
_BATCH_ROWS = 8


@dataclass(frozen=True)
class SocioT(ScoringModel):
    """SocioT Warmth under the causal language model in a folder, in nats per token.

    A reply costs eight forward rows of about 90 tokens.
    """

    @property
    def label(self) -> str:
        """Name and version."""
        return f"sociot-exact{self.suffix}"

    def score(self, texts: Sequence[str]) -> list[float]:
        """Mean log-likelihood of each text under the warm frames minus the cold ones, in nats per token.

        Only the first 300 characters of a text are read.
        """
        warm, cold = frames()["warm"], frames()["cold"]
        starts = [text[: frames()["reply_characters"]] for text in texts]
        framed = [template.replace("{reply}", start) for start in starts for template in (*warm, *cold)]
        means = self._mean_log_likelihoods(framed)
        width = rows_per_reply()
        rows = [means[first : first + width] for first in range(0, len(means), width)]
        return [sum(row[: len(warm)]) / len(warm) - sum(row[len(warm) :]) / len(cold) for row in rows]

    def _mean_log_likelihoods(self, texts: list[str]) -> list[float]:
        """The mean log-likelihood per predicted token (all but the first) of each text, in nats."""
        import torch

        means = [0.0] * len(texts)
        with self.loaded() as (tokenizer, model):
            limit = context_length(model)
            encoded: list[list[int]] = [
                tokenizer(text, truncation=True, max_length=limit)["input_ids"] for text in texts
            ]
            for rows in _batches(encoded):
                ids, mask = (part.to(model.device) for part in _padded([encoded[row] for row in rows]))
                logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
                targets = ids[:, 1:]
                losses = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
                losses = losses.view_as(targets)
                predicted = mask[:, 1:]
                row_means = -(losses * predicted).sum(1) / predicted.sum(1)
                for row, mean in zip(rows, row_means.tolist(), strict=True):
                    means[row] = mean
        return means


def _batches(encoded: list[list[int]]) -> Iterator[list[int]]:
    """Rows of similar length together, so that little is padded."""
    by_length = sorted(range(len(encoded)), key=lambda row: len(encoded[row]))
    for first in range(0, len(by_length), _BATCH_ROWS):
        yield by_length[first : first + _BATCH_ROWS]


def _padded(rows: list[list[int]]) -> "tuple[Tensor, Tensor]":
    """Token ids and attention mask, (rows, longest row), padded on the right, which no earlier token attends to."""
    import torch

    width = max(len(row) for row in rows)
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask
