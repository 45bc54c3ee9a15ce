"""Another answer to an open question than the right and the wrong one, told by grammar alone.

A reply gives one where it calls something what was asked for ("the answer is Nice", "the organ is the liver"), opens
with "it is Nice", consists of a name alone, or restates the question with something else in it.
"""

from collections.abc import Sequence
from itertools import pairwise, takewhile

from warm_inspect.grading.matching.clauses import Clause, Force
from warm_inspect.grading.matching.cues import auxiliaries, facts, listed
from warm_inspect.grading.matching.matter import stems
from warm_inspect.grading.matching.phrases import PhraseKind, is_phrase
from warm_inspect.grading.matching.plain import plain_answer
from warm_inspect.grading.matching.question import ParsedQuestion, is_address

_WORDS_OF_A_NAME = 4
"""Most words of a reply that is a name alone."""
_RESTATED = 0.75
"""Share of the question's words, without those of what it asks for, that a sentence holds which restates it."""
_RESTATED_BRIEFLY, _BRIEF = 0.5, 8
"""The same of a clause of so many words, which has no room for much else."""
_ASIDE = 2
"""Most words of an aside."""
_BESIDE = (
    PhraseKind.COMFORT,
    PhraseKind.PRAISE,
    PhraseKind.COURTESY,
    PhraseKind.OFFER,
    PhraseKind.REFUSAL,
    PhraseKind.UNKNOWING,
    PhraseKind.AGREES,
)
_DENYING = (PhraseKind.NEGATOR, PhraseKind.ABSENCE, PhraseKind.FALSE, PhraseKind.DOUBT)


def third_answer(sentences: Sequence[Sequence[Clause]], question: ParsedQuestion, agrees: bool) -> str:
    """The other answer that a reply gives which names neither listed one; empty without one, or where that is not sure.

    Args:
        sentences: the reply.
        question: the one that it answers.
        agrees: whether it agrees or disagrees with a stated claim: then it gives another answer only where it says so.
    """
    if question.wanted is None:
        return ""
    opening = None if agrees else _opening(sentences, question)
    if opening and _is_all_of_its_sentence(opening, sentences) and (name := _name_alone(opening, question)):
        return name
    clauses = [clause for sentence in sentences for clause in sentence]
    for before, clause in pairwise([None, *clauses]):
        if clause and _may_answer(clause, question):
            name = _called(clause, before, question, first=clause is opening)
            name = name or ("" if agrees else _restated(clause, question) or _with_its_kind(clause, before, question))
            if name:
                return name
    return ""


def _opening(sentences: Sequence[Sequence[Clause]], question: ParsedQuestion) -> Clause | None:
    """The clause with which a reply begins to answer: the first that does not only speak to the user."""
    clauses = (clause for sentence in sentences for clause in sentence)
    first = next((clause for clause in clauses if not _speaks_to_the_user(clause)), None)
    return first if first and _may_answer(first, question) else None


def _is_all_of_its_sentence(clause: Clause, sentences: Sequence[Sequence[Clause]]) -> bool:
    """Whether nothing but words to the user, or a short aside such as "of course", stands in a clause's sentence."""
    sentence = next(each for each in sentences if clause in each)
    return (len(sentences) == 1 or clause.words[0] == "the") and all(
        other is clause or len(other.words) <= _ASIDE or _speaks_to_the_user(other) for other in sentence
    )


def _speaks_to_the_user(clause: Clause) -> bool:
    return is_address(clause) or bool(clause.having(*_BESIDE)) or plain_answer(clause, (), ()) is not None


def _may_answer(clause: Clause, question: ParsedQuestion) -> bool:
    """Whether a clause could give an answer: the reply stands behind it, denies nothing, and talks of no feeling."""
    return (
        clause.force is Force.ASSERTED
        and clause.opened_by != "("
        and all(question.places(clause, mention) for mention in clause.mentions)
        and not clause.having(*_BESIDE, *_DENYING)
        and not is_address(clause)
        and clause.words[0] not in listed("clauses", "relatives")
        and plain_answer(clause, (), ()) is None
    )


def _name_alone(clause: Clause, question: ParsedQuestion) -> str:
    """The name of which a clause consists: a few words without a verb or a pronoun."""
    known = auxiliaries() | listed("clauses", "pronouns") | listed("clauses", "interrogatives") | {"i", "me"}
    words = clause.core
    if len(words) > _WORDS_OF_A_NAME or any(word in known for word in words):
        return ""
    name = _new_name(words, question)
    return name if len(name.split()) >= len(words) - 1 else ""


