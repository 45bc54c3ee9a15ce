"""What the demo says of its progress: how far a stage is, for how long it goes on, and what it shows so far."""

import io

import pytest
from rich.console import Console

from warm_inspect.cli import demo_progress
from warm_inspect.cli.demo_progress import ShownProgress, span


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (125, "2:05"), (3600, "60:00")])
def test_a_time(seconds: float, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("passed", "count", "state", "line"),
    [
        (0, 0, "", "0:00: 0 of 100; 5:00 left, 6:00 in all"),
        (60, 10, "loss 2", "1:00: 10 of 100; 5:00 left, 6:00 in all; loss 2"),  # 0.2 x 9:00 + 0.8 x 4:00
        (60, 50, "", "1:00: 50 of 100; 1:00 left, 2:00 in all"),
        (400, 0, "", "6:40: 0 of 100; longer than planned"),
        (400, 20, "", "6:40: 20 of 100; 10:40 left, 11:40 in all"),
        (400, 100, "", "6:40: 100 of 100"),
    ],
)
def test_the_time_left(passed: float, count: int, state: str, line: str) -> None:
    clock = Clock()
    progress = ShownProgress(Console(file=io.StringIO()), clock)
    progress.stage("evaluate", 300, 60, 100)
    clock.seconds += passed
    progress.done(count, state)
    assert progress.line() == line


def test_a_file_gets_a_line_by_itself_and_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_progress, "LINE_SECONDS", 0.01)
    file = io.StringIO()
    with ShownProgress(Console(file=file, width=80)) as progress:
        progress.stage("analyse", 10, 0, 0)
        while file.getvalue().count("\n") < 3:
            progress._over.wait(0.01)
        progress.say("seen")
    lines = file.getvalue().splitlines()
    assert lines[0] == "analyse: about 0:10"
    assert lines[1].startswith("  0:00: analyse; ")
    assert "  seen" in lines
