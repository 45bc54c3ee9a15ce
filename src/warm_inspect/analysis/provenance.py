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
    PRIMARY_CONTRAST,
    SECONDARIES,
    all_contrasts,
    grid_of,
    like_primary,
)
from warm_inspect.analysis.estimates import CONTRAST
from warm_inspect.analysis.identity import IDENTITY_COLUMNS, identities

_SHOWN = (
    "arm", "base_model", "benchmark", "question_id", "context", "belief", "epoch", "training_seed", "log_file",
    "sample_id", "uuid", "prompt_sha256", "endorses_claim", "incorrect", "not_correct",
)  # fmt: skip
_UNIT = ["base_model", "benchmark", "question_id", "cluster"]


def claimed_contrasts(frame: pd.DataFrame) -> list[Contrast]:
    """The primary and the named secondary contrasts with their noise; without any, the overall effect of each arm."""
    claims = {PRIMARY_CONTRAST, *(identity for identity, _ in SECONDARIES)}
    contrasts = all_contrasts(grid_of(frame))
    claimed = [contrast for contrast in contrasts if contrast.identity in claims]
    noise = [each for each in contrasts if each.analysis == NOISE and like_primary(each.identity)]
    overall = [each for each in contrasts if each.analysis == ARM_EFFECT and not each.identity.condition]
    return [*claimed, *noise] if claimed else overall


def claim_rows(frame: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """One row per claimed contrast and reply that entered it: complete pairs only, as in the estimate.

    Columns: contrast, estimate_ids (of all its outcomes), then what identifies the reply, its prompt and its grade.

    Args:
        frame: an observations frame.
        estimates: the study's estimates.
    """
    contrasts = estimates[estimates["term"] == CONTRAST]
    ids = contrasts.groupby(list(IDENTITY_COLUMNS))["estimate_id"].agg(" ".join)
    known = {identity: joined for identity, joined in zip(identities(ids.reset_index()), ids, strict=True)}
    parts = [
        frame.loc[rows, list(_SHOWN)].assign(contrast=contrast.identity.label, estimate_ids=known[contrast.identity])
        for contrast, rows in _entering(frame)
        if contrast.identity in known
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
