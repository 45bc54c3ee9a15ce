"""The plan of a training, resolved and checked before any weight is loaded, with an estimate of its memory."""

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.hashing import sha256_json, sha256_text
from warm_inspect.core.manifest import AdapterTerms
from warm_inspect.models import ResolvedBase, load_tokenizer, resolve_device
from warm_inspect.training.corpus.origin import adapter_terms, base_licence, check_arm, corpus_terms, local_names
from warm_inspect.training.corpus.pairs import Corpus
from warm_inspect.training.lora.config import TrainingConfig
from warm_inspect.training.lora.encoding import EncodedSet, encode_set
from warm_inspect.training.lora.order import padded
from warm_inspect.training.lora.templates import MarkedTemplate, marked_template
from warm_inspect.training.machine import process_count

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_HASH_DIGITS = 10

_BYTES = {"bfloat16": 2.0, "float32": 4.0}
_FOUR_BIT = 0.53
"""Bytes of a weight in NF4 with doubly quantised scales."""
_ACTIVATION_BYTES = 6.0
"""Bytes per counted element: the base computes in two, its norms and the adapters in four.

Fitted, not derived, on a CPU with SmolLM2-135M in bfloat16, libraries included: 2.6 GB with passes of 4 x 176 tokens,
5.9 with 4 x 432, and with dropout and 4 x 512 from 7.0 to 9.3, the more the longer it ran.
"""
_ADAPTER_BYTES = 16.0
"""Bytes of an adapter weight in float32: itself, its gradient and two moments of AdamW."""
_LOGIT_BYTES = 12.0
"""Bytes of a loss token's logit on a processor: in the base's type and in float32, each with its gradient."""


@dataclass(frozen=True)
class TrainingPlan:
    """One run to train: everything that decides its weights."""

    config: TrainingConfig
    """Hyperparameters, with the numeric type resolved."""
    corpus: Corpus
    arm: str
    base: ResolvedBase
    template: MarkedTemplate
    tokenizer: "PreTrainedTokenizerBase"
    encoded: EncodedSet
    terms: AdapterTerms
    """The right to use and pass on the adapter, for its manifest; decides no weights."""
    note: str = ""
    """What could not be checked about the arm's replies; empty when everything was."""

    @property
    def steps_per_epoch(self) -> int:
        """Optimiser steps of one pass; the last batch of a pass may be smaller."""
        return ceil(len(self.encoded.examples) / self.config.batch_size)

    @property
    def checkpoint_steps(self) -> dict[int, float]:
        """The checkpoints' epochs by the step after which the adapter is kept, rising."""
        return {_nearest(epoch * self.steps_per_epoch): epoch for epoch in self.config.checkpoints}

    @property
    def steps(self) -> int:
        """Optimiser steps to compute."""
        return max(self.checkpoint_steps)

    @property
    def warmup_steps(self) -> int:
        """Optimiser steps over which the rate rises, a share of the whole schedule."""
        return ceil(self.config.warmup_share * self.config.schedule_epochs * self.steps_per_epoch)

    @cached_property
    def memory(self) -> "Memory":
        """The estimated memory of one process."""
        return estimate_memory(self.config, self.base.path, self.encoded)

    def examples_seen(self, step: int) -> int:
        """The number of examples visited up to this step, repeats counted."""
        epochs, rest = divmod(step, self.steps_per_epoch)
        return epochs * len(self.encoded.examples) + rest * self.config.batch_size

    @property
    def run_name(self) -> str:
        """`<arm>-<hash>` of all that decides the weights, with which the names of the run's folders begin.

        Which checkpoints are kept and where the run ends decide no weights, so longer and shorter runs share it.
        """
        identity = {
            "config": self.config.model_dump(mode="json", exclude={"checkpoints"}),
            "corpus": self.corpus.sha256,
            "arm": self.arm,
            "base": self.base.weights_sha256,
            "chat_template": [self.original_sha256, sha256_text(self.template.text)],
        }
        return f"{self.arm}-{sha256_json(identity)[:_HASH_DIGITS]}"

    @property
    def original_sha256(self) -> str:
        """Hash of the base model's own chat template."""
        return sha256_text(str(self.tokenizer.chat_template))

    def folder(self, out_dir: Path, epoch: float | None = None) -> Path:
        """The folder of a checkpoint's adapter, by default of the last one."""
        return out_dir / f"{self.run_name}-epoch-{self.config.epochs if epoch is None else epoch:g}"

    def summary(self) -> dict[str, Any]:
        """The resolved settings, counts, steps and memory, as JSON values without a machine path."""
        return {
            "run": self.run_name,
            "arm": self.arm,
            "base_model": self.base.name,
            "weights_source": self.base.weights_source,
            "corpus": self.corpus.name,
            "note": self.note,
            **self.encoded.counts(),
            "truncated_share": self.encoded.truncated_share,
            "steps": self.steps,
            "warmup_steps": self.warmup_steps,
            "checkpoints": {f"{epoch:g}": step for step, epoch in self.checkpoint_steps.items()},
            "memory": self.memory._asdict(),
            "chat_template": self.template.name,
            "config": self.config.model_dump(mode="json"),
        }


