"""The graders: the settings of those that the package knows, and the models of a run in the role `grader`.

A run's graders are those that it binds, else the default one. Several of them are a panel.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources.abc import Traversable
from logging import getLogger
from typing import Any, Literal

import yaml
from inspect_ai.model import GenerateConfig, Model, get_model, model_roles
from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from warm_inspect.core.content import Catalog
from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError, plain_reason
from warm_inspect.core.restricted import ADVICE, is_restricted, item_set_of, runs_here
from warm_inspect.core.vocabulary import PANEL

logger = getLogger(__name__)

GRADER_ROLE = "grader"
"""The model role of Inspect under which a run binds its graders."""

_MORE_ROOM = 8
"""Factor on the tokens of a grader's reply, once it was cut off."""

ROLE_OPTION = "--model-role grader="
BIND = f"{ROLE_OPTION}PROVIDER/MODEL"
_BY_MATCHING = "grade without a model: -T grading=match"
"""How a run is given another grader."""


class GraderFacts(BaseModel):
    """The settings of the graders that one file of `content/graders/` is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: tuple[str, ...] = Field(min_length=1)
    """Inspect's names of the models, with `*` for any text; the longest pattern that fits a model is its own."""
    default: bool = False
    """Whether its first model grades when a run binds none."""
    temperature: float | None
    """None for models that refuse one."""
    effort: Literal["low", "medium", "high"] | None = None
    """Reasoning effort."""
    max_tokens: PositiveInt
    """Tokens of a reply, thoughts included; a reply that was cut off is asked for again with eight times as many."""
    structured: bool
    """Whether the provider holds the model to a JSON schema."""
    retires: date | None = None
    """First day on which the provider's API is announced to refuse it."""
    successor: str | None = None
    """What the provider recommends in its place."""
    measured: str
    """What is known of how well it grades."""

    @property
    def config(self) -> GenerateConfig:
        """The settings of its calls."""
        return GenerateConfig(temperature=self.temperature, max_tokens=self.max_tokens, reasoning_effort=self.effort)

    def retirement(self, model: str, today: date, option: str = ROLE_OPTION) -> str:
        """The notice of the model's retirement, with the way out; empty without an announced date.

        Args:
            model: Inspect's name of it.
            today: the day of the run.
            option: what stands before another model's name on the command line.
        """
        if self.retires is None:
            return ""
        other = self.successor and f"for example {option}{self.successor}"
        way_out = f"Bind another grader with {option}PROVIDER/MODEL" + (f", {other}." if other else ".")
        when = f"the grader {model} {{}} its provider's API on {self.retires.isoformat()}, as its provider announced"
        if today < self.retires:
            return f"{when.format('leaves')}. {way_out} Replies graded by two graders are never pooled."
        return f"{when.format('left')}. {way_out}"

    def is_gone(self, today: date) -> bool:
        """Whether the announced day has come."""
        return self.retires is not None and today >= self.retires


def _parse(file: Traversable) -> GraderFacts:
    return GraderFacts.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


GRADERS: Catalog[GraderFacts] = Catalog("grader", "graders", ".yaml", _parse)
"""The known graders: one file each in `content/graders/`."""


def default_grader() -> str:
    """Inspect's name of the model that grades when a run binds none. Source: study, Methods."""
    [name] = [facts.models[0] for facts in GRADERS.values() if facts.default]
    return name


def grader_facts(model: str) -> GraderFacts:
    """The facts of a model, by Inspect's name for it; of an unknown one those of `other`."""
    fitting = [
        (len(pattern), facts) for facts in GRADERS.values() for pattern in facts.models if fnmatchcase(model, pattern)
    ]
    return max(fitting, key=lambda pair: pair[0])[1]


@dataclass(frozen=True, slots=True)
class Grader:
    """A model that grades, with the settings that it needs."""

    model: Model
    facts: GraderFacts
    room: int | None
    """Tokens for a reply after one that was cut off; None leaves them as the run set them."""

    @property
    def name(self) -> str:
        """Inspect's name of the model."""
        return str(self.model)

    @classmethod
    def of(cls, model: Model) -> "Grader":
        """A model as a grader; settings that the model brings along win over ours."""
        facts = grader_facts(str(model))
        room = facts.max_tokens * _MORE_ROOM if model.config.max_tokens is None else None
        grading = copy(model)
        grading.config = facts.config.merge(model.config)
        return cls(grading, facts, room)


def bound_graders(*, can_match: bool = True) -> tuple[Grader, ...]:
    """The graders of the run: those bound to the role `grader`, each of a list; else the study's.

    It is never the model under test by accident, and inherits nothing from it.

    Args:
        can_match: whether the task could be graded without a model, which the error then offers.

    Raises:
        PrerequisiteError: none is bound, and the default cannot be used: no API key, or its provider has retired it.
    """
    bound = model_roles().get(GRADER_ROLE)
    if bound is not None:
        return tuple(Grader.of(model) for model in (bound if isinstance(bound, list) else [bound]))
    name = default_grader()
    facts = grader_facts(name)
    if facts.is_gone(date.today()):
        notice = facts.retirement(name, date.today())
        raise PrerequisiteError(f"No grader is bound, and {notice}{' Or ' + _BY_MATCHING if can_match else ''}")
    try:
        return (Grader.of(get_model(role=GRADER_ROLE, default=name)),)
    except (InspectPrerequisiteError, ImportError) as error:
        raise PrerequisiteError(
            f"No grader: nothing is bound to the model role '{GRADER_ROLE}' and the default {name} cannot be used "
            f"({plain_reason(error)}). Bind one with {BIND}, or set OPENAI_API_KEY"
            f"{', or ' + _BY_MATCHING if can_match else ''}"
        ) from error


def graders_for(metadata: Mapping[str, Any]) -> tuple[Grader, ...]:
    """The graders of a sample, as `bound_graders` gives them.

    Before gated or harmful text leaves this machine it says so, once for each grader and benchmark.

    Raises:
        PrerequisiteError: there is no grader.
    """
    graders = bound_graders()
    for grader in graders:
        if is_restricted(metadata) and not runs_here(grader.name):
            _warn_of_sending(grader.name, item_set_of(metadata))
    return graders


def check_graders(*, can_match: bool = True) -> int:
    """The number of the run's graders; warns of those that their providers retire.

    Args:
        can_match: as for `bound_graders`.

    Raises:
        PrerequisiteError: there is no grader.
    """
    graders = bound_graders(can_match=can_match)
    for grader in graders:
        if notice := grader.facts.retirement(grader.name, date.today()):
            logger.warning("%s", notice)
    return len(graders)


def panel_name(names: Sequence[str]) -> str:
    """What a score calls its graders of these names: the model, or all of a panel; empty without one."""
    return names[0] if len(names) == 1 else f"{PANEL}{', '.join(names)}" if names else ""


def grader_is_bound() -> bool:
    """Whether the run binds a model to the role `grader`."""
    return GRADER_ROLE in model_roles()


@cache
def _warn_of_sending(grader: str, benchmark: str) -> None:
    logger.warning(
        "%s: sending gated or harmful text to the remote grader %s. %s "
        "(--model-role grader=...).", benchmark or "this task", grader, ADVICE,
    )  # fmt: skip
