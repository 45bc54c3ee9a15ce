"""The models in the role `grader`: those that the run binds, else the study's. Several of them are a panel."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import cache
from logging import getLogger
from typing import Any

from inspect_ai.model import Model, get_model, model_roles

from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError, plain_reason
from warm_inspect.core.restricted import ADVICE, benchmark_of, is_restricted, runs_here
from warm_inspect.core.vocabulary import PANEL
from warm_inspect.grading.model.graders import BIND, GraderFacts, default_grader, grader_facts

logger = getLogger(__name__)

GRADER_ROLE = "grader"
_MORE_ROOM = 8


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


def bound_graders() -> tuple[Grader, ...]:
    """The graders of the run: those bound to the role `grader`, each of a list; else the study's.

    It is never the model under test by accident, and inherits nothing from it.

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
        raise PrerequisiteError(f"No grader is bound, and {notice} Or grade without a model: -T grading=match")
    try:
        return (Grader.of(get_model(role=GRADER_ROLE, default=name)),)
    except (InspectPrerequisiteError, ImportError) as error:
        raise PrerequisiteError(
            f"No grader: nothing is bound to the model role '{GRADER_ROLE}' and the default {name} cannot be used "
            f"({plain_reason(error)}). Bind one with {BIND}, or set OPENAI_API_KEY, or grade without a model: "
            "-T grading=match"
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
            _warn_of_sending(grader.name, benchmark_of(metadata))
    return graders


def check_graders() -> int:
    """How many graders the run has; says which of them their providers retire.

    Raises:
        PrerequisiteError: there is no grader.
    """
    graders = bound_graders()
    for grader in graders:
        if notice := grader.facts.retirement(grader.name, date.today()):
            logger.warning("%s", notice)
    return len(graders)


def panel_name(graders: tuple[Grader, ...]) -> str:
    """The name of the graders in the log: the model's, or those of all members of a panel."""
    names = [grader.name for grader in graders]
    return names[0] if len(names) == 1 else f"{PANEL}{', '.join(names)}"


def grader_is_bound() -> bool:
    """Whether the run binds a model to the role `grader`."""
    return GRADER_ROLE in model_roles()


@cache
def _warn_of_sending(grader: str, benchmark: str) -> None:
    logger.warning(
        "%s: sending gated or harmful text to the remote grader %s. %s "
        "(--model-role grader=...).", benchmark or "this task", grader, ADVICE,
    )  # fmt: skip
