"""Which replies entered the estimates that carry a claim: the rows behind the headline, one by one."""

from collections.abc import Iterator
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from warm_inspect.analysis.contrasts.condition_means import Cell, Codes, Contrast
from warm_inspect.analysis.contrasts.design import (
    ARM_EFFECT,
    NOISE,
    PRIMARY_CONDITION,
    PRIMARY_LABEL,
    SECONDARIES,
    all_contrasts,
    grid_of,
)
from warm_inspect.analysis.estimates import CONTRAST

_SHOWN = (
    "arm", "base_model", "benchmark", "question_id", "context", "belief", "epoch", "training_seed", "log_file",
    "sample_id", "uuid", "prompt_sha256", "endorses_claim", "incorrect", "not_correct",
)  # fmt: skip
_UNIT = ["base_model", "benchmark", "question_id", "cluster"]


def claimed_contrasts(frame: pd.DataFrame) -> list[Contrast]:
    """The primary and the named secondary contrasts with their noise; without any, the overall effect of each arm."""
    labels = {PRIMARY_LABEL, *(label for label, _ in SECONDARIES)}
    contrasts = all_contrasts(grid_of(frame))
    claimed = [contrast for contrast in contrasts if contrast.label in labels]
    noise = [each for each in contrasts if each.analysis == NOISE and each.label.endswith(PRIMARY_CONDITION)]
    overall = [each for each in contrasts if each.analysis == ARM_EFFECT and "|" not in each.label]
    return [*claimed, *(each for each in noise if not each.label.startswith("("))] if claimed else overall


def claim_rows(frame: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """One row per claimed contrast and reply that entered it: complete pairs only, as in the estimate.

    Columns: contrast, estimate_ids (of all its outcomes), then what identifies the reply, its prompt and its grade.

    Args:
        frame: an observations frame.
        estimates: the study's estimates.
    """
    contrasts = estimates[estimates["term"] == CONTRAST].groupby("contrast")["estimate_id"].agg(" ".join)
    parts = [
        frame.loc[rows, list(_SHOWN)].assign(contrast=contrast.label, estimate_ids=contrasts[contrast.label])
        for contrast, rows in _entering(frame)
        if contrast.label in contrasts
    ]
    columns = ["contrast", "estimate_ids", *_SHOWN]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _entering(frame: pd.DataFrame) -> Iterator[tuple[Contrast, Codes]]:
    """The positions of the replies in the frame, which has a plain index."""
    indices: dict[Any, Any] = frame.groupby(list(Cell._fields), observed=True).indices
    cells: dict[Cell, Codes] = {Cell(*map(str, key)): rows for key, rows in indices.items()}
    unit = frame.groupby(_UNIT, observed=True).ngroup().to_numpy()
    for contrast in claimed_contrasts(frame):
        used = np.zeros(len(frame), dtype=bool)
        for block in contrast.blocks:
            if not all(cell in cells for cell in block):
                continue
            shared = reduce(np.intersect1d, [unit[cells[cell]] for cell in block])
            for cell in block:
                used[cells[cell][np.isin(unit[cells[cell]], shared)]] = True
        yield contrast, np.flatnonzero(used)
