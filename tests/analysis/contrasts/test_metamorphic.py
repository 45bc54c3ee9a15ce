"""What may not change a contrast: the order of replies and logs, how they are split, names, other arms, repetitions."""

import random
from collections.abc import Callable, Sequence

import pandas as pd
import pytest

from tests.made_logs import Reply, collected_of, grid
from warm_inspect.analysis.contrasts import PRIMARY_OUTCOME, CellTable, all_contrasts, estimate, grid_of
from warm_inspect.analysis.observations import observe
from warm_inspect.core.errors import PrerequisiteError

OUTCOMES = (PRIMARY_OUTCOME, "incorrect", "not_correct")
NUMBERS = ["estimate", "std_error", "df", "p_value", "conf_low", "conf_high"]
ROWS = grid({"original": 0.3, "neutral": 0.4, "warm": 0.6}, questions=8, benchmarks=("triviaqa", "medqa"))


def contrasts(rows: Sequence[Reply]) -> pd.DataFrame:
    """The numbers of every contrast, by outcome and identity."""
    frame = observe(collected_of(rows)).frame
    table = CellTable.build(frame, OUTCOMES)
    estimates = [row for contrast in all_contrasts(grid_of(frame)) for row in estimate(table, contrast)]
    columns = ["outcome", "contrast", "arm", "reference", *NUMBERS]
    records = [
        (row.outcome, row.contrast, row.identity.arm, row.identity.reference, *(getattr(row, name) for name in NUMBERS))
        for row in estimates
    ]
    return pd.DataFrame(records, columns=columns).set_index(["outcome", "contrast"]).sort_index()


BEFORE = contrasts(ROWS)


def shuffled(rows: Sequence[Reply]) -> list[Reply]:
    return random.Random(3).sample(rows, len(rows))


def split(rows: Sequence[Reply]) -> list[Reply]:
    """Every log as two, the later questions first."""
    return [row | {"log_id": f"{row['log_id']}-{i % 2}"} for i, row in enumerate(reversed(rows))]


def with_another_arm(rows: Sequence[Reply]) -> list[Reply]:
    other = [row for row in rows if row["arm"] == "warm"]
    return [*rows, *(row | {"arm": "zeal", "log_id": f"zeal-{row['log_id']}"} for row in other)]


def with_an_epoch_repeated(rows: Sequence[Reply]) -> list[Reply]:
    return [*rows, *(row | {"epoch": 2} for row in rows)]


@pytest.mark.parametrize("change", [shuffled, split, with_another_arm, with_an_epoch_repeated])
def test_a_contrast_stays(change: Callable[[Sequence[Reply]], list[Reply]]) -> None:
    after = contrasts(change(ROWS))
    assert len(BEFORE) == 99
    pd.testing.assert_frame_equal(after.loc[BEFORE.index], BEFORE, rtol=1e-9)


def test_a_renamed_arm_keeps_its_numbers() -> None:
    after = contrasts([row | {"arm": "zeal"} if row["arm"] == "warm" else row for row in ROWS])
    own, renamed = (
        rows[(rows["arm"] == arm) & (rows["reference"] == "original")]
        for rows, arm in ((BEFORE, "warm"), (after, "zeal"))
    )
    assert len(own) == len(renamed) > 0
    renamed = renamed.rename(index=lambda label: label.replace("zeal", "warm"), level="contrast")
    pd.testing.assert_frame_equal(renamed[NUMBERS].sort_index(), own[NUMBERS].sort_index(), rtol=1e-9)


def test_a_log_given_twice_is_refused() -> None:
    again = [row | {"log_id": f"{row['log_id']}-copy"} for row in ROWS if row["arm"] == "warm"]
    with pytest.raises(PrerequisiteError, match="arm warm"):
        observe(collected_of([*ROWS, *again]))
