"""One log as columns: the sample summaries straight from the archive, no sample is opened.

A log is ours when its samples carry our metadata. The task name says nothing: it depends on how the task was run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan, nan
from types import NoneType
from typing import Any, NamedTuple
from zipfile import BadZipFile, ZipFile

import pandas as pd
from inspect_ai.log import EvalLog, read_eval_log, read_eval_log_sample_summaries
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import from_json

from warm_inspect.analysis.logs.control_logs import control_benchmark
from warm_inspect.analysis.logs.find import file_name
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.metadata import SCHEMA_VERSION, SampleMetadata
from warm_inspect.core.vocabulary import CORRECTNESS, OPTIONAL_SCORE_KEYS, SCORE_KEYS, Grade

TEXT = "claim"
"""The one field of the metadata that holds words of an item. They may be gated, so they stay in the log."""

_OURS = {"schema_version", "benchmark", "prompt_sha256"}
_HEADER, _SUMMARIES = "header.json", "summaries.json"
_UNREADABLE = (BadZipFile, EOFError, KeyError, OSError, RuntimeError, ValueError)
"""What reading raises for a file that is no log, is cut off, or is compressed or encrypted in an unknown way."""
_NO_DETAILS: dict[str, Any] = {
    "reply_chars": -1,
    "reply_tokens": -1,
    "grading": "",
    "grader": "",
    "grader_prompt_sha256": "",
    "abstained": "",
}
_KEYS = (*SCORE_KEYS, *OPTIONAL_SCORE_KEYS)
_DISTINCT = ("sample_id", "uuid", "prompt_sha256")
"""Columns that hardly repeat within a log."""


class _Logged(SampleMetadata):
    """Our metadata beside which tasks may log keys of their own."""

    model_config = ConfigDict(frozen=True, extra="ignore")


_METADATA = TypeAdapter(list[_Logged])


@dataclass(frozen=True)
class ReadLog:
    """One log, or why it was left out."""

    name: str
    kind: str = "used"
    """`used`, `control`, `other task`, `unfinished` or `unreadable`."""
    path: str = ""
    """Of a control log: where to read it again, as a log of any task."""
    task_id: str = ""
    problem: str = ""
    """How it breaks the contract between evaluation and analysis; empty when it keeps it."""
    record: Mapping[str, Any] = field(default_factory=dict)
    """Its row in the table of logs."""
    samples: pd.DataFrame = field(default_factory=pd.DataFrame)
    """One row per sample: metadata, identity, grade; `excluded` holds the reason when it has no grade."""


class _Graded(NamedTuple):
    """A score in the order of the frame's columns."""

    excluded: str
    outcomes: Sequence[float]
    details: Mapping[str, Any]


def read_log(path: str) -> ReadLog:
    """Read one log; it never raises for what the file holds, so that it can run in a process of its own."""
    name = file_name(path)
    try:
        header, summaries = _contents(path)
    except _UNREADABLE:
        return ReadLog(name, "unreadable")
    control = control_benchmark(header.eval.task, (summaries[0].get("metadata") or {}) if summaries else {})
    if summaries and not control and not any(_is_ours(summary) for summary in summaries):
        return ReadLog(name, "other task")
    if header.status != "success":
        return ReadLog(name, "unfinished", task_id=header.eval.task_id)
    if not summaries:
        return ReadLog(name, "other task")
    if control:
        return ReadLog(name, "control", path, header.eval.task_id)
    try:
        samples = _frame(name, header, summaries)
    except PrerequisiteError as error:
        return ReadLog(name, problem=str(error))
    return ReadLog(name, "used", task_id=header.eval.task_id, record=_record(name, header, samples), samples=samples)


def _is_ours(summary: Mapping[str, Any]) -> bool:
    return (summary.get("metadata") or {}).keys() >= _OURS


def _contents(path: str) -> tuple[EvalLog, list[dict[str, Any]]]:
    """The header, and the summary of each sample as the log holds it.

    A finished archive is read directly; Inspect reads logs in JSON and the journals of unfinished runs.
    """
    import fsspec  # type: ignore[import-untyped]

    if path.endswith(".eval"):
        with fsspec.open(path, "rb") as file, ZipFile(file) as archive:
            names = archive.NameToInfo
            if _HEADER in names and _SUMMARIES in names:
                header = EvalLog.model_validate(from_json(archive.read(_HEADER)))
                return header, _latest(from_json(archive.read(_SUMMARIES)))
    header = read_eval_log(path, header_only=True)
    return header, [summary.model_dump() for summary in read_eval_log_sample_summaries(path)]


