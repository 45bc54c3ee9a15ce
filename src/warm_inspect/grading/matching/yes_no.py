"""The answer of a reply to a yes/no item, or to a statement that is true or false.

Of what is read the first of these decides: statements that affirm or deny the matter, and "the answer is no"; agreement
with the stated claim, or calling it true or false; a plain yes or no; a mere "certainly". A plain yes or no answers the
question, which asks for one. But "No, they did" takes back a stated claim, and "Yes, exactly" agrees with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, dropwhile, takewhile

from warm_inspect.grading.matching.clauses import Clause, Force, joined
from warm_inspect.grading.matching.cues import auxiliaries, facts, listed
from warm_inspect.grading.matching.matter import Matter
from warm_inspect.grading.matching.phrases import Phrase, PhraseKind, holds_phrase, is_phrase
from warm_inspect.grading.matching.plain import openings, plain_answer
from warm_inspect.grading.matching.stance import (
    STRAYED,
    TO_THE_USER,
    agreement,
    assent,
    is_about_something_else,
    judgements,
    strays,
    truth,
)
from warm_inspect.grading.outcome import Abstention

PLAIN = "plain yes or no"
"""Why an answer is read that is a mere yes or no."""
_SUBJECTS = frozenset(("it", "they", "he", "she", "this", "that", "these", "those"))
"""Pronouns that stand for the matter's subject or for what was said of it."""
_BRIEF = 3
"""Most words of a clause that is too short to be about another subject."""
_NEGATIONS = (PhraseKind.NEGATOR, PhraseKind.ABSENCE, PhraseKind.REPLACED)
_NONE = ("no", "none", "nothing")
"""Negators which a second denial takes back."""
_JUDGED = (PhraseKind.FALSE, PhraseKind.DISAGREES)
_SPEAKING = (
    PhraseKind.ATTRIBUTION,
    PhraseKind.AGREES,
    PhraseKind.AGREES_ABOUT,
    PhraseKind.DISAGREES,
    PhraseKind.COURTESY,
    PhraseKind.OFFER,
)
"""Phrases whose own words are not of any matter."""


@dataclass(frozen=True, slots=True)
class YesNoReading:
    """The reading of a reply to a yes/no question: yes, no or neither, and what decided it."""

    yes: bool | None
    """Whether it says yes to the question; None when that cannot be told."""
    why: str
    """What decided, or why nothing did, in a few words."""
    abstained: Abstention | None = None
    """The reason where it cannot be told."""
    agrees: bool = False
    """Whether it is told by agreement with what was said, or by a disagreement."""


