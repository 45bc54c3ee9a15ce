"""The model in the role `grader`: the one that the run binds, else the study's."""

import re
from collections.abc import Mapping
from functools import cache
from logging import getLogger
from typing import Any

from inspect_ai.model import GenerateConfig, Model, get_model, model_roles

from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError
from warm_inspect.core.restricted import ADVICE, benchmark_of, is_restricted, runs_here

logger = getLogger(__name__)

GRADER_ROLE = "grader"
DEFAULT_GRADER = "openai/gpt-4o-2024-08-06"
"""Source: study, Methods (GPT-4o-2024-08-06 at temperature 0)."""

GRADER_CONFIG = GenerateConfig(temperature=0.0, max_tokens=400)


def grader_model() -> Model:
    """The model bound to the role `grader`, else the study's grader; never the model under test by accident.

    Roles inherit nothing from the model under test, and a role's own settings win over ours.

    Raises:
        PrerequisiteError: no model is bound and the default cannot be used, for example without an API key.
    """
    try:
        return get_model(role=GRADER_ROLE, default=DEFAULT_GRADER, config=GRADER_CONFIG)
    except (InspectPrerequisiteError, ImportError) as error:
        raise PrerequisiteError(
            f"No grader: nothing is bound to the model role '{GRADER_ROLE}' and the default {DEFAULT_GRADER} cannot be "
            f"used ({plain_reason(error)}). Bind one with --model-role {GRADER_ROLE}=PROVIDER/MODEL, or set "
            "OPENAI_API_KEY, or grade without a model: -T grading=match"
        ) from error


def grader_for(metadata: Mapping[str, Any]) -> Model:
    """The grader of a sample, as `grader_model` gives it.

    Before gated or harmful text leaves this machine it says so, once for each grader and benchmark.

    Raises:
        PrerequisiteError: there is no grader.
    """
    grader = grader_model()
    if is_restricted(metadata) and not runs_here(str(grader)):
        _warn(str(grader), benchmark_of(metadata))
    return grader


@cache
def _warn(grader: str, benchmark: str) -> None:
    logger.warning(
        "%s: its text is gated or harmful, and it goes to the grader %s, which runs elsewhere. %s "
        "(--model-role grader=...).", benchmark or "this task", grader, ADVICE,
    )  # fmt: skip


def grader_is_bound() -> bool:
    """Whether the run binds a model to the role `grader`."""
    return GRADER_ROLE in model_roles()


def plain_reason(error: Exception) -> str:
    """What an error of Inspect says, on one line and without its markup."""
    text = re.sub(r"\[/?[a-z ]+\]", "", str(error) or repr(error))
    return " ".join(text.split()).removeprefix("ERROR: ")
