"""What trained an adapter: package versions, the commit of a checkout, the processors."""

import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path

from warm_inspect.core.hashing import sha256_files
from warm_inspect.training.lora.processes import process_count

_PACKAGES = ("torch", "transformers", "peft", "trl", "accelerate", "datasets")


def package_versions() -> dict[str, str]:
    """The versions of the packages that compute the training."""
    return {package: version(package) for package in _PACKAGES}


@cache
def git_commit() -> str:
    """The commit of the checkout this package runs from, with `-dirty` after it where tracked files were changed.

    Empty when the package was installed, or without git. As it was when it was asked for first: a commit made while a
    long training runs is not what trained.
    """
    root = Path(__file__).parents[4]
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
    """Hash of this package's code, as it was when it was asked for first."""
    return sha256_files(sorted(Path(__file__).parents[2].rglob("*.py")))


def device_name() -> str:
    """What computes the training: the accelerator's name, and how many processes share the work.

    For a processor its vector instructions and the number of threads, both of which change the order of sums.
    """
    import torch

    if torch.cuda.is_available():
        name = str(torch.cuda.get_device_name())
    elif torch.backends.mps.is_available():
        name = "mps"
    else:
        name = f"cpu ({torch.backends.cpu.get_cpu_capability()}, threads: {torch.get_num_threads()})"
    return name if process_count() == 1 else f"{process_count()} x {name}"
