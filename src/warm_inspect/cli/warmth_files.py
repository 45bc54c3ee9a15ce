"""What `warm-inspect warmth` writes."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import staged
from warm_inspect.manipulation.adapters import TrainedAdapter
from warm_inspect.manipulation.arms import ArmReplies, WarmthReport
from warm_inspect.manipulation.check import ArmScores

REPORT_NAME = "warmth.json"
READINGS_NAME = "readings.csv"


def write_report(out: Path, report: WarmthReport, arms: Sequence[ArmReplies], scores: Mapping[str, ArmScores]) -> None:
    """The report as JSON, and a table with one row per reply: names of arms and prompts, numbers, and no text."""
    labels = [calibration.meter for calibration in report.calibrations]
    with staged(out) as scratch:
        (scratch / REPORT_NAME).write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
        with (scratch / READINGS_NAME).open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(["arm", "adapter_sha256", "source", "prompt", "chars", *labels])
            for arm in arms:
                read = scores[arm.name]
                for place, reply in enumerate(arm.replies):
                    numbers = [read.scores[label][place] for label in labels]
                    table.writerow(
                        [arm.name, arm.adapter_sha256, reply.source, reply.prompt, read.chars[place], *numbers]
                    )


def write_manifests(report: WarmthReport, arms: Sequence[ArmReplies], adapters: Sequence[TrainedAdapter]) -> None:
    """Every adapter's check into its manifest.

    Raises:
        PrerequisiteError: the first meter may not gate.
    """
    if report.refusal:
        raise PrerequisiteError(f"No manifest was written. {report.refusal}")
    names = {(arm.arm, arm.adapter_sha256): arm.name for arm in arms}
    for adapter in adapters:
        check = report.checks.get(names[adapter.manifest.arm, adapter.manifest.adapter_sha256])
        if check is not None:
            adapter.manifest.model_copy(update={"warmth_check": check}).write(adapter.folder)
