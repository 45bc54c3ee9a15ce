"""A sheet of random pairs for people to read: mechanical checks see neither facts nor tone."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from warm_inspect.core.files import write_whole
from warm_inspect.training.corpus.rewriting.outcome import csv_text

if TYPE_CHECKING:
    from warm_inspect.training.corpus.rewriting.restyle import Restyling

AUDIT_NAME = "audit.csv"
PAIRS = 50
_HEADER = ("conversation", "turn", "arm", "message", "before", "after", "same_content", "in_style", "note")


def write_audit(folder: Path, pairs: "Sequence[tuple[Restyling, str]]", seed: int) -> int:
    """Write up to 50 pairs, drawn with the seed, with empty columns for the reader's marks; how many there are."""
    drawn = Random(seed).sample(pairs, min(PAIRS, len(pairs)))
    lines = [
        (each.reply.row, each.reply.turn, each.reply.arm, each.prompt, each.text, after, "", "", "")
        for each, after in drawn
    ]
    write_whole(folder / AUDIT_NAME, csv_text(_HEADER, lines))
    return len(lines)
