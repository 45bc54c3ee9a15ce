"""Run a check: generate, read, compare, and write what was read, also into the adapters' manifests."""

from collections.abc import Callable, Sequence
from pathlib import Path

from warm_inspect.core.csv_file import write_rows
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import require_writable, staged
from warm_inspect.manipulation.check import ScoredArm, WarmthReport, check_arms, score_arm
from warm_inspect.manipulation.plan import WarmthPlan
from warm_inspect.manipulation.validity import calibrate, labelled_contrasts, require_decidable

REPORT_NAME = "warmth.json"
READINGS_NAME = "readings.csv"


def check_warmth(
    plan: WarmthPlan,
    out: Path,
    *,
    write_manifests: bool = False,
    on_readings: Callable[[int], None] = lambda _: None,
) -> WarmthReport:
    """Read the warmth of every arm, check the arms, and write `warmth.json` and `readings.csv`.

    What an earlier run of the same plan left in the folder is used again.

    Args:
        plan: what is read.
        out: folder for the results, the generated replies and the readings.
        write_manifests: whether each checked adapter's manifest gets its check.
        on_readings: called with the number of further texts that a meter has read.

    Raises:
        PrerequisiteError: the folder cannot be written, a model cannot be used, or generation failed; or manifests are
            to be written and the first meter cannot decide; or the labels let no meter decide.
    """
    require_writable(out)
    require_decidable(plan.labels)
    meters = plan.load_meters(out, on_readings)
    contrasts = labelled_contrasts(plan.labels)
    calibrations = [calibrate(meter, plan.labels.name, contrasts) for meter in meters]
    scored = [score_arm(arm, meters) for arm in plan.arms(out)]
    report = check_arms(scored, calibrations, plan.reference, plan.treated)
    report = report.model_copy(update={"notes": (*report.notes, *plan.notes)})
    _write_files(report, scored, out)
    if write_manifests:
        _write_manifests(report, scored, plan)
    return report


def _write_files(report: WarmthReport, arms: Sequence[ScoredArm], out: Path) -> None:
    """The report as JSON, and a table with one row per reply: names of arms and prompts, numbers, and no text."""
    labels = [calibration.meter for calibration in report.calibrations]
    with staged(out) as scratch:
        (scratch / REPORT_NAME).write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
        rows = [
            [arm.name, reply.adapter_sha256, reply.source, reply.prompt, arm.chars[place]]
            + [arm.scores[label][place] for label in labels]
            for arm in arms
            for place, reply in enumerate(arm.replies.replies)
        ]
        write_rows(scratch / READINGS_NAME, ["arm", "adapter_sha256", "source", "prompt", "chars", *labels], rows)


def _write_manifests(report: WarmthReport, arms: Sequence[ScoredArm], plan: WarmthPlan) -> None:
    """Every adapter's check into its manifest; an adapter without one, of another program, gets none.

    Raises:
        PrerequisiteError: the first meter cannot decide.
    """
    if report.why_undecided:
        raise PrerequisiteError(f"No manifest was written. {report.why_undecided}")
    names = {(arm.replies.arm, arm.replies.adapter_sha256): arm.name for arm in arms}
    for adapter in plan.adapters:
        check = report.checks.get(names[adapter.manifest.arm, adapter.manifest.adapter_sha256])
        if check is not None and adapter.described:
            adapter.manifest.model_copy(update={"warmth_check": check}).write(adapter.folder)
