"""The frozen numbers: every value that the commands write for fixed inputs, recorded once and compared since.

    python -m tests.frozen.freeze check                    compare this tree with tests/frozen/values.json.gz
    python -m tests.frozen.freeze record                   write that file anew: only when a number is meant to change
    python -m tests.frozen.freeze record --to FILE         ... or another file
    python -m tests.frozen.freeze check --against FILE

`inputs.py` makes the inputs. The commands run in this process through the console script's `main`, and every value of
every CSV, JSON and parquet file, of the JSON on standard output, the state of each test in the gate's JUnit file and
each exit code is a value. Rows are matched by the columns that name them (`NAMES`, those of them that the recorded file
has) and not by their order; rows of one name pair in the order of their values. Numbers agree to 1e-9 of their size;
below 1e-12 they are the rounding of zero.

New files, columns, keys and rows are allowed and counted. A value that is gone or differs is a failure. What is renamed
on purpose is written into `RENAMED`: recorded names on the left, today's on the right; what is gone on purpose into
`REMOVED`. Both are empty after a `record`, whose names are today's. Folders, versions of packages, hashes of written
files and the ids of estimates, which stand for their names, are left out of the comparison, and so are texts for
readers: the pages, their tables and the terminal.
"""

import argparse
import gzip
import io
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from math import isclose, isnan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch
from xml.etree import ElementTree

import pandas as pd
from matplotlib.figure import Figure

from tests.frozen.inputs import make_inputs

FROZEN = Path(__file__).with_name("values.json.gz")

RENAMED: dict[str, dict[str, str]] = {
    "files": {},
    "columns": {},
    "texts": {"the warmth check of warm is failed and passed": "the warmth check of warm failed and passed"},
}
"""What is called otherwise today than in the recorded values, old name to new one: `files` by `case/file`, `columns` of
tables, keys of JSON objects and whole paths, and `texts`, parts of any text value or row name, replaced in order."""

REMOVED: tuple[str, ...] = ()
"""Parts of the names of rows that are gone on purpose."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "grid": ("analyze", "IN/grid", "--out", "OUT", "--json"),
    "beliefs": ("analyze", "IN/beliefs", "--out", "OUT", "--paper", "--json"),
    "dose": ("analyze", "IN/dose", "--out", "OUT", "--epoch", "2", "--json"),
    "unnamed": ("analyze", "IN/unnamed", "--arms-file", "IN/arms.yaml", "--out", "OUT", "--paper", "--json"),
    "cells": ("analyze", "IN/cells.csv", "--out", "OUT", "--json"),
    "cells-paper": ("analyze", "IN/pooled.csv", "--out", "OUT", "--paper", "--json"),
    "compare": (
        "compare", "IN/gate/triviaqa-m1-original--1.eval", "IN/gate/triviaqa-m1-warm-0.eval", "--out", "OUT", "--json",
    ),
    "compare-foreign": (
        "compare", "IN/foreign/a.eval", "IN/foreign/b.eval", "--value-map", "GOOD=1", "--value-map", "BAD=0",
        "--cluster", "topic", "--out", "OUT", "--json",
    ),
    "compare-unclustered": ("compare", "IN/foreign/a.eval", "IN/foreign/b.eval", "--score", "match", "--json"),
    **{
        f"gate-{name}": ("gate", f"IN/{name}.yaml", "IN/gate", "--junit", "OUT/gate.xml", "--json")
        for name in ("allow", "reject", "inconclusive")
    },
    "gate-control": (
        "gate", "IN/allow.yaml", "IN/gate", "--json",
        "--control", "capability", "IN/gate/control-mmlu-original.eval", "IN/gate/control-mmlu-warm.eval",
    ),
    "power-rates": ("power", "--effect", "5", "--rate", "30", "--discordance", "20", "--seeds", "3", "--json"),
    "power-pilot": (
        "power", "IN/grid", "--effect", "5", "--belief", "incorrect", "--conditions", "3", "--arms", "2",
        "--reference", "neutral", "--seeds", "3", "--json",
    ),
    "power-pair": (
        "power", "--pair", "IN/foreign/a.eval", "IN/foreign/b.eval", "--score", "match", "--items", "500",
        "--seeds", "3", "--json",
    ),
    "export": ("export", "IN/grid", "--adapters", "IN/adapters", "--out", "OUT", "--json"),
    "warmth-file": ("warmth", "IN/replies.jsonl", "--meter", "style", "--out", "OUT", "--json"),
    "warmth-logs": ("warmth", "IN/replies", "--meter", "style", "--out", "OUT", "--json"),
    "warmth-plan": ("warmth", "IN/replies.jsonl", "--meter", "style", "--meter", "rating", "--dry-run", "--json"),
}  # fmt: skip
"""A command for each case; IN is the folder of the inputs, OUT one of the case's own."""

