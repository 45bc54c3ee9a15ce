"""Progress of evaluations, sample by sample, for a caller that draws its own bar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import rich
from inspect_ai.hooks import Hooks, SampleEnd, hooks
from inspect_ai.log import EvalSample

SampleListener = Callable[[EvalSample], None]

_LISTENERS: list[SampleListener] = []


@contextmanager
def on_sample_end(listener: SampleListener) -> Iterator[None]:
    """Call the listener with each sample that an evaluation finishes inside the block; reused samples do not count."""
    _register()
    _LISTENERS.append(listener)
    try:
        yield
    finally:
        _LISTENERS.remove(listener)


@cache
def _register() -> None:
    """Register the hook with Inspect, once and not at import: Inspect announces every hook that it knows.

    The announcement is silenced, since the caller draws its own progress bar.
    """
    rich.reconfigure(quiet=True)

    @hooks(name="warm_inspect_progress", description="Tells warm-inspect's own progress bars about finished samples.")
    class SampleProgress(Hooks):
        """Calls the listeners of this process."""

        def enabled(self) -> bool:
            return bool(_LISTENERS)

        async def on_sample_end(self, data: SampleEnd) -> None:
            for listener in _LISTENERS:
                listener(data.sample)
