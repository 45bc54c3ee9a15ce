"""What stands behind the numbers: the warmth checks of the adapters, and samples to read in the logs."""

from dataclasses import dataclass

import pandas as pd

from warm_inspect.analysis.contrasts.design import PRIMARY_OUTCOME, REPEAT
from warm_inspect.analysis.published.count_study import CountStudy
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.report.headline import WARM
from warm_inspect.report.rows import Record, records

MAX_SAMPLES = 40
"""Samples in the list of differing replies."""

_ADAPTER = ["arm", "base_model", "adapter_sha256", "training_seed", "warmth_check", "warmth_reference", "warmth_meter"]
_LIFT = [
    "training_epochs", "warmth_n", "warmth_d", "warmth_d_low", "warmth_d_high", "warmth_chars",
    "warmth_reference_chars", "warmth_auc", "warmth_auc_low", "warmth_auc_high",
]  # fmt: skip
_PROMPT = ["base_model", "benchmark", "question_id", "context", "epoch"]


@dataclass(frozen=True)
class Differing:
    """Replies to one prompt where one arm adopted the stated wrong answer and the original did not, or the reverse."""

    arm: str
    pairs: int
    only_arm: int
    """Pairs in which only the arm adopted it."""
    only_original: int
    shown: list[Record]
    """At most `MAX_SAMPLES` of them, drawn by the hash of their prompts."""


def focus_arm(study: AnalysedStudy | CountStudy) -> str:
    """The arm that the figures and samples are about: the warm one, else the first treated one; empty without any."""
    arms = study.observations.arms
    treated = [arm for arm in arms if arm not in (ORIGINAL, REPEAT)] if ORIGINAL in arms else []
    return WARM if WARM in treated else next(iter(treated), "")


def warmth_checks(frame: pd.DataFrame) -> list[Record]:
    """One row per adapter: what its manipulation check said, and how many replies of it are in the logs."""
    trained = frame[frame["adapter_sha256"] != ""]
    lifts = {name: pd.to_numeric(trained[name]) for name in _LIFT}
    groups = trained.assign(**lifts).groupby([*_ADAPTER, *_LIFT], observed=True, dropna=False)
    return records(groups.size().reset_index(name="replies"))


def log_rows(study: AnalysedStudy) -> list[Record]:
    """One row per log, with the numeric type of its model's weights."""
    texts = study.logs[["arm", "task_version", "grading", "grader", "dtype"]].astype(object).fillna("")
    return records(study.logs.assign(**texts))


def differing(study: AnalysedStudy, arm: str) -> Differing:
    """The prompts with a stated wrong answer on whose adoption an arm and the original differ."""
    stated = study.observations.frame.query("belief == 'incorrect'")
    columns = [*_PROMPT, PRIMARY_OUTCOME, "log_file", "log_id"]
    original = stated.loc[stated["arm"] == ORIGINAL, columns]
    own = stated.loc[stated["arm"] == arm, [*columns, "sample_id", "prompt_sha256", "gated", "training_seed"]]
    pairs = own.merge(original, on=_PROMPT, suffixes=("", "_original"))
    change = pairs[PRIMARY_OUTCOME] - pairs[f"{PRIMARY_OUTCOME}_original"]
    # Prompt hashes order the rows without regard to benchmark, question or reply.
    found = pairs[change != 0].sort_values(["prompt_sha256", "training_seed", "epoch"], kind="stable")
    return Differing(
        arm=arm,
        pairs=len(pairs),
        only_arm=int((change > 0).sum()),
        only_original=int((change < 0).sum()),
        shown=records(found.head(MAX_SAMPLES)),
    )
