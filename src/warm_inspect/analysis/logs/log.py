"""One log of any Inspect task as a typed value: the header's facts and the sample summaries, nothing else.

Everything that reads logs starts here: the study's frame (`measured`), the control logs and the comparison of two logs
are views of a `Log`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from math import isnan
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalConfig, EvalLog
from inspect_ai.model import ChatMessage
from pydantic import TypeAdapter

from warm_inspect.core.arm_names import arm_of_command
from warm_inspect.core.controls import ControlBenchmark, control_benchmark
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.log_file import file_name, read_contents, reading
from warm_inspect.core.measurements import Measurement, measurement_of
from warm_inspect.core.metadata import contract_fields

SampleKey = tuple[str, int]
"""A sample's id and epoch."""

_FINISHED = "success"
_SHOWN = 3
_ANY_QUESTION = "\0"
"""Stands for a question whose id no pattern names."""
_MESSAGES: TypeAdapter[list[ChatMessage]] = TypeAdapter(list[ChatMessage])


@dataclass(frozen=True, slots=True)
class LoggedScore:
    """One score of a sample. Texts are as the log's summary keeps them, which cuts long ones."""

    value: Any
    """NaN when unscored."""
    answer: str
    reason: str
    metadata: Mapping[str, Any]

    @property
    def unscored(self) -> bool:
        """Whether it holds no grade."""
        return self.value is None or (isinstance(self.value, float) and isnan(self.value))


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a log. Texts are as the log's summary keeps them, which cuts long ones."""

    id: str
    epoch: int
    uuid: str
    failed: bool
    """Whether it ended in an error."""
    input: str
    choices: str
    target: str
    metadata: Mapping[str, Any]
    scores: Mapping[str, LoggedScore]
    """Empty when it failed."""

    @property
    def asked(self) -> dict[str, str]:
        """What the model was given and is held to, by kind: `input`, `choices`, `target`, and `prompt` when known."""
        asked = {"input": self.input, "choices": self.choices, "target": self.target}
        # A persona is a part of the prompt in which our arms may differ on purpose.
        if "prompt_sha256" in self.metadata:
            asked[f"prompt under persona {self.metadata.get('persona')}"] = str(self.metadata["prompt_sha256"])
        return asked


@dataclass(frozen=True, kw_only=True)
class Log:
    """One log, and what tells it from another."""

    path: str
    """Where it was read from; never shown in a report."""
    eval_id: str
    task_id: str
    task: str
    model: str
    created: str
    status: str
    inspect_version: str
    holds: Measurement | ControlBenchmark | None
    """What its samples measure; None for a task that is not ours."""
    subject: str
    """Which benchmark of the family it is of, by its samples; empty where `holds` is no `Measurement`."""
    excluded_rows: Mapping[str, int]
    """Rows of the data set that a rule kept out, by the rule."""
    temperature: float | None
    max_tokens: int | None
    model_seed: int | None
    arm: str
    """The arm that the command named, with `--metadata arm=NAME` or `-M arm=NAME`; empty without."""
    settings: Mapping[str, str]
    """What should be alike in two logs that are compared, in words; empty text when not set."""
    sample_count: int
    lacking: int = 0
    """Samples that by its header were run, and that it does not hold."""
    chosen: str = ""
    """The option that chose some of the task's samples, as `--limit 10`; empty where all were run."""
    questions_chosen: bool = False
    """Whether it chose samples by their questions, and not by their conditions alone."""
    samples: Mapping[SampleKey, Sample] = field(repr=False)
    """Empty once a view of them was made."""

    @property
    def name(self) -> str:
        """The name of the file, without its folder."""
        return file_name(self.path)

    @property
    def finished(self) -> bool:
        """Whether the evaluation ran to its end."""
        return self.status == _FINISHED

    @property
    def warmth_statuses(self) -> dict[str, list[str]]:
        """The status of the warmth check of each arm with an adapter, where the samples state it as our tasks do."""
        stated = [(sample.metadata.get("arm"), sample.metadata.get("warmth_check")) for sample in self.samples.values()]
        known = {(str(arm), str(status)) for arm, status in stated if arm and status}
        return {arm: sorted(status for other, status in known if other == arm) for arm, _ in sorted(known)}

    @property
    def record(self) -> dict[str, Any]:
        """Its row in the table of logs; no folder, so that it can be shared."""
        return {
            "log_id": self.eval_id,
            "file": self.name,
            "task": self.task,
            "task_id": self.task_id,
            "model": self.model,
            "created": self.created,
            "benchmark": self.subject,
            "samples": self.sample_count,
            "excluded_rows": self.excluded_rows,
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "model_seed": self.model_seed,
            "inspect_version": self.inspect_version,
        }


def read_log(path: str) -> Log:
    """The log in a file, which may be of any task, finished or not.

    Args:
        path: a local file, or an address that fsspec and Inspect can read, such as `s3://...`.

    Raises:
        UnreadableLog: the file is no log, or damaged.
    """
    with reading(path):
        header, rows = read_contents(path)
        return _log(path, header, [_sample(row) for row in rows])


def read_samples(path: str) -> Log:
    """The log in a file, which has samples.

    Raises:
        PrerequisiteError: there is no such file, it cannot be read, or it holds no samples.
    """
    if "://" not in path and not Path(path).is_file():
        what = "is a folder: give one log file" if Path(path).is_dir() else "does not exist"
        raise PrerequisiteError(f"{path} {what}. List logs with: inspect list logs --log-dir FOLDER")
    log = read_log(path)
    if not log.samples:
        raise PrerequisiteError(
            f"{path} holds no samples (status {log.status}). Finish a run with: inspect eval-retry LOG"
        )
    return log


