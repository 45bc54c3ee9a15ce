"""`warm-inspect list`: every name the package knows."""

import json

import click

from warm_inspect.conditions import BELIEFS, CONTEXTS, PERSONAS
from warm_inspect.core.controls import CONTROL_BENCHMARKS
from warm_inspect.core.families import Family
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets import load_bundled
from warm_inspect.models import BASE_MODELS


def _known() -> dict[str, dict[str, str]]:
    return {
        "tasks": {
            f"warm_inspect/{name}": f"{len(load_bundled(name).items)} bundled items, or the Hub's; also warm_{name}"
            for name in Benchmark
        },
        "families": {f"warm_inspect/{family}": "beside the benchmarks, with numbers of its own" for family in Family},
        "controls": {
            control.task: f"{control.kind.value}, equivalence margin {control.margin:g} points"
            for control in CONTROL_BENCHMARKS.values()
        },
        "contexts": {
            name: f"group {context.group}, {len(context.statements)} statements" for name, context in CONTEXTS.items()
        },
        "beliefs": {
            name: f"names the {belief.claim} answer" if belief.templates else "no sentence"
            for name, belief in BELIEFS.items()
        },
        "personas": {name: persona.system[:60] or "no system message" for name, persona in PERSONAS.items()},
        "base models": {name: f"{model.hub_id}, {model.licence}" for name, model in BASE_MODELS.items()},
    }


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def list(as_json: bool) -> None:
    """Show the names the package knows.

    \b
    Contexts go into   -T contexts=none,emotion_sad
    beliefs into       -T beliefs=none,incorrect
    personas into      -T persona=warm
    and base models into --model peft/<base model>[:<adapter folder>]
    """  # noqa: D301 - click reads the backslash
    known = _known()
    if as_json:
        click.echo(json.dumps(known, indent=2))
        return
    for kind, names in known.items():
        click.secho(kind, bold=True)
        width = max(map(len, names))
        for name, what in names.items():
            click.echo(f"  {name.ljust(width)}  {what}")
