"""The plan of a training, resolved and checked before any weight is loaded."""

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.hashing import sha256_json, sha256_text
from warm_inspect.core.manifest import AdapterTerms
from warm_inspect.models import ResolvedBase, load_tokenizer
from warm_inspect.training.arms import check_arm, local_names
from warm_inspect.training.corpus.pairs import Corpus
from warm_inspect.training.corpus.terms import adapter_terms, base_licence, corpus_terms
from warm_inspect.training.lora.config import TrainingConfig
from warm_inspect.training.lora.encoding import EncodedSet, encode_set
from warm_inspect.training.lora.machine import process_count
from warm_inspect.training.lora.memory import Memory, estimate_memory
from warm_inspect.training.lora.templates import MarkedTemplate, marked_template

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_HASH_DIGITS = 10


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
    def memory(self) -> Memory:
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
