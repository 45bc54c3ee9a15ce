"""The plan of a fine-tuning at OpenAI: its settings, jobs and costs, checked before anything is sent."""

import re
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from warm_inspect.core.content import Catalog, content_folder
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.manifest import AdapterTerms
from warm_inspect.training.corpus.origin import adapter_terms, check_arm, corpus_terms
from warm_inspect.training.corpus.pairs import Corpus
from warm_inspect.training.openai.training_file import TrainingFile, token_counter, training_file

PROVIDER = "openai"
"""Inspect's name of the provider, in front of a model's name there."""

KEPT_EPOCHS = 3
"""The last epochs whose models the service keeps; only the estimate relies on it. Source: OpenAI's guide."""

_BASE_LICENCE = "OpenAI's terms of use"
_HASH_DIGITS = 10
_SUFFIX_CHARACTERS = 64

Multiplier = PositiveFloat | Literal["auto"]
BatchSize = PositiveInt | Literal["auto"]
Epochs = Annotated[tuple[PositiveInt, ...], Field(min_length=1)]


class OpenAISettings(BaseModel):
    """The fine-tuning jobs of all arms that are compared. `auto` leaves a value to the service."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: Epochs
    """Passes over the training file after which a model is wanted: one model each."""
    learning_rate_multiplier: Multiplier = "auto"
    """Factor on the service's own learning rate, which it does not publish."""
    multiplier_by_arm: dict[str, Multiplier] = {}
    """The factors of arms that take another one."""
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
    retires: date
    """First day on which the API is announced to refuse the model and all that was fine-tuned from it."""


def _settings(file: Traversable) -> OpenAISettings:
    return OpenAISettings.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


def _model(file: Traversable) -> OpenAIModel:
    return OpenAIModel.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


OPENAI_PRESETS: Catalog[OpenAISettings] = Catalog("OpenAI preset", "openai/presets", ".yaml", _settings)
"""The named settings: one file each in `content/openai/presets/`."""

OPENAI_MODELS: Catalog[OpenAIModel] = Catalog("OpenAI model to fine-tune", "openai/models", ".yaml", _model)
"""The models that can be fine-tuned: one file each in `content/openai/models/`."""


@dataclass(frozen=True)
class JobSpec:
    """Everything that decides a fine-tuning job: two jobs of one key are the same job."""

    model: str
    arm: str
    file_sha256: str
    n_epochs: int
    batch_size: BatchSize
    learning_rate_multiplier: Multiplier
    seed: int

    @property
    def key(self) -> str:
        """The job's metadata at the service, by which a later run recognises it."""
        return sha256_json(asdict(self))

    @property
    def suffix(self) -> str:
        """The readable part of the fine-tuned model's name."""
        text = f"wi-{self.arm}-e{self.n_epochs}-s{self.seed}"
        return re.sub(r"[^A-Za-z0-9-]", "-", text)[:_SUFFIX_CHARACTERS]

    @property
    def hyperparameters(self) -> dict[str, int | float | str]:
        """The hyperparameters of the supervised method."""
        return {
            "n_epochs": self.n_epochs,
            "batch_size": self.batch_size,
            "learning_rate_multiplier": self.learning_rate_multiplier,
        }


