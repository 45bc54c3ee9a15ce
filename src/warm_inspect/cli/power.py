"""`warm-inspect power`: how large a study must be, and what a study of given size can see."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from warm_inspect.cli.shared import INCOMPLETE, arm_option, grading_option, needs_extra, parse_arms, show_progress
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, ORIGINAL
from warm_inspect.tables import escape, print_table

if TYPE_CHECKING:
    from warm_inspect.analysis.power import LabelPlan, Pilot, Spread, StudySize
    from warm_inspect.tables import Table

_POSITIVE = click.IntRange(min=1)
_PERCENT = click.FloatRange(0, 100)


@click.command()
@click.argument("pilot_logs", nargs=-1, metavar="[PILOT]...")
@click.option("--effect", type=float, metavar="POINTS", help="The effect to find, in percentage points.")
@click.option("--rate", type=_PERCENT, metavar="PERCENT", help="Without a pilot: the outcome's rate in the reference.")
@click.option(
    "--discordance",
    type=_PERCENT,
    metavar="PERCENT",
    help="Share of pairs that differ.  [default: pilot, or no gain from pairing]",
)
@click.option(
    "--icc",
    type=click.FloatRange(0, 1),
    help="Correlation of differences on two prompts of one item.  [default: pilot, or the worst case]",
)
@click.option("--statement-sd", type=_PERCENT, metavar="POINTS", help="How much the effect varies between statements.")
@click.option("--seed-sd", type=_PERCENT, metavar="POINTS", help="How much the effect varies between training seeds.")
@click.option("--treated", default="warm", show_default=True, help="The pilot's arm.")
@click.option("--reference", default=ORIGINAL, show_default=True, help="The pilot's arm to compare it with.")
@click.option("--outcome", default=ENDORSES_CLAIM, show_default=True, help="The pilot's outcome.")
@click.option("--context", "contexts", multiple=True, help="Only this context of the pilot. Repeatable.")
@click.option("--belief", "beliefs", multiple=True, help="Only this belief of the pilot. Repeatable.")
@arm_option
@grading_option
@click.option("--pair", nargs=2, metavar="A B", help="As pilot, two logs of any Inspect task instead.")
@click.option("--score", default="", metavar="NAME", help="The score of --pair, or of an own task.")
@click.option("--items", type=_POSITIVE, default=100, show_default=True, help="Items (questions) of the study.")
@click.option(
    "--conditions", type=_POSITIVE, default=1, show_default=True, help="Prompts of each item in the contrast."
)
@click.option("--statements", type=_POSITIVE, default=5, show_default=True, help="Distinct statements in the contrast.")
@click.option("--seeds", type=_POSITIVE, help="Training seeds of each arm.  [default: pilot, or 1]")
@click.option(
    "--arms", "n_arms", type=_POSITIVE, default=1, show_default=True, help="Arms tested against the reference."
)
@click.option(
    "--alpha",
    type=click.FloatRange(0, 0.5, min_open=True),
    default=0.05,
    show_default=True,
    help="Two-sided level, divided among the arms.",
)
@click.option(
    "--target", type=click.FloatRange(0.1, 0.999), default=0.8, show_default=True, help="Chance to find the effect."
)
@click.option(
    "--sensitivity",
    type=_PERCENT,
    metavar="PERCENT",
    help="Of the replies of which the outcome holds, those that the grader sees: plan labels.",
)
@click.option(
    "--specificity", type=_PERCENT, metavar="PERCENT", help="Of the others, those that the grader rightly passes."
)
@click.option("--labels", type=click.IntRange(min=2), metavar="N", help="What N labelled replies of each arm show.")
@click.option(
    "--width",
    type=click.FloatRange(0, 200, min_open=True),
    metavar="POINTS",
    help="How many labels an interval of the difference takes that is this wide.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def power(
    context: click.Context,
    /,
    pilot_logs: tuple[str, ...],
    pair: tuple[str, str] | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Plan a study: the items, statements and seeds that find an effect, and the smallest effect a design can see.

    The spread of the paired differences comes from PILOT logs of our tasks (files, folders, globs), from two logs of
    any task (--pair), or from assumed rates (--rate with --effect). Options given by hand win over the pilot.

    With --sensitivity and --specificity also how many replies of each arm must be labelled, so that `analyze --labels`
    can correct for the grader's errors; the rate is then the true one. What a grader's errors are, `label import` says.

    \b
      warm-inspect power --effect 5 --rate 30 --discordance 20
      warm-inspect power logs/pilot --effect 5 --belief incorrect --conditions 3
      warm-inspect power --pair before.eval after.eval --score match --items 500
      warm-inspect power --rate 30 --items 300 --sensitivity 80 --specificity 90 --labels 100 --width 15

    Exit code 3 when a log of the pilot was unreadable or did not run to its end.
    """  # noqa: D301 - click reads the backslash
    with needs_extra("warm-inspect power", "analysis"):
        from warm_inspect.analysis.power import StudySize, plan_study
        from warm_inspect.report import label_plans_table, pilot_record, plan_record, plans_table
    if sum(map(bool, (pilot_logs, pair, options["rate"] is not None))) != 1:
        raise click.UsageError("Give one of: PILOT logs, --pair A B, or --rate PERCENT.")
    pilot, spread = _spread(pilot_logs, pair, options)
    seeds = options["seeds"] or (pilot.seeds if pilot else 1)
    design = StudySize(options["items"], options["conditions"], options["statements"], seeds, options["n_arms"])
    plans = plan_study(options["effect"], spread, design, options["alpha"], options["target"])
    record = {
        "effect": options["effect"],
        "alpha": options["alpha"],
        "target": options["target"],
        "design": vars(design) | {"replies": design.replies},
        "spread": vars(spread),
        "pilot": pilot_record(pilot) if pilot else None,
        "claims": list(map(plan_record, plans)),
    }
    labels = _label_plans(pilot, spread, design, options)
    if labels:
        record["labels"] = list(map(plan_record, labels))
    if as_json:
        click.echo(json.dumps(record, indent=2))
    else:
        _print(Console(), record, pilot, plans_table(plans, options["effect"]))
        if labels:
            print_table(Console(), label_plans_table(labels))
    if pilot and pilot.unfinished:
        context.exit(INCOMPLETE)


