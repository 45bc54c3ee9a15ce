"""The rule for names of arms: tables, CSV files and labels of figures must hold a name unchanged."""

import unicodedata
from typing import TYPE_CHECKING

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import NONE, ORIGINAL

if TYPE_CHECKING:
    from inspect_ai.log import EvalSpec

LONGEST = 100
"""Characters that a name may have; it stands in every row of every table."""
_FORMULA = ("=", "@", "+", "-")
"""Characters that begin a formula in a spreadsheet."""
_POOLED = "all"
"""The level under which tables show rows that pool over a factor."""


_PERSONA = "+persona_"
"""What stands between the arm of a model and the persona that it was run with."""


def with_persona(arm: str, persona: str) -> str:
    """The arm that a model is under a persona: `original+persona_warm`; the arm itself under `none`."""
    return arm if persona == NONE else f"{arm}{_PERSONA}{persona}"


def split_persona(arm: str) -> tuple[str, str]:
    """The arm without its persona, and the persona; `none` where it has none."""
    bare, mark, persona = arm.partition(_PERSONA)
    return bare, persona if mark else NONE


def arm_of_command(spec: "EvalSpec") -> str:
    """The arm that the command of a run named, with `--metadata arm=NAME` or `-M arm=NAME`; empty without."""
    return str((spec.metadata or {}).get("arm") or spec.model_args.get("arm") or "")


def require_arm_name(name: str, where: str) -> str:
    """The name, if an arm may have it.

    Args:
        name: the name to check.
        where: where the name stands, for the error: `--arm`, a file, a log.

    Raises:
        PrerequisiteError: the name is empty, too long or `all`, has a space at an end or a character that is not
            printed, or starts like a formula of a spreadsheet.
    """
    fault = _fault(name)
    if fault:
        raise PrerequisiteError(
            f"{where}: {name!r} cannot be the name of an arm, because it {fault}",
            f"Use 1 to {LONGEST} printable characters that start with none of {' '.join(_FORMULA)}, for example "
            "warm-v2.",
        )
    return name


def require_adapter_arm(name: str, where: str) -> str:
    """The name, if an arm with an adapter may have it: `original`, with a persona or without, is the base alone.

    Raises:
        PrerequisiteError: the name is that of the original, or none that an arm may have.
    """
    if require_arm_name(name, where).partition("+")[0].strip().casefold() == ORIGINAL:
        raise PrerequisiteError(
            f"{where}: {name!r} cannot be the name of an arm with an adapter, because it stands for the base model "
            "without one",
            "Give the adapter another: with --arm NAME=MODEL for its logs, with -M arm=NAME when it runs, or train it "
            "under one.",
        )
    return name


def _fault(name: str) -> str:
    if not name:
        return "is empty"
    if name == _POOLED:
        return f"is {_POOLED!r}, which stands for all arms"
    if len(name) > LONGEST:
        return f"has {len(name)} characters"
    if name != name.strip():
        return "starts or ends with a space"
    if any(unicodedata.category(sign).startswith(("C", "Zl", "Zp")) for sign in name):
        return "has a character that is not printed"
    return f"starts with {name[0]!r}, as a spreadsheet's formula does" if name.startswith(_FORMULA) else ""
