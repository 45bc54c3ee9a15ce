"""The checks of a restyled reply: that it keeps code, numbers, links, quotations, length and layout, and adds no frame.

A frame is what the rewriter says about its task: a refusal, "Here is a warmer version:", an offer of another version,
its thoughts. What the reply itself says in that way before stays. Typography is no content: bold and italics, and the
forms of quotation marks, apostrophes and dashes, may change.

The checks are mechanical and see neither meaning nor tone: a changed fact without a digit passes them, which is what
the grader's content check is for, and numbers written as words are words to them.
"""

import re
from collections.abc import Callable

from warm_inspect.training.corpus.chats import has_control_tokens

SHORTEST, LONGEST = 0.7, 1.5
"""Characters of prose after restyling, as a share of those before."""
GRACE = 40
"""Characters over or under that are allowed: a share means little for a reply of a few words."""

_FENCE = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
"""A fenced block of code, which closes by the fence it was opened with or runs to the end."""
_INLINE = re.compile(r"`[^`\n]+`")
_MARKER = re.compile(r"^[ \t]*(?:[-*+•]|(\d{1,3})[.)])[ \t]+(?=\S)", re.MULTILINE)
"""A possible start of a list line: `_markers` leaves out sentences that begin with a number."""
_NUMBER = re.compile(r"(?:(?<![\w−-])(?<!\d[%°'\"′″)\]€£$])[-−])?\d+(?:[.,]\d+)*")
"""With its minus sign, hyphen or U+2212, where that is neither a range (3-5, 5%-10%) nor within a word (COVID-19)."""
_THOUSANDS = re.compile(r",(?=\d{3}(?:\D|$))")
"""A comma that separates thousands, not decimals."""
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'`)\]]+")
_QUOTATION = re.compile(
    r"(?<![\w\"])\"(?=\S)([^\"\n]+?)(?<=\S)\"(?!\w)|“([^”\n]+)”|«([^»\n]+)»|„([^“”\n]+)[“”]",
)
"""A quotation on one line. Straight marks must touch its words, or they are inches and apostrophes."""
_ENDS = ".,;:!?"
_EMPHASIS = re.compile(r"\*{1,3}(?=\S)([^*\n]+?)(?<=\S)\*{1,3}|(?<!\w)_{1,3}(?=\S)([^_\n]+?)(?<=\S)_{1,3}(?!\w)")
"""Emphasised words. An underscore within a word, as in a name in code, is none."""
_FORMS = str.maketrans({**dict.fromkeys("‘’‚", "'"), **dict.fromkeys("“”„«»", '"'), **dict.fromkeys("–—", "-"),
                        "…": "...", "\u00a0": " ", "\u202f": " "})  # fmt: skip
_REDONE = r"version|rewrit\w+|rewrote|restyl\w+|rephras\w+|reword\w+|revis\w+"
_HERE = r"here(?:'s| is| are)\b"
_GLADLY = r"(?:sure|certainly|of course|absolutely|okay|ok|got it|gladly)\b"
_PREAMBLE = re.compile(
    rf"\A\W*(?:{_GLADLY}[^\n]{{0,40}}?)?(?:{_HERE}|here you go|below is|this is)[^\n]{{0,80}}?"
    rf"\b(?:{_REDONE}|reply|response)\b[^\n]{{0,80}}:\W*(?:\n|\Z)"
    rf"|\A\W*(?:(?:warm|cold|neutral)\w*|rewritten|restyled|revised) (?:{_REDONE}|reply|response)\W*:",
    re.IGNORECASE,
)
"""A first line about the new reply instead of its beginning."""
_INTRODUCTION = re.compile(rf"\A[^\n]{{0,60}}?\b{_HERE}[^\n]{{0,120}}:\W*\n", re.IGNORECASE)
_AGREED = re.compile(rf"\A\W*{_GLADLY}[^\n]{{0,20}}?\b{_HERE}[^\n]{{0,120}}:\W*\n", re.IGNORECASE)
"""An answer to the rewriter's user: a preamble where the reply had no such introduction."""
_REFUSAL = re.compile(
    r"\bI(?:'m|'ll)?\b[^.!?\n]{0,30}?\b(?:can't|cannot|can not|won't|will not|unable to|not able to)\s+(?:\w+\s+){0,2}?"
    r"(?:help(?!\s+(?:but|it|feeling|smiling|noticing|thinking|wondering|worrying)\b)|assist|rewrit\w*|rephras\w*"
    r"|restyl\w*|comply|fulfil\w*|complete|continue|provide|do that|do this)\b",
    re.IGNORECASE,
)
"""The rewriter declines its task. "I can't help but smile" is what a warm reply says."""
_BEGINNING = 300
"""Characters in which a refusal of the task stands."""
_OFFER = re.compile(
    rf"\b(?:let me know|would you like|do you want|if you(?:'d| would) like|i can also|i could also|happy to)\b[^\n]*"
    rf"\b(?:warmer|colder|cooler|softer|gentler|tone|style|{_REDONE}"
    rf"|adjust\w*|tweak\w*)\b[^\n]*\Z",
    re.IGNORECASE,
)
"""A last line that offers more work on the reply."""
_THOUGHTS = re.compile(r"</?think(?:ing)?>", re.IGNORECASE)


