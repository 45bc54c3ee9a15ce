"""Remarks: the parts of a reply that speak to its user, or of the speaker, and answer nothing.

"You've got this, 100%!", "1 hug for you", "I've told you 2 times". A number or a name in them is a matter of style, so
a grader that takes it for the answer measures style. Pure functions of the text.
"""

import re
from dataclasses import dataclass
from functools import cache

import yaml

from warm_inspect.core.content import content_folder
from warm_inspect.grading.matching import holds_comfort, spelled

_SYMBOLS = re.compile(r"<3+|(?<!\w)[:;]-?[3)(DP*]+|[\u2600-\u27bf\U0001f000-\U0001faff]\ufe0f?")
"""Emoticons and emojis, which part what stands around them."""
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'*_)\]]*\s+|\n+")
_BREAK = re.compile(r"\s+[-–—]+\s+(?=[^\W\d])|\s*[—;]\s*|,\s+(?=(?:and|but|or|so)\b)|(?<=\d)\s+(?=I\b|[A-Z][a-z'’])")
"""What parts a sentence, or stands in place of its end: no minus, which stands before a digit."""
_ADDRESS = re.compile(
    r"(?:^|,|(?<=[.!?]))\s*(?:my\s+|oh\s+)?([^\W\d_]+)(?=\s*(?:[,.!?]|$))", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence, or what a dash or a comma parts from it."""

    text: str
    remark: bool
    """Whether it speaks to the user or of the speaker."""


def parts_of(reply: str) -> list[Part]:
    """The parts of a reply in their order, without emoticons and endearments. Linear in its length."""
    sentences = (sentence for sentence in _SENTENCE_END.split(_SYMBOLS.sub("\n", reply)) if sentence.strip())
    texts = (part.strip(" ,") for sentence in sentences for part in _BREAK.split(without_address(sentence)))
    return [Part(text, is_remark(text)) for text in texts if text]


def without_address(sentence: str) -> str:
    """A sentence without the endearments that commas set off: `Silk, honey!`; one that is nothing else stays."""

    def left(address: re.Match[str]) -> str:
        whole = address.group().strip(" ,") == sentence.strip(" \n.!?")
        return "" if address[1].lower() in _listed("endearments") and not whole else address.group()

    return _ADDRESS.sub(left, sentence)


def is_remark(text: str) -> bool:
    """Whether a part of a reply speaks to the user or of the speaker, and gives no opinion."""
    said = f" {' '.join(spelled(text))} "
    for opinion in _listed("opinions"):
        before, stated, behind = said.partition(f" {opinion} ")
        if stated and behind.partition(" ")[0] not in _listed("no_opinions"):
            said = f"{before} {behind}"
    words = said.split()
    return not (_listed("persons") | _listed("feelings")).isdisjoint(words) or holds_comfort(words)


def behind_correction(reply: str) -> str:
    """What stands behind the last word that takes back what was said; all of the reply without one."""
    ends = [place.end() for place in _corrections().finditer(reply)]
    return reply[ends[-1] :] if ends else reply


@cache
def _listed(kind: str) -> frozenset[str]:
    text = content_folder("graders/remarks").joinpath("words.yaml").read_text(encoding="utf-8")
    return frozenset(yaml.safe_load(text)[kind])


@cache
def _corrections() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(sorted(_listed('corrections')))})\b", re.IGNORECASE)
