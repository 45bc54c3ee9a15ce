"""`warm-inspect regrade`: grade finished logs in a second pass."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import Progress

from warm_inspect.cli.shared import INCOMPLETE, needs_extra, show_progress
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import Grading
from warm_inspect.core.yaml_text import read_yaml

if TYPE_CHECKING:
    from inspect_ai.model import ModelCost

    from warm_inspect.regrading import Regraded, RegradingCost, RegradingPlan


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="LOGS...")
@click.option("--missing", is_flag=True, help="Complete the gradings the logs have: only samples without a grade.")
@click.option("--grader", "graders", multiple=True, metavar="MODEL", help="Grade all by this model; repeated, a panel.")
@click.option(
    "--grading",
    type=click.Choice([each.value for each in Grading]),
    help="Grade all by this grading; default with --grader: model.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder for the graded logs.")
@click.option("--in-place", is_flag=True, help="Write each log in its place, whole or not at all.")
@click.option("--batch", is_flag=True, help="Use the provider's batch API, as Inspect offers it.")
@click.option("--cache", is_flag=True, help="Use Inspect's cache of replies, too.")
@click.option("--max-connections", type=click.IntRange(1), help="Calls in flight of each grader.")
@click.option(
    "--model-cost-config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Inspect's file of prices: `openai/gpt-6-luna: {input: 1, output: 4, ...}`, dollars per million tokens.",
)
@click.option("--dry-run", is_flag=True, help="Show counts, calls and costs; ask nothing, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.pass_context
def regrade(
    context: click.Context,
    paths: tuple[str, ...],
    missing: bool,
    graders: tuple[str, ...],
    grading: str | None,
    out: Path | None,
    in_place: bool,
    batch: bool,
    cache: bool,
    max_connections: int | None,
    model_cost_config: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Grade the replies in finished LOGS (files, folders, globs) again, without generating anything.

    --missing asks for the samples without a grade: those of an evaluation with --no-score, and those whose grader was
    unreachable, cut off, malformed or refused. It asks the grading, and the grader, that the log names. Anything else
    grades every sample in another way; the old score stays in the log beside the new one, and `analyze --grading`
    reads the one you name.

    \b
    Generate first, grade later:
      inspect eval warm_inspect/truthfulqa --model openai/gpt-4o-mini --no-score \\
          --model-role grader=openai/gpt-6-luna
      warm-inspect regrade logs --missing --out graded --dry-run
      warm-inspect regrade logs --missing --out graded
    After an outage of the grader:
      warm-inspect regrade logs --missing --in-place
    A second grader, a panel, a cascade, matching:
      warm-inspect regrade logs --grader openai/gpt-6-luna --out graded
      warm-inspect regrade logs --grader openai/gpt-6-luna --grader google/gemini-3-pro --out graded
      warm-inspect regrade logs --grading cascade --grader openai/gpt-6-luna --out graded
      warm-inspect regrade logs --grading match --out graded

    Each failure leaves its own sample unscored, with the reason. Every verdict is on disk as soon as it comes, in
    verdicts.jsonl beside the logs: killed or stopped, the same command asks only for the rest. Logs in --out from an
    earlier run are completed.

    Exit codes: 0 all graded; 1 nothing done, because of a mistake; 2 wrong usage; 3 samples are still without a grade,
    logs were left out, or it was stopped.
    """  # noqa: D301 - click reads the backslash
    if missing == bool(graders or grading):
        raise click.UsageError("Give either --missing, or --grader MODEL, or --grading match|model|cascade.")
    if grading == Grading.MATCH and graders:
        raise click.UsageError("--grading match asks no --grader.")
    if in_place == bool(out):
        raise click.UsageError("Give either --out FOLDER or --in-place.")
    with needs_extra("warm-inspect regrade", "analysis"):
        from warm_inspect.grading.model import grader_facts
        from warm_inspect.regrading import GradingWanted, Reach, expected_cost, plan_regrading
        from warm_inspect.regrading import regrade as run
    prices = _prices(model_cost_config) if model_cost_config else {}
    wanted = None if missing else GradingWanted(Grading(grading or Grading.MODEL), graders)
    plan = plan_regrading(paths, wanted, out, show_progress)
    expected = expected_cost(plan)
    facts = _plan_facts(plan, expected, prices)
    for name in expected.graders:
        if notice := grader_facts(name).retirement(name, date.today(), "--grader "):
            click.echo(f"Note: {notice}", err=True)
    for (name, benchmark), n in sorted(expected.sent_away.items()):
        click.echo(f"Note: {n} gated or harmful replies of {benchmark} go to {name}, which runs elsewhere.", err=True)
    if dry_run or not as_json:
        _show_plan(facts, as_json)
    left_out = any(each.is_fault for each in plan.left_out)
    if dry_run:
        return
    reach = Reach(batch, max_connections, cache, prices)
    with Progress(console=Console(stderr=True), transient=True) if plan.to_grade else nullcontext() as bar:
        task = bar.add_task("Grading", total=plan.to_grade) if bar else None
        done = run(plan, reach, lambda: bar.advance(task) if bar and task is not None else None)
    _show_outcome(done, plan, facts, as_json)
    context.exit(INCOMPLETE if done.interrupted or done.unscored or done.problems or left_out else 0)


