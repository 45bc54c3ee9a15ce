"""Batch: rows that enter with a prefill, take one token per decode step together, and leave when they are done."""

import math
import time
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import torch

from warm_inspect.engine.generation_defaults import GenerationDefaults
from warm_inspect.engine.kv_cache import Prefix, SlotCache
from warm_inspect.engine.lora import AdapterBank
from warm_inspect.engine.prefixes import SharedPrefixes
from warm_inspect.engine.requests import ContinuationRow, NonFiniteLogits, Row, StopReason, TokenChoice
from warm_inspect.engine.sampling import choose_tokens
from warm_inspect.models import markup_tokens

_PREFILL_TOKENS = 4_096
"""The most prompt tokens, padding included, in one forward pass: bounds its memory."""

_LOGIT_POSITIONS = 512
"""The most positions whose logits are computed in one forward pass: a vocabulary is large."""

_FEWEST_LOGITS = 1
"""`logits_to_keep` of a pass whose logits are not read: of the last position only, since 0 means all positions."""

_R = TypeVar("_R", Row, ContinuationRow)


class Batch:
    """The running batch of one model.

    Args:
        model: a `transformers` causal language model in evaluation mode.
        decode: gives the text of a reply's tokens, and knows the tokens that end one.
        adapters: its adapters.
        settings: its own generation settings.
        slots: the most rows that decode together.
        context: the most tokens of a row, prompt and reply.
    """

    def __init__(
        self,
        model: Any,  # noqa: ANN401 - transformers is untyped here
        decode: "ReplyDecoder",
        adapters: AdapterBank,
        settings: GenerationDefaults,
        slots: int,
        context: int,
    ) -> None:
        self.rows: list[Row] = []
        self.slots = slots
        self._model = model
        self._decode = decode
        self._adapters = adapters
        self._settings = settings
        self._context = context
        self._cache = SlotCache(model.config.get_text_config().num_hidden_layers, slots, model.device)
        self._prefixes = SharedPrefixes()

    @property
    def free(self) -> int:
        """Slots without a row."""
        return self.slots - len(self.rows)

    def prefill(self, rows: Sequence[Row]) -> None:
        """Process the prompts of new rows, at most as many as there are free slots, and add the rows to the batch.

        The last prompt token is left to the row's first decode step, so no logits are needed here.
        """
        longest = max((row.size for row in rows), default=0)
        # Growing later would copy the whole cache in the middle of the replies.
        self._cache.preallocate(min(longest, self._context))
        for passed, prefix in self._passes(rows):
            self._forward_rows(passed, prefix, _FEWEST_LOGITS)
            for row in passed:
                row.entered = time.monotonic()
            # Added at once: the next pass writes to the slots behind the batch.
            self.rows += passed

    def logprobs(self, rows: Sequence[ContinuationRow]) -> Sequence[ContinuationRow]:
        """Give continuations, at most as many as there are free slots, the log probability of each token."""
        for passed, prefix in self._passes(rows):
            shared = len(prefix.tokens) if prefix else 0
            # A token is predicted at the position before it: from the last token of the shortest prompt on, up to the
            # end of the longest row, which is the last of its pass. Positions count from the end of the shared prefix.
            first = min(len(row.request.prompt) for row in passed) - 1
            positions = torch.arange(first - shared, len(passed[-1].prefill) - shared)
            logits = self._forward_rows(passed, prefix, positions)
            for row, scores in zip(passed, logits, strict=True):
                start = len(row.request.prompt) - 1 - first
                logprobs = scores[start : start + len(row.request.tokens)].float().log_softmax(-1)
                tokens = torch.tensor(row.request.tokens, device=logprobs.device)
                row.logprobs = tuple(logprobs.gather(-1, tokens[:, None])[:, 0].tolist())
                if not all(map(math.isfinite, row.logprobs)):
                    row.error = NonFiniteLogits(row.request.adapter)
            if any(row.error for row in passed):
                # NaN in a slot would reach its next row: masked columns are multiplied by zero, not left out.
                self._cache.clear(range(len(self.rows), len(self.rows) + len(passed)))
        return rows

    def _passes(self, rows: Sequence[_R]) -> Iterator[tuple[list[_R], Prefix | None]]:
        """The rows of each forward pass, shortest first, with the prefix that they share.

        Rows of a pass have one adapter and, being taken in the order of their length, little padding.
        """
        for group, prefix in self._prefixes.share(rows, self._compute_prefix):
            remaining = sorted(group, key=lambda row: len(row.prefill))
            while remaining:
                count = len(remaining)
                while count > 1 and not _fits(remaining[:count]):
                    count -= 1
                yield remaining[:count], prefix
                remaining = remaining[count:]

    def _compute_prefix(self, adapter: str | None, tokens: tuple[int, ...]) -> Prefix:
        """The keys and values of the tokens that rows share, by way of the first free slot."""
        self._forward_prompts([adapter], [tokens], None, _FEWEST_LOGITS)
        return self._cache.copy(len(self.rows), tokens)

    def _forward_rows(
        self,
        rows: Sequence[_R],
        prefix: Prefix | None,
        logits_to_keep: Any,  # noqa: ANN401 - a number of last positions, or a tensor of positions
    ) -> torch.Tensor:
        """Process what follows the shared prefix in the prompts of rows. Logits: (rows, positions, vocabulary)."""
        shared = len(prefix.tokens) if prefix else 0
        return self._forward_prompts(
            [row.adapter for row in rows], [row.prefill[shared:] for row in rows], prefix, logits_to_keep
        )

    def _forward_prompts(
        self,
        adapters: Sequence[str | None],
        prompts: Sequence[tuple[int, ...]],
        prefix: Prefix | None,
        logits_to_keep: Any,  # noqa: ANN401
    ) -> torch.Tensor:
        """Process prompts in the slots behind the batch. Logits: (rows, positions, vocabulary)."""
        device = self._model.device
        width = max(map(len, prompts))
        if width == 0:
            return torch.empty(0)
        # Padding stands on the right and attention is causal: no token of a row sees it.
        tokens = torch.tensor([[*prompt, *[0] * (width - len(prompt))] for prompt in prompts], device=device)
        layout = self._cache.prefill(len(self.rows), len(prompts), width, prefix)
        self._adapters.select(adapters)
        logits: torch.Tensor = self._model(
            input_ids=tokens,
            position_ids=torch.arange(layout.shared, layout.shared + width, device=device)[None],
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=logits_to_keep,
            layout=layout,
        ).logits
        return logits

    def decode(self) -> list[Row]:
        """Give every row its next token, and remove and return the rows that are done."""
        device = self._model.device
        layout = self._cache.decode([row.cached for row in self.rows])
        self._adapters.select([row.adapter for row in self.rows])
        assert layout.lengths is not None
        logits = self._model(
            input_ids=torch.tensor([[row.newest] for row in self.rows], device=device),
            position_ids=layout.lengths[:, None],
            past_key_values=self._cache,
            use_cache=True,
            layout=layout,
        ).logits[:, -1]
        # A sum over the vocabulary is finite only if every logit is. float16 is too small for the sum itself.
        sums = logits.sum(-1, dtype=torch.float32 if logits.dtype is torch.float16 else None)
        finite = sums.isfinite().tolist()
        if not all(finite):
            # The other rows go on, and the draw for all of them must not meet a NaN.
            logits = logits.nan_to_num()
        scores = logits
        if self._settings.active:
            scores = self._settings.apply(logits, [(row.request.tokens, row.tokens) for row in self.rows])
        tokens = choose_tokens(
            scores, [row.request.sampling for row in self.rows], [row.generator for row in self.rows]
        ).tolist()
        for index, (row, token) in enumerate(zip(self.rows, tokens, strict=True)):
            if not finite[index]:
                row.error = NonFiniteLogits(row.request.adapter)
                continue
            row.tokens.append(token)
            if row.request.logprobs:
                row.choices.append(_choice(logits[index], token, row.request.top_logprobs))
            row.stop_reason = self._stop_reason(row)
        return self.remove([row.stop_reason is not None or row.error is not None for row in self.rows])

    def remove(self, leaves: Sequence[bool]) -> list[Row]:
        """Remove the marked rows and return them; rows from the end of the batch fill their slots."""
        removed = [row for row, leaving in zip(self.rows, leaves, strict=True) if leaving]
        # What is not finite in a slot would reach its next row: masked columns are multiplied by zero, not left out.
        self._cache.clear(
            [slot for slot, row in enumerate(self.rows) if leaves[slot] and (row.error or not row.tokens)]
        )
        # The rows must stay the first slots, which a decode step reads as one block.
        staying = len(self.rows) - len(removed)
        targets = [slot for slot in range(staying) if leaves[slot]]
        sources = [slot for slot in range(staying, len(self.rows)) if not leaves[slot]]
        for source, target in zip(sources, targets, strict=True):
            self._cache.move(source, target, self.rows[source].cached)
            self.rows[target] = self.rows[source]
        del self.rows[staying:]
        self._cache.release(staying, staying + len(removed))
        return removed

    def _stop_reason(self, row: Row) -> StopReason | None:
        if row.tokens[-1] in self._decode.ends:
            return "stop"
        if row.request.stop:
            # A character takes at most four tokens, so the tail holds any stop sequence that has just been completed.
            tail = row.tokens[-4 * (max(map(len, row.request.stop)) + 1) :]
            text = self._decode(tail)
            if any(stop in text for stop in row.request.stop):
                return "stop"
        if len(row.tokens) >= row.request.max_tokens:
            return "max_tokens"
        if len(row.request.tokens) + len(row.tokens) >= self._context:
            return "model_length"
        return None


