"""What a reader must know about the replies before believing a number on them.

Replies cut at the token limit, adapters whose warmth was not shown, settings that differ between arms; and the rows of
gated and harmful data sets, whose text may not be shown, with the graders that saw it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import pandas as pd

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.logs import Log
from warm_inspect.analysis.observations.levels import ordered_levels
from warm_inspect.analysis.observations.observations import Cell
from warm_inspect.core.arm_names import split_persona
from warm_inspect.core.restricted import ADVICE, HARMFUL, SET_FIELDS, is_restricted, item_set_of, runs_here
from warm_inspect.core.vocabulary import TRUNCATED, WARMTH_DIRECTIONS, Grading, TrainedArm

MAX_TRUNCATED = 0.05
"""Share of replies cut at the token limit above which a cell's numbers carry a note."""
MAX_UNSCORED = 0.01
"""Share of samples without a grade above which the study carries a warning."""
_SETTINGS = {"temperature": "temperature", "max_tokens": "token limit", "dtype": "numeric type"}
"""The columns of the log table that arms must share, in words. Sampling seeds may differ."""


def truncated_cells(frame: pd.DataFrame) -> dict[Cell, float]:
    """The cells with more than `MAX_TRUNCATED` of their replies cut, with that share."""
    shares = frame.groupby(list(Cell._fields), observed=True)[TRUNCATED].mean()
    cut = shares[shares > MAX_TRUNCATED].reset_index()
    return {Cell(*map(str, row[:-1])): float(row[-1]) for row in cut.itertuples(index=False, name=None)}


def warmth_statuses(frame: pd.DataFrame) -> dict[str, list[str]]:
    """The status of the warmth check of each arm with an adapter; several where it changed between the logs."""
    checked = frame[frame["warmth_check"] != ""]
    by_arm = checked.groupby("arm", observed=True)["warmth_check"].unique()
    return {str(arm): sorted(map(str, statuses)) for arm, statuses in by_arm.items()}


def warmth_cautions(checks: Mapping[str, Sequence[str]], log: str = "") -> Iterator[Note]:
    """A note for each adapter whose warmth was not shown to be what its arm stands for.

    Args:
        checks: the statuses of the warmth check of each arm: `passed`, `failed` or `not_run`.
        log: the log that holds the arms, where several are told apart.
    """
    where = f" in log {log}" if log else ""
    for arm, statuses in checks.items():
        # The check is of the adapter alone, without a persona.
        trained = split_persona(arm)[0]
        if trained in set(TrainedArm) - WARMTH_DIRECTIONS.keys():
            # The arms that are trained on claims: nothing is asked about their warmth.
            continue
        still = WARMTH_DIRECTIONS.get(trained) == 0
        codes = {"failed": Code.WARMTH_MOVED if still else Code.WARMTH_FAILED, "not_run": Code.WARMTH_NOT_CHECKED}
        for status in statuses:
            if status in codes:
                yield Note(codes[status], arm=arm, where=where)


def same_prompts(frame: pd.DataFrame) -> Iterator[Note]:
    """Questions that were joined into one cluster because they ask the same prompts."""
    declared = frame[["cluster", "benchmark", "cluster_id", "question_id"]].astype(str).drop_duplicates()
    ids = (declared["benchmark"] + ":" + declared["cluster_id"]).groupby(declared["cluster"]).nunique()
    joined = declared[declared["cluster"].isin(ids.index[ids > 1])]
    if len(joined):
        questions = len(joined[["benchmark", "question_id"]].drop_duplicates())
        yield Note(Code.SAME_PROMPTS, questions=questions, clusters=int(joined["cluster"].nunique()))