def _prices(path: Path) -> dict[str, "ModelCost"]:
    """The prices in a file of Inspect's option `--model-cost-config`."""
    from inspect_ai.model import ModelCost

    way_out = (
        "Write for each model a line such as: "
        "openai/gpt-6-luna: {input: 1, output: 4, input_cache_write: 0, input_cache_read: 0.1}"
    )
    content = json.dumps(read_yaml(path, way_out))
    try:
        # As JSON, where strict means no boolean for a number, and not an object of the class.
        return TypeAdapter(dict[str, ModelCost]).validate_json(content, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise PrerequisiteError(
            f"{path}: {place or 'the file'} is {first['input']!r}. {first['msg']}", way_out
        ) from None


def _plan_facts(plan: "RegradingPlan", expected: "RegradingCost", prices: Mapping[str, "ModelCost"]) -> dict[str, Any]:
    return {
        "logs": [
            {
                "log": each.log.name,
                "to_grade": {asking.key: len(asking.samples) for asking in each.askings},
                "samples": each.log.sample_count,
                "failed_samples": each.failed,
            }
            for each in plan.logs
        ],
        "left_out": [{"log": each.name, "reason": each.reason} for each in plan.left_out],
        "to_grade": plan.to_grade,
        "calls": expected.calls,
        "graders": {
            name: {
                "calls": cost.calls,
                "input_tokens_about": cost.input_tokens(),
                "output_tokens_at_most": cost.output_tokens(name),
                "usd_at_most": cost.usd(name, prices),
            }
            for name, cost in expected.graders.items()
        },
    }


def _show_plan(facts: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for each in facts["logs"]:
        lacking = ", ".join(f"{n} for {key}" for key, n in each["to_grade"].items()) or "nothing to grade"
        failed = f"; {each['failed_samples']} ended in an error" if each["failed_samples"] else ""
        click.echo(f"{each['log']}: {each['samples']} samples, {lacking}{failed}")
    for each in facts["left_out"]:
        click.echo(f"{each['log']}: left out, {each['reason']}")
    click.echo(f"{facts['to_grade']} grades to give, {facts['calls']} calls if each first reply can be used.")
    for name, cost in facts["graders"].items():
        price = cost["usd_at_most"]
        click.echo(
            f"  {name}: {cost['calls']} calls, about {cost['input_tokens_about']:,} tokens in, "
            f"at most {cost['output_tokens_at_most']:,} out"
            + ("" if price is None else f", at most {price:.2f} dollars")
        )


def _show_outcome(done: "Regraded", plan: "RegradingPlan", facts: dict[str, Any], as_json: bool) -> None:
    from warm_inspect.regrading import JOURNAL_NAME

    usage = {
        name: {"input_tokens": each.input_tokens, "output_tokens": each.output_tokens, "usd": each.total_cost}
        for name, each in done.usage.items()
    }
    journal = plan.folder / JOURNAL_NAME
    if as_json:
        outcome = {
            "graded": done.graded,
            "unscored": dict(done.unscored),
            "written": [path.name for path in done.written],
            "problems": done.problems,
            "used": usage,
            "interrupted": done.interrupted,
            "journal": str(journal),
        }
        click.echo(json.dumps({"plan": facts, **outcome}, indent=2))
        return
    for problem in done.problems:
        click.echo(f"Failed: {problem}", err=True)
    if done.interrupted:
        click.echo(f"Stopped. The verdicts so far are in {journal}; the same command goes on.", err=True)
        return
    reasons = ", ".join(f"{n} {reason}" for reason, n in done.unscored.items())
    click.echo(
        f"{done.graded} graded, {sum(done.unscored.values())} without a grade" + (f" ({reasons})" if reasons else "")
    )
    for name, spent in usage.items():
        price = "" if spent["usd"] is None else f", {spent['usd']:.2f} dollars"
        click.echo(f"  {name}: {spent['input_tokens']:,} tokens in, {spent['output_tokens']:,} out{price}")
    click.echo(f"{len(done.written)} logs written in {plan.folder}; verdicts in {journal}.")
