"""The grader: which model it is, and the prompt it is given."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from logging import getLogger
from typing import Any

from inspect_ai.model import GenerateConfig, Model, get_model, model_roles

from warm_inspect.core.documents import content_folder, parse_markdown
from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.restricted import ADVICE, benchmark_of, is_restricted, runs_here

logger = getLogger(__name__)

GRADER_ROLE = "grader"
DEFAULT_GRADER = "openai/gpt-4o-2024-08-06"
"""Source: study, Methods (GPT-4o-2024-08-06 at temperature 0)."""

GRADER_CONFIG = GenerateConfig(temperature=0.0, max_tokens=400)

GRADER_ATTEMPTS = 2
"""A grader whose reply cannot be parsed is asked once more, then the sample is unscored."""

_OPEN, _CLOSE = "<<<", ">>>"
_CORRECTNESS = "correctness"
_LABELS = ("verdict", "endorses wrong answer")


@cache
def rubric(name: str) -> str:
    """The rubric of this name in `content/graders/`."""
    return parse_markdown(content_folder("graders").joinpath(f"{name}.md")).body


def rubric_sha256(name: str = _CORRECTNESS) -> str:
    """Hash of a rubric."""
    return sha256_text(rubric(name))


def grader_prompt(question: str, references: Sequence[str], incorrect: str, reply: str) -> str:
    """The grader's prompt. It shows the bare question: the grader is blind to context, belief, persona and arm."""
    fields = {
        "question": as_data(question, _LABELS),
        "references": "\n".join(f"- {as_data(reference, _LABELS)}" for reference in references),
        "incorrect": as_data(incorrect, _LABELS),
        "reply": as_data(reply, _LABELS) or "(empty reply)",
    }
    return fill_rubric(_CORRECTNESS, fields)


def fill_rubric(name: str, fields: Mapping[str, str]) -> str:
    """A rubric with its placeholders filled; `{open}` and `{close}` are the delimiters round data."""
    known = {"open": _OPEN, "close": _CLOSE, **fields}
    return re.sub(r"\{(\w+)\}", lambda found: known[found.group(1)], rubric(name))


def as_data(text: str, labels: Sequence[str]) -> str:
    """The text with our delimiters and lines of these labels defused, so that a reply cannot forge a verdict."""
    text = re.sub(r"<{3,}|>{3,}", lambda found: " ".join(found.group()), text)
    return re.sub(rf"(?im)^(\W*)({'|'.join(labels)})(\W*):", r"\1\2\3 -", text)


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
