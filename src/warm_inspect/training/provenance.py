"""The code that trains: the commit of its checkout, and a hash of the package's files."""

import subprocess
from functools import cache
from pathlib import Path

from warm_inspect.core.hashing import sha256_files


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