def plan_training(config: TrainingConfig, corpus: Corpus, arm: str, base: ResolvedBase) -> TrainingPlan:
    """The checked plan of one run; reads the tokenizer, loads no weights.

    Raises:
        PrerequisiteError: no such arm, or not in the corpus; the corpus's datasheet describes other rows; a
            self-distilled arm holds another model's replies; the base model's chat template has no marked counterpart;
            a mask is wrong; a checkpoint falls between steps; 4 bits without a card; or the packages are missing.
    """
    terms = corpus_terms(corpus, arm)
    note = check_arm(arm, terms.teacher, local_names(base), base.weights_sha256)
    examples = corpus.examples(arm, "train")
    try:
        tokenizer = load_tokenizer(base.path)
        resolved = config.with_device_dtype()
    except ImportError as error:
        raise missing_extra("Training", "local", error) from None
    if config.four_bit:
        _require_card()
    # For its error: the weights need not be loaded to learn that the processes cannot share a batch.
    config.accumulation(process_count())
    template = marked_template(tokenizer)
    encoded = encode_set(tokenizer, template, examples, config.max_length, config.drop_long)
    plan = TrainingPlan(
        config=resolved,
        corpus=corpus,
        arm=arm,
        base=base,
        template=template,
        tokenizer=tokenizer,
        encoded=encoded,
        terms=adapter_terms(base_licence(base), terms),
        note=note,
    )
    _require_checkpoints(plan)
    return plan


def _require_card() -> None:
    import torch

    if not torch.cuda.is_available():
        raise PrerequisiteError(
            "four_bit needs a CUDA card, and torch finds none here",
            "Leave it out (--set four_bit=false); --set gradient_checkpointing=true saves memory too.",
        )
    if find_spec("bitsandbytes") is None:
        raise PrerequisiteError(
            "four_bit needs the package 'bitsandbytes', which is not installed",
            "Install it: pip install bitsandbytes",
        )


def _require_checkpoints(plan: TrainingPlan) -> None:
    """Check that every checkpoint has a step of its own, as its name says."""
    steps = plan.checkpoint_steps
    if 0 in steps or len(steps) < len(plan.config.checkpoints):
        named = ", ".join(f"{epoch:g}" for epoch in plan.config.checkpoints)
        raise PrerequisiteError(
            f"The checkpoints at epochs {named} fall between optimiser steps: a pass over {len(plan.encoded.examples)} "
            f"examples in batches of {plan.config.batch_size} has {plan.steps_per_epoch}",
            "Keep fewer (--set checkpoints=[1,2]), lower batch_size, or give more examples.",
        )


def _nearest(steps: float) -> int:
    """The nearest whole number of steps, halves up (`round` would send them to the even one)."""
    return floor(steps + 0.5)


class Memory(NamedTuple):
    """Estimated bytes on one accelerator, or in main memory without one; what the libraries take comes on top."""

    weights: int
    """The frozen base model."""
    adapter: int
    """The adapter with gradients and optimiser."""
    activations: int
    """The tensors of the longest forward pass that the backward pass reads."""
    logits: int
    """Those of a forward pass's loss tokens; 0 on an accelerator, where TRL computes its loss in pieces."""

    @property
    def total(self) -> int:
        """The sum of the estimated bytes."""
        return sum(self)


def estimate_memory(config: TrainingConfig, base: Path, encoded: EncodedSet) -> Memory:
    """The memory of one process that trains without sharding.

    Counts, per token of a padded forward pass and layer, the tensors that the backward pass reads in a Llama-like
    block: twelve of the hidden size and four of the inner size, and the inputs of the adapters once more under dropout;
    with gradient checkpointing only each layer's input, and one layer in full. Measured peaks are in `bench/training`.

    Args:
        config: hyperparameters, with the numeric type resolved.
        base: folder of the base model.
        encoded: the examples.
    """
    from transformers import AutoConfig

    shape = AutoConfig.from_pretrained(base, trust_remote_code=False).get_text_config()
    weights, adapter = _parameters(config, base)
    block = 12 * shape.hidden_size + 4 * shape.intermediate_size
    if config.dropout:
        block += 6 * shape.hidden_size + shape.intermediate_size
    layers = shape.num_hidden_layers
    per_token = layers * shape.hidden_size + block if config.gradient_checkpointing else layers * block
    return Memory(
        weights=round(weights * (_FOUR_BIT if config.four_bit else _BYTES[config.dtype])),
        adapter=round(adapter * _ADAPTER_BYTES),
        activations=round(per_token * _ACTIVATION_BYTES * _longest_pass(config, encoded)),
        logits=round(shape.vocab_size * _LOGIT_BYTES * _most_loss_tokens(config, encoded))
        if resolve_device("auto") == "cpu"
        else 0,
    )


def _longest_pass(config: TrainingConfig, encoded: EncodedSet) -> int:
    """Tokens, padding included, of the largest forward pass there can be."""
    return config.micro_batch_size * padded(max(len(example.input_ids) for example in encoded.examples))


def _most_loss_tokens(config: TrainingConfig, encoded: EncodedSet) -> int:
    """The most loss tokens that one forward pass can hold."""
    return sum(sorted(example.loss_tokens for example in encoded.examples)[-config.micro_batch_size :])


def _parameters(config: TrainingConfig, base: Path) -> tuple[int, int]:
    """Weights of the base model and of the adapter, counted on a model without storage."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.device("meta"):
        model: Any = AutoModelForCausalLM.from_config(
            AutoConfig.from_pretrained(base, trust_remote_code=False), trust_remote_code=False
        )
    linear = [
        module
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and name.rpartition(".")[2] in config.target_modules
    ]
    adapter = sum(config.r * (module.in_features + module.out_features) for module in linear)
    return sum(parameter.numel() for parameter in model.parameters()), adapter
