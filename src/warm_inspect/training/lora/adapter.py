"""Train a run of adapters, each in a folder that is either complete or not there."""

import csv
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from warm_inspect import __version__
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import new_folder
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import WEIGHTS_NAME, AdapterManifest
from warm_inspect.models import ResolvedBase
from warm_inspect.training.corpus.pairs import Corpus
from warm_inspect.training.corpus.terms import CorpusTerms, adapter_terms, base_licence
from warm_inspect.training.lora.config import TrainingConfig
from warm_inspect.training.lora.fit import Progress, fit
from warm_inspect.training.lora.plan import TrainingPlan, plan_training
from warm_inspect.training.lora.processes import is_main_process, wait_for_all
from warm_inspect.training.lora.provenance import device_name, git_commit, package_versions
from warm_inspect.training.lora.resume import (
    TrainerState,
    TrainingStep,
    clear_useless,
    drop_earlier,
    machinery,
    whole_states,
)

CURVE_NAME = "training_curve.csv"
"""Loss, gradient norm and learning rate of every optimiser step, beside the adapter."""

_CONFIG_NAME = "adapter_config.json"


def train_adapter(
    config: TrainingConfig,
    corpus: Corpus,
    arm: str,
    base: ResolvedBase,
    out_dir: Path,
    progress: Progress | None = None,
    terms: CorpusTerms | None = None,
) -> Path:
    """The folder of the adapter that these settings give at their last checkpoint, trained unless it is there.

    The same settings give the same weights on one machine; see `fit`. Sets the global random seeds.

    Args:
        config: hyperparameters.
        corpus: training pairs.
        arm: which replies to learn.
        base: the base model.
        out_dir: where adapters live; made if need be.
        progress: told after each optimiser step.
        terms: the right to use the arm's replies, for the manifests; `none stated` when left out.

    Raises:
        PrerequisiteError: a setting, the corpus or the base model does not allow it, or a folder exists and is not the
            adapter that its name promises.
    """
    return run_plan(plan_training(config, corpus, arm, base, terms), out_dir, progress)


def run_plan(plan: TrainingPlan, out_dir: Path, progress: Progress | None = None) -> Path:
    """The folder of the planned run's last adapter, with those of its other checkpoints beside it; see `train_adapter`.

    Two calls that train the same run do it once: the second waits and uses what the first made. A run that was killed
    leaves a hidden folder of states, and the next call goes on from the last whole one, to the same weights.
    """
    if not missing_checkpoints(plan, out_dir):
        return plan.folder(out_dir)
    states = out_dir / f".{plan.run_name}"
    with _alone(out_dir / f".{plan.run_name}.lock"):
        if missing := missing_checkpoints(plan, out_dir):
            first = next(step for step, epoch in plan.checkpoint_steps.items() if epoch == missing[0])
            _train(plan, out_dir, states / machinery(), first, progress)
        wait_for_all()
        if is_main_process():
            shutil.rmtree(states, ignore_errors=True)
    return plan.folder(out_dir)


def missing_checkpoints(plan: TrainingPlan, out_dir: Path) -> list[float]:
    """The epochs of the plan's checkpoints whose adapters are not trained yet; the others' weights are checked.

    Raises:
        PrerequisiteError: a folder exists, but its manifest or its weights are missing or changed.
    """
    return [epoch for epoch in plan.config.checkpoints if find_adapter(plan, out_dir, epoch) is None]


def find_adapter(plan: TrainingPlan, out_dir: Path, epoch: float | None = None) -> AdapterManifest | None:
    """The manifest of a checkpoint's adapter (by default the last) if it is trained, its weights checked; else None.

    Raises:
        PrerequisiteError: the folder exists, but its manifest or its weights are missing or changed.
    """
    folder = plan.folder(out_dir, epoch)
    if not folder.exists():
        return None
    manifest = AdapterManifest.read(folder)
    if manifest is None:
        raise PrerequisiteError(
            f"{folder} exists and holds no adapter of warm-inspect (no manifest). Move it away or choose another --out."
        )
    return manifest


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """While no other training has this run; all processes of one training are together in it."""
    if not is_main_process():
        wait_for_all()
        yield
        return
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        wait_for_all()
        yield


def _train(plan: TrainingPlan, out_dir: Path, scratch: Path, first_wanted: int, progress: Progress | None) -> None:
    if is_main_process():
        clear_useless(scratch, first_wanted)
    wait_for_all()
    resume = next(iter(reversed(whole_states(scratch))), None)
    if resume and is_main_process():
        _publish(plan, out_dir, resume)

    def keep(state: TrainerState) -> None:
        _publish(plan, out_dir, state)
        drop_earlier(state)

    if resume is None or resume.step < plan.steps:
        fit(plan, scratch, resume, keep, progress)


def _publish(plan: TrainingPlan, out_dir: Path, state: TrainerState) -> None:
    """The adapter folder of a state, if it is a checkpoint's and not there yet."""
    epoch = plan.checkpoint_steps.get(state.step)
    if epoch is None or (target := plan.folder(out_dir, epoch)).exists():
        return
    with new_folder(target) as draft:
        shutil.copyfile(state.folder / WEIGHTS_NAME, draft / WEIGHTS_NAME)
        config = json.loads((state.folder / _CONFIG_NAME).read_text(encoding="utf-8"))
        # PEFT notes the folder the base was read from.
        config["base_model_name_or_path"] = plan.base.name
        (draft / _CONFIG_NAME).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        curve = state.curve
        _write_curve(curve, draft / CURVE_NAME)
        _manifest(plan, curve[-1], epoch, sha256_file(draft / WEIGHTS_NAME)).write(draft)


def _write_curve(curve: list[TrainingStep], path: Path) -> None:
    """One row per optimiser step; numbers in full, so that two runs can be compared step by step."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(TrainingStep._fields)
        table.writerows(curve)


def _manifest(plan: TrainingPlan, last: TrainingStep, epoch: float, adapter_sha256: str) -> AdapterManifest:
    return AdapterManifest(
        arm=plan.arm,
        base_model=plan.base.name,
        base_revision=plan.base.revision,
        base_sha256=plan.base.weights_sha256,
        training=plan.config.model_dump(mode="json"),
        training_seed=plan.config.seed,
        corpus={
            "name": plan.corpus.name,
            "sha256": plan.corpus.sha256,
            **plan.corpus.counts(),
            "learnt": plan.encoded.counts(),
            **({"note": plan.note} if plan.note else {}),
        },
        terms=adapter_terms(base_licence(plan.base), plan.terms),
        chat_template_sha256=plan.original_sha256,
        packages=package_versions(),
        device=device_name(),
        git_commit=git_commit(),
        warm_inspect_version=__version__,
        epoch=epoch,
        steps=last.step,
        examples_seen=plan.examples_seen(last.step),
        final_loss=last.loss,
        adapter_sha256=adapter_sha256,
    )
