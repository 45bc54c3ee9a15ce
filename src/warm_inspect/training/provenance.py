"""What trained an adapter: package versions, the commit of a checkout, the processors."""

import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path

from warm_inspect.training.processes import process_count

_PACKAGES = ("torch", "transformers", "peft", "trl", "accelerate", "datasets")


def package_versions() -> dict[str, str]:
    """The versions of the packages that compute the training."""
    return {package: version(package) for package in _PACKAGES}


@cache
def git_commit() -> str:
    """The commit of the checkout this package runs from; empty when it was installed, or without git.

    As it was when it was asked for first: a commit made while a long training runs is not what trained.
    """
    root = Path(__file__).parents[3]
    if not (root / ".git").exists():
        return ""
    try:
        done = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def device_name() -> str:
    """What computes the training: the name of the accelerator, or `cpu`, and how many processes share the work."""
    import torch

    if torch.cuda.is_available():
        name = str(torch.cuda.get_device_name())
    else:
        name = "mps" if torch.backends.mps.is_available() else "cpu"
    return name if process_count() == 1 else f"{process_count()} x {name}"