class ReplyDecoder:
    """Gives the text of a reply's tokens, without the special tokens that are the markup of a chat.

    Other special tokens are text that the model wrote: tokenizers for code have `<filename>` and the like.

    Args:
        tokenizer: the model's tokenizer.
        ends: the tokens that end a reply.
    """

    def __init__(self, tokenizer: Any, ends: frozenset[int]) -> None:  # noqa: ANN401
        self.ends = ends
        self._tokenizer = tokenizer
        self._markup = ends | markup_tokens(tokenizer).keys()

    def __call__(self, tokens: Sequence[int]) -> str:
        """The text."""
        shown = [token for token in tokens if token not in self._markup]
        return str(self._tokenizer.decode(shown, skip_special_tokens=False))


def end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:  # noqa: ANN401
    """The tokens that end a reply: the generation configuration's and the tokenizer's."""
    ends = model.generation_config.eos_token_id
    listed = ends if isinstance(ends, list) else [ends]
    return frozenset(token for token in [*listed, tokenizer.eos_token_id] if token is not None)


def _fits(rows: Sequence[Row] | Sequence[ContinuationRow]) -> bool:
    """Whether rows, shortest first, fit into one forward pass."""
    longest = len(rows[-1].prefill)
    if len(rows) * longest > _PREFILL_TOKENS:
        return False
    starts = [len(row.request.prompt) - 1 for row in rows if isinstance(row, ContinuationRow)]
    return not starts or len(rows) * (longest - min(starts)) <= _LOGIT_POSITIONS


def _choice(scores: torch.Tensor, token: int, top: int) -> TokenChoice:
    logprobs = scores.float().log_softmax(-1)
    best = logprobs.topk(top)
    return TokenChoice(
        token, logprobs[token].item(), tuple(zip(best.indices.tolist(), best.values.tolist(), strict=True))
    )
