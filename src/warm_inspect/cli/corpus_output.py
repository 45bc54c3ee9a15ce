"""What the corpus commands show: bars on standard error, and what came of it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.tables import Column, ColumnKind, Table, print_table, tabulate

if TYPE_CHECKING:
    from warm_inspect.training.corpus import Datasheet

OUT = click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the new corpus.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Show counts and costs; call no model, write nothing.")


def refuse_source(source: str, out: Path) -> None:
    """Check that writing to a folder does not overwrite what is read.

    Raises:
        PrerequisiteError: the source is the folder, or its corpus file.
    """
    from warm_inspect.training.corpus import CORPUS_NAME

    places = [place for place in (out, out / CORPUS_NAME) if place.exists()]
    if Path(source).exists() and any(place.samefile(source) for place in places):
        raise PrerequisiteError(f"--out {out} is the corpus to read, which is never changed. Give another folder.")


class Bars:
    """One bar per stage, on standard error."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def stage(self, name: str, done: int, total: int | None) -> None:
        """Show how far a stage is."""
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._tasks[name], completed=done, total=total, description=f"{name} ({done:,})")

    def replies(self, done: int, total: int) -> None:
        """Show how many replies are written."""
        self.stage("Writing replies", done, total)


@contextmanager
def bars() -> Iterator[Bars]:
    """The bars of a command, gone when it ends."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        yield Bars(progress)


def show(sheet: "Datasheet", out: Path, as_json: bool) -> None:
    """Print what a corpus folder holds now, and what a reader must know."""
    if as_json:
        click.echo(json.dumps({"out": str(out), **sheet.model_dump(mode="json")}, indent=2))
        return
    step = sheet.steps[-1]
    train, held_out = sheet.counts["train"], sheet.counts["held_out"]
    click.secho(f"{step['step']}: {train['rows']} conversations to train on, {held_out['rows']} held out", bold=True)
    click.echo(f"  arms {', '.join(sheet.arms)}; {train['replies_per_arm']} replies each")
    print_table(Console(), _counts(step))
    click.echo()
    for name, why in step.get("decontamination", {}).get("not_compared", {}).items():
        click.secho(f"  Note: not compared with {name}: {why}", fg="yellow")
    click.echo(f"  licence {sheet.licence}; personal data: see {out / 'datasheet.md'}")
    click.echo(f"  corpus: {out}")


def _counts(step: Mapping[str, Any]) -> Table:
    """What a step dropped, wrote and cost."""
    rows = [(name, *row) for name in _COUNTED if name in step for row in _leaves(step[name])]
    return tabulate("counts", "What this step dropped, wrote and cost", "", _COLUMNS, rows, grouped=True, source="")


_COUNTED = ("dropped", "short", "replies", "content_equivalence", "cost")
_COLUMNS: tuple[Column[tuple[str, str, str]], ...] = (
    Column("part", lambda row: row[0].replace("_", " "), ColumnKind.WORDS),
    Column("of", lambda row: row[1].replace("_", " "), ColumnKind.WORDS),
    Column("count", lambda row: row[2]),
)


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """The values of nested mappings, with the keys that lead to each."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    else:
        yield " · ".join(path), f"{value:,}" if isinstance(value, int) else str(value)
