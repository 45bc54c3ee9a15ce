"""`warm-inspect grader`: what is known of a grader, and whether it can be trusted."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warm_inspect.cli.shared import INCONCLUSIVE, needs_extra, options
from warm_inspect.core.vocabulary import Grading

if TYPE_CHECKING:
    from warm_inspect.grading.style import StyleDifference


_run_options = options(
    click.option("--log-dir", type=click.Path(path_type=Path), default=Path("logs/grader"), show_default=True),
    click.option("--max-connections", type=click.IntRange(1), help="Calls in flight."),
    click.option("--dry-run", is_flag=True, help="Show what would be asked, and ask nothing."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text."),
)


@click.group()
def grader() -> None:
    """Try a grader before its verdicts count."""


@grader.command()
@click.option("--model", "models", multiple=True, required=True, help="Inspect model; given several times, a panel.")
@_run_options
@click.pass_context
def attack(
    context: click.Context,
    models: tuple[str, ...],
    log_dir: Path,
    max_connections: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Put replies to a grader that try to talk it into a verdict, and count those that succeed.

    Every one of them is wrong. An attack succeeds when the grader calls it right, or a correction of the wrong claim.
    The upper bound is that of the 95 % Clopper-Pearson interval: no success in 68 attacks still allows 5.3 %.

    \b
      warm-inspect grader attack --model openai/gpt-6-luna --dry-run
      warm-inspect grader attack --model openai/gpt-6-luna
      warm-inspect grader attack --model peft/smollm2-135m --json

    Exit code 1 when an attack succeeds, 3 when none could be graded.
    """  # noqa: D301 - click reads the backslash
    with needs_extra("grader attack", "analysis"):
        import statsmodels  # noqa: F401 - for the interval, looked for before anything is paid
    from warm_inspect.grading.model import attack_set
    from warm_inspect.study import attack_grader

    _note_retirements(models)
    calls = len(attack_set()) * len(models)
    if dry_run:
        _show_calls({"attacks": len(attack_set()), "graders": list(models)}, calls, as_json)
        return
    attacked = attack_grader(models, log_dir, max_connections)
    if as_json:
        record = {
            "graders": list(models),
            "forged": len(attacked.forged),
            "graded": attacked.graded,
            "upper_95": attacked.upper,
            "forged_attacks": list(attacked.forged),
            "unscored": dict(attacked.unscored),
        }
        click.echo(json.dumps(record, indent=2))
    else:
        click.echo(f"{', '.join(models)}: {len(attacked.forged)} of {attacked.graded} graded attacks forged a verdict.")
        click.echo(f"At most {attacked.upper:.1%} of such attacks would, with 95 % confidence.")
        for name in attacked.forged:
            click.echo(f"  forged: {name}")
        for reason, count in attacked.unscored.items():
            click.echo(f"  without a verdict: {count} ({reason})")
        click.echo(f"The log is in {log_dir}.")
    context.exit(1 if attacked.forged else 0 if attacked.graded else INCONCLUSIVE)


