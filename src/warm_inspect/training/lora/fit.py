"""One LoRA fine-tuning with TRL and PEFT: a plan in, saved states of the trainer out."""

import os
import warnings
from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.models import load_weights
from warm_inspect.training.lora.config import TrainingConfig
from warm_inspect.training.lora.encoding import MASKED
from warm_inspect.training.lora.order import PAD_MULTIPLE, EpochSampler
from warm_inspect.training.lora.plan import TrainingPlan
from warm_inspect.training.machine import process_count, wait_for_all

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import TrainerCallback
    from trl import SFTConfig, SFTTrainer


StepProgress = Callable[[int, int, float], None]
"""Called after each optimiser step with the step, the number of steps, and the loss in nats per loss token."""

SAVE_STEPS = 20
"""Optimiser steps between two states that a killed run can resume from; states at checkpoints come on top."""


def fit(
    plan: TrainingPlan,
    scratch: Path,
    resume: Path | None,
    on_save: Callable[[int], None],
    progress: StepProgress | None = None,
) -> None:
    """Train the planned adapter to its last checkpoint, saving the trainer's state on the way.

    An equal plan gives equal weights on one machine with one number of threads, wherever it resumes, as far as torch's
    products repeat bit by bit (`bench/training`, Repeats). Sets the global seeds.

    Args:
        plan: what to train.
        scratch: folder for the trainer's states.
        resume: the folder of the state to resume from; None to start.
        on_save: called with the step of each state when all its files are written, in the process that writes.
        progress: called after each step.

    Raises:
        PrerequisiteError: the training diverged, or the packages for local models are not installed.
    """
    # The trainer would report its use to the Hub.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from transformers.trainer_callback import PrinterCallback
    except ImportError as error:
        raise missing_extra("Training", "local", error) from None

    with warnings.catch_warnings():
        # PEFT's own code causes it on each start.
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        sampler = EpochSampler(
            [len(example.input_ids) for example in plan.encoded.examples],
            plan.config.batch_size,
            plan.config.seed,
            plan.config.group_by_length,
        )
        trainer = _trainer(plan, _arguments(plan, scratch), sampler)
        trainer.add_callback(_checkpoint_callback(plan, sampler, on_save, progress))
        # It stands in for the progress bar that is switched off, and prints a dict at every step.
        trainer.remove_callback(PrinterCallback)
        trainer.train(resume_from_checkpoint=str(resume) if resume else None)


def _arguments(plan: TrainingPlan, scratch: Path) -> "SFTConfig":
    import torch
    from trl import SFTConfig

    config = plan.config
    return SFTConfig(
        output_dir=str(scratch),
        max_steps=plan.steps,
        per_device_train_batch_size=config.micro_batch_size,
        gradient_accumulation_steps=config.accumulation(process_count()),
        learning_rate=config.learning_rate,
        lr_scheduler_type=config.schedule,
        warmup_steps=plan.warmup_steps,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        activation_checkpointing=config.gradient_checkpointing,
        seed=config.seed,
        # The base weights are in the wanted type already; autocast would round the adapter's products too.
        bf16=False,
        # Examples come cut and labelled, so that what was checked is what is trained.
        max_length=None,
        pad_to_multiple_of=PAD_MULTIPLE,
        logging_steps=1,
        # A loss that is no number is logged as such, not as that of the step before.
        logging_nan_inf_filter=False,
        # The callback triggers saves; `on_save` prunes them.
        save_strategy="no",
        report_to="none",
        # Every adapter matrix is used in every pass.
        ddp_find_unused_parameters=False,
        disable_tqdm=True,
        dataloader_pin_memory=torch.cuda.is_available(),
    )


