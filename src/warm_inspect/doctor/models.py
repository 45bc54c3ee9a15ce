"""Models and graders: whether they can be used, whether they answer, and for how long they exist."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import get_model
from inspect_ai.solver import generate

from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError, plain_reason
from warm_inspect.core.vocabulary import Grade
from warm_inspect.doctor.finding import Finding, Readiness
from warm_inspect.grading.model import BIND, GraderFailure, default_grader, grader_facts
from warm_inspect.grading.style import Content
from warm_inspect.solvers import record_arm
from warm_inspect.study import plain_verdicts

_REACH = "Check the name, the key and the quota with its provider."
_WAYS_TO_GRADE = f"Bind another with {BIND}, or grade without a model: -T grading=match"


def models(names: Sequence[str], *, ask: bool) -> Iterator[Finding]:
    """Each model under test: its provider's package and key, and with `ask` one reply of it."""
    for name in names:
        if failure := _unusable(name):
            yield Finding(f"Model {name}", Readiness.PROBLEM, failure, "Install or set what it names, then ask again.")
        elif not ask:
            yield Finding(f"Model {name}", Readiness.OK, "package and key are there; --ask asks it for one reply")
        else:
            yield _asked(name)


def _unusable(name: str) -> str:
    """Why Inspect cannot make the model; empty when it can."""
    try:
        get_model(name, memoize=False)
    except (InspectPrerequisiteError, ImportError, ValueError) as error:
        return plain_reason(error)
    return ""


def _asked(name: str) -> Finding:
    with TemporaryDirectory() as folder:
        # `record_arm` also finds out whether a server applies the adapter that it names.
        question = MemoryDataset([Sample("Reply with the word yes.")])
        task = Task(dataset=question, setup=record_arm(), solver=generate())
        logs = inspect_eval(
            task, model=name, log_dir=folder, display="none", log_level="error", log_realtime=False,
            max_tokens=_ROOM, max_retries=1, score=False,
        )  # fmt: skip
        if not logs:
            raise KeyboardInterrupt
        [log] = logs
        output = log.samples[0].output if log.samples else None  # Read before its file is gone.
    if log.status != "success" or output is None:
        reason = log.error.message if log.error else "it was interrupted"
        return Finding(f"Model {name}", Readiness.PROBLEM, f"did not answer: {' '.join(reason.split())[:500]}", _REACH)
    if not output.completion.strip():
        fix = "Give it more room (--max-tokens), or less reasoning (--reasoning-effort low)."
        return Finding(f"Model {name}", Readiness.WARNING, f"answered nothing ({output.stop_reason})", fix)
    return Finding(f"Model {name}", Readiness.OK, "answers")


_ROOM = 256
"""Tokens of the one reply: a model that reasons has to get through its thoughts."""


def graders(names: Sequence[str], *, ask: bool) -> Iterator[Finding]:
    """Each grader, else the default one: usable, not about to leave its provider's API, and with `ask` two verdicts."""
    for name in names or [default_grader()]:
        subject = f"Grader {name}"
        facts = grader_facts(name)
        if facts.is_gone(date.today()):
            state = Readiness.PROBLEM if names else Readiness.WARNING
            yield Finding(subject, state, f"left its provider's API on {facts.retires}", _WAYS_TO_GRADE)
            continue
        if failure := _unusable(name):
            yield Finding(subject, Readiness.PROBLEM if names else Readiness.WARNING, failure, _WAYS_TO_GRADE)
            continue
        if facts.retires:
            other = f", for example {facts.successor}" if facts.successor else ""
            fix = f"Plan long studies with another grader{other}: verdicts of two are never pooled."
            yield Finding(subject, Readiness.WARNING, f"leaves its provider's API on {facts.retires}", fix)
        if not ask:
            yield Finding(subject, Readiness.OK, "package and key are there; --ask asks it for two verdicts")
            continue
        yield _judged(name)


def _judged(name: str) -> Finding:
    subject = f"Grader {name}"
    with TemporaryDirectory() as folder:
        try:
            verdicts = plain_verdicts(name, Path(folder))
        except PrerequisiteError as error:
            return Finding(subject, Readiness.PROBLEM, error.problem.split(" The log is")[0], _WAYS_TO_GRADE)
    if any(verdict.reason == GraderFailure.UNREACHABLE for verdict in verdicts.values()):
        return Finding(subject, Readiness.PROBLEM, "did not answer", _REACH)
    for content, verdict in verdicts.items():
        if not isinstance(verdict.value, Mapping):
            return Finding(subject, Readiness.PROBLEM, f"gave no verdict ({verdict.reason})", _WAYS_TO_GRADE)
        if not verdict.value[_GRADES[content]]:
            return Finding(
                subject, Readiness.PROBLEM, f"calls a plain {content} reply not {_GRADES[content]}", _WAYS_TO_GRADE
            )
    return Finding(subject, Readiness.OK, "grades a plain right reply and a plain wrong one as they are")


_GRADES = {Content.RIGHT: Grade.CORRECT.value, Content.WRONG: Grade.INCORRECT.value}
