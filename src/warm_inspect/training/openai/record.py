"""From a finished job to manifests: the model after each epoch, and the service's report of the job."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from warm_inspect import __version__
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import new_folder
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.training.machine import git_commit
from warm_inspect.training.openai.plan import PROVIDER, HostedPlan, JobSpec

if TYPE_CHECKING:
    from openai.types.fine_tuning import FineTuningJob
    from openai.types.fine_tuning.jobs import FineTuningJobCheckpoint


@dataclass(frozen=True)
class EpochModel:
    """The model after an epoch of a job."""

    name: str
    """OpenAI's name of it."""
    step: int | None = None
    """Optimiser steps until then; None when the service does not report them."""
    loss: float | None = None
    """Training loss at that step as the service reports it; None when it does not."""


def models_by_epoch(
    job: "FineTuningJob", checkpoints: Iterable["FineTuningJobCheckpoint"], n_epochs: int
) -> dict[int, EpochModel]:
    """The models of a finished job that stand at the end of an epoch.

    The service numbers checkpoints by step. The one that is the job's final model gives the number of steps, and any
    other counts when it lies less than one step from the end of an epoch.
    """
    final = job.fine_tuned_model or ""
    listed = {
        one.fine_tuned_model_checkpoint: EpochModel(
            one.fine_tuned_model_checkpoint, one.step_number, one.metrics.train_loss if one.metrics else None
        )
        for one in checkpoints
    }
    by_epoch = {n_epochs: listed.pop(final, EpochModel(final))}
    if steps := by_epoch[n_epochs].step:
        for model in listed.values():
            epoch = round((model.step or 0) * n_epochs / steps)
            if 0 < epoch < n_epochs and abs((model.step or 0) - epoch * steps / n_epochs) < 1:
                by_epoch[epoch] = model
    return by_epoch


def check_job(spec: JobSpec, job: "FineTuningJob") -> None:
    """Check that a finished job is the one that was asked for; otherwise its manifest would be wrong.

    Raises:
        PrerequisiteError: it is not; names the differences.
    """
    reported = {"model": job.model, "seed": job.seed, **_hyperparameters(job)}
    asked = {"model": spec.model, "seed": spec.seed, **spec.hyperparameters}
    differs = [
        f"{name} is {reported[name]}, asked was {value}"
        for name, value in asked.items()
        if value != "auto" and reported.get(name) not in (None, value)
    ]
    if not job.fine_tuned_model:
        differs.append("it has no fine-tuned model")
    if differs:
        raise PrerequisiteError(
            f"OpenAI's job {job.id} is not the one that was asked for: {'; '.join(differs)}", "No manifest is written."
        )


def _hyperparameters(job: "FineTuningJob") -> dict[str, int | float | str | None]:
    supervised = job.method.supervised if job.method else None
    values = (supervised.hyperparameters if supervised else None) or job.hyperparameters
    names = ("n_epochs", "batch_size", "learning_rate_multiplier")
    return {name: getattr(values, name, None) for name in names}


def write_manifest(
    plan: HostedPlan, spec: JobSpec, job: "FineTuningJob", epoch: int, model: EpochModel, out: Path
) -> Path:
    """Write the manifest of one model into a folder of its own, which appears when it is complete."""
    hosted = f"{PROVIDER}/{model.name}"
    manifest = AdapterManifest(
        arm=plan.arm,
        base_model=plan.base_model,
        base_revision="",
        base_sha256="",
        training={
            "provider": PROVIDER,
            "method": "supervised",
            "epochs": epoch,
            "job": job.id,
            "training_file": job.training_file,
            "training_file_sha256": spec.file_sha256,
            "asked": spec.hyperparameters,
            **_hyperparameters(job),
            "seed": job.seed,
            "trained_tokens": job.trained_tokens,
            "created_at": job.created_at,
            "finished_at": job.finished_at,
        },
        training_seed=job.seed,
        corpus={
            "name": plan.corpus.name,
            "sha256": plan.corpus.sha256,
            **plan.corpus.counts(),
            **({"note": plan.note} if plan.note else {}),
        },
        terms=plan.terms,
        chat_template_sha256="",
        packages={"openai": version("openai")},
        git_commit=git_commit(),
        warm_inspect_version=__version__,
        epoch=float(epoch),
        steps=model.step,
        final_loss=model.loss,
        adapter_sha256=sha256_text(hosted),
        hosted_model=hosted,
    )
    folder = plan.folder(out, epoch)
    with new_folder(folder) as draft:
        manifest.write(draft)
    return folder


def find_hosted(plan: HostedPlan, epoch: int, out: Path) -> AdapterManifest | None:
    """The manifest of the planned model after an epoch, if it was written; None otherwise.

    Raises:
        PrerequisiteError: the folder exists and holds no such manifest.
    """
    folder = plan.folder(out, epoch)
    if not folder.exists():
        return None
    manifest = AdapterManifest.read(folder)
    if manifest is None or not manifest.hosted_model:
        raise PrerequisiteError(
            f"{folder} exists and holds no manifest of a model at OpenAI", "Move it away or choose another --out."
        )
    return manifest