NAMES = (
    "analysis", "term", "outcome", "contrast", "claim", "metric", "meter", "margin", "cell", "control", "kind",
    "reason", "log_file", "file", "base_model", "model", "arm", "reference", "persona", "training_seed",
    "training_epochs", "benchmark", "task", "measure", "context", "belief", "polarity", "id", "sample_id",
    "question_id", "epoch", "source", "prompt", "log_id",
)  # fmt: skip
"""The columns and keys that name a row."""

_OF_ESTIMATES = ("analysis", "term", "outcome", "contrast")

_VOLATILE = ("warm_inspect_version", "inspect_version", "estimate_id", "estimate_ids")

Value = str | int | float | bool | None


@dataclass
class Table:
    """The values of one file: a row for each record, or a single one of `path: value` for JSON that is no list."""

    columns: dict[str, list[Value]]
    names: list[str] = field(default_factory=list)

    def rows(self, names: Sequence[str], columns: Iterable[str]) -> dict[str, int]:
        """The place of each row by its name; rows of one name are numbered in the order of their values.

        Args:
            names: the columns that name a row.
            columns: the columns whose values order rows of one name.
        """
        named: dict[str, list[int]] = {}
        for row in range(len(next(iter(self.columns.values()), []))):
            key = ", ".join(f"{name}={self.columns[name][row]}" for name in names if name in self.columns)
            named.setdefault(key, []).append(row)
        ordering = [self.columns[name] for name in columns if name in self.columns]
        rows_by_name: dict[str, int] = {}
        for key, rows in named.items():
            rows.sort(key=lambda row: [_rough(column[row]) for column in ordering])
            rows_by_name |= {f"{key} #{number}" if number > 1 else key: row for number, row in enumerate(rows, 1)}
        return rows_by_name

    def __len__(self) -> int:
        return sum(map(len, self.columns.values()))


@dataclass
class Comparison:
    """How today's values stand to the recorded ones."""

    compared: int = 0
    different: list[str] = field(default_factory=list)
    where: Counter[str] = field(default_factory=Counter)
    """How many values differ in each file and column."""
    missing: list[str] = field(default_factory=list)
    new: int = 0

    @property
    def equal(self) -> bool:
        return not (self.different or self.missing)

    def __str__(self) -> str:
        lines = [
            f"{self.compared:,} values compared, {len(self.different):,} different, {len(self.missing):,} files, "
            f"columns or rows missing, {self.new:,} values new"
        ]
        lines += [f"{count:,} in {place}" for place, count in self.where.most_common(20)]
        for title, messages in (("DIFFERENT", self.different), ("MISSING", self.missing)):
            lines += [f"{title} {line}" for line in messages[:20]]
            lines += [f"... and {len(messages) - 20:,} more"] if len(messages) > 20 else []
        return "\n".join(lines)