def unlike_log_settings(a: Log, b: Log) -> Iterator[tuple[str, str, str]]:
    """Each setting in which two logs differ, in words, with its value in either."""
    for name, value in a.settings.items():
        if value != b.settings[name]:
            yield name, value or "not set", b.settings[name] or "not set"


def _log(path: str, header: EvalLog, samples: Sequence[Sample]) -> Log:
    spec = header.eval
    # The order in which Inspect merges them: the task and the command line win over the model's own settings.
    config = spec.model_generate_config.merge(header.plan.config)
    first = samples[0].metadata if samples else {}
    # A control benchmark that is crossed with conditions is an own task, and no control.
    holds = next(filter(None, map(_measurement, samples)), None) or control_benchmark(spec.task, first)
    subject = str(first.get(holds.key, "")) if isinstance(holds, Measurement) else holds.name if holds else ""
    excluded = (spec.metadata or {}).get("excluded")
    return Log(
        path=path,
        eval_id=spec.eval_id,
        task_id=spec.task_id,
        task=spec.task,
        model=spec.model,
        created=str(spec.created),
        status=header.status,
        inspect_version=spec.packages.get("inspect_ai", ""),
        holds=holds,
        subject=subject if isinstance(holds, Measurement) else "",
        excluded_rows=dict(excluded) if isinstance(excluded, dict) else {},
        temperature=config.temperature,
        max_tokens=config.max_tokens,
        model_seed=config.seed,
        arm=arm_of_command(spec),
        # Our tasks have two names, and any can be run by its file.
        settings={"task": subject or spec.task.rpartition("/")[2]} | _settings(header),
        sample_count=len(samples),
        lacking=max(len(spec.dataset.sample_ids or ()) * (spec.config.epochs or 1) - len(samples), 0),
        chosen=" ".join(_chosen(spec.config)),
        questions_chosen=_questions_chosen(_ids(spec.config), samples),
        samples={(sample.id, sample.epoch): sample for sample in samples},
    )


def _chosen(config: EvalConfig) -> Iterator[str]:
    """The options with which a run was made to leave samples out."""
    if config.limit is not None:
        limit = config.limit if isinstance(config.limit, int) else "-".join(map(str, config.limit))
        yield f"--limit {limit}"
    if ids := _ids(config):
        more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
        yield f"--sample-id {','.join(ids[:_SHOWN])}{more}"


def _ids(config: EvalConfig) -> list[str]:
    """The ids, or patterns of ids, of the samples that were to be run; none where all were."""
    ids = config.sample_id
    return [] if ids is None else list(map(str, ids if isinstance(ids, list) else [ids]))


def _questions_chosen(patterns: Sequence[str], samples: Sequence[Sample]) -> bool:
    """Whether these ids and patterns would have left a sample out if its question had another id.

    The id of a sample of ours ends with its question. Of a task that does not name its questions it is nothing else.
    """
    if not patterns:
        return False
    named = ((sample.id, str(sample.metadata.get("question_id") or sample.id)) for sample in samples)
    conditions = {id.removesuffix(question) if id.endswith(question) else "" for id, question in named}
    # The other wildcards of Inspect's patterns tell questions apart by a character or by their length.
    free = [pattern for pattern in patterns if not set("[?") & set(pattern)]
    return not all(any(fnmatchcase(each + _ANY_QUESTION, pattern) for pattern in free) for each in conditions)


def _measurement(sample: Sample) -> Measurement | None:
    return measurement_of(sample.metadata)


def _settings(header: EvalLog) -> dict[str, str]:
    """The settings that change what a score means, or how a reply comes about."""
    spec = header.eval
    config = spec.model_generate_config.merge(header.plan.config)
    values = {
        "task version": spec.task_version,
        "task arguments": _arguments(spec.task_args_passed),
        "solver": ", ".join(step.solver for step in header.plan.steps),
        "scorers": ", ".join(scorer.name for scorer in spec.scorers or ()),
        "model roles": ", ".join(f"{name} {_role(model)}" for name, model in sorted((spec.model_roles or {}).items())),
        "temperature": config.temperature,
        "top_p": config.top_p,
        "token limit": config.max_tokens,
    }
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _arguments(passed: Mapping[str, Any]) -> str:
    """The arguments that the user gave; the persona is a part of the arm."""
    return ", ".join(f"{name}={value}" for name, value in sorted(passed.items()) if name != "persona")


def _role(model: Any) -> str:  # noqa: ANN401 - one model's settings, or a list of them
    return " + ".join(one.model for one in (model if isinstance(model, list) else [model]))


def _sample(row: Mapping[str, Any]) -> Sample:
    failed = bool(row.get("error"))
    return Sample(
        id=str(row["id"]),
        epoch=row["epoch"],
        uuid=row.get("uuid") or "",
        failed=failed,
        input=_text(row["input"]),
        choices="\n".join(row.get("choices") or ()),
        target=row["target"] if isinstance(row["target"], str) else "\n".join(row["target"]),
        metadata=contract_fields(row.get("metadata") or {}),
        scores={} if failed else {name: _score(score) for name, score in (row.get("scores") or {}).items()},
    )


def _score(score: Mapping[str, Any]) -> LoggedScore:
    return LoggedScore(
        score["value"], score.get("answer") or "", score.get("reason") or "", score.get("metadata") or {}
    )


def _text(given: Any) -> str:  # noqa: ANN401 - a text, or a list of messages
    """The input as text; ids of chat messages, which are new in every run, do not enter."""
    if isinstance(given, str):
        return given
    return "\n".join(f"{message.role}: {message.text}" for message in _MESSAGES.validate_python(given))