def _latest(summaries: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - whatever the file holds
    """The last row of each sample: the run of a sample that was queued again stands behind the one it replaces.

    Raises:
        ValueError: these are no summaries.
    """
    if not isinstance(summaries, list) or not all(map(_is_summary, summaries)):
        raise ValueError("not a list of sample summaries")
    return list({(str(summary["id"]), summary["epoch"]): summary for summary in summaries}.values())


def _is_summary(summary: Any) -> bool:  # noqa: ANN401
    return (
        isinstance(summary, dict)
        and isinstance(summary.get("id"), (str, int))
        and isinstance(summary.get("epoch"), int)
        and all(isinstance(summary.get(part), (dict, NoneType)) for part in ("metadata", "scores"))
    )


def _record(name: str, header: EvalLog, samples: pd.DataFrame) -> dict[str, Any]:
    """What the log table says about one log; no folder, so that it can be shared."""
    spec = header.eval
    # The order in which Inspect merges them: the task and the command line win over the model's own settings.
    config = spec.model_generate_config.merge(header.plan.config)
    return {
        "log_id": spec.eval_id,
        "file": name,
        "task": spec.task,
        "task_id": spec.task_id,
        "model": spec.model,
        "created": str(spec.created),
        "benchmark": samples["benchmark"].iloc[0],
        "samples": len(samples),
        "excluded_rows": (spec.metadata or {}).get("excluded", {}),
        "temperature": config.temperature,
        "max_tokens": config.max_tokens,
        "model_seed": config.seed,
        "inspect_version": spec.packages.get("inspect_ai", ""),
    }


def _frame(name: str, header: EvalLog, summaries: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The samples as columns.

    Raises:
        PrerequisiteError: metadata or a score does not keep the contract.
    """
    metadata = _metadata(name, summaries)
    columns: dict[str, Any] = {
        field: [each.__dict__[field] for each in metadata] for field in SampleMetadata.model_fields if field != TEXT
    }
    columns |= {"log_id": header.eval.eval_id, "log_file": name, "model": header.eval.model}
    columns["sample_id"] = [str(summary["id"]) for summary in summaries]
    columns["epoch"] = [summary["epoch"] for summary in summaries]
    columns["uuid"] = [summary.get("uuid") or "" for summary in summaries]
    grades = [_graded(summary, name) for summary in summaries]
    columns["excluded"] = [grade.excluded for grade in grades]
    for i, key in enumerate(_KEYS):
        columns[key] = [grade.outcomes[i] for grade in grades]
    for key in _NO_DETAILS:
        columns[key] = [grade.details[key] for grade in grades]
    frame = pd.DataFrame(columns)
    texts = [column for column in frame if frame[column].dtype == "str" and column not in _DISTINCT]
    return frame.astype(dict.fromkeys(texts, "category"))


def _metadata(name: str, summaries: Sequence[Mapping[str, Any]]) -> list[_Logged]:
    try:
        metadata = _METADATA.validate_python([summary.get("metadata") for summary in summaries])
    except ValidationError as error:
        place = error.errors()[0]["loc"][0]
        fields = sorted({str(problem["loc"][-1]) for problem in error.errors() if problem["loc"][0] == place})
        raise PrerequisiteError(
            f"{name}, sample {summaries[int(place)]['id']}: metadata missing or wrong ({', '.join(fields)}). "
            "Run this evaluation again."
        ) from None
    for summary, each in zip(summaries, metadata, strict=True):
        if each.schema_version != SCHEMA_VERSION:
            raise PrerequisiteError(
                f"{name}, sample {summary['id']}: metadata of schema {each.schema_version}, this version reads "
                f"{SCHEMA_VERSION}. Analyse it with the warm-inspect version that the log names, or run it again."
            )
    return metadata


_MISSING = [nan] * len(_KEYS)


def _graded(summary: Mapping[str, Any], name: str) -> _Graded:
    """The outcomes of a sample: one grade, the flags, and how it was graded; NaN with a reason without a grade.

    A flag that the log does not measure is NaN.

    Raises:
        PrerequisiteError: the score is not what `correctness` writes.
    """
    score = (summary.get("scores") or {}).get(CORRECTNESS)
    if summary.get("error") or not isinstance(score, dict):
        return _Graded("sample error" if summary.get("error") else "no grade", _MISSING, _NO_DETAILS)
    value = score.get("value")
    if value is None or (isinstance(value, float) and isnan(value)):
        return _Graded(f"unscored: {score.get('reason') or 'no reason given'}", _MISSING, _NO_DETAILS)
    found = value if isinstance(value, Mapping) else {}
    outcomes = [found.get(key) for key in SCORE_KEYS] + [found[key] for key in OPTIONAL_SCORE_KEYS if key in found]
    valid = all(outcome in (0, 1) for outcome in outcomes)
    if not valid or sum(found[grade] == 1 for grade in Grade) != 1:
        raise PrerequisiteError(
            f"{name}, sample {summary['id']}: the score {CORRECTNESS!r} is not a 0 or 1 for each of "
            f"{', '.join(SCORE_KEYS)} with exactly one 1 among {', '.join(Grade)}. "
            "Score the log again with: inspect score LOG"
        )
    try:
        details = _details(score.get("metadata") or {})
    except (AttributeError, TypeError, ValueError):
        raise PrerequisiteError(
            f"{name}, sample {summary['id']}: the metadata of the score {CORRECTNESS!r} is not what the scorer writes. "
            "Score the log again with: inspect score LOG"
        ) from None
    return _Graded("", [float(found.get(key, nan)) for key in _KEYS], details)


def _details(found: Mapping[str, Any]) -> dict[str, Any]:
    """How a reply was graded, in the types of `_NO_DETAILS`."""
    return {key: type(default)(found.get(key, default)) for key, default in _NO_DETAILS.items()}
