"""The processes of one training: a single one, or those that `accelerate launch` starts."""

import os


def process_count() -> int:
    """How many processes train together; 1 when they were not started by a launcher."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main_process() -> bool:
    """Whether this process is the one that writes and talks."""
    return int(os.environ.get("RANK", "0")) == 0


def wait_for_all() -> None:
    """Return when every process of the training has come here."""
    if process_count() > 1:
        from accelerate import PartialState

        PartialState().wait_for_everyone()
