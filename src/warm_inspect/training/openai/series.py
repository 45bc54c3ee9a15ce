"""The jobs of one arm, one after the other: the longest first, since it may return the models of earlier epochs."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.training.openai.plan import HostedPlan, JobSpec
from warm_inspect.training.openai.record import check_job, find_hosted, models_by_epoch, write_manifest
from warm_inspect.training.openai.service import SUCCEEDED, WAITING, Service
from warm_inspect.training.openai.state import SubmissionFile, submit_once

if TYPE_CHECKING:
    from openai.types.fine_tuning import FineTuningJob

STATE_FOLDER = ".openai"
"""Inside the output folder: one small file per upload and per job."""


@dataclass(frozen=True)
class JobSeries:
    """One arm's way to its models. Keeps nothing in memory: every step starts from the disk and the service."""

    plan: HostedPlan
    out: Path
    service: Service
    settle: float
    """Seconds after an attempt until the service must show what it made."""

    @property
    def label(self) -> str:
        """The arm, for people."""
        return f"{self.plan.arm} (seed {self.plan.settings.seed})"

    def missing(self) -> list[int]:
        """The epochs whose model has no manifest yet, latest first."""
        return [epoch for epoch in self.plan.jobs_at_most() if find_hosted(self.plan, epoch, self.out) is None]

    def advance(self) -> str:
        """Take the next step and say where the arm stands; empty when all its models have manifests.

        Raises:
            PrerequisiteError: the service refused, or the job is dead.
            Unreachable: the service does not answer.
            PutOff: the service asks to wait.
        """
        self._take_from_longer_jobs()
        missing = self.missing()
        if not missing:
            return ""
        spec = self.plan.job(missing[0])
        job_id = self._submitted(spec)
        if job_id is None:
            return "waiting until the job can be submitted"
        job = self.service.job(job_id)
        if job is None or is_dead(job):
            raise self._dead(job_id, spec, job)
        if job.status == SUCCEEDED:
            self._harvest(spec, job)
            return f"{job_id} succeeded" if self.missing() else ""
        return f"{job_id} ({spec.n_epochs} epochs) {job.status} {self.service.last_words(job_id)}".rstrip()

    def give_up_dead(self) -> None:
        """Give up the dead jobs of the missing models, so that `advance` submits them anew.

        Raises:
            Unreachable: the service does not answer.
        """
        for epoch in self.missing():
            spec = self.plan.job(epoch)
            file = self._job_file(spec)
            known = file.read().id
            jobs = {job.id: job for job in self.service.find_jobs(spec)}
            if known and known not in jobs and (job := self.service.job(known)):
                jobs[known] = job
            dead = {job_id for job_id, job in jobs.items() if is_dead(job)} | ({known} - jobs.keys() - {""})
            file.give_up(dead)

    def _submitted(self, spec: JobSpec) -> str | None:
        """The id of the job, submitted unless it is there; None when it is too early to tell."""
        return submit_once(
            self._job_file(spec),
            find=lambda abandoned: self._find(spec, abandoned),
            prepare=self._uploaded,
            create=lambda file_id: self.service.create_job(spec, file_id),
            settle=self.settle,
        )

    def _uploaded(self) -> str | None:
        """The id of the training file, uploaded unless it is there; None when it is too early to tell."""
        file = self.plan.file
        state = SubmissionFile(self.out / STATE_FOLDER / f"file-{file.sha256}.json")
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
        return SubmissionFile(self.out / STATE_FOLDER / f"job-{spec.key}.json")

    def _find(self, spec: JobSpec, abandoned: Collection[str]) -> str | None:
        """The id of the job at the service: a living one if there is one, else the newest dead one."""
        jobs = [job for job in self.service.find_jobs(spec) if job.id not in abandoned]
        jobs.sort(key=is_dead)
        return jobs[0].id if jobs else None

    def _take_from_longer_jobs(self) -> None:
        """Before another job is submitted, take what the finished ones return: other epochs may be wanted than then."""
        missing = self.missing()
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
        for epoch in sorted(models.keys() & set(self.missing())):
            write_manifest(self.plan, spec, job, epoch, models[epoch], self.out)

    def _dead(self, job_id: str, spec: JobSpec, job: "FineTuningJob | None") -> PrerequisiteError:
        name = f"job {job_id} (arm {spec.arm}, {spec.n_epochs} epochs, seed {spec.seed})"
        if job is None:
            said = f"OpenAI does not know the {name}: it expired, was deleted, or belongs to another project's key."
        else:
            reason = self.service.one_line(job.error.message or "") if job.error else ""
            reason = reason or self.service.last_words(job_id) or "no reason given"
            said = f"OpenAI's {name} {job.status}: {reason.rstrip('.')}."
        return PrerequisiteError(f"{said} To submit it again, add: --openai-resubmit")


def is_dead(job: "FineTuningJob | None") -> bool:
    """Whether a job will never give a model: it failed, was cancelled, expired, or is not there."""
    return job is None or job.status not in (*WAITING, SUCCEEDED)
