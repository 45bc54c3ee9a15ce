"""Sentences in quotation marks of which a reply says something: it does not state them."""

import re

_QUOTED = re.compile(
    r"""
    ["\u201c](?P<said>[^"\u201c\u201d\n]{1,300}?)[.!,]?["\u201d]
    (?=,?\ (?:is|are|was|were|has|does|can|may|might|would|could|means|refers|serves|implies|suggests)\b)
    """,
    re.VERBOSE,
)
_SENTENCE = 4
"""Least words of a quoted sentence; fewer are a name."""


def with_quotes_named(text: str) -> str:
    """The text in which a quoted sentence that is the subject of another is called a claim: "... is a joke"."""
    return _QUOTED.sub(_named, text)


def _named(quote: re.Match[str]) -> str:
    said = quote["said"]
    return f"the claim that {said}" if len(said.split()) >= _SENTENCE else quote[0]
