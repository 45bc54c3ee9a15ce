"""Fine-tune arms at OpenAI: submit, wait, write manifests. All finished work survives a kill at any moment.

The arms wait side by side. The jobs of one arm follow each other, the longest first, since it may return the models of
earlier epochs.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import require_writable
from warm_inspect.training.openai.plan import HostedPlan, JobSpec
from warm_inspect.training.openai.record import check_job, find_hosted, models_by_epoch, write_manifest
from warm_inspect.training.openai.service import SUCCEEDED, WAITING, RateLimited, Service, Unreachable
from warm_inspect.training.openai.submission import SubmissionFile, submit_once

if TYPE_CHECKING:
    from openai.types.fine_tuning import FineTuningJob

OnChange = Callable[[str, str], None]
"""Called with an arm and its status in words, whenever that changes."""

_STATE_FOLDER = ".openai"
"""Inside the output folder: one small file per upload and per job."""
_SLOWER = 1.5
"""Times the wait before, which the next wait takes while nothing changes."""


@dataclass(frozen=True)
class Pace:
    """How long a run waits between requests to the service, in seconds."""

    first: float = 5.0
    """Between two looks at a job that has just changed."""
    longest: float = 60.0
    """Between two looks at a job that has not changed for long."""
    settle: float = 90.0
    """From a request until the service must show what it made."""
    patience: float = 3600.0
    """Until a service that does not answer is given up."""


def train_hosted(
    plans: Sequence[HostedPlan],
    out: Path,
    service: Service,
    *,
    resubmit: bool = False,
    on_change: OnChange = lambda arm, status: None,
    pace: Pace | None = None,
) -> list[Path]:
    """The folders of all planned models' manifests, fine-tuned as far as they are not there yet.

    Takes as long as the jobs do, hours as a rule. A second call resumes, and never submits a job that OpenAI has
    already.

    Args:
        plans: the arms.
        out: the folder of adapters; made if need be.
        service: OpenAI.
        resubmit: submit jobs again that failed, expired or were cancelled.
        on_change: called when the status of an arm changes.
        pace: the waiting times.

    Raises:
        PrerequisiteError: a request was refused, a job is dead, the service stays silent, or another process waits for
            the same folder. The other arms are finished first.
    """
    require_writable(out)
    pace = pace or Pace()
    with _exclusively(out):
        series = [_JobSeries(plan, out, service, pace.settle) for plan in plans]
        if resubmit:
            _give_up_dead(series)
        failures = _wait(series, on_change, pace)
    if failures:
        raise PrerequisiteError("\n".join(dict.fromkeys(failures)))
    return [plan.folder(out, epoch) for plan in plans for epoch in sorted(set(plan.settings.epochs))]


@contextmanager
def _exclusively(out: Path) -> Iterator[None]:
    """Hold the folder's lock: two processes could submit the same job at the same moment."""
    folder = out / _STATE_FOLDER
    folder.mkdir(exist_ok=True)
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise PrerequisiteError(
            f"Another process is already waiting for OpenAI's jobs of {out}",
            "Let it go on, or choose another --out.",
        ) from None
    try:
        yield
    finally:
        lock.release()


class _Progress(Enum):
    """The progress of an arm."""

    WAITING = auto()
    SILENT = auto()
    """Waiting for a service that does not answer."""
    DONE = auto()
    FAILED = auto()


@dataclass(frozen=True)
class _Status:
    """An arm after a look."""

    progress: _Progress
    text: str
    """For people."""


def _wait(series: Sequence["_JobSeries"], on_change: OnChange, pace: Pace) -> list[str]:
    """Advance all series until each is done or has failed, and give the messages of those that failed."""
    waiting, failures, shown = list(series), [], dict[str, str]()
    delay, last_answer = pace.first, time.monotonic()
    while waiting:
        looks = [(one, _look(one)) for one in waiting]
        now = {one.label: status.text for one, status in looks}
        for label in (label for label, text in now.items() if shown.get(label) != text):
            on_change(label, now[label])
            delay = pace.first
        shown |= now
        failures += [status.text for _, status in looks if status.progress is _Progress.FAILED]
        waiting = [one for one, status in looks if status.progress in (_Progress.WAITING, _Progress.SILENT)]
        if any(status.progress is not _Progress.SILENT for _, status in looks):
            last_answer = time.monotonic()
        elif time.monotonic() > last_answer + pace.patience:
            said = "; ".join(sorted(set(now.values())))
            return [*failures, f"{said}. The jobs go on there: run the same command again to go on waiting."]
        if waiting:
            time.sleep(delay)
            delay = min(delay * _SLOWER, pace.longest)
    return failures


def _look(one: "_JobSeries") -> _Status:
    try:
        return one.advance()
    except PrerequisiteError as refusal:
        return _Status(_Progress.FAILED, str(refusal))
    except RateLimited as limit:
        return _Status(_Progress.WAITING, f"OpenAI asks to wait: {limit}")
    except Unreachable as silence:
        return _Status(_Progress.SILENT, f"OpenAI does not answer: {silence}")


def _give_up_dead(series: Sequence["_JobSeries"]) -> None:
    try:
        for one in series:
            one.give_up_dead()
    except (RateLimited, Unreachable) as silence:
        raise PrerequisiteError(f"OpenAI does not answer: {silence}", "Run the same command again.") from None


