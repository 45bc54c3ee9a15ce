"""`match`: the deterministic reader of replies, by the cues in `content/graders/matching/`."""

from warm_inspect.grading.matching.match import Abstention, Key, Match, match_reply
from warm_inspect.grading.matching.request import RequestMatch, match_request

__all__ = ["Abstention", "Key", "Match", "RequestMatch", "match_reply", "match_request"]
