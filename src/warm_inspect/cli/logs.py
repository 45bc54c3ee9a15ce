"""What the commands that read logs of our tasks share: naming arms, and showing how far the reading is."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from warm_inspect.core.arm_names import require_arm_name
from warm_inspect.core.errors import PrerequisiteError

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
