"""What a job at OpenAI is asked for, and the models that can be fine-tuned there."""

from importlib.resources.abc import Traversable
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from warm_inspect.core.catalog import Catalog

Multiplier = PositiveFloat | Literal["auto"]
BatchSize = PositiveInt | Literal["auto"]
Epochs = Annotated[tuple[PositiveInt, ...], Field(min_length=1)]


class OpenAISettings(BaseModel):
    """The settings of the fine-tuning jobs of all arms that are compared. `auto` leaves a value to the service."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: Epochs
    """The passes over the training file after which a model is wanted: one model each."""
    learning_rate_multiplier: Multiplier = "auto"
    """Factor on the service's own learning rate, which it does not publish."""
    multiplier_by_arm: dict[str, Multiplier] = {}
    """The factor of an arm that takes another one."""
    batch_size: BatchSize = "auto"
    """Examples per optimiser step."""
    seed: int = Field(default=0, ge=0)
    """Seed of the job. The service does not promise that equal seeds give equal models."""

    def multiplier(self, arm: str) -> Multiplier:
        """The learning-rate multiplier of an arm."""
        return self.multiplier_by_arm.get(arm, self.learning_rate_multiplier)


class OpenAIModel(BaseModel):
    """One file of `content/openai/models/`; its name is the model's name at OpenAI."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_example_tokens: PositiveInt
    """Tokens of a training example beyond which the service would cut it."""
    encoding: str
    """The tiktoken encoding of the model."""


def _settings(file: Traversable) -> OpenAISettings:
    return OpenAISettings.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


def _model(file: Traversable) -> OpenAIModel:
    return OpenAIModel.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


OPENAI_PRESETS: Catalog[OpenAISettings] = Catalog("OpenAI preset", "openai/presets", ".yaml", _settings)
"""The named settings: one file each in `content/openai/presets/`."""

OPENAI_MODELS: Catalog[OpenAIModel] = Catalog("OpenAI model to fine-tune", "openai/models", ".yaml", _model)
"""The models that can be fine-tuned: one file each in `content/openai/models/`."""