def measure() -> dict[str, Table]:
    """Every value of every case of this tree, by `case/file`; figures, which hold no value, are not drawn."""
    empty = patch.object(Figure, "savefig", lambda _, text, **settings: text.write("<svg/>"))
    with TemporaryDirectory() as scratch, empty:
        folder = Path(scratch).resolve()
        make_inputs(folder / "in")
        measured: dict[str, Table] = {}
        for case, arguments in COMMANDS.items():
            out = folder / "out" / case
            out.mkdir(parents=True)
            code, text = _run([each.replace("IN/", f"{folder}/in/").replace("OUT", str(out)) for each in arguments])
            tables = {path.relative_to(out).as_posix(): _read(path) for path in sorted(out.rglob("*.*"))}
            if "--json" in arguments:
                tables["stdout"] = _of_json(json.loads(text))
            tables["exit"] = Table({"code": [code]})
            for name, table in tables.items():
                if table is not None:
                    measured[f"{case}/{name}"] = _normalised(table, str(folder))
        return measured


def compare(frozen: Mapping[str, Table], today: Mapping[str, Table]) -> Comparison:
    """Every recorded value against today's of the same file, row and column."""
    result = Comparison()
    known = 0
    for file, recorded in frozen.items():
        old = _renamed(recorded)
        name = RENAMED["files"].get(file, file)
        new = today.get(name)
        if new is None:
            result.missing.append(f"{name}: the file")
            continue
        rows = new.rows(old.names, old.columns)
        places = [
            (key, row, rows.get(key))
            for key, row in old.rows(old.names, old.columns).items()
            if not any(part in key for part in REMOVED)
        ]
        result.missing += [f"{name}: row {key}" for key, _, place in places if place is None]
        for column, values in old.columns.items():
            if column not in new.columns:
                result.missing.append(f"{name}: column {column}")
                continue
            for key, row, place in places:
                if place is None:
                    continue
                known += 1
                was, now = values[row], new.columns[column][place]
                if not _same(was, now):
                    result.where[f"{name} {column}"] += 1
                    result.different.append(f"{name} [{key}] {column}: {was!r} was recorded, {now!r} found")
    result.compared = known
    result.new = sum(map(len, today.values())) - known
    return result


def write(tables: Mapping[str, Table], path: Path) -> None:
    """Record the values; equal values make equal bytes."""
    content = {file: {"names": table.names, "columns": table.columns} for file, table in tables.items()}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def read(path: Path) -> dict[str, Table]:
    content = json.loads(gzip.decompress(path.read_bytes()))
    return {file: Table(facts["columns"], facts["names"]) for file, facts in content.items()}


def _run(arguments: list[str]) -> tuple[int, str]:
    """The exit code and the standard output of a command."""
    from warm_inspect.cli.main import main

    out, err, code = io.StringIO(), io.StringIO(), 0
    with patch.object(sys, "argv", ["warm-inspect", *arguments]), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as exit:
            code = exit.code if isinstance(exit.code, int) else int(exit.code is not None)
    if code not in (0, 1, 3) or not (out.getvalue() or code == 0):
        raise RuntimeError(f"warm-inspect {' '.join(arguments)} gives {code}: {err.getvalue()[-2000:]}")
    return code, out.getvalue()


def _read(path: Path) -> Table | None:
    """The values of a file; None when it is for readers."""
    if path.suffix == ".csv":
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        return _table({str(name): [_number(text) for text in frame[name]] for name in frame})
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
        return _table({str(name): [_plain(value) for value in frame[name].tolist()] for name in frame})
    if path.suffix == ".json":
        return _of_json(json.loads(path.read_text(encoding="utf-8")))
    if path.suffix == ".xml":
        return _of_junit(ElementTree.parse(path).getroot())
    return None


def _of_json(content: Any) -> Table:
    if isinstance(content, list) and content and all(isinstance(record, dict) for record in content):
        names = list(dict.fromkeys(name for record in content for name in record))
        if not any(isinstance(value, dict | list) for record in content for value in record.values()):
            return _table({name: [record.get(name) for record in content] for name in names})
    return Table({path: [value] for path, value in _flat(content, "")})


