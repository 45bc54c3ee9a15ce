"""What commands share: exit codes, the extra that a command needs, naming arms, and the progress of reading logs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from warm_inspect.core.arm_names import require_arm_name
from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.roles import Role

INCOMPLETE = 3
"""Exit code when something that was asked for is unfinished: a log did not run to its end, a reply was not written."""
INCONCLUSIVE = 3
"""Exit code when the evidence does not decide."""
MANY_LOGS = 8
"""Logs from which reading shows a progress bar."""

arm_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--arm",
    "arms",
    multiple=True,
    metavar="NAME=MODEL",
    help="The arm of a model whose logs do not say it, for example original=openai/gpt-4o. Repeatable.",
)

grading_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--grading",
    default="",
    metavar="NAME",
    help="Of logs graded several times the grading to read: match, model, cascade, a grader's name, or a score.",
)

score_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--score",
    default="",
    metavar="NAME[:KEY]",
    help="The score from 0 to 1 to read, of a task of your own that has several (docs/own-task.md).",
)


def options(*given: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """One decorator that adds several options, which the help shows in this order."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(given):
            command = option(command)
        return command

    return add


role_options = options(
    *(
        click.option(
            role.option,
            metavar="ARM",
            multiple=role.is_repeatable,
            default=() if role.is_repeatable else "",
            help=f"{role.meaning}{' Repeatable.' if role.is_repeatable else ''}",
        )
        for role in Role
    )
)
"""The options that say what arms are for (docs/answers.md)."""


def declared_roles(given: Mapping[str, str | tuple[str, ...]]) -> dict[str, Role]:
    """The role of each arm that an option names.

    Args:
        given: the values of `role_options`, by the role.

    Raises:
        UsageError: two options name one arm.
    """
    roles: dict[str, Role] = {}
    for role in Role:
        named = given[role]
        for arm in [named] if isinstance(named, str) else named:
            if arm and roles.setdefault(arm, role) != role:
                raise click.UsageError(f"{roles[arm].option} and {role.option} both name {arm}: an arm has one role.")
    return roles


@contextmanager
def needs_extra(what: str, extra: str) -> Iterator[None]:
    """Around the imports of a command: says which extra to install when one of its packages is missing.

    Raises:
        PrerequisiteError: an import failed.
    """
    try:
        yield
    except ImportError as error:
        raise missing_extra(what, extra, error) from None


def parse_arms(texts: tuple[str, ...]) -> dict[str, str]:
    """The arm of each model, from `NAME=MODEL` texts."""
    arms: dict[str, str] = {}
    for text in texts:
        name, equals, model = text.partition("=")
        if not (name and equals and model):
            raise click.UsageError(f"--arm {text!r} is not NAME=MODEL, for example original=openai/gpt-4o.")
        require_arm_name(name, "--arm")
        if arms.setdefault(model, name) != name:
            raise PrerequisiteError(f"--arm gives model {model} two arms: {arms[model]} and {name}. Keep one.")
    return arms


def show_progress(files: Sequence[str]) -> Iterable[str]:
    """A progress bar on the error stream, for more than a few logs."""
    console = Console(stderr=True)
    return track(files, "Reading logs", console=console, transient=True, disable=len(files) < MANY_LOGS)