@grader.command()
@click.option(
    "--grading", type=click.Choice([Grading.MATCH.value, Grading.MODEL.value]), required=True, help="What grades."
)
@click.option("--model", "models", multiple=True, help="Inspect model for `model`; given several times, a panel.")
@_run_options
@click.pass_context
def style(
    context: click.Context,
    grading: str,
    models: tuple[str, ...],
    log_dir: Path,
    max_connections: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Grade the same content terse, warm, cold and long, and measure what the style does to the grade.

    Right and wrong replies to bundled items, each in four styles. A flip is a grade that differs between two styles of
    one reply. The differences of rates are in percentage points, with 95 % intervals clustered by item: what a grader
    adds to an effect of warmth out of nothing.

    \b
      warm-inspect grader style --grading match
      warm-inspect grader style --grading model --model openai/gpt-6-luna --dry-run
      warm-inspect grader style --grading model --model openai/gpt-6-luna --json

    Exit code 3 when nothing could be graded.
    """  # noqa: D301 - click reads the backslash
    if (grading == Grading.MODEL) != bool(models):
        way_out = "give --model PROVIDER/MODEL" if grading == Grading.MODEL else "leave --model out, or --grading model"
        raise click.UsageError(f"--grading {grading} with --model {', '.join(models) or 'left out'}: {way_out}.")
    with needs_extra("grader style", "analysis"):
        import scipy  # noqa: F401 - for the intervals, looked for before anything is paid
    from warm_inspect.grading.style import styled_replies
    from warm_inspect.study import measure_style

    _note_retirements(models)
    replies = len(styled_replies())
    calls = replies * len(models)
    if dry_run:
        _show_calls({"replies": replies, "graders": list(models)}, calls, as_json)
        return
    measured = measure_style(Grading(grading), models, log_dir, max_connections)
    if as_json:
        record = {
            "grading": grading,
            "graders": list(models),
            "replies": replies,
            "graded": measured.graded,
            "bias": asdict(measured.bias) if measured.bias else None,
            "pairs": [asdict(pair) for pair in measured.pairs()],
            "differences": [asdict(difference) for difference in measured.differences()],
        }
        click.echo(json.dumps(record, indent=2))
    else:
        click.echo(f"{measured.graded} of {replies} replies graded by {', '.join(models) or grading}.")
        for pair in measured.pairs():
            click.echo(
                f"  {pair.first} and {pair.second}: {pair.flips} of {pair.compared} grades flip, "
                f"{pair.endorsement_flips} of endorses_claim"
            )
        for difference in measured.differences():
            click.echo(f"  {_in_points(difference)}")
        if measured.bias:
            click.echo(f"Largest bias of warm or long replies: {_in_points(measured.bias)}")
        click.echo(f"The log is in {log_dir}.")
    context.exit(0 if measured.graded else INCONCLUSIVE)


@grader.command()
@click.option("--model", "models", multiple=True, required=True, help="Inspect model; given several times, a panel.")
@_run_options
@click.pass_context
def preference(
    context: click.Context,
    models: tuple[str, ...],
    log_dir: Path,
    max_connections: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Ask a grader which of two replies is better, a wrong one or a right one, and see whether it goes by warmth.

    It is told no right answer, as where it judges the comments of warm_inspect/feedback or labels replies to train on.
    Each pair is asked in both orders; a choice that changes with the order counts for neither reply. The wrong reply is
    warm and the right one cold, both are terse, or the wrong one is cold and the right one warm. The first line is the
    share of pairs on which a warm wrong reply beats a cold right one, with its 95 % Clopper-Pearson interval; the
    difference of the first and the last is what warmth does, paired by question.

    A grader that knows the answers prefers few wrong replies in any clothing. One that does not know them may prefer
    many; then the difference alone tells of warmth.

    \b
      warm-inspect grader preference --model openai/gpt-6-luna --dry-run
      warm-inspect grader preference --model openai/gpt-6-luna
      warm-inspect grader preference --model peft/smollm2-135m --json

    Exit code 3 when nothing could be judged.
    """  # noqa: D301 - click reads the backslash
    with needs_extra("grader preference", "analysis"):
        import statsmodels  # noqa: F401 - for the intervals, looked for before anything is paid
    from warm_inspect.grading.preference import preference_pairs
    from warm_inspect.study import measure_preference

    _note_retirements(models)
    pairs = len(list(preference_pairs()))
    if dry_run:
        _show_calls({"pairs": pairs, "graders": list(models)}, 2 * pairs * len(models), as_json)
        return
    measured = measure_preference(models, log_dir, max_connections)
    difference = measured.difference()
    if as_json:
        record = {
            "graders": list(models),
            "pairs": pairs,
            "judged": measured.judged,
            "rates": [asdict(rate) for rate in measured.rates()],
            "difference": asdict(difference) if difference else None,
        }
        click.echo(json.dumps(record, indent=2))
    else:
        click.echo(f"{measured.judged} of {pairs} pairs judged in both orders by {', '.join(models)}.")
        for rate in measured.rates():
            click.echo(
                f"  {rate.wrong_style} wrong beats {rate.right_style} right: {rate.wrong} of {rate.pairs}, "
                f"{rate.share:.1%} [{rate.low:.1%}, {rate.high:.1%}]; right beats wrong: {rate.right}; changed with "
                f"the order: {rate.by_the_order}"
            )
        if difference:
            click.echo(
                f"Warm wrong against cold right - cold wrong against warm right: {difference.points:+.1f} points "
                f"[{difference.low:+.1f}, {difference.high:+.1f}], {difference.questions} questions"
            )
        click.echo(f"The log is in {log_dir}.")
    context.exit(0 if measured.judged else INCONCLUSIVE)


def _note_retirements(models: tuple[str, ...]) -> None:
    from warm_inspect.grading.model import grader_facts

    for model in models:
        if notice := grader_facts(model).retirement(model, date.today()):
            click.echo(f"Note: {notice}", err=True)


def _show_calls(asked: dict[str, Any], calls: int, as_json: bool) -> None:
    """Print what a run would ask, without asking: an unreadable verdict is asked for once more."""
    facts = {**asked, "calls": calls, "calls_at_most": 2 * calls}
    click.echo(json.dumps(facts, indent=2) if as_json else f"{calls} calls, at most {2 * calls}.")


def _in_points(difference: "StyleDifference") -> str:
    content = f"{difference.content} content" if difference.content else "all content"
    return (
        f"{difference.first} - {difference.second} on {content}, {difference.outcome}: {difference.points:+.1f} points "
        f"[{difference.low:+.1f}, {difference.high:+.1f}], {difference.items} items"
    )
