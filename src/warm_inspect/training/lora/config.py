"""The hyperparameters of a training, and the presets that set them."""

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from warm_inspect.core.content import Catalog
from warm_inspect.core.errors import PrerequisiteError, unknown_value

Dtype = Literal["auto", "bfloat16", "float32"]


class TrainingConfig(BaseModel):
    """The hyperparameters of one LoRA fine-tuning; equal for all arms that are compared.

    Defaults are the study's where it states a value. Source: study, Methods (fine-tuning).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    r: int = Field(default=8, ge=1)
    """Rank of the LoRA matrices."""
    alpha: int = Field(default=16, ge=1)
    """LoRA scale: updates are multiplied by alpha / r."""
    dropout: float = Field(default=0.1, ge=0, lt=1)
    """Share of the LoRA inputs set to zero while training."""
    target_modules: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    """Linear layers that get an adapter. Not stated by the study."""
    learning_rate: float = Field(default=1e-5, gt=0)
    """Peak rate of AdamW, reached after warm-up."""
    checkpoints: tuple[Annotated[float, Field(gt=0)], ...] = Field(default=(0.5, 1, 1.5, 2, 4, 6, 8, 10), min_length=1)
    """Passes over the training rows after which the adapter is kept, rising; the run ends with the last."""
    schedule_epochs: float = Field(default=10, gt=0)
    """Length of the run the schedule is laid out for: it sets how long warm-up lasts, wherever the run ends."""
    schedule: Literal["constant_with_warmup"] = "constant_with_warmup"
    """Linear warm-up, then the peak rate: a checkpoint does not depend on how long the run goes on after it."""
    warmup_share: float = Field(default=0.03, ge=0, lt=1)
    """Share of the scheduled steps over which the rate rises from 0. Not stated by the study."""
    batch_size: int = Field(default=16, ge=1)
    """Examples per optimiser step."""
    micro_batch_size: int = Field(default=4, ge=1)
    """Examples per forward pass of a process: gradients add up to `batch_size`, so it decides memory, not results."""
    group_by_length: bool = False
    """Fill batches with examples of like length: faster, but the arms no longer see the same prompts in each step."""
    max_length: int = Field(default=1024, ge=8)
    """Tokens of an example that are kept, from its start."""
    drop_long: bool = False
    """Leave out examples whose first reply begins after `max_length`, instead of refusing the corpus."""
    weight_decay: float = Field(default=0.0, ge=0)
    """AdamW's decay of the adapter weights. Not stated by the study."""
    max_grad_norm: float = Field(default=1.0, gt=0)
    """Gradients are scaled down to this norm. Not stated by the study."""
    gradient_checkpointing: bool = False
    """Recompute activations in the backward pass: less memory, slower."""
    dtype: Dtype = "auto"
    """Numeric type of the frozen base weights; adapter weights are float32. `auto`: bfloat16 where it is native."""
    four_bit: bool = False
    """Hold the frozen base weights in 4 bits (NF4): a quarter of the memory, for CUDA cards with bitsandbytes only."""
    seed: int = Field(default=0, ge=0, lt=2**32)
    """Seed of the adapter's start, of dropout and of the order of examples; numpy takes 32 bits."""

    @field_validator("*", mode="before")
    @classmethod
    def _no_boolean_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, bool) and cls.model_fields[str(info.field_name)].annotation is not bool:
            raise ValueError("must not be true or false")
        return value

    @model_validator(mode="after")
    def _whole_passes(self) -> "TrainingConfig":
        if self.batch_size % self.micro_batch_size:
            raise ValueError("batch_size must be a multiple of micro_batch_size")
        if list(self.checkpoints) != sorted(set(self.checkpoints)):
            raise ValueError("checkpoints must rise and not repeat")
        return self

    @property
    def epochs(self) -> float:
        """Passes over the training rows of the whole run."""
        return self.checkpoints[-1]

    def accumulation(self, processes: int = 1) -> int:
        """Forward passes of each process per optimiser step.

        Raises:
            PrerequisiteError: the processes cannot share a batch evenly.
        """
        share, rest = divmod(self.batch_size, self.micro_batch_size * processes)
        if rest or not share:
            raise PrerequisiteError(
                f"{processes} processes cannot share batches of {self.batch_size} in passes of {self.micro_batch_size} "
                "examples: batch_size must be a multiple of micro_batch_size x processes",
                "Try --set micro_batch_size=1, or fewer processes.",
            )
        return share

    def stopped_at(self, epochs: float) -> "TrainingConfig":
        """This configuration, ended early: its checkpoints up to this epoch, and one there."""
        kept = [epoch for epoch in self.checkpoints if epoch < epochs]
        return self.changed({"checkpoints": (*kept, epochs)})

    def changed(self, values: Mapping[str, Any]) -> "TrainingConfig":
        """This configuration with other values, checked.

        Raises:
            PrerequisiteError: no such setting, or a value that makes no sense.
        """
        for name in values:
            if name not in type(self).model_fields:
                raise unknown_value("setting", name, type(self).model_fields)
        try:
            return type(self).model_validate(self.model_dump() | dict(values))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = ".".join(str(part) for part in first["loc"][:1])
            # Pydantic puts words of its own before the message of our validator.
            problem = first.get("ctx", {}).get("error", first["msg"])
            raise PrerequisiteError(
                f"Setting {name}: {problem} (got {values.get(name)!r})." if name else f"Settings: {problem}."
            ) from None

    def with_device_dtype(self) -> "TrainingConfig":
        """This configuration with `auto` replaced by the type that training will use on this machine."""
        return self if self.dtype != "auto" else self.model_copy(update={"dtype": native_dtype()})


def native_dtype() -> Dtype:
    """`bfloat16` where the accelerator or the processor multiplies it natively, else `float32`.

    On two virtual processors with AVX512-bf16 a step of the demo took 0.70 to 0.81 of its
    processor time in float32.
    """
    import torch

    if torch.cuda.is_available():
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        capabilities = torch.cpu.get_capabilities()
        native = any(capabilities.get(name) for name in ("amx_bf16", "avx512_bf16"))
        # oneDNN can be held to older instructions than the processor has (ONEDNN_MAX_CPU_ISA).
        native = native and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return "bfloat16" if native else "float32"


def _parse(file: Traversable) -> TrainingConfig:
    return TrainingConfig.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


PRESETS: Catalog[TrainingConfig] = Catalog("preset", "presets", ".yaml", _parse)
"""The named configurations: one file each in `content/presets/`."""