def log_table(frame: pd.DataFrame, logs: Iterable[Log]) -> pd.DataFrame:
    """One row per log: the header's facts, what its samples say about arm, version and grading, and how many it has.

    Args:
        frame: observations; a log without any among them has `graded` 0.
        logs: those that are listed.
    """
    facts = ["arm", "base_model", "task_version", "grading", "grader", "training_seed", "warmth_check", "dtype"]
    per_log = frame.groupby("log_id", observed=True)
    said = per_log[facts].agg(_distinct)
    table = pd.DataFrame([log.record for log in logs]).merge(said, on="log_id", how="left")
    table["graded"] = table["log_id"].map(per_log.size()).fillna(0).astype(int)
    return table


def unlike_settings(logs: pd.DataFrame) -> Iterator[Note]:
    """A warning for each benchmark and setting that differs between arms. Unknown numeric types are not compared."""
    for benchmark, rows in logs[logs["graded"] > 0].groupby("benchmark"):
        for column, words in _SETTINGS.items():
            texts = rows[column].map(_text)
            values = texts[texts != ""].groupby(rows["arm"]).agg(lambda known: " and ".join(sorted(set(known))))
            if values.nunique() > 1:
                said = ", ".join(f"{arm} {values[arm]}" for arm in ordered_levels("arm", values.index))
                yield Note(Code.UNEQUAL_SETTINGS, benchmark=str(benchmark), setting=words, values=said)


def _text(value: str | float | None) -> str:
    if isinstance(value, str):
        return value
    return "not set" if pd.isna(value) else f"{value:g}"


def _distinct(values: "pd.Series[Any]") -> str:
    """The known values."""
    return ", ".join(sorted(set(map(str, values.unique())) - {""}))


def restricted(frame: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows of observations, or of collected samples of any family, are gated or harmful."""
    harmful = [frame[name].astype(str).isin(HARMFUL) for name in SET_FIELDS if name in frame]
    return reduce(or_, harmful, frame["gated"].astype(bool))


def redacted(exclusions: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """The exclusions, with the reasons of benchmarks that have restricted rows cut to their kind.

    What a foreign scorer adds to a reason may quote the reply.

    Args:
        exclusions: counts by reason, arm, benchmark, context, belief.
        samples: the collected samples, graded or not.
    """
    hidden = set(samples.loc[restricted(samples), "benchmark"].astype(str))
    kinds = exclusions["reason"].map(lambda reason: reason.partition(":")[0])
    reasons = exclusions["reason"].where(~exclusions["benchmark"].isin(hidden), kinds)
    by = [name for name in exclusions.columns if name != "n"]
    return exclusions.assign(reason=reasons).groupby(by, as_index=False)[["n"]].sum()


def remote_graders(frames: Iterable[pd.DataFrame], controls: Iterable[Log] = ()) -> Iterator[Note]:
    """A warning for each grader elsewhere that was sent gated or harmful rows.

    Args:
        frames: graded replies of the benchmarks, and samples of families.
        controls: logs of control benchmarks.
    """
    graded: Counter[tuple[str, str]] = Counter()
    for frame in frames:
        by_model = (frame["grading"] == Grading.MODEL.value) | (frame["stage"] == Grading.MODEL.value)
        sent = frame[restricted(frame) & by_model]
        of = next((name for name in SET_FIELDS if name in frame), "family")
        graded.update(zip(sent[of].astype(str), sent["grader"].astype(str), strict=True))
    graded.update(_graded_controls(controls))
    for (benchmark, grader), n in sorted(graded.items()):
        if not runs_here(grader):
            shown = grader or "an unknown model"
            yield Note(Code.REMOTE_GRADER, n=n, benchmark=benchmark, grader=shown, advice=ADVICE)


def _graded_controls(controls: Iterable[Log]) -> Iterator[tuple[str, str]]:
    """Benchmark and grader of each restricted sample that a model graded."""
    for sample in (sample for log in controls for sample in log.samples.values()):
        if is_restricted(sample.metadata):
            facts = [score.metadata for score in sample.scores.values()]
            graders = {str(fact["grader"]) for fact in facts if fact.get("grading") == Grading.MODEL.value}
            yield from ((item_set_of(sample.metadata), grader) for grader in graders)