@dataclass(frozen=True)
class _JobSeries:
    """The jobs of one arm. Keeps nothing in memory: every step starts from the disk and the service."""

    plan: HostedPlan
    out: Path
    service: Service
    settle: float
    """Seconds after an attempt until the service must show what it made."""

    @property
    def label(self) -> str:
        """The label of the arm in messages."""
        return f"{self.plan.arm} (seed {self.plan.settings.seed})"

    def advance(self) -> _Status:
        """Take the next step, and give the status after it.

        Raises:
            PrerequisiteError: the service refused, or the job is dead.
            Unreachable: the service does not answer.
            RateLimited: the service asks to wait.
        """
        self._take_from_longer_jobs()
        missing = self._missing()
        if not missing:
            return _Status(_Progress.DONE, "done")
        spec = self.plan.job(missing[0])
        job_id = self._submitted(spec)
        if job_id is None:
            return _Status(_Progress.WAITING, "waiting until the job can be submitted")
        job = self.service.job(job_id)
        if job is None or _is_dead(job):
            raise self._dead(job_id, spec, job)
        if job.status == SUCCEEDED:
            self._harvest(spec, job)
            done = not self._missing()
            return _Status(_Progress.DONE, "done") if done else _Status(_Progress.WAITING, f"{job_id} succeeded")
        text = f"{job_id} ({spec.n_epochs} epochs) {job.status} {self.service.last_event(job_id)}".rstrip()
        return _Status(_Progress.WAITING, text)

    def give_up_dead(self) -> None:
        """Give up the dead jobs of the missing models, so that `advance` submits them anew.

        Raises:
            Unreachable: the service does not answer.
            RateLimited: the service asks to wait.
        """
        for epoch in self._missing():
            spec = self.plan.job(epoch)
            file = self._job_file(spec)
            known = file.read().id
            jobs = {job.id: job for job in self.service.find_jobs(spec)}
            if known and known not in jobs and (job := self.service.job(known)):
                jobs[known] = job
            dead = {job_id for job_id, job in jobs.items() if _is_dead(job)} | ({known} - jobs.keys() - {""})
            file.give_up(dead)

    def _missing(self) -> list[int]:
        """The epochs whose model has no manifest yet, latest first."""
        return [epoch for epoch in self.plan.jobs_at_most() if find_hosted(self.plan, epoch, self.out) is None]

    def _submitted(self, spec: JobSpec) -> str | None:
        """The id of the job, submitted unless it is there; None when it is too early to know."""
        return submit_once(
            self._job_file(spec),
            find=lambda abandoned: self._find(spec, abandoned),
            prepare=self._uploaded,
            create=lambda file_id: self.service.create_job(spec, file_id),
            settle=self.settle,
        )

    def _uploaded(self) -> str | None:
        """The id of the training file, uploaded unless it is there; None when it is too early to know."""
        file = self.plan.file
        state = SubmissionFile(self.out / _STATE_FOLDER / f"file-{file.sha256}.json")
        known = state.read().id
        if known and not self.service.has_file(known):
            state.give_up([known])
        return submit_once(
            state,
            find=lambda abandoned: self.service.find_file(file, abandoned),
            prepare=lambda: file,
            create=self.service.upload,
            settle=self.settle,
        )

    def _job_file(self, spec: JobSpec) -> SubmissionFile:
        return SubmissionFile(self.out / _STATE_FOLDER / f"job-{spec.key}.json")

    def _find(self, spec: JobSpec, abandoned: Collection[str]) -> str | None:
        """The id of the job at the service: a living one if there is one, else the newest dead one."""
        jobs = [job for job in self.service.find_jobs(spec) if job.id not in abandoned]
        # The service gives the newest first, an order that sorting keeps among the living and among the dead.
        jobs.sort(key=_is_dead)
        return jobs[0].id if jobs else None

    def _take_from_longer_jobs(self) -> None:
        """Before submitting another job, take the models of finished ones: other epochs may be wanted than then."""
        missing = self._missing()
        if not missing or self._job_file(self.plan.job(missing[0])).read().id:
            return
        for n_epochs in (epoch for epoch in self.plan.jobs_at_most() if epoch > missing[0]):
            spec = self.plan.job(n_epochs)
            if job_id := self._job_file(spec).read().id:
                job = self.service.job(job_id)
                if job and job.status == SUCCEEDED:
                    self._harvest(spec, job)

    def _harvest(self, spec: JobSpec, job: "FineTuningJob") -> None:
        """Write the manifests of all missing models that the job returned."""
        check_job(spec, job)
        models = models_by_epoch(job, self.service.checkpoints(job.id), spec.n_epochs)
        for epoch in sorted(models.keys() & set(self._missing())):
            write_manifest(self.plan, spec, job, epoch, models[epoch], self.out)

    def _dead(self, job_id: str, spec: JobSpec, job: "FineTuningJob | None") -> PrerequisiteError:
        name = f"job {job_id} (arm {spec.arm}, {spec.n_epochs} epochs, seed {spec.seed})"
        if job is None:
            said = f"OpenAI does not know the {name}: it expired, was deleted, or belongs to another project's key"
        else:
            reason = self.service.one_line(job.error.message or "") if job.error else ""
            reason = reason or self.service.last_event(job_id) or "no reason given"
            said = f"OpenAI's {name} {job.status}: {reason.rstrip('.')}"
        return PrerequisiteError(said, "To submit it again, add: --openai-resubmit")


def _is_dead(job: "FineTuningJob | None") -> bool:
    """Whether a job will never give a model: it failed, was cancelled, expired, or is not there."""
    return job is None or job.status not in (*WAITING, SUCCEEDED)
