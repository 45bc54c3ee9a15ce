"""Checkpoints: adapters of one arm after different amounts of training, and the one that stands for the arm."""

import pandas as pd

from warm_inspect.core.errors import PrerequisiteError

EPOCHS = "training_epochs"


def several_epochs(frame: pd.DataFrame) -> dict[str, list[float]]:
    """The epochs of each arm that has checkpoints of more than one."""
    known = frame[frame[EPOCHS].notna()]
    epochs = {str(arm): sorted(set(map(float, rows[EPOCHS]))) for arm, rows in known.groupby("arm", observed=True)}
    return {arm: values for arm, values in epochs.items() if len(values) > 1}


def chosen_checkpoints(frame: pd.DataFrame, epoch: float | None) -> "pd.Series[bool]":
    """Which replies stand for their arm: all, but of an arm with several checkpoints those of one epoch.

    Raises:
        PrerequisiteError: an arm has several checkpoints and no epoch was chosen, or none of the chosen epoch.
    """
    several = several_epochs(frame)
    for arm, epochs in several.items():
        shown = ", ".join(f"{value:g}" for value in epochs)
        if epoch is None:
            raise PrerequisiteError(
                f"The logs hold arm {arm} after {shown} epochs of training. Choose the checkpoint that stands for the "
                f"arm in the tables, for example: --epoch {epochs[-1]:g}. The dose curve shows them all."
            )
        if epoch not in epochs:
            raise PrerequisiteError(f"--epoch {epoch:g}: the logs hold arm {arm} after {shown} epochs.")
    return ~frame["arm"].astype(str).isin(list(several)) | (frame[EPOCHS].astype(float) == epoch)
