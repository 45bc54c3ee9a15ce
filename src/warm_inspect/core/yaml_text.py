"""YAML that users give, read by one rule: what YAML 1.1 would guess about is an error, or the text that stands there.

Only `true` and `false` are booleans, and only decimal numbers are numbers: YAML 1.1 takes `yes` and `on` for true,
`1:30` for 90, `010` for 8 and `2025-01-31` for a date. Here these are texts, which no setting for a number accepts.
"""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.json_text import MAX_DEPTH, MAX_DIGITS, UnclearText, read_text, require_whole


def parse_yaml(text: str, place: str, way_out: str = "") -> Any:  # noqa: ANN401 - any YAML value
    """The value of a YAML text: mappings with text for keys, lists, texts, finite numbers, booleans and None.

    Args:
        text: the whole text.
        place: the file or option, for the error.
        way_out: what the user can do.

    Raises:
        PrerequisiteError: the text is not YAML, or has a key twice, an anchor, alias or tag, a number that is none or
            too long, half a character, or too many levels.
    """
    try:
        _check_events(text)
        return yaml.load(text, Loader=_Plain)  # noqa: S506 - a SafeLoader
    except UnclearText as error:
        raise PrerequisiteError(f"{place}{error}", way_out) from None
    except yaml.MarkedYAMLError as error:
        mark, problem = error.problem_mark or error.context_mark, error.problem or error.context
        line = f", line {mark.line + 1}" if mark else ""
        raise PrerequisiteError(f"{place}{line}: not YAML ({problem})", way_out) from None
    except yaml.YAMLError as error:
        raise PrerequisiteError(f"{place}: not YAML ({' '.join(str(error).split())})", way_out) from None


def read_yaml(path: Path, way_out: str) -> Any:  # noqa: ANN401 - any YAML value
    """The value of a YAML file.

    Raises:
        PrerequisiteError: the file cannot be read, or `parse_yaml` refuses its text.
    """
    return parse_yaml(read_text(path, way_out), path.name, way_out)


def _fault(mark: Any, problem: str) -> UnclearText:  # noqa: ANN401 - a mark of either of the library's parsers
    return UnclearText(f", line {mark.line + 1}: {problem}")


def _check_events(text: str) -> None:
    """Check what must be known before values are made: few levels, and nothing that stands for something elsewhere."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _fault(event.start_mark, f"lists and mappings stand more than {MAX_DEPTH} deep in each other")
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            raise _fault(event.start_mark, f"{event.anchor!r} is an anchor or alias; write the value out")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            raise _fault(event.start_mark, f"{event.tag!r} is a tag; write the value without it")


class _Plain(yaml.SafeLoader):
    """Makes plain values only."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - as the library declares it

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping with each key once."""
        keys: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _fault(key.start_mark, "a key must be a name")
            if (name := _text(self, key)) in keys:
                raise _fault(key.start_mark, f"the key {name!r} comes twice; keep one")
            keys.add(name)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


def _text(loader: _Plain, node: yaml.ScalarNode) -> str:
    try:
        return require_whole(str(loader.construct_scalar(node)))
    except UnclearText as error:
        raise _fault(node.start_mark, str(error)) from None


def _whole_number(loader: _Plain, node: yaml.ScalarNode) -> int:
    if len(node.value) > MAX_DIGITS:
        raise _fault(node.start_mark, f"a number of {len(node.value)} digits; at most {MAX_DIGITS} are read")
    return int(node.value)


def _finite(loader: _Plain, node: yaml.ScalarNode) -> float:
    try:
        value = float(node.value)
    except ValueError:  # `.inf` and `.nan`
        value = float("inf")
    if abs(value) == float("inf"):
        raise _fault(node.start_mark, f"{node.value[:20]} is no finite number")
    return value


_STARTS = list("-+.0123456789")
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", _STARTS),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|[-+]?\.[0-9]+(?:[eE][-+]?[0-9]+)?"
              r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", _STARTS),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):  # fmt: skip
    _Plain.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)
_Plain.add_constructor("tag:yaml.org,2002:str", _text)
_Plain.add_constructor("tag:yaml.org,2002:int", _whole_number)
_Plain.add_constructor("tag:yaml.org,2002:float", _finite)
