"""All that is looked at, in the order in which it is reported."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from warm_inspect.doctor import hub, machine, models
from warm_inspect.doctor.finding import Finding


def examine(names: Sequence[str] = (), graders: Sequence[str] = (), *, ask: bool = False) -> Iterator[Finding]:
    """What a run would meet on this machine; sends one small request per Hub data set, and nothing is downloaded.

    Cost: none without `ask`; with it one short reply of each model and two verdicts of each grader.

    Args:
        names: Inspect's names of the models under test.
        graders: Inspect's names of the models that are to grade; none for the default grader.
        ask: whether models and graders are asked for replies.

    Yields:
        Findings, as soon as they are made.
    """
    yield from machine.python()
    yield from machine.packages()
    yield from machine.registration()
    yield from machine.disk(Path.cwd())
    yield from machine.memory()
    yield from machine.processor()
    yield from hub.benchmarks()
    yield from models.models(names, ask=ask)
    yield from models.graders(graders, ask=ask)