def _flat(content: Any, path: str) -> Iterator[tuple[str, Value]]:
    """The values of a JSON document under the names of their keys and records; a text of a list names itself."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield from _flat(value, f"{path}/{name}")
    elif isinstance(content, list):
        seen: Counter[str] = Counter()
        for place, value in enumerate(content):
            name = str(place)
            if isinstance(value, dict):
                # The contrast says it all: the fields that it is made from name nothing more.
                names = _OF_ESTIMATES if "contrast" in value else NAMES
                name = ", ".join(
                    f"{key}={value[key]}" for key in names if isinstance(value.get(key), str | int | float)
                )
            elif isinstance(value, str):
                name = value
            seen[name] += 1
            yield from _flat(value, f"{path}[{name}]" + (f"#{seen[name]}" if seen[name] > 1 else ""))
    else:
        yield path, content


def _of_junit(suite: ElementTree.Element) -> Table:
    """What became of each test, without the messages, and the suite's counts."""
    counts: dict[str, list[Value]] = {name: [_number(suite.get(name, ""))] for name in ("tests", "failures", "errors")}
    for case in suite.iter("testcase"):
        state = next((child.tag for child in case if child.tag != "system-out"), "passed")
        counts[f"{case.get('classname')}.{case.get('name')}"] = [state]
    return Table(counts)


def _table(columns: dict[str, list[Value]]) -> Table:
    return Table(columns, [name for name in NAMES if name in columns])


def _number(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _plain(value: Any) -> Value:
    if value is None or isinstance(value, str | int | float | bool):
        return None if isinstance(value, float) and isnan(value) else value
    return str(value)


def _normalised(table: Table, folder: str) -> Table:
    """The table without what differs from run to run, or when a file gains a column."""
    columns: dict[str, list[Value]] = {}
    for name, values in table.columns.items():
        last = name.rpartition("/")[2]
        if last in _VOLATILE or name.startswith("/files/"):
            values = ["ANY"] * len(values)
        columns[name.replace(folder, "FOLDER")] = [
            value.replace(folder, "FOLDER") if isinstance(value, str) else value for value in values
        ]
    return Table(columns, table.names)


def _renamed(table: Table) -> Table:
    """A recorded table under today's names."""
    columns = {_column(name): [_text(value) for value in values] for name, values in table.columns.items()}
    return Table(columns, [_column(name) for name in table.names])


def _column(name: str) -> str:
    """Today's name of a column, or of a path, which is renamed whole, or else its keys of JSON objects one by one."""
    new = RENAMED["columns"]
    if name in new or not name.startswith("/"):
        return new.get(name, name)
    parts = (part.partition("[") for part in name.split("/"))
    return str(_text("/".join(new.get(key, key) + bracket + record for key, bracket, record in parts)))


def _text(value: Value) -> Value:
    if isinstance(value, str):
        for old, new in RENAMED["texts"].items():
            value = value.replace(old, new)
    return value


def _same(was: Value, now: Value) -> bool:
    if isinstance(was, bool) or isinstance(now, bool) or not (_is_number(was) and _is_number(now)):
        return was == now and isinstance(was, str) == isinstance(now, str)
    return isclose(float(was or 0), float(now or 0), rel_tol=1e-9, abs_tol=1e-12)


def _rough(value: Value) -> tuple[str, float]:
    """What a value sorts by, alike for numbers that differ by rounding."""
    return ("", float(f"{value:.6g}")) if isinstance(value, int | float) else (str(value), 0.0)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float)


def main() -> int:
    parser = argparse.ArgumentParser(description="Record the frozen numbers, or compare this tree with them.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("record").add_argument("--to", type=Path, default=FROZEN)
    commands.add_parser("check").add_argument("--against", type=Path, default=FROZEN)
    options = parser.parse_args()
    today = measure()
    if options.command == "record":
        write(today, options.to)
        print(f"{sum(map(len, today.values())):,} values of {len(today)} files in {options.to}")
        return 0
    result = compare(read(options.against), today)
    print(result)
    return 0 if result.equal else 1


if __name__ == "__main__":
    sys.exit(main())
