"""The samples of one log as columns: their metadata, identity and grade, checked against the contract of their family.

The contract is in `core`: a `Measurement` with its metadata, and the keys and the details of its score.
"""

from collections.abc import Iterable, Sequence
from math import isfinite, isnan, nan
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from warm_inspect.analysis.logs.log import Log, LoggedScore, Sample
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.measurements import Measurement
from warm_inspect.core.metadata import SCHEMA_VERSION, ItemMetadata
from warm_inspect.core.scored import ScoreDetails

if TYPE_CHECKING:
    import pandas as pd

_IDENTITY = ("log_id", "log_file", "model", "sample_id", "epoch", "uuid", "excluded")
_DISTINCT = ("sample_id", "uuid", "prompt_sha256")
"""Columns that hardly repeat within a log."""


def measured_frame(log: Log, measurement: Measurement) -> "pd.DataFrame":
    """One row per sample; `excluded` holds the reason when it has no grade.

    Raises:
        PrerequisiteError: metadata or a score does not keep the contract.
    """
    import pandas as pd

    samples = list(log.samples.values())
    metadata = _metadata(log, measurement, samples)
    grades = [_score_or_reason(sample, measurement.score) for sample in samples]
    numbers = [_numbers(log, measurement, *pair) for pair in zip(samples, grades, strict=True)]
    details = _details(log, measurement, samples, grades)
    _require_agreement(log, measurement, samples, numbers, details)
    columns: dict[str, Any] = {name: [each.__dict__[name] for each in metadata] for name in measurement.fields}
    of_log = {"log_id": log.eval_id, "log_file": log.name, "model": log.model} | ({"arm": log.arm} if log.arm else {})
    columns |= {name: [value] * len(samples) for name, value in of_log.items()}
    columns["sample_id"] = [sample.id for sample in samples]
    columns["epoch"] = [sample.epoch for sample in samples]
    columns["uuid"] = [sample.uuid for sample in samples]
    columns["excluded"] = [grade if isinstance(grade, str) else "" for grade in grades]
    columns |= {key: [row[place] for row in numbers] for place, key in enumerate(measurement.keys)}
    columns |= {name: [each.__dict__[name] for each in details] for name in measurement.details.model_fields}
    repeated = [name for name, values in columns.items() if name not in _DISTINCT and _holds_texts(name, values)]
    return pd.DataFrame(columns | {name: _categorical(columns[name]) for name in repeated})


def _holds_texts(name: str, values: Iterable[Any]) -> bool:
    """Whether a column holds texts; None stands for a text or number that a sample lacks."""
    for value in values:
        if value is not None:
            return isinstance(value, str)
    # Of the score's details only texts can be None in all samples, of the metadata only numbers.
    return name in ScoreDetails.model_fields


def _categorical(texts: Sequence[str | None]) -> "pd.Categorical":
    """A column of texts, each distinct one converted once where pandas converts every row."""
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(np.array(texts, dtype=object), sort=True)
    return pd.Categorical.from_codes(codes, pd.Index(distinct, dtype="str"))


def columns_of(measurement: Measurement) -> tuple[str, ...]:
    """The columns of a family's frame, in order."""
    return (*measurement.fields, *_IDENTITY, *measurement.keys, *measurement.details.model_fields)


def _metadata(log: Log, measurement: Measurement, samples: Sequence[Sample]) -> list[ItemMetadata]:
    kind = TypeAdapter(list[measurement.metadata])  # type: ignore[name-defined]
    try:
        # Tasks may log keys of their own beside ours.
        parsed: list[ItemMetadata] = kind.validate_python([sample.metadata for sample in samples], extra="ignore")
    except ValidationError as error:
        place = error.errors()[0]["loc"][0]
        fields = sorted({str(problem["loc"][-1]) for problem in error.errors() if problem["loc"][0] == place})
        raise PrerequisiteError(
            f"{log.name}, sample {samples[int(place)].id}: metadata missing or wrong ({', '.join(fields)}). "
            "Run this evaluation again."
        ) from None
    for sample, each in zip(samples, parsed, strict=True):
        if (version := each.__dict__.get("schema_version", SCHEMA_VERSION)) != SCHEMA_VERSION:
            raise PrerequisiteError(
                f"{log.name}, sample {sample.id}: metadata of schema {version}, this version reads {SCHEMA_VERSION}. "
                "Analyse it with the warm-inspect version that the log names, or run it again."
            )
    return parsed


