"""Replies to read: what was asked and answered in a few of the samples on which two arms differ, from their logs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from inspect_ai.log import EvalSample

from warm_inspect.analysis.logs.archive import UnreadableLog, read_sample
from warm_inspect.analysis.logs.collect import Collected
from warm_inspect.core.restricted import is_restricted
from warm_inspect.report.comparison import ViewerLinks
from warm_inspect.report.evidence import Differing
from warm_inspect.report.rows import Record

MAX_READ = 10
"""Pairs whose texts are shown."""
MAX_CHARACTERS = 700
"""Length to which texts are cut."""
VIEWER = "http://127.0.0.1:7575"
"""Where `inspect view start` serves the logs unless told otherwise."""

_LOGS = ("log_id", "log_id_original")
"""Where a differing sample names the arm's log and the original's."""


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


def read_replies(collected: Collected, differing: Differing, include_text: bool) -> list[Reading]:
    """The first of the differing samples, with their texts.

    Args:
        collected: the logs of the study.
        differing: the samples; at most `MAX_READ` of them are read.
        include_text: whether to show the text of gated and harmful rows too.
    """
    paths = {log.eval_id: log.path for log in collected.logs}
    links = ViewerLinks(VIEWER, collected.paths)
    return [_reading(row, paths, links, include_text) for row in differing.shown[:MAX_READ]]


def _reading(row: Record, paths: Mapping[str, str], links: ViewerLinks, include_text: bool) -> Reading:
    own, original = (paths[row[key]] for key in _LOGS)
    key = (str(row["sample_id"]), int(row["epoch"]))
    restricted = is_restricted(row)
    addresses = (links.sample(own, *key), links.sample(original, *key))
    reading = Reading(row, addresses, restricted=restricted, hidden=restricted and not include_text)
    if reading.hidden:
        return reading
    try:
        answered, before = (read_sample(path, *key) for path in (own, original))
    except UnreadableLog:
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
