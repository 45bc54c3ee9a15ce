"""One log of any Inspect task as scored samples: the sample summaries and a few facts of the header, nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile

from inspect_ai.log import EvalLog, EvalSampleSummary, read_eval_log, read_eval_log_sample_summaries
from inspect_ai.scorer import Score

from warm_inspect.core.errors import PrerequisiteError

SampleKey = tuple[str, int]
"""A sample's id and epoch."""

_UNREADABLE = (BadZipFile, EOFError, KeyError, OSError, ValueError)
_FINISHED = "success"


@dataclass(frozen=True)
class ScoredSample:
    """One sample of a log. Texts are as the log's summary keeps them, which cuts long ones."""

    id: str
    epoch: int
    asked: Mapping[str, str]
    """What the model was given and is held to, by kind: `input`, `choices`, `target`, and `prompt` when known."""
    metadata: Mapping[str, Any]
    scores: Mapping[str, Score]
    """Empty when the sample ended in an error."""


@dataclass(frozen=True)
class ScoredLog:
    """The samples of one log, and what tells it from another."""

    path: str
    """Where it was read from; never shown in a report."""
    eval_id: str
    task: str
    model: str
    created: str
    status: str
    settings: Mapping[str, str]
    """What should be alike in two logs that are compared, in words; empty text when not set."""
    samples: Mapping[SampleKey, ScoredSample]

    @property
    def name(self) -> str:
        """The name of the file, without its folder."""
        return PurePosixPath(self.path.replace("\\", "/")).name

    @property
    def finished(self) -> bool:
        """Whether the evaluation ran to its end."""
        return self.status == _FINISHED

    @property
    def warmth_statuses(self) -> dict[str, list[str]]:
        """The status of the warmth check of each arm with an adapter, where the samples state it as our tasks do."""
        stated = [(sample.metadata.get("arm"), sample.metadata.get("warmth_check")) for sample in self.samples.values()]
        found = {(str(arm), str(status)) for arm, status in stated if arm and status}
        return {arm: sorted(status for other, status in found if other == arm) for arm, _ in sorted(found)}


def unlike_log_settings(a: ScoredLog, b: ScoredLog) -> Iterator[tuple[str, str, str]]:
    """Each setting in which two logs differ, in words, with its value in either."""
    for name, value in a.settings.items():
        if value != b.settings[name]:
            yield name, value or "not set", b.settings[name] or "not set"


def read_scored_log(path: str) -> ScoredLog:
    """The scored samples of a log: a local file or an address that Inspect can read, such as `s3://...`.

    Raises:
        PrerequisiteError: there is no such file, it is no readable log, or it holds no samples.
    """
    if "://" not in path and not Path(path).is_file():
        what = "is a folder: give one log file" if Path(path).is_dir() else "does not exist"
        raise PrerequisiteError(f"{path} {what}. List logs with: inspect list logs --log-dir FOLDER")
    try:
        header = read_eval_log(path, header_only=True)
        summaries = read_eval_log_sample_summaries(path)
    except _UNREADABLE as error:
        raise PrerequisiteError(
            f"{path} cannot be read as an Inspect log ({type(error).__name__}). "
            "A log that was cut off can be mended with: inspect log recover LOG"
        ) from None
    if not summaries:
        raise PrerequisiteError(
            f"{path} holds no samples (status {header.status}). Finish a run with: inspect eval-retry LOG"
        )
    samples = [_sample(summary) for summary in summaries]
    return ScoredLog(
        path=path,
        eval_id=header.eval.eval_id,
        task=header.eval.task,
        model=header.eval.model,
        created=str(header.eval.created),
        status=header.status,
        settings=_settings(header),
        samples={(sample.id, sample.epoch): sample for sample in samples},
    )


def _sample(summary: EvalSampleSummary) -> ScoredSample:
    target = summary.target if isinstance(summary.target, str) else "\n".join(summary.target)
    asked = {
        "input": _input_text(summary),
        "choices": "\n".join(summary.choices or ()),
        "target": target,
    }
    # A persona is a part of the prompt in which our arms may differ on purpose.
    if "prompt_sha256" in summary.metadata:
        asked[f"prompt under persona {summary.metadata.get('persona')}"] = str(summary.metadata["prompt_sha256"])
    return ScoredSample(
        id=str(summary.id),
        epoch=summary.epoch,
        asked=asked,
        metadata=summary.metadata,
        scores={} if summary.error else summary.scores or {},
    )


def _input_text(summary: EvalSampleSummary) -> str:
    """The input as text; ids of chat messages, which are new in every run, do not enter."""
    if isinstance(summary.input, str):
        return summary.input
    return "\n".join(f"{message.role}: {message.text}" for message in summary.input)


def _settings(header: EvalLog) -> dict[str, str]:
    """The settings that change what a score means, or how a reply comes about."""
    spec = header.eval
    # The order in which Inspect merges them: the task and the command line win over the model's own settings.
    config = spec.model_generate_config.merge(header.plan.config)
    found = {
        "task": spec.task.rpartition("/")[2],
        "task version": spec.task_version,
        "task arguments": _arguments(spec.task_args_passed),
        "solver": ", ".join(step.solver for step in header.plan.steps),
        "scorers": ", ".join(scorer.name for scorer in spec.scorers or ()),
        "model roles": ", ".join(f"{name} {_role(model)}" for name, model in sorted((spec.model_roles or {}).items())),
        "temperature": config.temperature,
        "top_p": config.top_p,
        "token limit": config.max_tokens,
    }
    return {name: "" if value is None else str(value) for name, value in found.items()}


def _arguments(passed: Mapping[str, Any]) -> str:
    """The arguments that the user gave; the persona is a part of the arm."""
    return ", ".join(f"{name}={value}" for name, value in sorted(passed.items()) if name != "persona")


def _role(model: Any) -> str:  # noqa: ANN401 - one model's settings, or a list of them
    return " + ".join(one.model for one in (model if isinstance(model, list) else [model]))
