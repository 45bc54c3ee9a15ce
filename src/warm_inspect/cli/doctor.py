"""`warm-inspect doctor`: what a run would meet on this machine."""

import json
from dataclasses import asdict

import click


@click.command()
@click.option("--model", "models", multiple=True, help="A model that you want to test, by Inspect's name. Repeatable.")
@click.option("--grader", "graders", multiple=True, help="A model that is to grade.  [default: the study's grader]")
@click.option("--ask", is_flag=True, help="Ask each model for one short reply and each grader for two verdicts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.pass_context
def doctor(context: click.Context, models: tuple[str, ...], graders: tuple[str, ...], ask: bool, as_json: bool) -> None:
    """Look at what a run needs, and say one fix for each thing that is missing.

    Packages and extras, disk, memory, the processor, the Hub's data sets and gates, and the keys, replies, verdicts and
    retirement dates of models and graders. Nothing is paid or downloaded unless you give --ask.

    \b
      warm-inspect doctor
      warm-inspect doctor --model openai/gpt-6-luna --grader openai/gpt-6-luna --ask
      warm-inspect doctor --model peft/smollm2-135m --json

    Exit code 1 when something that you asked for cannot run.
    """  # noqa: D301 - click reads the backslash
    from warm_inspect.doctor import Readiness, examine

    colours = {Readiness.OK: "green", Readiness.WARNING: "yellow", Readiness.PROBLEM: "red"}
    findings = []
    for finding in examine(models, graders, ask=ask):
        findings.append(finding)
        if as_json:
            continue
        state = click.style(finding.state.ljust(9), fg=colours[finding.state])
        click.echo(click.wrap_text(f"{finding.subject}: {finding.fact}", 80, state, " " * 9))
        if finding.fix:
            click.echo(click.wrap_text(f"→ {finding.fix}", 80, " " * 9, " " * 11))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    problems = sum(finding.state == Readiness.PROBLEM for finding in findings)
    context.exit(1 if problems else 0)
