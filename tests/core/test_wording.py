"""The sentences of core's errors, each in one place: other tests see only values and ways out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.test_manifest import manifest
from warm_inspect.core.arm_names import require_adapter_arm, require_arm_name
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.manifest import MANIFEST_NAME, AdapterManifest, hosted_manifest

NAMES = "Use 1 to 100 printable characters that start with none of = @ + -, for example warm-v2."


def other_weights(folder: Path) -> None:
    manifest(folder).write(folder)
    (folder / "adapter_model.safetensors").write_bytes(b"other")
    AdapterManifest.read(folder)


def hosted(folder: Path, *names: str, arm: str = "") -> None:
    """Manifests of one hosted model in folders of these names, the last for another arm if one is given."""
    for name in names:
        (folder / "adapters" / name).mkdir(parents=True)
        written = manifest(folder).model_copy(
            update={"hosted_model": "openai/ft:a", "adapter_sha256": sha256_text("openai/ft:a")}
        )
        if arm and name == names[-1]:
            written = written.model_copy(update={"arm": arm})
        written.write(folder / "adapters" / name)
    hosted_manifest("openai/ft:a")


def renamed(folder: Path) -> None:
    hosted(folder, "warm-1")
    path = folder / "adapters" / "warm-1" / MANIFEST_NAME
    path.write_text(path.read_text().replace("openai/ft:a", "openai/ft:b"))
    hosted_manifest("openai/ft:b")


ERRORS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no name": (
        lambda _: require_arm_name("", "--arm"),
        f"--arm: '' cannot be the name of an arm, because it is empty. {NAMES}",
    ),
    "formula": (
        lambda _: require_arm_name("=1", "--arm"),
        "--arm: '=1' cannot be the name of an arm, because it starts with '=', as a spreadsheet's formula does. "
        + NAMES,
    ),
    "original": (
        lambda _: require_adapter_arm("original", "m.json"),
        "m.json: 'original' cannot be the name of an arm with an adapter, because it stands for the base model without "
        "one. Give the adapter another: with --arm NAME=MODEL for its logs, with -M arm=NAME when it runs, or train it "
        "under one.",
    ),
    "weights": (
        other_weights,
        "The weights in {folder} are not the ones its manifest describes (sha256 differs or file missing). Train the "
        "adapter again with: warm-inspect train",
    ),
    "two manifests": (
        lambda folder: hosted(folder, "a", "b", arm="cold"),
        "{folder}/adapters/a and {folder}/adapters/b say different things about openai/ft:a. Move one of them away.",
    ),
    "renamed": (
        renamed,
        "{folder}/adapters/warm-1/" + MANIFEST_NAME + " names the model 'openai/ft:b', which is not the one it was "
        "written for. Delete its folder and run the same warm-inspect train again: it finds the finished job.",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_reads_as_it_should(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARM_INSPECT_ADAPTERS", str(tmp_path / "adapters"))
    cause, sentence = ERRORS[name]
    with pytest.raises(PrerequisiteError) as caught:
        cause(tmp_path)
    assert str(caught.value) == sentence.replace("{folder}", str(tmp_path))
