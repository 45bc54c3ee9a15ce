"""Folders of adapters: each with its manifest, and with the base model that several share."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warm_inspect.core.arm_names import require_adapter_arm
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import MANIFEST_NAME, WEIGHTS_NAME, AdapterManifest
from warm_inspect.models.adapter_config import CONFIG_NAME, read_config
from warm_inspect.models.base_models import BASE_MODELS, find_base


@dataclass(frozen=True, slots=True)
class TrainedAdapter:
    """An adapter folder with its manifest."""

    folder: Path
    manifest: AdapterManifest
    described: bool = True
    """Whether the manifest lies in the folder; False for an adapter that another program trained."""

    @classmethod
    def plain(cls, folder: Path) -> "TrainedAdapter":
        """An adapter as PEFT saves it, without a manifest: its arm is called like the folder.

        Raises:
            PrerequisiteError: it is no plain LoRA adapter in safetensors, or its folder is called like no arm may be.
        """
        _, made_for = read_config(folder, str(folder))
        weights = folder / WEIGHTS_NAME
        if not weights.is_file():
            raise PrerequisiteError(f"{folder} holds no {WEIGHTS_NAME}. Save the adapter again with peft.")
        arm = folder.resolve().name
        require_adapter_arm(arm, f"The adapter folder {folder}")
        aliases = {base.hub_id.lower(): name for name, base in BASE_MODELS.items()}
        manifest = AdapterManifest(
            arm=arm,
            base_model=aliases.get(made_for.lower(), made_for),
            base_revision="",
            base_sha256="",
            training={},
            training_seed=-1,
            corpus={},
            chat_template_sha256="",
            packages={},
            git_commit="",
            warm_inspect_version="",
            steps=None,
            final_loss=None,
            adapter_sha256=sha256_file(weights),
        )
        return cls(folder, manifest, described=False)

    @classmethod
    def read(cls, folder: Path) -> "TrainedAdapter":
        """The adapter in a folder.

        Raises:
            PrerequisiteError: there is no manifest, it is not valid, or the weights are not the ones it describes.
        """
        manifest = AdapterManifest.read(folder)
        if manifest is None:
            raise PrerequisiteError(
                f"{folder} has no {MANIFEST_NAME}, so its arm and weights are unknown. Train it again."
            )
        return cls(folder, manifest)


def find_adapters(path: Path) -> list[TrainedAdapter]:
    """The adapters in a folder and below, checkpoints included and hidden folders not, in the order of their names.

    Adapters without a manifest, as PEFT saves them, are among them.

    Raises:
        PrerequisiteError: a manifest is not valid, the weights are not the ones it describes, or an adapter without a
            manifest is no plain LoRA adapter.
    """
    described, saved = (
        {file.parent.relative_to(path) for file in path.rglob(name)} for name in (MANIFEST_NAME, CONFIG_NAME)
    )
    shown = [each for each in sorted(described | saved) if not any(part.startswith(".") for part in each.parts)]
    return [
        TrainedAdapter.read(path / each) if each in described else TrainedAdapter.plain(path / each) for each in shown
    ]


def distinct(adapters: Sequence[TrainedAdapter]) -> tuple[TrainedAdapter, ...]:
    """One adapter for each arm and set of weights: copies in other folders would give the same replies."""
    by_weights = {(adapter.manifest.arm, adapter.manifest.adapter_sha256): adapter for adapter in reversed(adapters)}
    return tuple(reversed(by_weights.values()))


def of_one_base(adapters: Sequence[TrainedAdapter], name: str | None) -> tuple[tuple[TrainedAdapter, ...], str]:
    """The adapters that share a base model, and that model.

    Args:
        adapters: with several base models, those of the named one are taken.
        name: alias, folder or Hub id of the base model; None takes the manifests'.

    Returns:
        The adapters, and the base as a model string names it: for models that a provider tuned, Inspect's name of it;
        empty without adapters.

    Raises:
        PrerequisiteError: the adapters have several bases and none of them is named, or the name is unknown or for no
            adapter.
    """
    if not adapters:
        if name:
            raise PrerequisiteError(f"--base {name} is for adapters, and no path holds any. Leave it out.")
        return (), ""
    bases = sorted({adapter.manifest.base_model for adapter in adapters})
    wanted = bases[0] if len(bases) == 1 else _manifest_name(name)
    taken = tuple(adapter for adapter in adapters if adapter.manifest.base_model == wanted)
    if not taken:
        raise PrerequisiteError(
            f"The adapters have several base models ({', '.join(bases)}), and each is checked against its own. "
            "Name one with --base, or give the folders of its adapters as paths."
        )
    base = taken[0].manifest.base_model
    if taken[0].manifest.hosted_model:
        if name not in (None, base):
            raise PrerequisiteError(f"The base model of these adapters is {base}, not {name}. Leave --base out.")
        return taken, base
    try:
        find_base(name or base)
    except PrerequisiteError as error:
        if name and name != base:
            raise
        raise PrerequisiteError(f"{error} The adapters' manifests name no path: give it with --base FOLDER.") from None
    return taken, name or base


def _manifest_name(name: str | None) -> str | None:
    """The name that manifests have for a base model: of a folder, its last part."""
    if name is None:
        return None
    try:
        return find_base(name).name
    except PrerequisiteError:
        return name
