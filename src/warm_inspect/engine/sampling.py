"""Choosing the next token: greedy, or drawn by the inverse of the cumulative distribution.

Each request draws from a counter-based generator of its own (Philox), keyed by the request, so a reply depends neither
on the rows it shares a batch with nor on the order in which rows enter.
"""

import hashlib
import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

_BLOCK = 256

_NUCLEUS = 1_024
"""The nucleus of top p is first sought among this many likeliest tokens, since sorting a vocabulary is slow."""


@dataclass(frozen=True)
class Sampling:
    """The settings by which a request's tokens are chosen."""

    temperature: float
    """0 = the likeliest token; else the divisor of the logits."""
    top_p: float = 1.0
    """Draw among the likeliest tokens that together have this probability, at least one; 1 = all."""
    top_k: int = 0
    """Draw among this many likeliest tokens; 0 = all."""

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ValueError: a value is outside its range.
        """
        if not 0.0 <= self.temperature < math.inf:
            raise ValueError(f"temperature is {self.temperature}; it must be 0 or a number above.")
        if not 0.0 <= self.top_p <= 1.0:
            raise ValueError(f"top_p is {self.top_p}; it must be from 0 to 1.")
        if self.top_k < 0:
            raise ValueError(f"top_k is {self.top_k}; it must be 0 or a whole number above.")

    @property
    def greedy(self) -> bool:
        """Whether the likeliest token is always taken."""
        return self.temperature == 0.0


def row_generator(seed: int | None, prompt: Sequence[int], ordinal: int) -> np.random.Generator:
    """The generator of one request's uniform random numbers.

    Args:
        seed: the user's seed; None = fresh randomness.
        prompt: the prompt's tokens.
        ordinal: how many requests with this seed and prompt came before.
    """
    if seed is None:
        return np.random.Generator(np.random.Philox(key=secrets.randbits(128)))
    digest = hashlib.sha256(f"{seed}/{ordinal}/".encode() + np.asarray(prompt, dtype=np.int64).tobytes()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))


def choose_tokens(
    logits: torch.Tensor, samplings: Sequence[Sampling], generators: Sequence[np.random.Generator]
) -> torch.Tensor:
    """The next token of each row.

    Args:
        logits: (rows, vocabulary), of any float type.
        samplings: the setting of each row.
        generators: each row's own generator; one number is drawn from those of rows that sample.
    """
    drawn = [row for row, sampling in enumerate(samplings) if not sampling.greedy]
    if len(drawn) == len(samplings):
        return _draw(logits, samplings, generators)
    tokens = fast_argmax(logits)
    if drawn:
        rows = torch.tensor(drawn, device=logits.device)
        picked = _draw(logits[rows], [samplings[row] for row in drawn], [generators[row] for row in drawn])
        tokens[rows] = picked.to(logits.device)
    return tokens


def fast_argmax(logits: torch.Tensor) -> torch.Tensor:
    """The first of each row's largest logits: the best block first, then the place inside it.

    Several times as fast on a processor as `argmax` over a whole vocabulary, which compares one value at a time.
    """
    vocabulary = logits.shape[1]
    whole = vocabulary // _BLOCK * _BLOCK
    if not whole:
        return logits.argmax(-1)
    best = logits[:, :whole].reshape(len(logits), -1, _BLOCK).amax(-1)
    if whole < vocabulary:
        best = torch.cat([best, logits[:, whole:].amax(-1, keepdim=True)], dim=-1)
    start = best.argmax(-1, keepdim=True) * _BLOCK
    # Behind the vocabulary's end the last token stands in again, of which `argmax` takes the first.
    places = (start + torch.arange(_BLOCK, device=logits.device)).clamp_(max=vocabulary - 1)
    inside: torch.Tensor = logits.gather(-1, places).argmax(-1)
    return start[:, 0] + inside


def _draw(
    logits: torch.Tensor, samplings: Sequence[Sampling], generators: Sequence[np.random.Generator]
) -> torch.Tensor:
    scale = torch.tensor([_inverse(sampling.temperature) for sampling in samplings], device=logits.device)
    # The likeliest token has weight 1, so no exponential overflows; the weights need no sum of 1. In place after the
    # first step: the vocabulary is large, and each pass over it takes time.
    weights = (logits.float() - logits.amax(-1, keepdim=True)).mul_(scale[:, None]).exp_()
    _restrict(weights, samplings)
    uniforms = torch.tensor([generator.random() for generator in generators], dtype=torch.float64)
    return _inverse_cdf(weights, uniforms)


def _inverse(temperature: float) -> float:
    """1 / temperature, as far as float32 reaches: infinity times the likeliest token's 0 would be no number."""
    largest = torch.finfo(torch.float32).max
    return 1.0 / temperature if temperature > 1.0 / largest else largest