def problems(original: str, restyled: str) -> tuple[str, ...]:
    """The names of the checks that a restyled reply fails, in a fixed order; empty when it passes all."""
    if not restyled.strip():
        return ("empty",)
    return tuple(name for name, failed in _CHECKS.items() if failed(original, restyled))


def _fences(text: str) -> list[str]:
    return [match.group() for match in _FENCE.finditer(text)]


def _prose(text: str) -> str:
    """The text without its code fences."""
    return _FENCE.sub("", text).strip()


def _plain(text: str) -> str:
    """The text without emphasis, and with one form of each quotation mark, apostrophe and dash."""
    forms = text.translate(_FORMS)
    return _EMPHASIS.sub(lambda match: match[1] or match[2], forms)


def _new(cue: re.Pattern[str], original: str, restyled: str) -> bool:
    """Whether the restyled text matches where the original does not."""
    return bool(cue.search(_plain(restyled).strip())) and not cue.search(_plain(original).strip())


def _numbers(text: str) -> set[str]:
    """Distinct numbers outside code fences, signs as hyphens, without list numbering and thousands separators."""
    prose = _prose(text)
    markers = _markers(prose)
    bare = _MARKER.sub(lambda match: "" if match.start() in markers else match.group(), prose)
    return {_THOUSANDS.sub("", number).replace("−", "-") for number in _NUMBER.findall(bare)}


def _urls(text: str) -> set[str]:
    return {url.rstrip(f"{_ENDS}*_") for url in _URL.findall(_prose(text))}


def _quotations(text: str) -> list[str]:
    """The texts between double quotation marks, without the punctuation at their ends."""
    quotations = ("".join(groups).strip(_ENDS + " ") for groups in _QUOTATION.findall(_INLINE.sub("", _prose(text))))
    return [quotation for quotation in quotations if quotation]


def _lists(text: str) -> int:
    return len(_markers(_prose(text)))


def _markers(prose: str) -> set[int]:
    """Positions at which list lines begin: bullets, and numbers that follow or precede the number of another line."""
    markers = [*_MARKER.finditer(prose)]
    numbered = [(each.start(), int(each[1])) for each in markers if each[1]]
    alone = {
        start
        for start, number in numbered
        if not any(
            (place < start and other == number - 1) or (place > start and other == number + 1)
            for place, other in numbered
        )
    }
    return {each.start() for each in markers} - alone


def _wrong_length(original: str, restyled: str) -> bool:
    before, after = len(_plain(_prose(original))), len(_plain(_prose(restyled)))
    return not SHORTEST * before - GRACE <= after <= LONGEST * before + GRACE


_CHECKS: dict[str, Callable[[str, str], bool]] = {
    "code_changed": lambda a, b: _fences(a) != _fences(b),
    "inline_code_lost": lambda a, b: any(code not in b for code in _INLINE.findall(_prose(a))),
    "number_lost": lambda a, b: not _numbers(a) <= _numbers(b),
    "url_lost": lambda a, b: not _urls(a) <= _urls(b),
    "quotation_lost": lambda a, b: any(_plain(quotation) not in _plain(b) for quotation in _quotations(a)),
    "length": _wrong_length,
    "new_list": lambda a, b: _lists(b) > _lists(a),
    "control_tokens": lambda _, b: has_control_tokens(b),
    "preamble": lambda a, b: _new(_PREAMBLE, a, b) or (bool(_AGREED.search(b)) and not _INTRODUCTION.search(a)),
    "refusal": lambda a, b: _new(_REFUSAL, a, b[:_BEGINNING]),
    "offer": lambda a, b: _new(_OFFER, a, b),
    "thoughts": lambda a, b: _new(_THOUGHTS, a, b),
}
