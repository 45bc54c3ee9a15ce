"""What is wrong with a command line, without running it: programs, subcommands, options, tasks, parameters, files."""

import inspect as reflection
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import chdir
from importlib import import_module
from tempfile import TemporaryDirectory

import click
from inspect_ai._cli.main import inspect as inspect_command

from tests.docs.pages import ROOT
from warm_inspect.cli.main import group
from warm_inspect.core.errors import PrerequisiteError

_PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_]*|.*\.\.\.|<.*>")
"""A word that stands for a value of the reader's."""
_TASK = re.compile(r"warm_inspect/(\w+)")
_TAKE_TASKS = ("inspect eval", "inspect eval-set", "warm-inspect plan")
_LAUNCHER = ["accelerate", "launch", "-m", "warm_inspect.cli.main"]


def faults(words: list[str]) -> list[str]:
    """What cannot be right in a command line."""
    if words[: len(_LAUNCHER)] == _LAUNCHER:
        words = ["warm-inspect", *words[len(_LAUNCHER) :]]
    known = _PROGRAMS.get(words[0])
    return list(known(words)) if known else [f"no test knows {words[0]}"]


def _click(root: click.Command) -> Callable[[list[str]], Iterator[str]]:
    def check(words: list[str]) -> Iterator[str]:
        context = click.Context(root, info_name=words[0])
        rest = words[1:]
        while isinstance(context.command, click.Group) and rest and not rest[0].startswith("-"):
            if (command := context.command.get_command(context, rest[0])) is None:
                yield f"{context.command_path} has no command {rest[0]}"
                return
            context, rest = click.Context(command, context, rest[0]), rest[1:]
        given = _parsed(context, list(rest))
        if isinstance(given, str):
            yield given
            return
        for parameter in context.command.params:
            yield from _values(parameter, given.get(parameter.name or ""), context)
        if context.command_path in _TAKE_TASKS:
            yield from _task_faults(given)
        if context.command_path == "warm-inspect regrade":
            yield from _clashes(context.command, rest)

    return check


def _clashes(command: click.Command, rest: list[str]) -> Iterator[str]:
    """What a command says of options that exclude each other, where there are no files that it could work on."""
    with TemporaryDirectory() as folder, chdir(folder):
        try:
            command.main(rest, standalone_mode=False)
        except click.UsageError as error:
            if type(error) is click.UsageError:  # And not a file that is not there.
                yield error.format_message()
        except PrerequisiteError:
            pass


def _parsed(context: click.Context, rest: list[str]) -> dict[str, object] | str:
    """Options and arguments as they were given, or the fault."""
    try:
        parser = context.command.make_parser(context)
        values, left, _ = parser.parse_args(rest)
    except click.UsageError as error:
        return f"{context.command_path}: {error.format_message()}"
    given: dict[str, object] = {name: value for name, value in values.items() if isinstance(value, str | list | tuple)}
    return given if not left else f"{context.command_path} takes no {left[0]}"


def _values(parameter: click.Parameter, given: object, context: click.Context) -> Iterator[str]:
    """What the type of an option refuses. Files need not be there."""
    if isinstance(parameter.type, click.Path | click.File) or parameter.to_info_dict().get("is_flag"):
        return
    if not isinstance(given, str | list):
        return
    for value in [given] if isinstance(given, str) else given:
        if isinstance(value, str) and not _PLACEHOLDER.fullmatch(value):
            try:
                parameter.type.convert(value, parameter, context)
            except click.UsageError as error:
                yield f"{context.command_path}: {error.format_message()}"


def _task_faults(given: dict[str, object]) -> Iterator[str]:
    """Tasks of ours that are not there, and parameters that they do not have."""
    tasks = given.get("tasks") or ()
    stated = given.get("t") or given.get("parameters") or ()
    assert isinstance(tasks, list | tuple)
    assert isinstance(stated, list | tuple)
    for name in (match[1] for task in tasks if (match := _TASK.fullmatch(task))):
        try:
            made = getattr(import_module("warm_inspect"), name.removeprefix("warm_"))
        except AttributeError:
            yield f"there is no task warm_inspect/{name}"
            continue
        legal = set(reflection.signature(made).parameters) - {"unknown"}  # which catches what is refused
        open_ended = "task_arguments" in legal
        for key in (pair.partition("=")[0] for pair in stated):
            if key not in legal and not open_ended:
                yield f"warm_inspect/{name} has no parameter {key}"


def _pip(words: list[str]) -> Iterator[str]:
    """Extras that pyproject.toml does not have."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for named in re.findall(r"(?:warm-inspect|\.|\.whl|\.tar\.gz)\[([\w,]+)\]", " ".join(words)):
        yield from (f"there is no extra {name}" for name in named.split(",") if name not in extras)


def _make(words: list[str]) -> Iterator[str]:
    """Targets that the Makefile does not have."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [word for word in words[1:] if "=" not in word]
    yield from (f"make has no target {name}" for name in targets if not re.search(f"^{name}:", makefile, re.MULTILINE))


def _python(words: list[str]) -> Iterator[str]:
    """Scripts and modules of this repository that are not there."""
    path = words[2].replace(".", "/") + ".py" if words[1] == "-m" else words[1]
    installed = words[1] == "-m" and words[2] in ("venv", "pip")
    if not installed and not (ROOT / path).is_file():
        yield f"there is no {path}"


def _nothing(words: list[str]) -> Iterator[str]:
    """Nothing of ours to check."""
    return iter(())


_PROGRAMS: dict[str, Callable[[list[str]], Iterator[str]]] = {
    "warm-inspect": _click(group),
    "inspect": _click(inspect_command),
    "pip": _pip,
    "make": _make,
    "python": _python,
    "export": _nothing,
    "git": _nothing,
    "uv": _nothing,
    ".": _nothing,
    "cd": _nothing,
}
