"""Observations: the checked frame of graded replies that every statistic starts from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from warm_inspect.analysis.checkpoints import chosen_checkpoints
from warm_inspect.analysis.levels import FACTORS, ordered_levels
from warm_inspect.analysis.logs.assigned_arms import AssignedArm, with_arms
from warm_inspect.analysis.logs.collect import Collected
from warm_inspect.analysis.logs.comparable import check_comparable
from warm_inspect.analysis.models.patterns import WEIGHT
from warm_inspect.analysis.published.counts import checked_counts
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.measurements import BENCHMARKS
from warm_inspect.core.scored import ScoreDetails
from warm_inspect.core.vocabulary import ORIGINAL, Grade

GRADES = tuple(grade.value for grade in Grade)

COLUMNS = (
    *BENCHMARKS.fields,
    "cluster",
    "model",
    "log_id",
    "log_file",
    "sample_id",
    "epoch",
    "uuid",
    *BENCHMARKS.keys,
    "not_correct",
    "grade",
    *ScoreDetails.model_fields,
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
    checkpoints: pd.DataFrame
    """The frame before one checkpoint was chosen for each arm: the dose curve's rows."""

    @classmethod
    def from_counts(cls, frame: pd.DataFrame) -> "Observations":
        """Observations of cell counts: columns base_model, arm, benchmark, context, belief, n and n_incorrect.

        The frame has the columns of the factors, `context_group`, `incorrect` (0 or 1) and `weight`, the number of
        replies that a row stands for. It names no question, so its errors can only be model-based.

        Raises:
            PrerequisiteError: the counts break a rule (see `warm_inspect.analysis.published.counts.checked_counts`).
        """
        rows, empty = checked_counts(frame)
        lost = empty.loc[:, list(EXCLUSION_COLUMNS[1:])].astype(str)
        return cls(rows, lost.assign(reason="empty cell")[list(EXCLUSION_COLUMNS)].assign(n=0), rows)

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


def observe(
    collected: Collected, arms: Mapping[str, str | AssignedArm] | None = None, epoch: float | None = None
) -> Observations:
    """The observations of the collected samples.

    Args:
        collected: what was read from the logs.
        arms: the arm of each model whose samples do not name one, by Inspect's model name. Models that are given no
            base model count as one: the one of the original arm.
        epoch: the epochs of training after which a checkpoint stands for its arm, where an arm has several.

    Raises:
        PrerequisiteError: a model without an arm, a model that is in no log, no graded sample at all, samples that
            must not be compared (see `check_comparable`), or several checkpoints of an arm and no epoch.
    """
    given = {name: AssignedArm(arm) if isinstance(arm, str) else arm for name, arm in (arms or {}).items()}
    samples = with_arms(collected.samples, given)
    frame = samples[samples["excluded"] == ""].reset_index(drop=True)
    if frame.empty:
        reasons = sorted(set(samples["excluded"]))
        raise PrerequisiteError(
            f"None of the {len(samples)} samples has a grade ({'; '.join(reasons)}). Score them with: inspect score LOG"
        )
    frame["not_correct"] = 1.0 - frame["correct"]
    grades = np.array(GRADES)[frame[list(GRADES)].to_numpy(dtype=float).argmax(axis=1)]
    frame["grade"] = pd.Categorical(grades, categories=list(GRADES))
    frame["cluster"] = frame["benchmark"].astype(str) + ":" + frame["cluster_id"].astype(str)
    for column in frame.columns[frame.dtypes == "str"].difference(["sample_id", "uuid"]):
        frame[column] = frame[column].astype("category")
    for factor in FACTORS:
        values = frame[factor].cat.remove_unused_categories()
        frame[factor] = values.cat.reorder_categories(ordered_levels(factor, values.cat.categories), ordered=True)
    check_comparable(frame)
    chosen = chosen_checkpoints(frame, epoch)
    left_out = set(frame.loc[~chosen, "log_id"])
    kept = samples[~samples["log_id"].isin(left_out)]
    checkpoints = frame.loc[:, list(COLUMNS)]
    return Observations(checkpoints[chosen].reset_index(drop=True), _exclusions(kept), checkpoints)


def _exclusions(samples: pd.DataFrame) -> pd.DataFrame:
    by = list(EXCLUSION_COLUMNS)
    rows = samples.loc[samples["excluded"] != "", ["excluded", *by[1:]]].astype(str)
    rows = rows.rename(columns={"excluded": "reason"})
    return rows.groupby(by, as_index=False).size().rename(columns={"size": "n"})