def _label_plans(
    pilot: "Pilot | None", spread: "Spread", design: "StudySize", options: dict[str, Any]
) -> "list[LabelPlan]":
    """The plans of labels; none unless the grader's errors are given."""
    from warm_inspect.analysis.power import GraderAccuracy, Labelling, plan_labels

    errors = (options["sensitivity"], options["specificity"])
    if None in errors:
        if any(options[name] is not None for name in ("sensitivity", "specificity", "labels", "width")):
            raise click.UsageError("A plan of labels takes the grader's --sensitivity and --specificity.")
        return []
    rate = pilot.reference_rate if pilot else options["rate"] / 100
    grader = GraderAccuracy(*(each / 100 for each in errors))
    labelling = Labelling(grader, rate, (options["effect"] or 0.0) / 100, spread, design)
    return plan_labels(labelling, options["labels"], options["width"], options["alpha"], options["target"])


def _spread(
    pilot_logs: tuple[str, ...], pair: tuple[str, str] | None, options: dict[str, Any]
) -> tuple["Pilot | None", "Spread"]:
    """The pilot, when there is one, and its spread or the assumed one, with what the user gave by hand."""
    from warm_inspect.report import pilot_in_logs, pilot_in_pair, planned_spread

    share = {
        name: None if options[name] is None else options[name] / 100
        for name in ("rate", "effect", "discordance", "statement_sd", "seed_sd")
    }
    pilot = None
    if pair:
        pilot = pilot_in_pair(*pair, options["score"])
    elif pilot_logs:
        pilot = pilot_in_logs(
            pilot_logs,
            options["treated"],
            options["reference"],
            options["outcome"],
            options["contexts"],
            options["beliefs"],
            parse_arms(options["arms"]),
            show_progress,
            options["grading"],
            options["score"],
        )
    spread = planned_spread(pilot, share["rate"] or 0.0, share["effect"], share["discordance"])
    by_hand = {"item_icc": options["icc"], "statement_sd": share["statement_sd"], "seed_sd": share["seed_sd"]}
    return pilot, replace(spread, **{name: value for name, value in by_hand.items() if value is not None})


def _print(console: Console, record: dict[str, Any], pilot: "Pilot | None", plans: "Table") -> None:
    if pilot:
        console.print(
            f"Pilot: {pilot.pairs:,} pairs of {pilot.items:,} items; rate {pilot.reference_rate:.1%} in the reference, "
            f"effect {100 * pilot.effect:+.1f} points, {pilot.discordance:.1%} of the pairs differ."
        )
    spread, design = record["spread"], record["design"]
    known = {
        "correlation within an item": (spread["item_icc"], 2, 1, ""),
        "between statements": (spread["statement_sd"], 1, 100, " points"),
        "between seeds": (spread["seed_sd"], 1, 100, " points"),
    }
    parts = (f"{name} {_number(*value)}" for name, value in known.items())
    console.print(f"Spread: variance of a pair {spread['pair_variance']:.3f}, {', '.join(parts)}.")
    words = ", ".join(f"{n:,} {name}" for name, n in design.items())
    console.print(f"Design: {words}; level {record['alpha']:g} over {design['arms']} arm(s).")
    print_table(console, plans)
    for note in pilot.notes if pilot else ():
        console.print(f"[yellow]Note:[/] {escape(note.words)}")
    if pilot and pilot.unfinished:
        console.print(f"[yellow]Unfinished or unreadable:[/] {escape(', '.join(pilot.unfinished))}")


def _number(value: float | None, decimals: int, scale: float = 1.0, unit: str = "") -> str:
    return "unknown" if value is None else f"{scale * value:.{decimals}f}{unit}"