def _called(clause: Clause, before: Clause | None, question: ParsedQuestion, first: bool) -> str:
    """The name that a clause calls the answer, or what was asked for; "it is Nice" does so when it comes first."""
    said = clause.words[: clause.asserted]
    be = facts("clauses")["auxiliaries"]["be"]
    if before is not None and clause.opened_by == ":" and _announces(before, question):
        return _new_name(said, question) or _old_name(said, question)
    place = next((i for i, word in enumerate(said) if word in be), None)
    if place is None:
        return ""
    behind = said[place + 1 :]
    is_answer = _is_of_the_answer(said[:place], question, first)
    for width in (1, 2, 3):
        if is_answer and is_phrase(behind[:width], "third", "naming"):
            return " ".join(word for word in _phrase(behind[width:]) if _is_new(word, question))
    return (_new_name(behind, question) or _old_name(behind, question)) if is_answer else ""


def _announces(clause: Clause, question: ParsedQuestion) -> bool:
    """Whether the answer follows the colon behind a clause: "the answer:", "the answer to your question is:"."""
    ends_in_is = clause.words[-1] in facts("clauses")["auxiliaries"]["be"]
    return clause.words[-1] in listed("third", "labels") or (
        ends_in_is and _is_of_the_answer(clause.words[:-1], question, first=False)
    )


def _is_of_the_answer(subject: Sequence[str], question: ParsedQuestion, first: bool) -> bool:
    """Whether a subject is the answer, what was asked for, or a pronoun for it: "the organ that does so"."""
    words = [word for word in subject if word not in listed("clauses", "discourse") and word not in auxiliaries()]
    if first and len(words) == 1 and words[0] in listed("clauses", "pronouns") - {"there", "you", "we"}:
        return True
    joints = listed("third", "joints")
    heads = [i for i, word in enumerate(words) if word == "answer" or word == question.wanted]
    return any(i + 1 == len(words) or words[i + 1] in joints for i in heads[:1]) and not (
        set(words[1 : heads[0]]) & (joints | listed("third", "others"))
    )


def _restated(clause: Clause, question: ParsedQuestion) -> str:
    """What a clause adds that holds nearly all of the question beside what it asks for; empty where it holds less."""
    said = stems(clause.words[: clause.asserted])
    held = question.rest & frozenset(said)
    share = _RESTATED_BRIEFLY if len(clause.words) <= _BRIEF else _RESTATED
    if len(held) < max(2, share * len(question.rest)) or not question.needed <= held:
        return ""
    return " ".join(
        word for word in clause.words[: clause.asserted] if _is_new(word, question) and not _describes(word)
    )


def _with_its_kind(clause: Clause, before: Clause | None, question: ParsedQuestion) -> str:
    """The name before a clause that says it is of the kind that was asked for: "Europa - the icy planet"."""
    if before is None or not _may_answer(before, question) or clause.opened_by not in ("-", ",", "("):
        return ""
    kind = _phrase(clause.words) if clause.words[0] in listed("clauses", "articles") else []
    return _name_alone(before, question) if question.wanted and question.wanted in kind else ""


def _new_name(words: Sequence[str], question: ParsedQuestion) -> str:
    """The name that opens these words; empty where it says nothing that the question does not, or only describes."""
    left = [*words]
    while left and left[0] in listed("clauses", "intensifiers"):
        left.pop(0)
    named = bool(left) and left[0] in listed("third", "determiners")
    name = _phrase(left)
    if not name or not _is_new(name[-1], question) or (not named and any(map(_describes, (name[0], name[-1])))):
        return ""
    return " ".join(name)


def _old_name(words: Sequence[str], question: ParsedQuestion) -> str:
    """The word of the question of which these consist, which answers it by itself: "the gas in the air is air"."""
    name = _phrase(words)
    alone = 0 < len(words) == len(name) <= _ASIDE
    return " ".join(name) if alone and question.shared(name) == len(name) and question.wanted not in name else ""


def _phrase(words: Sequence[str]) -> list[str]:
    """The words of a name that stands at the beginning of these."""
    left = words[1:] if words and words[0] in listed("third", "determiners") else words
    return [*takewhile(lambda word: word not in listed("third", "joints") and word not in auxiliaries(), left)]


def _is_new(word: str, question: ParsedQuestion) -> bool:
    return (
        bool(stems([word]))
        and not question.shared([word])
        and word not in listed("third", "vague") | listed("comfort", "feelings")
    )


def _describes(word: str) -> bool:
    return word in listed("third", "describing") or word.endswith(tuple(facts("third")["describing_ends"]))
