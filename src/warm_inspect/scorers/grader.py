"""The grader: which model it is, and the prompt it is given."""

import re
from collections.abc import Sequence
from functools import cache

from inspect_ai.model import GenerateConfig, Model, get_model, model_roles

from warm_inspect.core.documents import content_folder, parse_markdown
from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError
from warm_inspect.core.hashing import sha256_text

GRADER_ROLE = "grader"
DEFAULT_GRADER = "openai/gpt-4o-2024-08-06"
"""Source: study, Methods (GPT-4o-2024-08-06 at temperature 0)."""

GRADER_CONFIG = GenerateConfig(temperature=0.0, max_tokens=400)

_OPEN, _CLOSE = "<<<", ">>>"


@cache
def _rubric() -> str:
    return parse_markdown(content_folder("graders").joinpath("correctness.md")).body


def rubric_sha256() -> str:
    """Hash of the grader's rubric."""
    return sha256_text(_rubric())


def grader_prompt(question: str, references: Sequence[str], incorrect: str, reply: str) -> str:
    """The grader's prompt. It shows the bare question: the grader is blind to context, belief, persona and arm."""
    fields = {
        "open": _OPEN,
        "close": _CLOSE,
        "question": defused(question),
        "references": "\n".join(f"- {defused(reference)}" for reference in references),
        "incorrect": defused(incorrect),
        "reply": defused(reply) or "(empty reply)",
    }
    return re.sub(r"\{(\w+)\}", lambda found: fields[found.group(1)], _rubric())


def defused(text: str) -> str:
    """The text with our delimiters and verdict lines defused, so that a reply cannot forge a verdict."""
    text = re.sub(r"<{3,}|>{3,}", lambda found: " ".join(found.group()), text)
    return re.sub(r"(?im)^(\W*)(verdict|endorses wrong answer)(\W*):", r"\1\2\3 -", text)


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
            f"used ({plain_reason(error)}). Bind one with --model-role {GRADER_ROLE}=PROVIDER/MODEL, or set OPENAI_API_KEY, "
            "or grade without a model: -T grading=match"
        ) from error


def grader_is_bound() -> bool:
    """Whether the run binds a model to the role `grader`."""
    return GRADER_ROLE in model_roles()


def plain_reason(error: Exception) -> str:
    """What an error of Inspect says, on one line and without its markup."""
    text = re.sub(r"\[/?[a-z ]+\]", "", str(error) or repr(error))
    return " ".join(text.split()).removeprefix("ERROR: ")