def _score_or_reason(sample: Sample, scorer: str) -> LoggedScore | str:
    """The score of a sample, or why it has none."""
    score = sample.scores.get(scorer)
    if sample.failed or score is None:
        return "sample error" if sample.failed else "no grade"
    return f"unscored: {score.reason or 'no reason given'}" if score.unscored else score


def _numbers(log: Log, measurement: Measurement, sample: Sample, grade: LoggedScore | str) -> list[float]:
    """The numbers of a score in the order of its keys: NaN without a grade, and for an optional flag that it lacks.

    Raises:
        PrerequisiteError: the score is not what the family's scorer writes.
    """
    if isinstance(grade, str):
        return [nan] * len(measurement.keys)
    value = grade.value if isinstance(grade.value, dict) else {}
    optional = [key for key in measurement.optional if key in value]
    flags = (value.get(key) in (0, 1) for key in (*measurement.one_of, *measurement.flags, *optional))
    numbers = (_is_number(value.get(key)) for key in measurement.numbers)
    shares = (_is_number(value.get(key)) and 0 <= value[key] <= 1 for key in measurement.shares)
    # A family without grades, as that of own tasks, has none of which one must hold.
    one_grade = not measurement.one_of or sum(value.get(key) == 1 for key in measurement.one_of) == 1
    if not all(flags) or not all(numbers) or not all(shares) or not one_grade:
        raise PrerequisiteError(
            f"{log.name}, sample {sample.id}: the score {measurement.score!r} is not {_expected(measurement)}. "
            "Score the log again with: inspect score LOG"
        )
    return [float(value.get(key, nan)) for key in measurement.keys]


def _expected(measurement: Measurement) -> str:
    """What the score of a family holds, in words."""
    flags = (*measurement.one_of, *measurement.flags)
    parts = (
        ("a 0 or 1 for each of", flags),
        ("exactly one 1 among", measurement.one_of),
        ("a number for each of", measurement.numbers),
        ("a number from 0 to 1 for each of", measurement.shares),
    )
    return ", with ".join(f"{words} {', '.join(keys)}" for words, keys in parts if keys)


def _is_number(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return isinstance(value, int | float) and isfinite(value)


def _details(
    log: Log, measurement: Measurement, samples: Sequence[Sample], grades: Sequence[LoggedScore | str]
) -> list[ScoreDetails]:
    kind = TypeAdapter(list[measurement.details])  # type: ignore[name-defined]
    try:
        parsed: list[ScoreDetails] = kind.validate_python(
            [{} if isinstance(grade, str) else grade.metadata for grade in grades]
        )
        return parsed
    except ValidationError as error:
        sample = samples[int(error.errors()[0]["loc"][0])]
        raise PrerequisiteError(
            f"{log.name}, sample {sample.id}: the metadata of the score {measurement.score!r} is not what the scorer "
            "writes. Score the log again with: inspect score LOG"
        ) from None


def _require_agreement(
    log: Log,
    measurement: Measurement,
    samples: Sequence[Sample],
    numbers: Sequence[Sequence[float]],
    details: Sequence[ScoreDetails],
) -> None:
    """Refuse a score whose value is not what its details say; one without a value has nothing to agree with."""
    for sample, row, each in zip(samples, numbers, details, strict=True):
        value = dict(zip(measurement.keys, row, strict=True))
        graded = not all(map(isnan, row))
        if graded and not each.agree_with(value):
            raise PrerequisiteError(
                f"{log.name}, sample {sample.id}: the value of the score {measurement.score!r} and its metadata "
                "contradict each other. Score the log again with: inspect score LOG"
            )
