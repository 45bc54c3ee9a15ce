"""The dose curve: warmth and errors against the epochs of training, over the checkpoints of an arm.

Source: study, figure 1a, which draws warmth against epochs; errors stand beside it here.
"""

from collections.abc import Iterator
from math import nan
from typing import Any

import pandas as pd

from warm_inspect.analysis.contrasts import CellTable, Contrast, estimate
from warm_inspect.analysis.estimates import Identity, Kind
from warm_inspect.analysis.observations import EPOCHS, several_epochs
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, NOT_CORRECT, ORIGINAL, Grade

WARMTH = "warmth"
"""The measure of the manipulation check: the standardised lift over the original (Cohen's d).

Over the original at every checkpoint, also where another arm decided the check: a curve whose points have several
references would bend where the reference changes.
"""
ERRORS = (Grade.INCORRECT.value, NOT_CORRECT, ENDORSES_CLAIM)
"""The measures of the replies: percent, benchmarks and conditions weighted equally."""

COLUMNS = (
    "base_model", "arm", "training_seed", EPOCHS, "measure", "reference", "estimate", "conf_low", "conf_high", "n",
    "n_clusters", "warmth_check", "warmth_reference", "warmth_meter", "chars",
)  # fmt: skip
"""The columns of the dose table. `reference` is the arm that an estimate is a lift over, empty for errors, which are
rates; `warmth_reference` is the arm that decided the warmth check. `n` counts prompts of the check, or replies; `chars`
is the mean length of those replies in characters; intervals are resampled over prompts, or clustered by question."""

_ADAPTER = ["base_model", "arm", "training_seed", EPOCHS]


def dose_table(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per checkpoint and measure, `COLUMNS`; empty when no arm has several checkpoints. Deterministic.

    The original stands at epoch 0, with a warmth of 0: it is what the warmth of the others is a lift over. That lift is
    NaN where the logs do not hold it, because the adapter was not checked or its manifest did not record it.
    """
    arms = several_epochs(frame)
    used = frame[frame["arm"].astype(str).isin([*arms, ORIGINAL])] if arms else frame.iloc[:0]
    placed = used.assign(**{EPOCHS: used[EPOCHS].astype(float).where(used["arm"].astype(str) != ORIGINAL, 0.0)})
    rows = [
        row
        for key, replies in placed.groupby(_ADAPTER, observed=True)
        for row in (_warmth(key, replies), *_errors(key, replies))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _warmth(key: Any, replies: pd.DataFrame) -> dict[str, Any]:  # noqa: ANN401 - pandas' group key
    first = replies.iloc[0]
    lift = {name: _number(first[f"warmth_original_{name}"]) for name in ("d", "d_low", "d_high", "n")}
    if first["arm"] == ORIGINAL:
        lift |= {"d": 0.0}
    return _row(key, first, WARMTH) | {
        "reference": ORIGINAL,
        "estimate": lift["d"],
        "conf_low": lift["d_low"],
        "conf_high": lift["d_high"],
        "n": lift["n"],
        "n_clusters": lift["n"],
        "chars": _number(first["warmth_chars"]),
    }


def _errors(key: Any, replies: pd.DataFrame) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    table = CellTable.build(replies, ERRORS)
    blocks = tuple({cell: 1.0} for cell in table.columns)
    for rate in estimate(table, Contrast("dose", Identity(Kind.RATE, str(replies["arm"].iloc[0])), blocks)):
        yield _row(key, replies.iloc[0], rate.outcome) | {
            "reference": "",
            "estimate": rate.estimate,
            "conf_low": rate.conf_low,
            "conf_high": rate.conf_high,
            "n": rate.n,
            "n_clusters": rate.n_clusters,
            "chars": float(replies["reply_chars"].mean()),
        }


def _row(key: Any, first: "pd.Series[Any]", measure: str) -> dict[str, Any]:  # noqa: ANN401
    known = dict(zip(_ADAPTER, key, strict=True))
    return known | {
        "arm": str(first["arm"]),
        "measure": measure,
        "warmth_check": first["warmth_check"],
        "warmth_reference": first["warmth_reference"],
        "warmth_meter": first["warmth_meter"],
    }


def _number(value: Any) -> float:  # noqa: ANN401 - a cell of a frame
    return nan if value is None else float(value)
