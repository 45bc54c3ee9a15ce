"""Observations: the checked frame of graded replies that every statistic starts from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from warm_inspect.analysis.checks import check_comparable
from warm_inspect.analysis.collect import Collected
from warm_inspect.analysis.counts import checked_counts
from warm_inspect.analysis.levels import LEVELS, ordered_levels
from warm_inspect.analysis.patterns import WEIGHT
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.metadata import SampleMetadata
from warm_inspect.core.vocabulary import NONE, ORIGINAL, SCORE_KEYS, Grade

GRADES = tuple(grade.value for grade in Grade)

TEXT = "claim"
"""The one field of the metadata that holds words of an item. They may be gated, so they stay in the log."""

COLUMNS = (
    *(name for name in SampleMetadata.model_fields if name != TEXT),
    "cluster",
    "model",
    "log_id",
    "log_file",
    "sample_id",
    "epoch",
    "uuid",
    *SCORE_KEYS,
    "not_correct",
    "grade",
    "reply_chars",
    "reply_tokens",
    "grading",
    "grader",
    "grader_prompt_sha256",
)
"""The columns of the frame, in order."""

EXCLUSION_COLUMNS = ("reason", "arm", "benchmark", "context", "belief")


@dataclass(frozen=True)
class Observations:
    """Graded replies of one or more logs, checked to be comparable.

    Factors are ordered categoricals with the reference first. `arm` carries the persona (`warm+persona_warm`);
    `cluster` is the unit of clustered errors, unique over benchmarks; `not_correct` is 1 - `correct`.
    """

    frame: pd.DataFrame
    """One row per graded reply, columns `COLUMNS`; of cell counts, one row per cell and outcome (`from_counts`)."""
    exclusions: pd.DataFrame
    """Counts of samples without a grade: reason, arm, benchmark, context, belief, n."""

    @classmethod
    def from_counts(cls, frame: pd.DataFrame) -> "Observations":
        """Observations of cell counts: columns base_model, arm, benchmark, context, belief, n and n_incorrect.

        The frame has the columns of the factors, `context_group`, `incorrect` (0 or 1) and `weight`, the number of
        replies that a row stands for. It names no question, so its errors can only be model-based.

        Raises:
            PrerequisiteError: the counts break a rule (see `warm_inspect.analysis.counts.checked_counts`).
        """
        rows, empty = checked_counts(frame)
        lost = empty.loc[:, list(EXCLUSION_COLUMNS[1:])].astype(str)
        return cls(rows, lost.assign(reason="empty cell")[list(EXCLUSION_COLUMNS)].assign(n=0))

    @property
    def counted(self) -> bool:
        """Whether these are cell counts, without the replies behind them."""
        return WEIGHT in self.frame

    @property
    def arms(self) -> list[str]:
        """The arms in order, the original first."""
        return [str(arm) for arm in self.frame["arm"].cat.categories]

    @property
    def treated_arms(self) -> list[str]:
        """Every arm but the original."""
        return [arm for arm in self.arms if arm != ORIGINAL]


def observe(collected: Collected, arms: Mapping[str, str] | None = None) -> Observations:
    """The observations of the collected samples.

    Args:
        collected: what was read from the logs.
        arms: the arm of each model whose samples do not name one, by Inspect's model name. These models count as one
            base model: the one of the original arm.

    Raises:
        PrerequisiteError: a model without an arm, a model that is in no log, no graded sample at all, or samples that
            must not be compared (see `check_comparable`).
    """
    samples = _with_arms(collected.samples, arms or {})
    graded = [sample for sample in samples if not sample["excluded"]]
    if not graded:
        reasons = sorted({sample["excluded"] for sample in samples})
        raise PrerequisiteError(
            f"None of the {len(samples)} samples has a grade ({'; '.join(reasons)}). Score them with: inspect score LOG"
        )
    frame = pd.DataFrame.from_records(graded)
    frame["not_correct"] = 1.0 - frame["correct"]
    frame["grade"] = pd.Categorical(frame[list(GRADES)].idxmax(axis=1), categories=list(GRADES))
    frame["cluster"] = frame["benchmark"] + ":" + frame["cluster_id"]
    for factor in LEVELS:
        frame[factor] = pd.Categorical(frame[factor], ordered_levels(factor, frame[factor]), ordered=True)
    check_comparable(frame)
    return Observations(frame.loc[:, list(COLUMNS)], _exclusions(samples))


def _with_arms(samples: Sequence[dict[str, Any]], arms: Mapping[str, str]) -> list[dict[str, Any]]:
    """The samples with their arm filled in from the mapping, and with the persona in the arm's name."""
    models = sorted({sample["model"] for sample in samples})
    for model in arms:
        if model not in models:
            raise unknown_value("model in --arm", model, models)
    originals = [model for model, arm in arms.items() if arm == ORIGINAL]
    if len(originals) > 1:
        raise PrerequisiteError(f"--arm names {len(originals)} original models. Analyse one base model at a time.")
    base = next(iter(originals or arms), "")
    named = []
    for sample in samples:
        mapped = arms.get(sample["model"], "")
        arm = mapped or sample["arm"]
        if not arm:
            raise PrerequisiteError(
                f"The logs of model {sample['model']} do not say which arm it is. "
                f"Add for example: --arm original={sample['model']}"
            )
        if sample["persona"] != NONE:
            arm = f"{arm}+persona_{sample['persona']}"
        named.append(sample | {"arm": arm, "base_model": base if mapped else sample["base_model"]})
    return named


def _exclusions(samples: Sequence[dict[str, Any]]) -> pd.DataFrame:
    by = list(EXCLUSION_COLUMNS)
    rows = [[sample["excluded"], *(sample[name] for name in by[1:])] for sample in samples if sample["excluded"]]
    return pd.DataFrame(rows, columns=by, dtype=str).groupby(by, as_index=False).size().rename(columns={"size": "n"})