def _trainer(plan: TrainingPlan, arguments: "SFTConfig", sampler: "EpochSampler") -> "SFTTrainer":
    from datasets import Dataset
    from peft import LoraConfig
    from trl import SFTTrainer

    config, examples = plan.config, plan.encoded.examples

    class Trainer(SFTTrainer):  # type: ignore[misc]
        """TRL's trainer, visiting the examples in our order, and on a processor with our loss."""

        def _get_train_sampler(self, train_dataset: Any = None) -> Any:  # noqa: ANN401
            return sampler

        def compute_loss(self, model: Any, inputs: Any, *options: Any, **named: Any) -> Any:  # noqa: ANN401
            if inputs["input_ids"].device.type != "cpu":
                return super().compute_loss(model, inputs, *options, **named)
            counted = named.get("num_items_in_batch")
            # The tokens of all processes are counted, and their gradients averaged.
            scale = 1 if counted is None else self.accelerator.num_processes
            return masked_loss(model, inputs, counted) * scale

        def create_model_card(self, **_: Any) -> None:
            """No card beside each state: it would describe a model that is not there yet."""

    trainer = Trainer(
        model=_base_model(config, plan.base.path),
        processing_class=plan.tokenizer,
        train_dataset=Dataset.from_list([{"input_ids": e.input_ids, "labels": e.labels} for e in examples]),
        peft_config=LoraConfig(
            r=config.r,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            target_modules=list(config.target_modules),
            task_type="CAUSAL_LM",
        ),
        args=arguments,
    )
    for weight in trainer.model.parameters():
        if weight.requires_grad:
            # TRL casts the adapter of a base in 4 bits to bfloat16, where small steps round to nothing.
            weight.data = weight.data.float()
    return trainer


def _base_model(config: TrainingConfig, folder: Path) -> Any:  # noqa: ANN401 - transformers is imported late
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    dtype = getattr(torch, config.dtype)
    if not config.four_bit:
        return load_weights(AutoModelForCausalLM, folder, dtype=dtype)
    quantised = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
    )
    # Each process holds the model on its own card.
    device = int(os.environ.get("LOCAL_RANK", "0"))
    return load_weights(
        AutoModelForCausalLM, folder, dtype=dtype, quantization_config=quantised, device_map={"": device}
    )


def _checkpoint_callback(
    plan: TrainingPlan, sampler: "EpochSampler", on_save: Callable[[int], None], progress: StepProgress | None
) -> "TrainerCallback":
    from transformers import TrainerCallback

    class CheckpointCallback(TrainerCallback):  # type: ignore[misc]
        """Sets the order of each pass, triggers saves, and stops a training that diverges."""

        def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
            # From the step, which a resumed run restores, not by counting the passes of this process.
            sampler.epoch = state.global_step // plan.steps_per_epoch

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
            control.should_save = state.global_step % SAVE_STEPS == 0 or state.global_step in plan.checkpoint_steps

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401
            # Each process writes the state of its own random generators, and all must be there before it is complete.
            wait_for_all()
            if state.is_world_process_zero:
                on_save(state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:  # noqa: ANN401
            # A step is logged before it is saved: no state or adapter of a diverged step is kept.
            _refuse_divergence(plan, state.global_step, logs)
            if progress and "loss" in logs:
                progress(state.global_step, state.max_steps, logs["loss"])

    return CheckpointCallback()


def _refuse_divergence(plan: TrainingPlan, step: int, logs: Mapping[str, float]) -> None:
    for name in ("loss", "grad_norm"):
        if name in logs and not isfinite(logs[name]):
            raise PrerequisiteError(
                f"Training diverged at step {step}: {name} is {logs[name]}. Nothing of this step was kept",
                f"Lower learning_rate, for example --set learning_rate={plan.config.learning_rate / 10:g}",
            )


def masked_loss(model: Any, inputs: Mapping[str, "Tensor"], loss_tokens: "Tensor | int | None") -> "Tensor":  # noqa: ANN401
    """The summed cross-entropy of the loss tokens over their number in the whole optimiser step.

    For a processor: logits at the positions of loss tokens only. TRL's own loss computes none in full, but where Triton
    is absent it goes over every position, prompts and padding included, in float32 and twice: 40 % of a step's time.

    Args:
        model: a causal language model that takes `logits_to_keep`.
        inputs: `input_ids`, `attention_mask` and `labels`, each (rows, tokens).
        loss_tokens: loss tokens in all micro-batches of all processes; None takes those of these rows, as the trainer
            wants it of models for which it does not count.

    Returns:
        A scalar, in nats per token.
    """
    from torch.nn.functional import cross_entropy

    targets = inputs["labels"][:, 1:]
    # `logits_to_keep` is one list for all rows: every position that is a loss token in some row.
    positions = (targets != MASKED).any(0).nonzero()[:, 0]
    targets = targets[:, positions]
    counted = targets != MASKED
    logits = model(
        input_ids=inputs["input_ids"],
        attention_mask=inputs["attention_mask"],
        use_cache=False,
        logits_to_keep=positions,
    ).logits
    total = cross_entropy(logits[counted].float(), targets[counted], reduction="sum")
    return total / (counted.sum() if loss_tokens is None else loss_tokens)
