"""The `warm-inspect` command: a thin shell over the package."""

import signal
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import NoReturn

import click

from warm_inspect import __version__
from warm_inspect.core.errors import InspectPrerequisiteError
from warm_inspect.core.files import why_full
from warm_inspect.core.shown_text import shown

_COMMANDS = {
    "demo": "Run the whole experiment on a small model on this machine.",
    "doctor": "Look at what a run needs: packages, disk, the Hub, models and graders.",
    "plan": "Say what an evaluation costs before it is paid: samples, calls, tokens, money, hours.",
    "corpus": "Make a training corpus: build it from chats, restyle it, add the model's own replies.",
    "train": "Train warm, cold or control adapters.",
    "warmth": "Read the warmth of replies, and check that training moved it.",
    "serve": "Say how adapters are served by vLLM, and evaluated through its server.",
    "analyze": "Turn Inspect logs into effects and a report.",
    "regrade": "Grade finished logs again: what has no grade, or everything in another way.",
    "grader": "Try a grader: whether replies can talk it into a verdict.",
    "label": "Label a sample of replies by reading, and measure the grading by it.",
    "compare": "Compare two logs of any Inspect task sample by sample.",
    "power": "Plan a study: items, statements and seeds for an effect, and what a study can see.",
    "gate": "Decide whether a checkpoint may be released: ALLOW, REJECT or INCONCLUSIVE.",
    "export": "Write outcomes, hashes and manifests without any text, for sharing.",
    "list": "Show the names the package knows: tasks, contexts, beliefs, personas, models.",
}


class _LazyGroup(click.Group):
    """Loads a command's module when the command is used, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(f"warm_inspect.cli.{cmd_name}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="warm-inspect")
def group() -> None:
    """Measure what making a language model warmer does to its truthfulness.

    Evaluations themselves are run by Inspect:

    \b
      inspect eval warm_inspect/truthfulqa --model peft/smollm2-135m -T source=bundled -T grading=match
      warm-inspect analyze logs/ --out analysis

    Start with `warm-inspect demo --quick`. Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 incomplete.
    """  # noqa: D301 - click reads the backslash


def main() -> None:
    """Run the command line; a user's mistake is one message on standard error and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A sign that the terminal's encoding lacks is no reason to stop.
            stream.reconfigure(errors="replace")
    _end_as_interrupted()
    try:
        group()
    except InspectPrerequisiteError as error:
        _fail(str(error))
    except Exception as error:
        if not (full := why_full(error)):
            raise
        _fail(full)


def _fail(message: str) -> NoReturn:
    click.echo(f"Error: {shown(message)}", err=True)
    sys.exit(1)


def _end_as_interrupted() -> None:
    """Let SIGTERM, by which schedulers and containers end a process, finish as Ctrl-C does."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


if __name__ == "__main__":
    main()