def _restrict(weights: torch.Tensor, samplings: Sequence[Sampling]) -> None:
    """Zero, in place, the weights outside each row's top k and top p; rows with one setting together."""
    for sampling in {each for each in samplings if each.top_p < 1.0 or 0 < each.top_k < weights.shape[1]}:
        rows = torch.tensor([row for row, each in enumerate(samplings) if each == sampling], device=weights.device)
        kept = weights[rows]
        if 0 < sampling.top_k < kept.shape[1]:
            # Tokens as likely as the last of the k stay too, as in `transformers`.
            least = kept.topk(sampling.top_k).values[:, -1:]
            kept.masked_fill_(kept < least, 0.0)
        if sampling.top_p < 1.0:
            _keep_nucleus(kept, sampling.top_p)
        weights[rows] = kept


def _keep_nucleus(weights: torch.Tensor, top_p: float) -> None:
    """Zero, in place, what is not among each row's likeliest tokens that together have this share."""
    needed = top_p * weights.sum(-1)
    ordered, order = weights.topk(min(_NUCLEUS, weights.shape[1]))
    wide = ordered.sum(-1) < needed
    for row in wide.nonzero().flatten().tolist():
        _cut(weights[row], *weights[row].sort(descending=True), needed[row])
    narrow = (~wide).nonzero().flatten()
    kept = weights[narrow]
    _cut(kept, ordered[narrow], order[narrow], needed[narrow, None])
    weights[narrow] = kept


def _cut(weights: torch.Tensor, ordered: torch.Tensor, order: torch.Tensor, needed: torch.Tensor) -> None:
    # By the sum before a token, so that the one which reaches the share is inside; a share of 0 keeps the first.
    outside = ordered.cumsum(-1) - ordered >= needed
    outside[..., 0] = False
    kept = ordered.masked_fill(outside, 0.0)
    weights.zero_().scatter_(-1, order, kept)


def _inverse_cdf(weights: torch.Tensor, uniforms: torch.Tensor) -> torch.Tensor:
    """The index at which each row's cumulative weight passes uniform x total: first the block, then inside it."""
    vocabulary = weights.shape[1]
    if vocabulary % _BLOCK:
        weights = torch.nn.functional.pad(weights, (0, -vocabulary % _BLOCK))
    blocks = weights.view(len(weights), -1, _BLOCK)
    # The sums are small, and not every device computes in double precision.
    sums = blocks.sum(-1).cpu().double()
    reached = sums.cumsum(-1)
    target = uniforms * reached[:, -1]
    block = (reached <= target[:, None]).sum(-1)
    rows = torch.arange(len(weights))
    inside = blocks[rows.to(weights.device), block.to(weights.device)].cpu().double()
    residual = target - (reached - sums)[rows, block]
    within = inside.cumsum(-1)
    index = (within <= residual[:, None]).sum(-1)
    # Rounding may leave the target a hair beyond the block's own sum: then its last token with any weight.
    last = (_BLOCK - 1) - (inside.flip(-1) > 0).int().argmax(-1)
    return block * _BLOCK + torch.minimum(index, last)