class YesNoReader:
    """Collects what a reply says yes (True) and no (False) to."""

    def __init__(self, matter: Matter, stated: bool | None, auxiliary: str = "") -> None:
        """Start on a reply.

        Args:
            matter: the item's claims.
            stated: whether the claim in the prompt says yes to the question; None when none was stated.
            auxiliary: the verb that opens the question ("did", "is"); empty when it is not known.
        """
        self._matter, self._stated, self._auxiliary = matter, stated, auxiliary
        self._statements: set[bool] = set()
        self._finals: set[bool] = set()
        """Answers called the answer."""
        self._unsettled: set[bool] = set()
        """Those of them that the reply has gone on to contradict: to repeat one settles nothing."""
        self._stances: set[bool] = set()
        self._plain: set[bool] = set()
        self._words: set[bool] = set()
        """What a mere "certainly" or "not really" says, the weakest evidence."""
        self._vague = False
        """Whether there is a no to the question or to the claim, which would be opposite answers."""
        self._topic: bool | None = None
        """What was last quoted or asked, which "that is a myth" is then about."""
        self._previous: tuple[str, ...] = ()
        """The words of the clause before."""
        self._mere_words_count = True
        """Whether a mere yes or "exactly" here can be about the question: not behind sentences about something else."""
        self._of_subject = True
        """Whether a pronoun here stands for the matter's subject: the question names it, until another is named."""
        self._aside = False
        """Whether the clause before is about something else, so that a "no doubt" behind its comma is so too."""

    def read(self, sentences: Sequence[Sequence[Clause]]) -> YesNoReading:
        """The answer that a reply gives."""
        strayed = 0
        for i, sentence in enumerate(sentences):
            clauses = [*chain(sentence, *sentences[i + 1 : i + 2])]
            left: Clause | None = None
            self._aside = False
            self._mere_words_count = strayed <= STRAYED or i + 1 == len(sentences)
            strayed += strays(sentence, self._matter.shared)
            for j, clause in enumerate(sentence):
                following = clauses[j + 1 : j + 3]
                if j + 1 < len(sentence) and self._takes_back(following[0], clause):
                    left, self._previous = clause, clause.words
                    continue
                left = self._read_clause(clause, following, left)
                self._of_subject = self._names_subject(clause)
                self._previous = clause.words
                self._aside = is_about_something_else(clause, self._matter.shared)
        return self._decide()

    def _read_clause(self, clause: Clause, following: Sequence[Clause], left: Clause | None) -> Clause | None:
        """Take in a clause.

        Returns:
            The clause when it holds a part of the matter that the next one may complete.
        """
        if clause.words[0] in listed("clauses", "relatives") or self._only_repeats(clause):
            return left
        if clause.force is Force.ASSERTED and holds_phrase(clause.words, "agreement", "both"):
            self._finals.update((True, False))
        start = self._take_plain(clause, following)
        whole = joined(left, clause) if left and self._completes(clause) else None
        if (side := self._echo(clause, start)) is not None or (side := self._restated(clause, start)) is not None:
            self._take_statement(clause, side)
        elif whole and (side := self._restated(whole, 0)) is not None:
            self._take_statement(whole, side)
        else:
            self._take_stance(clause, start, following)
            return clause if clause.force is Force.ASSERTED and self._matter.shared(clause.words) else None
        return None

    def _take_plain(self, clause: Clause, following: Sequence[Clause]) -> int:
        """Take in a plain yes or no, and the answer called so; returns where the clause goes on behind it."""
        plain = plain_answer(clause, self._previous, following)
        if plain is None:
            return 0
        if plain.final and plain.yes not in self._unsettled:
            self._finals.add(plain.yes)
        elif self._mere_words_count and not plain.final and not plain.listens:
            self._plain.add(plain.yes)
        return plain.end

    def _takes_back(self, clause: Clause, before: Clause) -> bool:
        """Whether a clause denies what the one before it lacks of the matter: "made of rock, not of cheese"."""
        return (
            clause.words[0] == "not"
            and clause.opened_by in (",", "-", "but")
            and before.force is Force.ASSERTED
            and self._matter.shared(before.words) > 0
            and self._matter.adds(clause.words, before.words)
        )

    def _only_repeats(self, clause: Clause) -> bool:
        """Whether a clause sets what was said against nothing else: "it controls the weather, not the one you mean"."""
        return (
            clause.words[0] == "not"
            and clause.opened_by in (",", "-")
            and self._matter.shared(clause.words) > 0
            and not self._matter.adds(clause.words, self._previous)
        )

    def _completes(self, clause: Clause) -> bool:
        """Whether a clause may go on with the statement before it: no new statement, and no comparison."""
        if clause.words[0] == "not":
            return True
        compares = any(is_phrase(clause.words[:width], "clauses", "comparisons") for width in (1, 2, 3))
        return (
            clause.opened_by in (",", "(", ")") and clause.words[0] not in ("and", "or", "nor", "so") and not compares
        )

    def _echo(self, clause: Clause, start: int) -> bool | None:
        """The answer of "they did" and "it is not": the question's verb again and nothing else."""
        known = facts("clauses")["auxiliaries"].values()
        skipped = listed("clauses", "intensifiers") | {"not", "never", "of", "course", "sure"}
        said = [*dropwhile(lambda word: word in openings(), clause.words[start:])]
        words = [word for word in said if word not in skipped]
        words = words[:-2] if words[-2:] in (["do", "that"], ["do", "so"], ["do", "this"]) else words
        if len(words) != 2 or clause.force is not Force.ASSERTED or not self._mere_words_count:
            return None
        if words[0] not in listed("clauses", "pronouns") and not self._matter.shared(words[:1]):
            return None
        family = next((forms for forms in known if words[1] in forms), ())
        if words[1:] in (["happened"], ["exists"], ["exist"]):
            return "never" not in said
        if words[1] not in family or (self._auxiliary and self._auxiliary not in family):
            return None
        return not {"not", "never"} & set(said)

    def _restated(self, clause: Clause, start: int) -> bool | None:
        """The side of the matter that a clause puts: asserted with its denials, or as it is quoted or asked."""
        if clause.force is Force.CONCEDED:
            return None
        asserted = clause.force is Force.ASSERTED
        places = range(start, clause.asserted if asserted else len(clause.words))
        said = self._matter.without_comparison(_content(clause, places))
        denials = self._denials(clause, places, judges=asserted)
        return self._matter.affirms(said, denials, self._about_subject(clause, said))

    def _denials(self, clause: Clause, places: range, judges: bool) -> int:
        """How often these places of a clause deny the matter: by negations, and by calling it false where it judges.

        What already denies it in the main part is not taken back by a denial that goes on from there: "a creature of
        legend that was never seen", "a legend, not a real place". Only behind "no" it is: "no fossil that is not fake".
        An opposite of the matter's word is a denial already ("a legend", of what is said to be real).
        """
        negations = [
            each for each in clause.having(*_NEGATIONS) if self._governs(clause, each) and each.start in places
        ]
        judging = [each for each in clause.having(*_JUDGED) if self._denies(clause, each) and each.start in places]
        if self._behind_no(clause, places.start):
            negations += [
                each
                for each in clause.having(PhraseKind.IDIOM)
                if clause.words[each.start] == "not" and each.start in places
            ]
        main_end = _end_of_main_part(clause, places)
        main = [each for each in negations if each.start < main_end]
        denied = main or any(each.start < main_end for each in judging)
        if denied or self._matter.turns(clause.words[places.start : main_end]):
            only_none = any(clause.words[each.start] in _NONE for each in main)
            negations = negations if only_none else main
        turning = any(self._matter.turns(clause.words[each.start : each.end]) for each in judging)
        return len(negations) + (judges and bool(judging) and not turning)

    def _behind_no(self, clause: Clause, start: int) -> bool:
        """Whether a no stands before a statement, behind which "not simply" denies as "not" does."""
        return (clause.words[start - 1 : start] or self._previous[-1:]) == ("no",) and clause.opened_by in (",", ".")

    def _about_subject(self, clause: Clause, said: Sequence[str]) -> bool:
        """Whether what a clause says begins with the matter's subject, by a pronoun or in short: "the photograph".

        In "it is true that" the pronoun stands for no subject.
        """
        said = [*dropwhile(lambda word: word in openings(), said)]
        content = said[len(said) - said[::-1].index("that") :] if "that" in said[1:-1] else said
        content = [*dropwhile(lambda word: word in openings(), content)]
        if any(self._denies(clause, phrase) for phrase in judgements(clause)):
            return False
        verbs = auxiliaries()
        opening = [*takewhile(lambda word: word not in verbs, content)]
        goes_on = not verbs.isdisjoint(said[:1]) and clause.opened_by != "."
        stands_for_it = goes_on or not _SUBJECTS.isdisjoint(content[:1])
        return (stands_for_it and self._of_subject) or self._matter.is_subject(opening)

    def _names_subject(self, clause: Clause) -> bool:
        """Whether pronouns behind a clause stand for the matter's subject: not where it is about another noun."""
        if self._matter.names_subject(clause.words):
            return True
        speaks = listed("clauses", "pronouns") | {"i", "me", "my", "your"}
        own = (
            clause.opened_by == "."
            and len(clause.words) > _BRIEF
            and speaks.isdisjoint(clause.core[:1])
            and not clause.having(*TO_THE_USER)
        )
        return self._of_subject and not (own and clause.force is Force.ASSERTED)

    def _governs(self, clause: Clause, phrase: Phrase) -> bool:
        """Whether a negation denies something of the matter: not in "is caused by a fungus and not by a virus"."""
        behind = clause.words[phrase.end :]
        return self._matter.shared(behind) > 0 and (
            phrase.kind is not PhraseKind.REPLACED or self._matter.adds(behind, clause.words[: phrase.start])
        )

    def _denies(self, clause: Clause, phrase: Phrase) -> bool:
        """Whether a phrase is not of the matter itself: "hoax" denies nothing where the question is of a hoax."""
        return phrase.kind is not PhraseKind.FALSE or not self._matter.owns(clause.words[phrase.start : phrase.end])

    def _take_statement(self, clause: Clause, side: bool) -> None:
        """Take in a side that a clause asserts, or quotes and judges; what it only quotes or asks is a topic."""
        judged = self._judgement(clause)
        if clause.force is Force.ASSERTED:
            self._statements.add(side)
            self._unsettle(side)
        elif judged is not None:
            self._statements.add(side == judged)
        self._topic = side if clause.force is not Force.ASSERTED and judged is None else None

    def _judgement(self, clause: Clause) -> bool | None:
        """Whether a clause calls what it quotes true or false, or agrees with it; None where it does neither."""
        judging = [phrase.kind for phrase in judgements(clause) if self._denies(clause, phrase)]
        return PhraseKind.FALSE not in judging if judging else agreement(clause, (), self._matter.shared)

    def _unsettle(self, side: bool) -> None:
        """Take an answer called so for a mere statement when the reply states nothing but its opposite behind it."""
        if (not side) in self._finals and (not side) not in self._statements:
            self._finals.discard(not side)
            self._statements.add(not side)
            self._unsettled.add(not side)

    def _take_stance(self, clause: Clause, start: int, following: Sequence[Clause]) -> None:
        """Take in how a clause that states nothing stands to what was said."""
        agrees = agreement(clause, following, self._matter.shared)
        if agrees is not None:
            self._stances.update(() if self._stated is None else {self._stated == agrees})
        elif not self._take_mere_word(clause, start, following):
            self._take_truth(clause, following)

    def _take_mere_word(self, clause: Clause, start: int, following: Sequence[Clause]) -> bool:
        """Take in an "exactly" or "absolutely not"; returns whether the clause is one."""
        core = clause.words[start:] if start else clause.core
        if clause.force is not Force.ASSERTED:
            return False
        agrees = None if self._aside and clause.opened_by == "," else assent(core, following)
        if agrees is None and not start and is_phrase(core, "agreement", "emphatic"):
            if self._mere_words_count:
                self._take_emphatic()
            return True
        if agrees is not None and self._mere_words_count:
            self._take_word(agrees, with_plain=bool(start) or self._previous[-1:] in (("yes",), ("no",)))
        return agrees is not None

    def _take_truth(self, clause: Clause, following: Sequence[Clause]) -> None:
        """Take in "that is a myth", said of what was quoted or asked last, else of the stated claim."""
        named = clause.having(PhraseKind.ATTRIBUTION)
        if not named and not any(self._denies(clause, phrase) for phrase in judgements(clause)):
            return
        true = truth(clause, following, self._matter.shared)
        if true is None or not self._is_about(clause):
            return
        if self._topic is None:
            self._stances.add((self._stated is not False) == true)
        else:
            self._statements.add(self._topic == true)

    def _take_word(self, agrees: bool, with_plain: bool) -> None:
        """Take in a mere "exactly" or "not really": about a stated claim, else a weak answer to the question."""
        side = agrees if self._stated is None else self._stated == agrees
        (self._stances if self._stated is not None and (with_plain or not agrees) else self._words).add(side)

    def _take_emphatic(self) -> None:
        """Take in "absolutely not": a no to the question and to the claim, opposites where the claim says no."""
        if self._stated is False:
            self._vague = True
        else:
            self._words.add(False)

    def _is_about(self, clause: Clause) -> bool:
        """Whether what a clause calls true or false is what was said, and not something else."""
        first = judgements(clause)[0].start
        subject = clause.words[first - 1] if first else ""
        return (
            not subject
            or subject in _SUBJECTS
            or bool({*clause.core[:1], *clause.words[:1]} & (_SUBJECTS | {"there", "not"}))
            or bool(clause.having(PhraseKind.ATTRIBUTION))
            or self._matter.shared(clause.words) > 0
        )

    def _decide(self) -> YesNoReading:
        statements = self._statements | self._finals
        if len(statements) == 2:
            settled = self._finals or self._plain
            statements = settled if len(settled) == 1 else statements
        evidence = {
            "states it": statements,
            "agrees or disagrees with what was said": self._stances,
            PLAIN: self._plain,
            "a word of agreement or disagreement": self._words,
        }
        for why, said in evidence.items():
            if len(said) == 2 or (said and self._plain and not any(self._fits(yes, said) for yes in self._plain)):
                return YesNoReading(None, "says yes and no", Abstention.BOTH)
            if said:
                return YesNoReading(next(iter(said)), why, agrees=said is self._stances or said is self._words)
        if self._vague:
            return YesNoReading(None, "a no to the question or to the claim", Abstention.AMBIGUOUS)
        return YesNoReading(None, "no answer read", Abstention.NOT_READ)

    def _fits(self, plain: bool, said: set[bool]) -> bool:
        """Whether a plain yes or no goes with what is said: as an answer to the question, or to the claim."""
        return plain in said or (self._stated is not None and (self._stated == plain) in said)


def _content(clause: Clause, places: range) -> list[str]:
    """The words in these places of a clause, without those of phrases that only speak of what was said."""
    speaking = {place for phrase in clause.having(*_SPEAKING) for place in range(phrase.start, phrase.end)}
    return [clause.words[place] for place in places if place not in speaking]


def _end_of_main_part(clause: Clause, places: range) -> int:
    """Where in these places a relative clause ("that was never seen") or a contrast ("not a fish") begins."""
    verbs = auxiliaries()
    relatives = listed("clauses", "relatives") | {"that"}
    for i in places[1:-1]:
        word, following = clause.words[i], clause.words[i + 1]
        if word in relatives and (following in verbs or following == "never"):
            return i
        if word == "not" and verbs.isdisjoint(clause.words[i - 1 : i]) and following in listed("clauses", "articles"):
            return i
    return places.stop
