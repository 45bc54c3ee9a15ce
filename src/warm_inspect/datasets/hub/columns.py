"""Reading the columns of Hub rows: what is missing or changed is named, not guessed."""

from collections.abc import Mapping
from typing import Any

from warm_inspect.core.errors import PrerequisiteError


def column(row: Mapping[str, Any], path: str, dataset: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a column, or of a field in one (`base.question`).

    Raises:
        PrerequisiteError: there is no such column; names it, the data set and the columns there are.
    """
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            known = ", ".join(value) if isinstance(value, Mapping) else "none"
            raise PrerequisiteError(
                f"The data set {dataset} has no column {path!r} (found: {known})",
                "It is not the version this package reads: empty its folder in the Hub cache and try again, or use "
                "-T source=bundled.",
            )
        value = value[name]
    return value


def text(row: Mapping[str, Any], path: str, dataset: str) -> str:
    """The stripped text of a column; empty when the cell is empty.

    Raises:
        PrerequisiteError: there is no such column, or it does not hold text.
    """
    value = column(row, path, dataset)
    if value is not None and not isinstance(value, str):
        raise PrerequisiteError(
            f"Column {path!r} of the data set {dataset} holds {type(value).__name__}, not text",
            "It is not the version this package reads: empty its folder in the Hub cache and try again, or use "
            "-T source=bundled.",
        )
    return (value or "").strip()
