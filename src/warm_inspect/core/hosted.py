"""Manifests of fine-tuned models that a provider keeps, found by the model's name.

Such a model has no folder in its name as `peft/<base>:<adapter>` has. `warm-inspect train --provider openai` writes its
manifest into the adapters' folder all the same, and an evaluation looks there for the one that names the model.
"""

from pathlib import Path

from pydantic import ValidationError

from warm_inspect.core.arm_names import require_adapter_arm
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import folder_setting
from warm_inspect.core.manifest import MANIFEST_NAME, AdapterManifest

ADAPTERS_VARIABLE = "WARM_INSPECT_ADAPTERS"
DEFAULT_ADAPTERS = "adapters"
"""Where `warm-inspect train` puts what it trains, unless it is told otherwise."""


def adapters_folder() -> Path:
    """The folder in which manifests are looked for: WARM_INSPECT_ADAPTERS, or `adapters` in the working folder."""
    return folder_setting(ADAPTERS_VARIABLE) or Path(DEFAULT_ADAPTERS)


def is_fine_tuned(model: str) -> bool:
    """Whether the name says that a provider fine-tuned the model, as OpenAI's names do."""
    return model.rpartition("/")[2].startswith("ft:")


def hosted_manifest(model: str) -> AdapterManifest | None:
    """The manifest of a fine-tuned model, by Inspect's name for it; None when none names it.

    Raises:
        PrerequisiteError: a manifest that names the model cannot be read, or two say different things about it.
    """
    found: dict[Path, AdapterManifest] = {}
    for path in sorted(adapters_folder().glob(f"*/{MANIFEST_NAME}")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if model in text and (manifest := _parse(text, path)).hosted_model == model:
            found[path.parent] = manifest.checked_hosted(path)
    manifests = list(found.values())
    if any(manifest != manifests[0] for manifest in manifests):
        folders = " and ".join(str(folder) for folder in found)
        raise PrerequisiteError(f"{folders} say different things about {model}. Move one of them away.")
    return manifests[0] if manifests else None


def _parse(text: str, path: Path) -> AdapterManifest:
    try:
        manifest = AdapterManifest.model_validate_json(text)
    except ValidationError as error:
        raise PrerequisiteError(
            f"The manifest {path} cannot be read ({error.error_count()} faults). Delete its folder and run the same "
            "warm-inspect train again: it finds the finished job."
        ) from None
    require_adapter_arm(manifest.arm, f"The manifest {path}")
    return manifest
