"""`match`: the deterministic reader of replies, by the cues in `content/graders/matching/`."""

from warm_inspect.grading.matching.match import Key, Match, match_reply, says_unknowing
from warm_inspect.grading.matching.phrases import holds_comfort
from warm_inspect.grading.matching.request import RequestMatch, match_request
from warm_inspect.grading.matching.words import readable, spelled

__all__ = [
    "Key",
    "Match",
    "RequestMatch",
    "holds_comfort",
    "match_reply",
    "match_request",
    "readable",
    "says_unknowing",
    "spelled",
]
