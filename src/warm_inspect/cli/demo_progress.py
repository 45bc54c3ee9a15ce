"""The demo's progress: a line where a stage begins and every half minute, also in a file; a bar on a terminal."""

from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from warm_inspect.tables import escape

LINE_SECONDS = 30.0
"""The longest silence: a process that says nothing for minutes looks dead."""


class ShownProgress:
    """Prints how far a demo is, and for how long it goes on.

    Args:
        console: where.
        clock: the seconds of a clock that never goes back.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = monotonic) -> None:
        self._console = console
        self._clock = clock
        self._bars = Progress(
            TextColumn("  {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._bar: TaskID | None = None
        self._name, self._state = "", ""
        self._began = self._expected = self._later = 0.0
        self._total = self._count = 0
        self._over = Event()
        self._ticker = Thread(target=self._tick, name="warm-inspect-demo-progress", daemon=True)

    def __enter__(self) -> "ShownProgress":
        self._bars.start()
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._ticker.join()
        self._bars.stop()

    def stage(self, name: str, seconds: float, later: float, total: int) -> None:
        """Say that a stage begins, how long it is expected to take, and how long those after it."""
        self._name, self._state, self._began = name, "", self._clock()
        self._expected, self._later, self._total, self._count = seconds, later, total, 0
        expected = f": about {span(seconds)}" if seconds else ""
        after = f", and {span(later)} after it" if later else ""
        self._print(f"[bold]{escape(name)}[/bold]{expected}{after}")
        if self._bar is not None:
            self._bars.remove_task(self._bar)
        self._bar = self._bars.add_task(name, total=total) if total else None

    def done(self, count: int, state: str) -> None:
        """Note how many steps or replies are done, and what they show."""
        self._count, self._state = count, state
        if self._bar is not None:
            self._bars.update(self._bar, completed=count)

    def say(self, result: str) -> None:
        """Print a result of the demo, which stays above the progress line."""
        self._print(Padding.indent(escape(result), 2))

    def line(self) -> str:
        """How far the stage is: the time it has taken, what is done, what that shows, and the time left in all."""
        passed = self._clock() - self._began
        done = f"{self._count} of {self._total}" if self._total else ""
        return "; ".join(filter(None, (f"{span(passed)}: {done or self._name}", self._left(passed), self._state)))

    def _left(self, passed: float) -> str:
        expected = max(self._expected - passed, 0.0)
        share = self._count / self._total if self._total else 0.0
        # The plan counts for less the more is done: the first replies end long after the first step of them all.
        trust = min(1.0, 2 * share)
        left = trust * passed * (1 - share) / share + (1 - trust) * expected if share else expected
        if not left:
            return "longer than planned" if self._expected and share < 1 else ""
        return f"{span(left)} left, {span(left + self._later)} in all" if self._later else f"{span(left)} left"

    def _tick(self) -> None:
        while not self._over.wait(LINE_SECONDS):
            if self._name:
                self._print(Padding.indent(escape(self.line()), 2))

    def _print(self, text: RenderableType) -> None:
        self._bars.console.print(text, highlight=False)


def span(seconds: float) -> str:
    """A time in minutes and seconds, for example `2:05`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
