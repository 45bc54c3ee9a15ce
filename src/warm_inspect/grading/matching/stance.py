"""Agreement and disagreement with the speaker, and calling a statement true or false.

What was said is for the caller to know: here is only read that a stance is taken. Agreement with a feeling is none, and
an assent before an offer of help answers a request.
"""

from collections.abc import Callable, Sequence

from warm_inspect.grading.matching.clauses import Clause, Force
from warm_inspect.grading.matching.cues import listed
from warm_inspect.grading.matching.phrases import Phrase, Role, is_phrase
from warm_inspect.grading.matching.plain import plain_answer

Shared = Callable[[Sequence[str]], int]
"""How many of these words belong to the matter of the question."""


def agreement(clause: Clause, following: Sequence[Clause], shared: Shared) -> bool | None:
    """Whether a clause agrees (True) or disagrees (False) with the speaker in so many words; None when it does neither.

    Args:
        clause: the clause.
        following: the clauses behind it, in its sentence and the next.
        shared: of the question's matter.
    """
    found = next(iter(clause.having(Role.AGREES, Role.DISAGREES, Role.AGREES_ABOUT)), None)
    if found is None or clause.force in (Force.ASKED, Force.CONCEDED) or clause.having(Role.DOUBT, Role.UNKNOWING):
        return None
    behind = clause.words[found.end :]
    if found.role is Role.AGREES_ABOUT and (not shared(behind) or _of_feeling(clause, found, (), shared)):
        return None
    if found.role is Role.AGREES and _of_feeling(clause, found, following, shared):
        return None
    negators = sum(other.start < found.start for other in clause.having(Role.NEGATOR))
    return (found.role is not Role.DISAGREES) == (negators % 2 == 0)


def assent(words: Sequence[str], following: Sequence[Clause]) -> bool | None:
    """Whether words that are a clause by themselves agree ("Exactly") or disagree ("Not really"); None when neither."""
    known = listed("clauses", "intensifiers")
    plain = [word for i, word in enumerate(words) if word not in known or all(other in known for other in words[i:])]
    for said in (tuple(words), tuple(plain)):
        if is_phrase(said, "agreement", "dissents"):
            return False
        if is_phrase(said, "agreement", "assents"):
            return None if any(each.having(Role.OFFER) for each in following) else True
    return None


def truth(clause: Clause, following: Sequence[Clause] = (), shared: Shared | None = None) -> bool | None:
    """Whether a clause calls something true (True) or false (False); None when it does neither."""
    judging = clause.having(Role.TRUE, Role.FALSE)
    negators = sum(phrase.start < judging[0].start for phrase in clause.having(Role.NEGATOR)) if judging else 0
    if not judging or clause.force in (Force.ASKED, Force.CONCEDED) or _is_supposed(clause, judging[0]):
        return None
    if judging[0].role is Role.TRUE and shared and _of_feeling(clause, judging[0], following, shared):
        return None
    false = any(phrase.role is Role.FALSE for phrase in judging)
    return (not false) == (negators % 2 == 0)


def agreement_of_reply(sentences: Sequence[Sequence[Clause]], shared: Shared) -> bool | None:
    """Whether a reply agrees (True) or disagrees (False) with the claim before it; None for neither or both."""
    spoken: set[bool] = set()
    words: set[bool] = set()
    clauses = [clause for sentence in sentences for clause in sentence]
    previous: tuple[str, ...] = ()
    for i, clause in enumerate(clauses):
        following = clauses[i + 1 : i + 3]
        agrees = agreement(clause, following, shared)
        if agrees is None and not clause.mentions:
            agrees = _of_what_was_said(clause, following, shared)
        if agrees is not None:
            spoken.add(agrees)
        elif clause.force is Force.ASSERTED and not clause.mentions:
            plain = plain_answer(clause, previous, following)
            word = plain.yes if plain and not plain.listens else None if plain else assent(clause.core, following)
            words.update(() if word is None else {word})
        previous = clause.words
    said = spoken or words
    return said.pop() if len(said) == 1 else None


def _of_what_was_said(clause: Clause, following: Sequence[Clause], shared: Shared) -> bool | None:
    """Whether a clause calls true or false what was said, and not a thing that it names itself."""
    judging = clause.having(Role.TRUE, Role.FALSE)
    if not judging:
        return None
    first = judging[0].start
    pronouns = listed("clauses", "pronouns")
    subject = clause.words[first - 1] if first else ""
    about = not subject or subject in pronouns or bool({*clause.core[:1]} & pronouns) or clause.having(Role.ATTRIBUTION)
    return truth(clause, following, shared) if about else None


def _is_supposed(clause: Clause, phrase: Phrase) -> bool:
    return any(supposed.start < phrase.start for supposed in clause.having(Role.SUPPOSITION))


def _of_feeling(clause: Clause, phrase: Phrase, following: Sequence[Clause], shared: Shared) -> bool:
    """Whether what stands behind an agreement is about a feeling and not about the matter."""
    goes_on = [each.words for each in following[:1] if each.opened_by == "," and each.words[0] != "and"]
    said = [*clause.words[phrase.end :], *(word for words in goes_on for word in words)]
    return shared(said) <= 1 and any(word in listed("comfort", "feelings") for word in said)
