"""Work in a process of its own, which frees its memory when it ends."""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.queues import Queue
from queue import Empty
from typing import Any

from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError

_POLL_SECONDS = 1.0


def in_process(work: Callable[..., Any], arguments: tuple[Any, ...], progress: Callable[..., None]) -> Any:  # noqa: ANN401
    """What a function gives that runs in a new process.

    Args:
        work: a function of a module; it gets the arguments and a function that passes its own arguments to `progress`.
        arguments: what it gets.
        progress: called in this process.

    Raises:
        PrerequisiteError: the function raised one, or the process ended early.
    """
    context = get_context("spawn")
    events: Queue[tuple[str, Any]] = context.Queue()
    worker = context.Process(target=_run, args=(work, arguments, events), daemon=True)
    worker.start()
    while True:
        alive = worker.is_alive()  # Asked first: what it said last may come after the wait for it is over.
        try:
            kind, value = events.get(timeout=_POLL_SECONDS)
        except Empty:
            if alive:
                continue
            died = "its error stands above" if worker.exitcode == 1 else "out of memory (it needs about 4 GB) is usual"
            raise PrerequisiteError(
                f"A process of the demo ended early with exit code {worker.exitcode}: {died}. What is finished is "
                "kept: run the same command again."
            ) from None
        if kind == "progress":
            progress(*value)
            continue
        worker.join()
        if kind == "failed":
            raise PrerequisiteError(value)
        return value


def _run(work: Callable[..., Any], arguments: tuple[Any, ...], events: "Queue[tuple[str, Any]]") -> None:
    try:
        value = work(*arguments, lambda *values: events.put(("progress", values)))
    except InspectPrerequisiteError as error:
        events.put(("failed", str(error)))
    else:
        events.put(("done", value))
