"""The `export` command: what can be shared of a study. No text of an item or a reply, no path.

It is ids, 0/1 outcomes, hashes and manifests. The columns are named here one by one, so that a new field of the logs is
never shared by accident.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from warm_inspect import __version__
from warm_inspect.analysis.logs import Collected
from warm_inspect.analysis.observations import Observations
from warm_inspect.core.csv_file import write_frame
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import staged
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import MANIFEST_NAME, AdapterManifest
from warm_inspect.core.vocabulary import OPTIONAL_SCORE_KEYS, SCORE_KEYS

SAMPLE_COLUMNS = (
    "sample_id", "epoch", "uuid", "log_id", "benchmark", "task_version", "dataset_revision", "question_id",
    "cluster_id", "form", "polarity", "context", "context_group", "statement_id", "belief", "persona", "lead_in",
    "gated", "prompt_sha256", "seed", "arm", "base_model", "base_sha256", "adapter_sha256", "training_seed",
    "training_epochs", "warmth_check", "dtype", *SCORE_KEYS, *OPTIONAL_SCORE_KEYS, "reply_chars", "reply_tokens",
    "grading", "stage", "grader", "grader_prompt_sha256", "abstained", "disagreement",
)  # fmt: skip
"""The columns of `outcomes.csv`, in order."""

LOG_COLUMNS = (
    "log_id", "benchmark", "created", "samples", "excluded_rows", "temperature", "max_tokens", "model_seed",
    "inspect_version",
)  # fmt: skip
"""What `export.json` says about each log."""

_SEPARATOR = r"[/\\]"
_NAMES = ("base_model", "grader")


def without_folders(name: str) -> str:
    """A model's name; of one that is a path on a machine only the last part."""
    return re.split(r"[/\\]", name.rstrip("/\\"))[-1] if _is_path(name) else name


def write_share(
    observations: Observations, collected: Collected, adapters: Sequence[Path], out: Path
) -> dict[str, Any]:
    """Write `outcomes.csv`, `exclusions.csv`, `export.json` and the adapters' manifests into a folder: all or nothing.

    Args:
        observations: the graded replies.
        collected: the logs they come from.
        adapters: adapter folders, or folders that hold some; their manifests are copied.
        out: where the files go; made if need be.

    Returns:
        What `export.json` holds.

    Raises:
        PrerequisiteError: a folder of adapters holds no manifest or a broken one, or the output cannot be written.
    """
    manifests = list(_manifests(adapters))
    frame = observations.frame
    shared = frame.assign(**{name: frame[name].astype(str).map(without_folders) for name in _NAMES})
    with staged(out) as scratch:
        whole = dict.fromkeys(SCORE_KEYS, "int") | dict.fromkeys(OPTIONAL_SCORE_KEYS, "Int64")
        write_frame(scratch / "outcomes.csv", shared[list(SAMPLE_COLUMNS)].astype(whole))
        write_frame(scratch / "exclusions.csv", _excluded(observations.exclusions))
        for manifest in manifests:
            name = f"manifest-{re.sub(_SEPARATOR, '_', manifest.arm)}-{manifest.adapter_sha256[:12]}.json"
            (scratch / name).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
        record = {
            "warm_inspect_version": __version__,
            "replies": len(frame),
            "logs": [{name: log.record[name] for name in LOG_COLUMNS} for log in collected.logs],
            "files": {file.name: sha256_file(file) for file in sorted(scratch.iterdir())},
        }
        (scratch / "export.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return record


def _is_path(name: str) -> bool:
    return bool(re.match(r"^(?:[^/\\]+/)?(?:/|~|\.{1,2}[/\\]|[A-Za-z]:[/\\])", name))


def _excluded(exclusions: pd.DataFrame) -> pd.DataFrame:
    """The counts, with reasons cut to their kind: what a foreign scorer adds to it may quote a reply."""
    kinds = exclusions.assign(reason=exclusions["reason"].map(lambda reason: reason.partition(":")[0]))
    by = [name for name in kinds.columns if name != "n"]
    return kinds.groupby(by, as_index=False)[["n"]].sum()


def _manifests(folders: Iterable[Path]) -> Iterable[AdapterManifest]:
    for folder in folders:
        paths = sorted(folder.rglob(MANIFEST_NAME))
        if not paths:
            raise PrerequisiteError(
                f"{folder} holds no {MANIFEST_NAME}. Give the folder that `warm-inspect train` wrote."
            )
        for path in paths:
            manifest = AdapterManifest.read(path.parent)
            if manifest is not None:
                yield manifest.model_copy(update={"base_model": without_folders(manifest.base_model)})
