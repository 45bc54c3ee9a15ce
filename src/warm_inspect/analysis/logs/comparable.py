"""Checks that observations may be compared: each failure says what to do."""

from collections.abc import Sequence

import pandas as pd

from warm_inspect.core.errors import PrerequisiteError

IDENTITY = ("arm", "base_model", "training_seed", "training_epochs", "benchmark", "sample_id", "epoch", "persona")
"""What makes a reply unique. Adapters of one arm that differ in their training seed are replicates; checkpoints of one
run are told apart by their epochs."""

_ONE_PER = (
    (("benchmark",), "task_version", "Different versions ask different things: run the older logs again."),
    (
        ("benchmark",),
        "dataset_revision",
        "Questions pair by their id, which may mean another question there: run the arms on one revision of the data.",
    ),
    (("benchmark",), "grading", "Score the logs alike with: inspect score LOG"),
    (("benchmark",), "grader", "Score the logs with one grader: inspect score LOG --model-role grader=MODEL"),
    (("benchmark",), "grader_prompt_sha256", "Score the logs with one version of the grader prompt: inspect score LOG"),
    (("base_model",), "base_sha256", "Arms must share their base weights: run them on one copy of the base model."),
    (
        ("benchmark", "question_id", "context", "belief", "persona"),
        "prompt_sha256",
        "Pairs must see the same prompt: run the arms with the same version, seed and chat settings.",
    ),
)


def check_comparable(frame: pd.DataFrame) -> None:
    """Refuse replies that were counted twice, or asked or graded in different ways. Unknown values are not compared.

    Raises:
        PrerequisiteError: duplicates; or more than one task version, data revision, grading, grader or grader prompt in
            a benchmark; more than one set of base weights in a base model; or more than one prompt in a pair.
    """
    _refuse_duplicates(frame)
    for by, column, remedy in _ONE_PER:
        _refuse_mixed(frame, by, column, remedy)


def _refuse_duplicates(frame: pd.DataFrame) -> None:
    twice = frame[frame.duplicated(list(IDENTITY), keep=False)]
    if twice.empty:
        return
    _, first = next(iter(twice.groupby(list(IDENTITY), observed=True, dropna=False, sort=False)))
    files = sorted(set(first["log_file"]))
    where = " and ".join(files) if len(files) > 1 else f"{files[0]} (twice)"
    raise PrerequisiteError(
        f"Sample {first['sample_id'].iloc[0]} of arm {first['arm'].iloc[0]} is in {where}. "
        "Each reply counts once: leave one of them out, or delete the older log."
    )


def _refuse_mixed(frame: pd.DataFrame, by: Sequence[str], column: str, remedy: str) -> None:
    known = frame[frame[column].astype(str) != ""]
    counts = known.groupby(list(by), observed=True)[column].nunique()
    mixed = counts[counts > 1]
    if mixed.empty:
        return
    key = mixed.index[0] if len(by) > 1 else (mixed.index[0],)
    group = known[(known[list(by)] == list(key)).all(axis=1)]
    values = [f"{value} in {rows['log_file'].iloc[0]}" for value, rows in group.groupby(column)]
    raise PrerequisiteError(
        f"More than one {column} for {'/'.join(str(part) for part in key)}: {'; '.join(values)}. {remedy}"
    )
