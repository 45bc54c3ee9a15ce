"""A guard against code that does not end: the test fails instead of standing still."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """Fail a block that is still running after some seconds of wall time.

    The limit is far above what the block takes on a slow machine: it tells linear time from quadratic, not fast
    from slow, which is what `bench/` is for.

    Raises:
        AssertionError: The block was interrupted.
    """

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"still running after {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
