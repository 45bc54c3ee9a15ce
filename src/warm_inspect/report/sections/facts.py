"""Facts about a study, read from its logs: what its limits and its methods paragraph are made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from warm_inspect.analysis.study import ENOUGH_SEEDS, AnalysedStudy
from warm_inspect.core.vocabulary import Grading

BUNDLED = "bundled-"
"""How the revision of the item sets in the package starts."""


@dataclass(frozen=True)
class Facts:
    """What the logs say about how the study was made. Lists are sorted, or in the order of the tables."""

    base_models: list[str]
    arms: list[str]
    benchmarks: list[tuple[str, int, str]]
    """Name, number of questions, data revision."""
    contexts: list[str]
    beliefs: list[str]
    statements: int
    """Most statements that voice one context; 0 when no context has statements."""
    replies: int
    questions: int
    unscored: int
    epochs: int
    bundled: bool
    matched: bool
    """Whether some replies were graded by string matching."""
    graders: list[str]
    rubrics: list[str]
    seeds: list[tuple[str, int]]
    """Training seeds of each arm with an adapter."""
    few_seeds: bool
    gated: list[tuple[str, int]]
    """Benchmarks with gated rows, and how many replies those are."""
    dtypes: list[str]
    repeated: bool
    """Whether there is a rerun of the original."""
    warm_versions: list[str]
    inspect_versions: list[str]
    task_versions: list[tuple[str, str]]
    item_seeds: list[str]
    settings: list[tuple[str, str]]
    """Temperatures, token limits and sampling seeds, as the logs give them."""
    prompts: int
    """Distinct prompt hashes."""
    shared_prompts: int
    """Prompts that several arms were asked and whose hashes were compared; they agree, or there were no report."""
    unhashed: int
    """Replies whose log does not hold the hash of the prompt."""


def facts(study: AnalysedStudy) -> Facts:
    """The facts of a study; deterministic."""
    frame, logs = study.observations.frame, study.logs
    trained = frame[frame["adapter_sha256"] != ""]
    seeds = _per_level(trained, "arm", "training_seed")
    spoken = frame[frame["statement_id"] != ""]
    gated = frame[frame["gated"].astype(bool)]
    return Facts(
        base_models=_levels(frame, "base_model"),
        arms=study.observations.arms,
        benchmarks=[
            (name, n, ", ".join(_distinct(frame.loc[frame["benchmark"] == name, "dataset_revision"])))
            for name, n in _per_level(frame, "benchmark", "question_id")
        ],
        contexts=_levels(frame, "context"),
        beliefs=_levels(frame, "belief"),
        statements=max((n for _, n in _per_level(spoken, "context", "statement_id")), default=0),
        replies=len(frame),
        questions=frame["cluster"].nunique(),
        unscored=int(study.exclusions["n"].sum()),
        epochs=int(frame["epoch"].nunique()),
        bundled=bool(frame["dataset_revision"].str.startswith(BUNDLED).any()),
        matched=Grading.MATCH.value in {*frame["grading"].unique(), *frame["stage"].unique()},
        graders=_distinct(frame["grader"]),
        rubrics=_distinct(frame["grader_prompt_sha256"]),
        seeds=seeds,
        few_seeds=any(n < ENOUGH_SEEDS for _, n in seeds),
        gated=[(str(name), len(rows)) for name, rows in gated.groupby("benchmark", observed=True)],
        dtypes=_distinct(frame["dtype"]),
        repeated=bool(study.observations.roles.rerun),
        warm_versions=_distinct(frame["warm_inspect_version"]),
        inspect_versions=_distinct(logs["inspect_version"]),
        task_versions=[
            (str(name), ", ".join(_distinct(rows["task_version"])))
            for name, rows in frame.groupby("benchmark", observed=True)
        ],
        item_seeds=_distinct(frame["seed"]),
        settings=list(_settings(logs)),
        prompts=frame["prompt_sha256"].nunique(),
        shared_prompts=_shared_prompts(frame),
        unhashed=int((frame["prompt_sha256"].astype(str) == "").sum()),
    )


def _shared_prompts(frame: pd.DataFrame) -> int:
    known = frame[frame["prompt_sha256"].astype(str) != ""]
    asked = known.groupby("prompt_sha256", observed=True)["arm"]
    return int((asked.nunique() > 1).sum())


def _distinct(values: "pd.Series[Any]") -> list[str]:
    """The distinct known values, as sorted text."""
    return sorted(set(map(str, values.dropna().unique())) - {""})


def _levels(frame: pd.DataFrame, factor: str) -> list[str]:
    return [str(level) for level in frame[factor].cat.categories]


def _per_level(frame: pd.DataFrame, factor: str, column: str) -> list[tuple[str, int]]:
    """How many distinct values of a column each level of a factor has."""
    counts = frame.groupby(factor, observed=True)[column].nunique()
    return [(str(level), int(n)) for level, n in counts.items()]


def _settings(logs: pd.DataFrame) -> Iterable[tuple[str, str]]:
    """The generation settings that some log names."""
    said = {"temperature": "temperature", "max_tokens": "token limit", "model_seed": "sampling seed"}
    for column, words in said.items():
        values = sorted(set(pd.to_numeric(logs[column]).dropna()))
        if values:
            yield words, ", ".join(f"{value:g}" for value in values)
