"""Replies to read: what was asked and answered in a few of the samples on which two arms differ, from their logs."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from inspect_ai.log import EvalSample, read_eval_log, read_eval_log_sample

from warm_inspect.analysis.logs.find import file_name
from warm_inspect.core.restricted import is_restricted
from warm_inspect.report.comparison import ViewerLinks
from warm_inspect.report.evidence import Differing
from warm_inspect.report.tables.groups import Record

MAX_READ = 10
"""Pairs whose texts are shown."""
MAX_CHARACTERS = 700
"""Length to which texts are cut."""
VIEWER = "http://127.0.0.1:7575"
"""Where `inspect view start` serves the logs unless told otherwise."""

_UNREADABLE = (EOFError, IndexError, KeyError, OSError, RuntimeError, ValueError)
_LOGS = (("log_id", "log_file"), ("log_id_original", "log_file_original"))
"""Where a differing sample names the arm's log and the original's: id and file name."""
_NOT_SHOWN = {"events", "store", "attachments"}


@dataclass(frozen=True)
class Reading:
    """One pair of replies to one prompt."""

    sample: Record
    """Its row of the differing samples."""
    links: tuple[str, str]
    """Addresses of the arm's sample and the original's in Inspect's viewer."""
    prompt: str = ""
    """What the user's turn says; empty, as the replies, when the text may not be shown or cannot be read."""
    own: str = ""
    original: str = ""
    restricted: bool = False
    """Whether the row is gated or harmful."""
    hidden: bool = False
    """Whether the text is redacted."""


def read_replies(paths: Sequence[str], differing: Differing, include_text: bool) -> list[Reading]:
    """The first of the differing samples, with their texts.

    Args:
        paths: the logs of the study.
        differing: the samples; at most `MAX_READ` of them are read.
        include_text: whether to show the text of gated and harmful rows too.
    """
    shown = differing.shown[:MAX_READ]
    wanted = {row[key]: row[name] for row in shown for key, name in _LOGS}
    places = _places(paths, wanted)
    links = ViewerLinks(VIEWER, paths)
    found = [row for row in shown if all(row[key] in places for key, _ in _LOGS)]
    return [_reading(row, places, links, include_text) for row in found]


def _places(paths: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The path of each log, by its id: several logs may have one file name."""
    found = {}
    for path in paths:
        if file_name(path) in wanted.values():
            # A file of the same name may be one that was left out as unreadable.
            with suppress(*_UNREADABLE):
                found[read_eval_log(path, header_only=True).eval.eval_id] = path
    return {log_id: found[log_id] for log_id in wanted if log_id in found}


def _reading(row: Record, places: Mapping[str, str], links: ViewerLinks, include_text: bool) -> Reading:
    own, original = (places[row[key]] for key, _ in _LOGS)
    key = (str(row["sample_id"]), int(row["epoch"]))
    restricted = is_restricted(row)
    addresses = (links.sample(own, *key), links.sample(original, *key))
    reading = Reading(row, addresses, restricted=restricted, hidden=restricted and not include_text)
    if reading.hidden:
        return reading
    try:
        answered, before = (read_eval_log_sample(path, *key, exclude_fields=_NOT_SHOWN) for path in (own, original))
    except _UNREADABLE:
        return reading
    return replace(
        reading,
        prompt=_asked(answered),
        own=_cut(answered.output.completion),
        original=_cut(before.output.completion),
    )


def _asked(sample: EvalSample) -> str:
    """The user's words as the model got them: with context and belief, without the system prompt."""
    turns: Iterable[str] = (message.text for message in sample.messages if message.role == "user")
    return _cut("\n\n".join(turns))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
