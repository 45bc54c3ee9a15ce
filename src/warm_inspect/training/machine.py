"""The machine that computes a training: its processes, and the code, packages and hardware they run on."""

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from warm_inspect.core.hashing import sha256_files, sha256_json

_PACKAGES = ("torch", "transformers", "peft", "trl", "accelerate", "datasets")
_FINGERPRINT_DIGITS = 10


@cache
def git_commit() -> str:
    """The commit of the checkout this package runs from, with `-dirty` after it when tracked files were changed.

    Empty when the package was installed, or without git. Read once per process: a commit made during a long training is
    not the code that trains.
    """
    root = Path(__file__).parents[3]
    if not (root / ".git").exists():
        return ""
    command = ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--dirty", "--exclude", "*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


@cache
def source_sha256() -> str:
    """Hash of this package's code, read once per process."""
    return sha256_files(sorted(Path(__file__).parents[1].rglob("*.py")))


def process_count() -> int:
    """Number of processes that train together; 1 when no launcher started them."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main_process() -> bool:
    """Whether this process writes files and output; of several processes one does."""
    return int(os.environ.get("RANK", "0")) == 0


def wait_for_all() -> None:
    """Return when every process of the training has reached this call."""
    if process_count() > 1:
        from accelerate import PartialState

        PartialState().wait_for_everyone()


@dataclass(frozen=True)
class Machine:
    """Code, packages and hardware: with all of them equal, a plan gives equal weights."""

    packages: dict[str, str]
    """The versions of the packages that compute the training."""
    device: str
    """The accelerator's name, after the number of processes if there are several.

    For a processor its vector instructions and number of threads, both of which change the order of sums.
    """
    git_commit: str
    source_sha256: str

    @property
    def fingerprint(self) -> str:
        """Short hash of everything but the commit; resuming requires an exact match.

        Without it, an adapter could come half from one version and half from another, and its manifest would name one.
        """
        parts = [self.packages, self.device, self.source_sha256]
        return sha256_json(parts)[:_FINGERPRINT_DIGITS]


def this_machine() -> Machine:
    """The machine as this process sees it."""
    packages = {package: version(package) for package in _PACKAGES}
    return Machine(packages, _device_name(), git_commit(), source_sha256())


def _device_name() -> str:
    import torch

    if torch.cuda.is_available():
        name = str(torch.cuda.get_device_name())
    elif torch.backends.mps.is_available():
        name = "mps"
    else:
        name = f"cpu ({torch.backends.cpu.get_cpu_capability()}, threads: {torch.get_num_threads()})"
    return name if process_count() == 1 else f"{process_count()} x {name}"
