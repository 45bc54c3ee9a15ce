"""`warm-inspect serve`: adapters on a vLLM server, under names that say which weights they are."""

import json
import os
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from warm_inspect.cli.shared import needs_extra
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import ADAPTERS_VARIABLE, adapters_folder
from warm_inspect.tables import Column, print_table, tabulate

if TYPE_CHECKING:
    from warm_inspect.serving import ServedArm, ServerPlan


@click.command()
@click.argument("adapters", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="ADAPTERS")
@click.option("--base", help="Base model of the adapters: which one, if they have several, or its folder.")
@click.option("--out", default="served", show_default=True, type=click.Path(path_type=Path), help="For the template.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port of this machine.")
@click.option(
    "--tensor-parallel", default=1, show_default=True, type=click.IntRange(min=1), help="Accelerators for one model."
)
@click.option("--start", is_flag=True, help="Start the server in place of this command.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def serve(
    adapters: Path, base: str | None, out: Path, port: int, tensor_parallel: int, start: bool, as_json: bool
) -> None:
    """Say how a vLLM server with all adapters in the folder ADAPTERS is started, and evaluated through.

    Each adapter is served under its arm and the start of its weights' hash, the base model likewise, so that samples
    say what they are of. Weights are checked against the manifests. The chat template is written to OUT with the date
    that training wrote into prompts.

    \b
      warm-inspect serve adapters                              the command, and what to do then
      warm-inspect serve adapters --tensor-parallel 4 --start  start it

    Run it on the machine that has the accelerator and vLLM. Steps and checks: docs/vllm.md.
    """  # noqa: D301 - click reads the backslash
    with needs_extra("warm-inspect serve", "local"):
        from warm_inspect.models import find_adapters, of_one_base
        from warm_inspect.serving import plan_server

        taken, name = of_one_base(find_adapters(adapters), base)
        plan = plan_server(taken, name, out, port=port, tensor_parallel=tensor_parallel)
        plan.write_template()
    if as_json:
        click.echo(json.dumps(_record(plan), indent=2))
    else:
        _show(plan, adapters)
    if start:
        _start(plan.command)


def _start(command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        raise PrerequisiteError(
            f"There is no program {command[0]!r} here, so the server cannot be started",
            "Install it where the accelerator is, in an environment of its own (python -m venv serving, then "
            "serving/bin/pip install vllm), and start the command above there.",
        )
    os.execvp(command[0], command)


def _record(plan: "ServerPlan") -> dict[str, Any]:
    return {
        "command": plan.command,
        "environment": plan.environment,
        "models": [
            {"arm": each.arm, "model": each.model, "sha256": each.sha256, "warmth_check": each.warmth}
            for each in plan.arms
        ],
    }


def _show(plan: "ServerPlan", adapters: Path) -> None:
    columns: list[Column[ServedArm]] = [
        Column("arm", lambda row: row.arm),
        Column("seed", lambda row: "" if row.training_seed < 0 else str(row.training_seed)),
        Column("epochs", lambda row: "" if row.epochs is None else f"{row.epochs:g}"),
        Column("warmth", lambda row: row.warmth),
        Column("model", lambda row: row.model),
    ]
    print_table(Console(), tabulate("served", f"Models on {plan.base.name}", "", columns, plan.arms))
    environment = dict(plan.environment)
    if adapters.resolve() != adapters_folder().resolve():
        environment[ADAPTERS_VARIABLE] = str(adapters.resolve())
    models = ",".join(each.model for each in plan.arms)
    click.echo("\nStart the server:\n")
    click.echo(f"  {_lines(plan.command)}\n")
    click.echo("Then, where the evaluation runs:\n")
    for words in (
        ["export", *(f"{name}={value}" for name, value in environment.items())],
        ["warm-inspect", "doctor", "--ask", *(word for each in plan.arms[1:] for word in ("--model", each.model))],
        ["warm-inspect", "warmth", str(adapters), "--provider", "vllm", "--write-manifest"],
        ["inspect", "eval", "warm_inspect/truthfulqa", "--max-connections", "256", "--model", models],
        ["warm-inspect", "analyze", "logs", "--out", "analysis"],
    ):
        click.echo(f"  {shlex.join(words)}")


def _lines(command: list[str]) -> str:
    """A command with each option on a line of its own."""
    return " ".join(("\\\n    " if word.startswith("--") else "") + shlex.quote(word) for word in command)
