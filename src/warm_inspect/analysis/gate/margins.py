"""The margins of a release gate: a YAML file that says how much worse a checkpoint may be, and against which arm."""

from pathlib import Path
from typing import Annotated, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from warm_inspect.core.controls import ControlKind
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, NOT_CORRECT, ORIGINAL, SCORE_KEYS
from warm_inspect.core.yaml_text import read_yaml

GATED_OUTCOMES = (*SCORE_KEYS, NOT_CORRECT)
"""What a margin of our own tasks may be about."""


_Number = Annotated[float, Field(strict=True)]
"""No boolean and no text: `true` is not 1."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Margin(_Strict):
    """The margin of one harm; its first field is the limit."""

    UNIT: ClassVar[str] = "questions"
    """What a test counts as its n."""


class _PointsMargin(_Margin):
    points: _Number = Field(ge=0, lt=100)
    """Percentage points by which the arm may be worse than the reference."""


class OutcomeMargin(_PointsMargin):
    """How many points worse an outcome of our tasks may be."""

    outcome: str = ""
    """A key of the correctness score or `not_correct`; the margin's own default when empty."""

    @model_validator(mode="after")
    def _known_outcome(self) -> "OutcomeMargin":
        if self.outcome and self.outcome not in GATED_OUTCOMES:
            raise unknown_value("outcome", self.outcome, GATED_OUTCOMES)
        return self


class FamilyMargin(_PointsMargin):
    """How many points worse an arm may be in a family of measurement beside the benchmarks."""


class ProblemMargin(FamilyMargin):
    """The same, of problems of known difficulty."""

    UNIT = "problems"


class HostilityMargin(_Margin):
    """How many dialogues of the arm may turn hostile, whatever its reference does."""

    UNIT = "dialogues"

    percent: _Number = Field(gt=0, lt=100)
    """Share of dialogues, in percent, below which the upper bound must lie."""


class ControlMargin(_PointsMargin):
    """How many points lower a score of control logs may be; in these logs a higher score is better."""

    score: str = ""
    """Which score of the control logs, when they hold several."""


class WarmthMargin(_Margin):
    """How far the arm's replies must have been shown to become warmer."""

    UNIT = "prompts"

    d: _Number = 0.0
    """The standardised lift (Cohen's d) that must be exceeded."""


class Margins(_Strict):
    """Every margin that is tested. One that is left out is not tested; one without evidence is never passed."""

    worst_context: OutcomeMargin | None = None
    """In each interpersonal context."""
    worst_benchmark: OutcomeMargin | None = None
    """On each benchmark."""
    belief_endorsement: OutcomeMargin | None = None
    """Adopting a wrong answer that the user states."""
    over_refusal: OutcomeMargin | None = None
    """Refusing the benchmarks' ordinary questions."""
    caving: FamilyMargin | None = None
    """Giving right answers up when they are doubted, beyond what asking again does, from dialogues."""
    hostile_dialogues: HostilityMargin | None = None
    """Dialogues of revisions with a hostile turn, by an exact upper bound."""
    prudence: ProblemMargin | None = None
    """Answering problems wrongly, in each domain of them, rather than rightly or not at all."""
    capability: ControlMargin | None = None
    """Scores of capability tasks, from control logs."""
    refusal: ControlMargin | None = None
    """Refusing harmful requests, from control logs."""
    warmth: WarmthMargin | None = None
    """Whether training moved warmth at all, from the adapter's manifest."""

    def control(self, kind: ControlKind) -> ControlMargin | None:
        """The margin of a kind of control benchmark, whose evidence is pairs of control logs; None when left out."""
        match kind:
            case ControlKind.CAPABILITY:
                return self.capability
            case ControlKind.REFUSAL:
                return self.refusal

    @model_validator(mode="after")
    def _some(self) -> "Margins":
        if not self.model_fields_set:
            raise PrerequisiteError(f"The gate tests nothing: give at least one of {', '.join(Margins.model_fields)}.")
        return self


MARGINS: dict[str, type[_Margin]] = {name: get_args(of.annotation)[0] for name, of in Margins.model_fields.items()}
"""The class of each margin."""


def unit_of(margin: str) -> str:
    """What a test of a margin counts as its n, for example questions."""
    return MARGINS[margin].UNIT


DEFAULT_OUTCOMES = {
    "worst_context": NOT_CORRECT,
    "worst_benchmark": NOT_CORRECT,
    "belief_endorsement": ENDORSES_CLAIM,
    "over_refusal": "refusal",
}


class GatePolicy(_Strict):
    """The policy of a release gate, as its YAML file states it: the two arms, the level and the margins."""

    arm: str = Field(min_length=1)
    """The arm that may be released."""
    reference: str = ORIGINAL
    """The arm it must not be worse than."""
    alpha: _Number = Field(default=0.05, gt=0, lt=0.5)
    """One-sided level of every test, over all looks."""
    looks: int = Field(default=1, strict=True, ge=1, le=100)
    """How many verdicts are asked for on this study while its logs grow; they share `alpha` in equal parts."""
    margins: Margins

    @property
    def level(self) -> float:
        """The one-sided level of every test at one look."""
        return self.alpha / self.looks

    @model_validator(mode="after")
    def _two_arms(self) -> "GatePolicy":
        if self.arm == self.reference:
            raise PrerequisiteError(f"Arm and reference are both {self.arm!r}: name two arms.")
        return self


def read_policy(path: Path) -> GatePolicy:
    """The policy in a YAML file.

    Raises:
        PrerequisiteError: the file is missing, is not YAML, names something twice or something unknown, or a value is
            out of range. The message names the place and the legal values.
    """
    content = read_yaml(path, "See an example with: warm-inspect gate --help")
    try:
        return GatePolicy.model_validate(content)
    except PrerequisiteError as error:
        raise PrerequisiteError(f"{path}: {error}") from None
    except ValidationError as error:
        raise _teaching(path, error) from None


def _teaching(path: Path, error: ValidationError) -> PrerequisiteError:
    """The first problem of the file, with its place and what would be legal there."""
    # A misspelt name comes before the one that it leaves missing.
    problem = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    place = [str(part) for part in problem["loc"]]
    where = ".".join(place)
    if problem["type"] == "extra_forbidden":
        model: type[BaseModel] = GatePolicy
        for part in place[:-1]:
            model = _MODELS.get(part, model)
        return unknown_value(f"name in {path}", where, [".".join([*place[:-1], name]) for name in model.model_fields])
    if problem["type"] == "missing":
        return PrerequisiteError(f"{path} lacks {where!r}. See an example with: warm-inspect gate --help")
    return PrerequisiteError(f"{path}: {where or 'the file'} is {problem['input']!r}. {problem['msg']}.")


_MODELS: dict[str, type[BaseModel]] = {"margins": Margins, **MARGINS}
"""What stands at each place of the file that holds names."""
