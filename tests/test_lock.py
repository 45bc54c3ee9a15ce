"""The lock: every package that is installed, in the version that is constrained, with hashes."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<rest>[^\\\n]*(?:\\\n[^\\\n]*)*)", re.MULTILINE)
OWN = re.compile(r"warm-inspect\[(?P<extras>[\w,]+)\]")
NOT_LOCKED = {"torch"}
"""Each kind of machine has its own build of it."""
TOOLS = {"uv", "pip-audit", "pip-licenses"}
"""They lock and audit, and are no part of what is locked."""


def pins(name: str) -> dict[str, set[str]]:
    """The versions of each package in a file of requirements; several where they depend on the Python."""
    versions: dict[str, set[str]] = {}
    for pin in PIN.finditer((ROOT / name).read_text(encoding="utf-8")):
        versions.setdefault(plain(pin["name"]), set()).add(pin["version"])
    return versions


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required(extra: str) -> set[str]:
    """What the project and an extra of it need, with the extras that this one names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names: set[str] = set()
    for need in [*project["dependencies"], *project["optional-dependencies"][extra]]:
        if own := OWN.fullmatch(need):
            names |= set().union(*map(required, own["extras"].split(",")))
        else:
            names.add(plain(re.split(r"[<>=~!;\[ ]", need)[0]))
    return names


def test_all_that_development_needs_is_locked() -> None:
    """If not: make lock."""
    assert required("dev") - pins("requirements.lock").keys() == NOT_LOCKED


def test_the_lock_has_the_versions_of_the_constraints() -> None:
    """If not: make lock."""
    locked = pins("requirements.lock")
    for name, versions in pins("constraints.txt").items():
        if name not in NOT_LOCKED | TOOLS:
            assert locked[name] == versions, name


def test_every_locked_package_has_hashes_and_no_build_of_torch_is_locked() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = list(PIN.finditer(text))
    assert len(locked) > 100
    assert [pin["name"] for pin in locked if "--hash=sha256:" not in pin["rest"]] == []
    assert not [pin["name"] for pin in locked if pin["name"].startswith(("torch", "nvidia", "cuda", "triton"))]
