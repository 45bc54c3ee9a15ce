"""A model's own generation settings: the ones that the engine follows exactly as `transformers` does, or refuses."""

from collections.abc import Collection, Sequence
from typing import Any

import torch
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    MinLengthLogitsProcessor,
    MinNewTokensLengthLogitsProcessor,
    NoBadWordsLogitsProcessor,
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    SuppressTokensAtBeginLogitsProcessor,
    SuppressTokensLogitsProcessor,
)

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.engine.sampling import Sampling

_REFUSED: dict[str, tuple[Any, ...]] = {
    "constraints": (), "dola_layers": (), "epsilon_cutoff": (0,), "eta_cutoff": (0,),
    "exponential_decay_length_penalty": (), "force_words_ids": (), "forced_bos_token_id": (), "forced_eos_token_id": (),
    "guidance_scale": (1,), "max_time": (), "min_p": (0,), "num_beam_groups": (1,), "num_beams": (1,),
    "num_return_sequences": (1,), "penalty_alpha": (0,), "sequence_bias": (), "stop_strings": (),
    "token_healing": (False,), "top_h": (), "typical_p": (1,), "watermarking_config": (),
}  # fmt: skip
"""Settings that change replies and are not followed, with the values that switch them off besides None."""


class GenerationDefaults:
    """The settings of a model's `generation_config.json` that shape its replies.

    Args:
        config: the model's `GenerationConfig`.
        ends: the tokens that end a reply.
        device: where the model is.

    Raises:
        PrerequisiteError: a setting is not followed by the engine, or out of range.
    """

    def __init__(self, config: Any, ends: Collection[int], device: torch.device) -> None:  # noqa: ANN401
        active = [
            f"{name} = {value}"
            for name, off in _REFUSED.items()
            if (value := getattr(config, name, None)) is not None and value not in off
        ]
        if active:
            raise PrerequisiteError(
                f"The base model's generation_config.json sets {', '.join(active)}, which the peft provider does not "
                "follow. Take it out of a copy of the model's folder, or use Inspect's hf provider."
            )
        self.sampling = _sampling(config)
        self._config = config
        self._ends = sorted(ends)
        self._device = device
        self._processors = self._for_all_rows()
        self.active = bool(self._processors or config.min_new_tokens or config.begin_suppress_tokens)
        """Whether logits change at all."""

    def _for_all_rows(self) -> LogitsProcessorList:
        """The processors that do not depend on where the prompt ends; the penalty first, then those that forbid."""
        config, chosen = self._config, LogitsProcessorList()
        if config.repetition_penalty not in (None, 1.0):
            chosen.append(RepetitionPenaltyLogitsProcessor(float(config.repetition_penalty)))
        if config.no_repeat_ngram_size:
            chosen.append(NoRepeatNGramLogitsProcessor(config.no_repeat_ngram_size))
        if config.bad_words_ids is not None:
            chosen.append(NoBadWordsLogitsProcessor(config.bad_words_ids, self._ends))
        if config.min_length:
            chosen.append(MinLengthLogitsProcessor(config.min_length, self._ends, device=self._device))
        if config.suppress_tokens is not None:
            chosen.append(SuppressTokensLogitsProcessor(config.suppress_tokens, device=self._device))
        return chosen

    def _for_row(self, prompt_length: int) -> list[LogitsProcessor]:
        config, chosen = self._config, []
        if config.min_new_tokens:
            chosen.append(
                MinNewTokensLengthLogitsProcessor(prompt_length, config.min_new_tokens, self._ends, device=self._device)
            )
        if config.begin_suppress_tokens is not None:
            chosen.append(
                SuppressTokensAtBeginLogitsProcessor(config.begin_suppress_tokens, prompt_length, device=self._device)
            )
        return chosen

    def apply(self, logits: torch.Tensor, rows: Sequence[tuple[Sequence[int], Sequence[int]]]) -> torch.Tensor:
        """The logits that tokens are chosen by, in float32.

        Args:
            logits: the model's own, (rows, vocabulary).
            rows: the tokens of each row's prompt, and of its reply so far.
        """
        scores = logits.to(torch.float32, copy=True)
        for index, (prompt, reply) in enumerate(rows):
            tokens = torch.tensor([[*prompt, *reply]], device=scores.device)
            processors = LogitsProcessorList([*self._processors, *self._for_row(len(prompt))])
            scores[index : index + 1] = processors(tokens, scores[index : index + 1])
        return scores


def _sampling(config: Any) -> Sampling:  # noqa: ANN401
    """The sampling of requests that set none: greedy only where the file states do_sample = false."""
    stated = {name: getattr(config, name) for name in ("temperature", "top_p", "top_k")}
    if config.do_sample is False:
        stated["temperature"] = 0.0
    try:
        return Sampling(**{"temperature": 1.0} | {name: value for name, value in stated.items() if value is not None})
    except ValueError as error:
        raise PrerequisiteError(
            f"The base model's generation_config.json is out of range: {error} Mend it in a copy of the model's folder."
        ) from None
