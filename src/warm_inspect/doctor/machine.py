"""This machine: Python, packages, what Inspect has registered, disk, memory and processor."""

import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, entry_points, requires, version
from pathlib import Path

import psutil
from packaging.requirements import Requirement

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.installation import PACKAGE, install_command
from warm_inspect.doctor.finding import Finding, Readiness

EXTRAS = {
    "hub": "full benchmarks (-T source=hub)",
    "local": "local models and training",
    "analysis": "analyze, compare, gate and power",
    "openai": "OpenAI models and fine-tuning",
}
"""The extras of the package, and what each is for."""

_GIB = 2**30
_DISK = 5 * _GIB
"""Room for the small base model in full, three adapters and the logs of a study."""
_MEMORY = 6 * _GIB
"""What the demo may take."""


def python() -> Iterator[Finding]:
    """The version of the Python interpreter, and where it is."""
    yield Finding("Python", Readiness.OK, f"{sys.version.split()[0]} at {Path(sys.executable).name}")


def packages() -> Iterator[Finding]:
    """What the package needs, and what each of its extras needs: installed in a version that does, or not."""
    missing = _missing("")
    fact = f"{PACKAGE} {version(PACKAGE)}, inspect-ai {version('inspect-ai')}"
    if missing:
        yield Finding("Package", Readiness.PROBLEM, f"{fact}; needs {', '.join(missing)}", "pip install --upgrade .")
    else:
        yield Finding("Package", Readiness.OK, fact)
    for extra, purpose in EXTRAS.items():
        if missing := _missing(extra):
            fact = f"not installed: {', '.join(missing)}; needed for {purpose}"
            yield Finding(f"Extra {extra}", Readiness.WARNING, fact, install_command(extra))
        else:
            yield Finding(f"Extra {extra}", Readiness.OK, f"installed: {purpose}")


def _missing(extra: str) -> list[str]:
    """The requirements of an extra, or without one of the package, that what is installed does not meet."""
    unmet = []
    for line in requires(PACKAGE) or []:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        if not requirement.marker and extra:
            continue
        if requirement.name == PACKAGE:
            unmet += [each for inner in requirement.extras for each in _missing(inner)]
        elif not _met(requirement):
            unmet.append(f"{requirement.name}{requirement.specifier}")
    return unmet


def _met(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except PackageNotFoundError:
        return False


def registration() -> Iterator[Finding]:
    """Whether `inspect eval warm_inspect/...` knows the tasks."""
    if any(entry.name == "warm_inspect" for entry in entry_points(group="inspect_ai")):
        yield Finding("Inspect", Readiness.OK, "knows the tasks as warm_inspect/...")
    else:
        yield Finding(
            "Inspect", Readiness.PROBLEM, "does not know the tasks: the package is on the path, but not installed",
            "pip install -e . (in the checkout), with the Python that runs inspect",
        )  # fmt: skip


def disk(folder: Path) -> Iterator[Finding]:
    """Room in the folder where a study would be written."""
    free = shutil.disk_usage(folder).free
    fact = f"{free / _GIB:.1f} GiB free here"
    if free < _DISK:
        yield Finding(
            "Disk", Readiness.WARNING, f"{fact}; local models take {_DISK // _GIB}", "Make room on this disk."
        )
    else:
        yield Finding("Disk", Readiness.OK, fact)


def memory() -> Iterator[Finding]:
    """Memory that is free now."""
    free = psutil.virtual_memory().available
    fact = f"{free / _GIB:.1f} GiB free"
    if free < _MEMORY:
        yield Finding(
            "Memory", Readiness.WARNING, f"{fact}; local models take {_MEMORY // _GIB}", "Close other programs."
        )
    else:
        yield Finding("Memory", Readiness.OK, fact)


def processor() -> Iterator[Finding]:
    """Where local models would run, and in which numeric type."""
    try:
        from warm_inspect.models import available_cpus, resolve_device, resolve_dtype

        device = resolve_device("auto")
        dtype = resolve_dtype("auto", device)
    except (ImportError, PrerequisiteError):
        return  # The extra `local` is reported above.
    yield Finding("Processor", Readiness.OK, f"local models run on {device} in {dtype}; {available_cpus()} processors")
