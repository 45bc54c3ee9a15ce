"""`warm-inspect corpus`: training corpora out of recorded chats, and what their arms differ in."""

import json
from dataclasses import asdict
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from warm_inspect.cli.corpus_output import DRY_RUN, JSON, OUT, bars, refuse_source, show
from warm_inspect.cli.corpus_replies import distill, restyle
from warm_inspect.cli.shared import needs_extra
from warm_inspect.tables import UNKNOWN, Column, ColumnKind, Table, print_table, tabulate, whole

if TYPE_CHECKING:
    from warm_inspect.training.corpus import FeatureDifference


@click.group()
def corpus() -> None:
    """Make a training corpus: build it from chats, restyle its replies, add the model's own.

    \b
      warm-inspect corpus build --out corpus/base
      warm-inspect corpus restyle corpus/base --style warm --style cold --style neutral \\
          --model openai/gpt-4o-2024-08-06 --out corpus/styled
      warm-inspect train --corpus corpus/styled --arm warm --arm cold --arm unmodified

    `features` counts what the replies of its arms differ in. Each other step writes a new folder with corpus.jsonl,
    datasheet.json and datasheet.md, and never changes the one it reads. A command that was stopped, or killed, goes on
    where it was when it is given again.
    """  # noqa: D301 - click reads the backslash


corpus.add_command(restyle)
corpus.add_command(distill)


@corpus.command()
@click.argument("source", default="sharegpt")
@OUT
@click.option("--train", default=1_617, show_default=True, help="Conversations to train on.")
@click.option("--held-out", default=1_500, show_default=True, help="Prompts that no adapter sees.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the draw.")
@click.option("--allow-short", is_flag=True, help="Take what there is where a query type runs short.")
@click.option(
    "--nsfw-model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with unitary/toxic-bert as safetensors. [default: the pinned one from the Hub]",
)
@DRY_RUN
@JSON
def build(
    source: str,
    out: Path,
    train: int,
    held_out: int,
    seed: int,
    allow_short: bool,
    nsfw_model: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Draw conversations from SOURCE: the pinned ShareGPT file, or a JSON or JSONL file of chats.

    Chats are cleaned, cut to 20 turns, compared with every item of benchmarks and controls, sorted into six query
    types and drawn equally from them; Detoxify's classifier leaves out what is NSFW. The replies become the arm
    `unmodified`.

    \b
    The study's corpus:   warm-inspect corpus build --out corpus/base
    Your own chats:       warm-inspect corpus build chats.jsonl --train 600 --held-out 120 --out corpus/mine
    What is in a file:    warm-inspect corpus build chats.jsonl --out corpus/mine --dry-run

    \b
    A record of a file:   {"id": "a", "conversations": [{"from": "human", "value": "..."}, {"from": "gpt", ...}]}
                     or   {"id": "a", "messages": [{"role": "user", "content": "..."}, ...]}
    """  # noqa: D301 - click reads the backslash
    from warm_inspect.models import share_cpus

    share_cpus()
    from warm_inspect.training.corpus import BuildSettings, ToxicBert, build_corpus, open_source, survey

    refuse_source(source, out)
    settings = BuildSettings(train, held_out, seed, allow_short)
    opened = open_source(source)
    with bars() as shown:
        if dry_run:
            scanned, benchmarks = survey(opened, settings, shown.stage)
            facts = scanned.facts(settings.wanted) | {"not_compared_with": benchmarks.unavailable}
        else:
            sheet = build_corpus(opened, settings, ToxicBert.open(nsfw_model), out, shown.stage)
    if dry_run:
        click.echo(json.dumps(facts, indent=2))
    else:
        show(sheet, out, as_json)


@corpus.command()
@click.argument("source")
@click.option("--reference", help="The arm that others are compared with. [default: neutral, else unmodified]")
@JSON
def features(source: str, reference: str | None, as_json: bool) -> None:
    """Count what the replies of the arms of SOURCE differ in besides warmth.

    SOURCE is a corpus of the package, a folder that `corpus` wrote, or its JSONL file. An adapter learns everything in
    which its replies differ: one that is to be warm may learn to agree, to apologise or to hedge. Counted are words,
    exclamation marks, and phrases that say that the user is right (matched belief), oblige or praise (agreeableness),
    apologise and hedge, outside code. Numbers are per reply; the intervals have conversations as their units. Phrases
    are a proxy: they are counted, not understood.

    \b
      warm-inspect corpus features demo
      warm-inspect corpus features corpus/styled --reference unmodified --json
    """  # noqa: D301 - click reads the backslash
    with needs_extra("corpus features", "analysis"):
        import scipy  # noqa: F401 - for the intervals
    from warm_inspect.training import load_corpus
    from warm_inspect.training.corpus import compare_features

    differences = compare_features(load_corpus(source), reference)
    if as_json:
        records = [
            {name: None if isinstance(value, float) and isnan(value) else value for name, value in asdict(each).items()}
            for each in differences
        ]
        click.echo(json.dumps(records, indent=2))
    else:
        print_table(Console(), _feature_table(differences))


def _feature_table(differences: "list[FeatureDifference]") -> Table:
    columns: tuple[Column[FeatureDifference], ...] = (
        Column("arms", lambda each: f"{each.arm} − {each.reference}", ColumnKind.WORDS),
        Column("feature", lambda each: each.feature.replace("_", " "), ColumnKind.WORDS),
        Column("arm", lambda each: f"{each.mean:.2f}"),
        Column("reference", lambda each: f"{each.reference_mean:.2f}"),
        Column("difference", lambda each: f"{each.difference:+.2f}"),
        Column("95% interval", lambda each: UNKNOWN if isnan(each.low) else f"{each.low:+.2f} to {each.high:+.2f}"),
        Column("conversations", lambda each: whole(each.conversations)),
    )
    return tabulate(
        "features",
        "Features per reply",
        "Over the conversations to train on. No interval where all conversations differ by the same number.",
        columns,
        differences,
        grouped=True,
        source="",
    )
