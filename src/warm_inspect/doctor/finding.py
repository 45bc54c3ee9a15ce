"""One thing that was looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Readiness(StrEnum):
    """How far what was found serves the use of the package."""

    OK = "ok"
    WARNING = "warning"
    """Some uses of the package are not possible, or will not be for long."""
    PROBLEM = "problem"
    """What was asked for cannot run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is there, whether it will do, and the way out where it will not."""

    subject: str
    state: Readiness
    fact: str
    fix: str = ""
    """One thing to do; empty where all is well."""
