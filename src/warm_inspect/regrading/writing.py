"""Putting grades into logs: as edits of their scores with provenance, each log written whole or not at all."""

import shutil
from collections.abc import Mapping, Sequence

import fsspec  # type: ignore[import-untyped]
from inspect_ai.log import (
    EvalLog,
    EvalSample,
    ProvenanceData,
    edit_score,
    recompute_metrics,
    write_eval_log,
)
from inspect_ai.scorer import Score, ScoreEdit

from warm_inspect import __version__
from warm_inspect.analysis.logs import SampleKey
from warm_inspect.core.files import whole_file
from warm_inspect.core.log_file import log_format, read_contents, read_whole
from warm_inspect.core.vocabulary import Grading
from warm_inspect.regrading.plan import Asking, PlannedLog

_AUTHOR = f"warm-inspect {__version__}"
_CHANGED = "another run has written it meanwhile: give the same command again"


def write_graded(planned: PlannedLog, scores: Sequence[Mapping[SampleKey, Score]]) -> bool:
    """Write a log with the scores of its askings, one mapping each; whether there was anything new to write.

    An older score stays: beside the new one, or, where that completes it, in its history.
    """
    if not any(scores):
        return False
    _refuse_changed(planned)
    log = read_whole(planned.source)
    samples = {(str(sample.id), sample.epoch): sample for sample in log.samples or []}
    if any(asking.is_new and asking.key in _keys(samples) for asking in planned.askings):
        raise OSError(_CHANGED)
    new = [_apply(log, samples, planned, *pair) for pair in zip(planned.askings, scores, strict=True)]
    if not any(new):
        return False
    recompute_metrics(log)
    with whole_file(planned.target) as draft:
        format = log_format(str(planned.target))
        write_eval_log(log, draft, format=format)
        _, written = read_contents(str(draft), format)
        if len(written) != len(samples):
            raise OSError("the written log lacks samples")
    return True


def copy_log(planned: PlannedLog) -> bool:
    """Copy a log that lacks nothing to its target; whether it was not there yet."""
    if planned.source == str(planned.target):
        return False
    _refuse_changed(planned)
    with whole_file(planned.target) as draft, fsspec.open(planned.source, "rb") as source, draft.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    return True


def _apply(
    log: EvalLog,
    samples: Mapping[SampleKey, EvalSample],
    planned: PlannedLog,
    asking: Asking,
    scores: Mapping[SampleKey, Score],
) -> bool:
    """Put the scores of one asking into the log; whether any of them is new."""
    if asking.grading is Grading.MATCH and asking.is_new and _is_held(samples, planned.scorer, scores):
        return False
    new = {place: score for place, score in scores.items() if not _says_the_same(samples[place], asking.key, score)}
    for place, score in new.items():
        sample = samples[place]
        # A log of the one sample: Inspect looks for it from the first one on.
        edit_score(
            log.model_copy(update={"samples": [sample]}),
            sample.id,
            asking.key,
            _edit(score),
            recompute_metrics=False,
            epoch=sample.epoch,
        )
    if new and asking.is_new:
        _add_scorer(log, planned.scorer, asking)
    return bool(new)


def _edit(score: Score) -> ScoreEdit:
    return ScoreEdit(
        value=score.value,
        answer=score.answer,
        explanation=score.explanation,
        reason=score.reason,
        metadata=score.metadata or {},
        provenance=ProvenanceData(author=_AUTHOR, reason="graded in a second pass"),
    )


def _says_the_same(sample: EvalSample, key: str, score: Score) -> bool:
    """Whether the sample is without a grade as before, for the same reason."""
    old = (sample.scores or {}).get(key)
    return old is not None and not isinstance(score.value, Mapping) and old.reason == score.reason


def _is_held(samples: Mapping[SampleKey, EvalSample], scorer: str, scores: Mapping[SampleKey, Score]) -> bool:
    """Whether one score of the log holds exactly these grades by matching already."""
    return any(
        all(_equal((samples[place].scores or {}).get(key), score) for place, score in scores.items())
        for key in _keys(samples)
        if key.startswith(scorer)
    )


def _keys(samples: Mapping[SampleKey, EvalSample]) -> set[str]:
    return {key for sample in samples.values() for key in sample.scores or {}}


def _refuse_changed(planned: PlannedLog) -> None:
    """Refuse to write over what was not there when the plan was made.

    Raises:
        OSError: it is there now.
    """
    if planned.source != str(planned.target) and planned.target.exists():
        raise OSError(_CHANGED)


def _equal(old: Score | None, new: Score) -> bool:
    if old is None or (old.metadata or {}).get("grading") != (new.metadata or {}).get("grading"):
        return False
    return old.value == new.value or (old.reason is not None and old.reason == new.reason)


def _add_scorer(log: EvalLog, scorer: str, asking: Asking) -> None:
    """Name the scorer of a new score in the header, where Inspect looks for its metrics."""
    entries = [each for each in log.eval.scorers or [] if each.name.rpartition("/")[2] == scorer]
    if not entries:
        return
    entry = entries[0].model_copy(update={"options": {"grading": asking.grading.value}})
    assert log.eval.scorers is not None
    if asking.key == scorer:
        log.eval.scorers[log.eval.scorers.index(entries[0])] = entry
    else:
        log.eval.scorers.append(entry)
