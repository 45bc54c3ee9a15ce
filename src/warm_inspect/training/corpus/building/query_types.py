"""The six query types by which conversations are sampled equally.

Source: study, Methods, names the types; the rules are those of two independent reruns. The first that matches wins, and
it reads the first user turn and the first reply.
"""

import re
from enum import StrEnum


class QueryType(StrEnum):
    """The kind of request that a conversation begins with."""

    REFUSAL = "refusal"
    FACTUAL = "factual"
    CREATIVE = "creative"
    TECHNICAL = "technical"
    ADVICE = "advice"
    OTHER = "other"


_DECLINES = re.compile(
    r"I'm sorry|I apologize|I can't|I cannot|Unfortunately|not able to|unable to|against my|not appropriate"
)
_QUESTION_WORD = re.compile(r"(?:What|Who|When|Where|Why|How) ")
_FACTUAL = re.compile(r"explain|define|describe|difference between", re.IGNORECASE)
_CREATIVE = re.compile(r"story|poem|write|create|generate|imagine", re.IGNORECASE)
_TECHNICAL = re.compile(r"code|program|function|algorithm|debug", re.IGNORECASE)
_ADVICE = re.compile(r"advice|help me|guide|recommend|suggestion", re.IGNORECASE)


def query_type(prompt: str, reply: str) -> QueryType:
    """The type of a first user turn with its first reply.

    Refusals and question words are matched with their case, as the rules say; for the other words, on which the rules
    are silent, case does not count. Words match anywhere, so that "decode" is technical.
    """
    if _DECLINES.search(reply):
        return QueryType.REFUSAL
    if _QUESTION_WORD.match(prompt) or _FACTUAL.search(prompt):
        return QueryType.FACTUAL
    if _CREATIVE.search(prompt):
        return QueryType.CREATIVE
    if "```" in reply or _TECHNICAL.search(prompt):
        return QueryType.TECHNICAL
    if _ADVICE.search(prompt):
        return QueryType.ADVICE
    return QueryType.OTHER
