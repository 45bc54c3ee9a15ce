"""Writes `content/cascade/admitted.yaml`: how often each kind of grade of `match` is right on held-out labels.

    python -m bench.grading.cascade            writes the file and prints what is kept
    python -m bench.grading.cascade --check    only says whether it is up to date

The rule in the file stays as it is: it is written by hand, with the numbers of its day in sight.
"""

from pathlib import Path

import click
import yaml

import warm_inspect
from warm_inspect.grading.cascade import Cascade, cascade, measured_kinds
from warm_inspect.grading.labels import held_out_labels

FILE = Path(warm_inspect.__file__).parent / "content" / "cascade" / "admitted.yaml"


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when the file is out of date.")
@click.pass_context
def main(context: click.Context, check: bool) -> None:
    """Count and write."""
    rule = cascade().rule
    now = Cascade(rule=rule, measured=tuple(measured_kinds(held_out_labels(), rule.confidence)))
    for each in now.measured:
        kept = "kept" if (each.benchmark, each.form, each.grade) in now.admitted else ""
        shown = f"{each.right}/{each.replies} right, {each.questions} questions, lower end {each.lower:.3f}"
        click.echo(f"{each.benchmark:10} {each.form:6} {each.grade:9} {shown} {kept}")
    if check:
        context.exit(int(now != cascade()))
    head = "".join(f"{line}\n" for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
    facts = (each.model_dump(mode="json") for each in now.measured)
    rows = "".join(f"- {yaml.safe_dump(row, default_flow_style=True, width=999, sort_keys=False)}" for row in facts)
    asked = yaml.safe_dump(rule.model_dump(), default_flow_style=True, sort_keys=False)
    FILE.write_text(f"{head}rule: {asked}measured:\n{rows}", "utf-8")


if __name__ == "__main__":
    main()
