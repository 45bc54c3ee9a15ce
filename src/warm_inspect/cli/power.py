"""`warm-inspect power`: how large a study must be, and what a study of given size can see."""

import json
from math import isnan
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape

from warm_inspect.cli.logs import arm_option, grading_option, parse_arms, show_progress
from warm_inspect.core.errors import missing_extra
from warm_inspect.core.vocabulary import ENDORSES_CLAIM
from warm_inspect.tables import print_table

if TYPE_CHECKING:
    from warm_inspect.analysis.power import Pilot, Spread
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
@click.option("--reference", default="neutral", show_default=True, help="The pilot's arm to compare it with.")
@click.option("--outcome", default=ENDORSES_CLAIM, show_default=True, help="The pilot's outcome.")
@click.option("--context", "contexts", multiple=True, help="Only this context of the pilot. Repeatable.")
@click.option("--belief", "beliefs", multiple=True, help="Only this belief of the pilot. Repeatable.")
@arm_option
@grading_option
@click.option("--pair", nargs=2, metavar="A B", help="As pilot, two logs of any Inspect task instead.")
@click.option("--score", default="", metavar="NAME", help="The score of --pair.")
@click.option("--items", type=_POSITIVE, default=100, show_default=True, help="Items (questions) of the study.")
@click.option(
    "--conditions", type=_POSITIVE, default=1, show_default=True, help="Prompts of each item in the contrast."
)
@click.option("--statements", type=_POSITIVE, default=5, show_default=True, help="Distinct statements in the contrast.")
@click.option("--seeds", type=_POSITIVE, default=3, show_default=True, help="Training seeds of each arm.")
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
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def power(pilot_logs: tuple[str, ...], pair: tuple[str, str] | None, as_json: bool, **options: Any) -> None:  # noqa: ANN401 - numbers and names
    """Plan a study: the items, statements and seeds that find an effect, and the smallest effect a design can see.

    The spread of the paired differences comes from PILOT logs of our tasks (files, folders, globs), from two logs of
    any task (--pair), or from assumed rates (--rate with --effect). Options given by hand win over the pilot.

    \b
      warm-inspect power --effect 5 --rate 30 --discordance 20
      warm-inspect power logs/pilot --effect 5 --belief incorrect --conditions 3
      warm-inspect power --pair before.eval after.eval --score match --items 500
    """  # noqa: D301 - click reads the backslash
    try:
        from warm_inspect.analysis.power import Design, plan_study
        from warm_inspect.report.power_report import plans_table
    except ModuleNotFoundError as error:
        raise missing_extra("warm-inspect power", "analysis", error) from None
    if sum(map(bool, (pilot_logs, pair, options["rate"] is not None))) != 1:
        raise click.UsageError("Give one of: PILOT logs, --pair A B, or --rate PERCENT.")
    pilot, spread = _spread(pilot_logs, pair, options)
    design = Design(options["items"], options["conditions"], options["statements"], options["seeds"], options["n_arms"])
    plans = plan_study(options["effect"], spread, design, options["alpha"], options["target"])
    record = {
        "effect": options["effect"],
        "alpha": options["alpha"],
        "target": options["target"],
        "design": vars(design) | {"replies": design.replies},
        "spread": vars(spread),
        "pilot": _pilot_record(pilot) if pilot else None,
        "claims": [{name: _known(value) for name, value in vars(plan).items()} for plan in plans],
    }
    if as_json:
        click.echo(json.dumps(record, indent=2))
    else:
        _print(Console(), record, pilot, plans_table(plans, options["effect"]))


def _pilot_record(pilot: "Pilot") -> dict[str, Any]:
    notes = [note.words for note in pilot.notes]
    return vars(pilot) | {"spread": vars(pilot.spread), "notes": notes}


def _spread(
    pilot_logs: tuple[str, ...], pair: tuple[str, str] | None, options: dict[str, Any]
) -> tuple["Pilot | None", "Spread"]:
    """The pilot, when there is one, and its spread or the assumed one, with what the user gave by hand."""
    from dataclasses import replace

    from warm_inspect.analysis.power import spread_from_rates

    effect = (options["effect"] or 0.0) / 100
    discordance = None if options["discordance"] is None else options["discordance"] / 100
    pilot = None
    if options["rate"] is not None:
        spread = spread_from_rates(options["rate"] / 100, effect, discordance)
    else:
        pilot = _pair_pilot(pair, options["score"]) if pair else _study_pilot(pilot_logs, options)
        spread = pilot.spread
        if discordance is not None:
            planned = pilot.effect if options["effect"] is None else effect
            given_pairs = spread_from_rates(pilot.reference_rate, planned, discordance)
            spread = replace(spread, pair_variance=given_pairs.pair_variance)
    given = {
        "item_icc": options["icc"],
        "statement_sd": None if options["statement_sd"] is None else options["statement_sd"] / 100,
        "seed_sd": None if options["seed_sd"] is None else options["seed_sd"] / 100,
    }
    return pilot, replace(spread, **{name: value for name, value in given.items() if value is not None})


def _pair_pilot(paths: tuple[str, str], score: str) -> "Pilot":
    from warm_inspect.analysis.compare import ValueMap, comparable_metrics, pair
    from warm_inspect.analysis.logs import read_samples
    from warm_inspect.analysis.power import pilot_of_pair
    from warm_inspect.core.errors import PrerequisiteError

    values = ValueMap()
    pairs = pair(read_samples(paths[0]), read_samples(paths[1]))
    names, _ = comparable_metrics(pairs, [score] if score else [], values)
    if len(names) > 1:
        raise PrerequisiteError(f"The logs hold several scores: {', '.join(names)}. Choose one with: --score NAME")
    return pilot_of_pair(pairs, names[0], values)


def _study_pilot(paths: tuple[str, ...], options: dict[str, Any]) -> "Pilot":
    from warm_inspect.analysis.logs import collect
    from warm_inspect.analysis.observations import observe
    from warm_inspect.analysis.power import pilot_of_study

    observations = observe(collect(paths, show_progress, options["grading"]), parse_arms(options["arms"]))
    return pilot_of_study(
        observations,
        options["treated"],
        options["reference"],
        options["outcome"],
        options["contexts"],
        options["beliefs"],
    )


def _known(value: Any) -> Any:  # noqa: ANN401 - a field of a plan
    return None if isinstance(value, float) and isnan(value) else value


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


def _number(value: float | None, decimals: int, scale: float = 1.0, unit: str = "") -> str:
    return "unknown" if value is None else f"{scale * value:.{decimals}f}{unit}"
