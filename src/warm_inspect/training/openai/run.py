"""Fine-tune arms at OpenAI: submit, wait, write manifests. Everything that is done survives a kill at any moment."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import require_writable
from warm_inspect.training.openai.plan import HostedPlan
from warm_inspect.training.openai.series import STATE_FOLDER, JobSeries
from warm_inspect.training.openai.service import PutOff, Service, Unreachable
from warm_inspect.training.openai.state import Pace

Told = Callable[[str, str], None]
"""Told the arm and where it stands, whenever that changes."""

_SLOWER = 1.5


def train_hosted(
    plans: Sequence[HostedPlan],
    out: Path,
    service: Service,
    *,
    resubmit: bool = False,
    told: Told = lambda arm, standing: None,
    pace: Pace | None = None,
) -> list[Path]:
    """The folders of all planned models' manifests, fine-tuned as far as they are not there yet.

    The arms wait side by side; the jobs of one arm follow each other. Takes as long as the jobs do, hours as a rule. A
    second call goes on where the first was stopped, and never submits a job that OpenAI has already.

    Args:
        plans: the arms.
        out: where adapters live; made if need be.
        service: OpenAI.
        resubmit: submit jobs again that failed, expired or were cancelled.
        told: told where each arm stands.
        pace: how long to wait between looks.

    Raises:
        PrerequisiteError: a request was refused, a job is dead, the service stays silent, or another process waits for
            the same folder. The other arms are finished first.
    """
    require_writable(out)
    pace = pace or Pace()
    with _alone(out):
        series = [JobSeries(plan, out, service, pace.settle) for plan in plans]
        if resubmit:
            _give_up_dead(series)
        failures = _wait(series, told, pace)
    if failures:
        raise PrerequisiteError("\n".join(dict.fromkeys(failures)))
    return [plan.folder(out, epoch) for plan in plans for epoch in sorted(set(plan.settings.epochs))]


@dataclass(frozen=True)
class _Standing:
    """Where an arm stands after a look."""

    text: str
    open: bool = True
    failed: bool = False
    answered: bool = True


def _wait(series: Sequence[JobSeries], told: Told, pace: Pace) -> list[str]:
    """Advance all series until each is done or has failed, and give the messages of those that failed."""
    waiting, failures, shown = list(series), [], dict[str, str]()
    delay, last_answer = pace.first, time.monotonic()
    while waiting:
        looked = [(one, _look(one)) for one in waiting]
        now = {one.label: standing.text for one, standing in looked}
        for label in (label for label, text in now.items() if shown.get(label) != text):
            told(label, now[label])
            delay = pace.first
        shown |= now
        failures += [standing.text for _, standing in looked if standing.failed]
        waiting = [one for one, standing in looked if standing.open]
        if any(standing.answered for _, standing in looked):
            last_answer = time.monotonic()
        elif time.monotonic() > last_answer + pace.patience:
            said = "; ".join(sorted(set(now.values())))
            return [*failures, f"{said}. The jobs go on there: run the same command again to go on waiting."]
        if waiting:
            time.sleep(delay)
            delay = min(delay * _SLOWER, pace.longest)
    return failures


def _look(one: JobSeries) -> _Standing:
    try:
        text = one.advance()
    except PrerequisiteError as refusal:
        return _Standing(str(refusal), open=False, failed=True)
    except PutOff as wait:
        return _Standing(f"OpenAI asks to wait: {wait}")
    except Unreachable as silence:
        return _Standing(f"OpenAI does not answer: {silence}", answered=False)
    return _Standing(text) if text else _Standing("done", open=False)


def _give_up_dead(series: Sequence[JobSeries]) -> None:
    try:
        for one in series:
            one.give_up_dead()
    except (PutOff, Unreachable) as silence:
        raise PrerequisiteError(f"OpenAI does not answer: {silence}. Run the same command again.") from None


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold the folder's lock: two processes could submit the same job at the same moment."""
    folder = out / STATE_FOLDER
    folder.mkdir(exist_ok=True)
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise PrerequisiteError(
            f"Another process is already waiting for OpenAI's jobs of {out}. Let it go on, or choose another --out."
        ) from None
    try:
        yield
    finally:
        lock.release()
