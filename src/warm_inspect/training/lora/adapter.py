"""A saved state becomes an adapter folder: weights, PEFT's configuration, training curve and manifest."""

import csv
import json
import shutil
from pathlib import Path

from warm_inspect import __version__
from warm_inspect.core.files import new_folder
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import WEIGHTS_NAME, AdapterManifest
from warm_inspect.training.lora.machine import Machine
from warm_inspect.training.lora.plan import TrainingPlan
from warm_inspect.training.lora.states import TrainerState, TrainingStep

CURVE_NAME = "training_curve.csv"
"""Loss, gradient norm and learning rate of every optimiser step, beside the adapter."""

_CONFIG_NAME = "adapter_config.json"


def publish(plan: TrainingPlan, machine: Machine, state: TrainerState, out_dir: Path) -> None:
    """Write the adapter folder of a state, if the state is a checkpoint's and the folder is not there yet."""
    epoch = plan.checkpoint_steps.get(state.step)
    if epoch is None or (target := plan.folder(out_dir, epoch)).exists():
        return
    curve = state.curve
    with new_folder(target) as draft:
        shutil.copyfile(state.folder / WEIGHTS_NAME, draft / WEIGHTS_NAME)
        config = json.loads((state.folder / _CONFIG_NAME).read_text(encoding="utf-8"))
        # PEFT notes the folder the base was read from.
        config["base_model_name_or_path"] = plan.base.name
        (draft / _CONFIG_NAME).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        _write_curve(curve, draft / CURVE_NAME)
        _manifest(plan, machine, curve[-1], epoch, sha256_file(draft / WEIGHTS_NAME)).write(draft)


def _write_curve(curve: list[TrainingStep], path: Path) -> None:
    """One row per optimiser step; numbers in full, so that two runs can be compared step by step."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(TrainingStep._fields)
        table.writerows(curve)


def _manifest(
    plan: TrainingPlan, machine: Machine, last: TrainingStep, epoch: float, adapter_sha256: str
) -> AdapterManifest:
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
        terms=plan.terms,
        chat_template_sha256=plan.original_sha256,
        packages=machine.packages,
        device=machine.device,
        git_commit=machine.git_commit,
        warm_inspect_version=__version__,
        epoch=epoch,
        steps=last.step,
        examples_seen=plan.examples_seen(last.step),
        final_loss=last.loss,
        adapter_sha256=adapter_sha256,
    )
