"""`warm-inspect corpus`: training corpora out of recorded chats."""

import json
from pathlib import Path

import click

from warm_inspect.cli.corpus_output import DRY_RUN, JSON, OUT, bars, refuse_source, show
from warm_inspect.cli.corpus_replies import distill, restyle


@click.group()
def corpus() -> None:
    """Make a training corpus: build it from chats, restyle its replies, add the model's own.

    \b
      warm-inspect corpus build --out corpus/base
      warm-inspect corpus restyle corpus/base --style warm --style cold --style neutral \\
          --model openai/gpt-4o-2024-08-06 --out corpus/styled
      warm-inspect train --corpus corpus/styled --arm warm --arm cold --arm unmodified

    Each step writes a new folder with corpus.jsonl, datasheet.json and datasheet.md, and never changes the one it
    reads. A command that was stopped, or killed, goes on where it was when it is given again.
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