@dataclass(frozen=True)
class HostedPlan:
    """One arm to fine-tune at OpenAI: a model after each of the wanted epochs."""

    settings: OpenAISettings
    corpus: Corpus
    arm: str
    model: str
    """OpenAI's name of the base model, without the provider."""
    file: TrainingFile
    terms: AdapterTerms
    """The right to use and pass on the model, for its manifest."""
    note: str = ""
    """What could not be checked about the arm's replies; empty when everything was."""

    @property
    def base_model(self) -> str:
        """The base model's name in Inspect, under which the untouched model is evaluated."""
        return f"{PROVIDER}/{self.model}"

    def job(self, n_epochs: int) -> JobSpec:
        """The job that trains for this many epochs."""
        return JobSpec(
            model=self.model,
            arm=self.arm,
            file_sha256=self.file.sha256,
            n_epochs=n_epochs,
            batch_size=self.settings.batch_size,
            learning_rate_multiplier=self.settings.multiplier(self.arm),
            seed=self.settings.seed,
        )

    def folder(self, out_dir: Path, epoch: int) -> Path:
        """The folder of the manifest of the model after an epoch: `<arm>-<hash of all settings>`."""
        return out_dir / f"{self.arm}-{sha256_json([PROVIDER, asdict(self.job(epoch))])[:_HASH_DIGITS]}"

    def jobs_at_most(self) -> list[int]:
        """The epoch counts of all jobs, longest first, if no job returns the model of an earlier epoch."""
        return sorted(set(self.settings.epochs), reverse=True)

    def jobs_expected(self) -> list[int]:
        """The epoch counts of the jobs, longest first, if each returns the models of its last `KEPT_EPOCHS` epochs."""
        jobs: list[int] = []
        for epoch in self.jobs_at_most():
            if not jobs or epoch <= jobs[-1] - KEPT_EPOCHS:
                jobs.append(epoch)
        return jobs

    def summary(self, price_per_million: float | None = None) -> dict[str, Any]:
        """The settings, counts and costs, as JSON values; costs are in the unit of the price.

        Args:
            price_per_million: the price of a million training tokens; None leaves costs out.
        """
        return {
            "arm": self.arm,
            "base_model": self.base_model,
            "corpus": self.corpus.name,
            "note": self.note,
            "retirement": retirement(self.model, date.today()),
            "examples": self.file.examples,
            "file_bytes": len(self.file.data),
            "file_sha256": self.file.sha256,
            "tokens_per_epoch": self.file.tokens,
            "tokens_counted_by": self.file.counted_by,
            "learning_rate_multiplier": self.settings.multiplier(self.arm),
            "batch_size": self.settings.batch_size,
            "seed": self.settings.seed,
            "epochs": sorted(set(self.settings.epochs)),
            "at_most": self._bill(self.jobs_at_most(), price_per_million),
            "expected": self._bill(self.jobs_expected(), price_per_million),
        }

    def _bill(self, jobs: list[int], price_per_million: float | None) -> dict[str, Any]:
        tokens = sum(jobs) * self.file.tokens
        cost = {} if price_per_million is None else {"cost": tokens * price_per_million / 1e6}
        return {"jobs": jobs, "tokens": tokens, **cost}


def retirement(model: str, today: date) -> str:
    """The notice of the announced end of fine-tuning and of a model, with the way to arms that last."""
    service = yaml.safe_load(content_folder("openai").joinpath("service.yaml").read_text(encoding="utf-8"))
    end, active, retires = service["new_jobs_end"], service["active_only_since"], OPENAI_MODELS[model].retires
    jobs = f"OpenAI {'ends' if today < end else 'ended'} new fine-tuning jobs on {end.isoformat()}"
    if today < end:
        jobs += f", and since {active.isoformat()} takes them only from organisations that use fine-tuned models"
    leaves = "leave" if today < retires else "left"
    return (
        f"{jobs}; {model} and every model fine-tuned from it {leaves} its API on {retires.isoformat()}, by its own "
        "announcement. Arms that last are trained on weights of your own: warm-inspect train --base MODEL"
    )


def plan_hosted(settings: OpenAISettings, corpus: Corpus, arm: str, model: str) -> HostedPlan:
    """The checked plan of one arm. Sends nothing; counting tokens may fetch tiktoken's vocabulary.

    Args:
        settings: epochs, hyperparameters and seed of the jobs.
        corpus: training pairs.
        arm: which replies to learn.
        model: OpenAI's name of the base model, with or without `openai/` in front.

    Raises:
        PrerequisiteError: no such arm, or not in the corpus; the corpus's datasheet describes other rows; a
            self-distilled arm holds another model's replies; the model cannot be fine-tuned; or OpenAI would refuse the
            file.
    """
    name = model.removeprefix(f"{PROVIDER}/")
    facts = OPENAI_MODELS[name]
    terms = corpus_terms(corpus, arm)
    note = check_arm(arm, terms.teacher, [f"{PROVIDER}/{name}"])
    examples = corpus.examples(arm, "train")
    file = training_file(examples, token_counter(facts.encoding), facts.max_example_tokens)
    return HostedPlan(settings, corpus, arm, name, file, adapter_terms(_BASE_LICENCE, terms), note)
