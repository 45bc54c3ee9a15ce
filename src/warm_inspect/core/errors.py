"""Errors a user can cause, and the wording they share: the value, the legal values, the next command."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

# The one private import of the package: Inspect ends with a clean message and exit code 1 for this type only.
from inspect_ai._util.error import PrerequisiteError as InspectPrerequisiteError

from warm_inspect.core.installation import install_command

__all__ = [
    "InspectPrerequisiteError",
    "PrerequisiteError",
    "PromptTooLong",
    "missing_extra",
    "plain_reason",
    "unknown_value",
]


class PrerequisiteError(InspectPrerequisiteError):
    """A mistake that the user can correct, shown as one message without a traceback.

    Inspect prints the message as rich markup, so square brackets in it are escaped here.
    """

    def __init__(self, problem: str, way_out: str = "") -> None:
        """Make the message of what is wrong and, apart from it where the problem is also reported alone, the way out.

        Args:
            problem: the whole message, or without its full stop the part before `way_out`.
            way_out: what the user can do.
        """
        self.problem = problem
        # What a provider says of its fault may end in a full stop already.
        self.plain = f"{problem.removesuffix('.')}. {way_out}" if way_out else problem
        super().__init__(self.plain.replace("[", "\\["))

    def __str__(self) -> str:
        return self.plain


class PromptTooLong(ValueError):
    """A prompt leaves no room for a reply in the model's context: asking again gives the same."""


def unknown_value(kind: str, value: object, known: Iterable[str], hint: str = "") -> PrerequisiteError:
    """The error for a value outside a closed vocabulary, with the nearest legal value first.

    Args:
        kind: what the value names, for example "context".
        value: what the user gave.
        known: every legal value, in the order to show.
        hint: a closing sentence, for example the command that lists the values.
    """
    legal = [str(each) for each in known]
    near = get_close_matches(str(value), legal, n=1, cutoff=0.6)
    parts = [f"Unknown {kind} {str(value)!r}."]
    if near:
        parts.append(f"Did you mean {near[0]!r}?")
    parts.append(f"Known: {', '.join(legal)}.")
    if hint:
        parts.append(hint)
    return PrerequisiteError(" ".join(parts))


def missing_extra(feature: str, extra: str, error: ImportError) -> PrerequisiteError:
    """The error for an optional dependency that is not installed."""
    return PrerequisiteError(
        f"{feature} needs the package {error.name!r}, which is not installed",
        f"Install it with: {install_command(extra)}",
    )


def plain_reason(error: Exception) -> str:
    """The message of an error of Inspect or of a provider, on one line and without its markup."""
    text = re.sub(r"\[/?[a-z ]+\]", "", str(error) or repr(error))
    return " ".join(text.split()).removeprefix("ERROR: ")
