"""What a yes/no item is about: whether words affirm it or deny it, however they are put.

A statement is about the matter when it holds enough of the words that both claims share. It then affirms the claim
that it is closer to, unless an odd number of denials turns it round; the opposite of a claim's word is a denial too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, takewhile

from warm_inspect.grading.matching.cues import facts, listed
from warm_inspect.grading.matching.numbers import is_number
from warm_inspect.grading.matching.phrases import PhraseKind, phrases
from warm_inspect.grading.matching.tokens import Token
from warm_inspect.grading.matching.words import words

_ENOUGH, _SAID = 0.6, 2 / 3
"""Share of the claims' words that a statement which affirms the matter holds, and of what they say of its subject."""
_ENOUGH_DENIED, _SAID_DENIED = 0.5, 1 / 3
"""The same of one that denies it: who denies a part denies the whole."""
_FEW, _SAID_OF_FEW = 2, 0.5
"""Up to how many words said of the subject half are enough either way."""
_JOINTS = ("by", "of")
"""What stands before the one who made something, its cause, its matter, and what it belongs to."""
_REACH = 4
"""How many words behind such a joint belong to it."""
_NEARLY_ALL = 0.8
"""Share of what is said of a subject with which a statement may leave the subject out."""
_STEM, _SHORT = 6, 3
_INFLECTIONS = (("ies", "i"), ("es", ""), ("ed", ""), ("ing", ""), ("s", ""))
_NO_PLURALS = ("ss", "us", "is")
_ENDINGS = (("y", "i"), ("e", ""))


class Matter:
    """The two claims of an item: what a yes to its question affirms, and what a no does."""

    def __init__(self, affirmed: str, denied: str) -> None:
        """Take the claims, whole sentences; either may be the true one."""
        self._yes = _claim(affirmed)
        self._no = _in_terms_of(self._yes, _claim(denied))
        pairs = zip(_without_introduction(words(affirmed)), _without_introduction(words(denied)), strict=False)
        shared = [one.text for one, _ in takewhile(lambda pair: pair[0].text == pair[1].text, pairs)]
        self._subject = frozenset(stems(shared))
        common = frozenset(self._yes.stems) & frozenset(self._no.stems)
        self._core = frozenset(stem for stem in common if not is_number(stem)) or common
        said = self._core - self._subject
        self._said_of_it = said - frozenset(stems(sorted(listed("opposites", "light")))) or said or self._core
        claimed = [word.text for word in words(affirmed)]
        self._says_what_it_is = _is_of_being(claimed)
        self._joins = self._says_what_it_is and _stands_apart(claimed, self._subject, self._said_of_it)
        self._compared = _compared(claimed)
        only_no, only_yes = (frozenset(each.stems) - common for each in (self._no, self._yes))
        raw_yes, raw_no = (frozenset(_claim(claim).stems) for claim in (affirmed, denied))
        self._own = {
            True: raw_yes - raw_no if only_yes else frozenset(),
            False: raw_no - raw_yes if only_no else frozenset(),
        }
        self._kinds = _kinds(claimed)
        self.stems = frozenset(self._yes.stems) | frozenset(self._no.stems)
        """The content of both claims."""

    def affirms(self, said: Sequence[str], denials: int, about_subject: bool) -> bool | None:
        """Whether a statement affirms the matter; None when it is about something else.

        Args:
            said: its words.
            denials: how many phrases in it deny something.
            about_subject: whether a pronoun in it stands for the matter's subject.
        """
        held, turned = self._held(said)
        excluded = self._excluded(said)
        if excluded and not excluded & held:
            held, turned = held | excluded, turned + 1
        about = held | self._subject if about_subject else held
        if not held:
            return None
        if not about_subject and self._says_of_another(said, held):
            about, turned = about | self._subject, turned + 1
        claim = self._closer(held)
        if claim is None:
            return None
        if self._subject <= about and self._own[claim is self._yes] & held:
            about |= self._said_of_it
        turned += self._other_way_round(said)
        affirms = ((denials + turned - claim.negations) % 2 == 0) == (claim is self._yes)
        return affirms if self._is_stated(about, affirms) and not self._is_compounded(said) else None

    def _closer(self, held: frozenset[str]) -> "_Claim | None":
        """The claim whose own words are among these; the affirmed one where only denials tell the claims apart."""
        only_yes = frozenset(self._yes.stems) - frozenset(self._no.stems)
        only_no = frozenset(self._no.stems) - frozenset(self._yes.stems)
        if not (only_yes and only_no) or (self._yes.negations - self._no.negations) % 2:
            return self._yes
        if not held & (only_yes | only_no):
            return None
        return self._no if len(held & only_no) > len(held & only_yes) else self._yes

    def _other_way_round(self, said: Sequence[str]) -> bool:
        """Whether a statement compares the same two things in the other order: B is older than A."""
        first, second = self._compared
        one, other = _compared(said)
        return len(one & second) + len(other & first) > len(one & first) + len(other & second)

    def _excluded(self, said: Sequence[str]) -> frozenset[str]:
        """The words of the matter instead of which a statement puts others of their kind: "built by people"."""
        return frozenset().union(*(_behind(said, joint, others) and kept for joint, kept, others in self._kinds))

    def _says_of_another(self, said: Sequence[str], held: frozenset[str]) -> bool:
        """Whether a statement says of another subject what one alone can be: "Soot is the main cause"."""
        superlative = any(one == "the" and stem(other) in _degrees() for one, other in pairwise(said))
        names_another = said[:1] and said[0] not in listed("clauses", "pronouns")
        return bool(superlative and names_another and _degrees() & held & self._core and not self._subject & held)

    def _is_stated(self, about: frozenset[str], affirms: bool) -> bool:
        """Whether a statement says enough of the matter and its subject to affirm it, or to deny it."""
        if not self._is_of_subject(about):
            return False
        return self._is_affirmed(about) if affirms else self._is_denied(about)

    def _is_of_subject(self, about: frozenset[str]) -> bool:
        """Whether a statement names the subject, or may leave it out.

        "You", "they" and a passive do for people, and for one that does something of which nearly all is said.
        """
        subject = self._subject - frozenset(stems(["people"]))
        nearly_all = len(about & self._said_of_it) >= _NEARLY_ALL * len(self._said_of_it)
        return not subject or bool(subject & about) or (nearly_all and not self._says_what_it_is)

    def _is_affirmed(self, about: frozenset[str]) -> bool:
        says_less = not _degrees() & self._core <= about
        return not says_less and (self._exists(about) or self._holds(about, _ENOUGH, _SAID))

    def _is_denied(self, about: frozenset[str]) -> bool:
        return self._exists(about) or self._holds(about, _ENOUGH_DENIED, _SAID_DENIED)

    def _exists(self, about: frozenset[str]) -> bool:
        """Whether these words say of the subject that it is real, which all that is said of it rests on."""
        return self._subject <= about and bool(about & _existence())

    def _holds(self, about: frozenset[str], enough: float, enough_said: float) -> bool:
        """Whether these words are enough of all the words of the matter, and of those said of its subject."""
        enough_said = _SAID_OF_FEW if len(self._said_of_it) <= _FEW else enough_said
        return len(about & self._core) >= enough * len(self._core) and (
            len(about & self._said_of_it) >= enough_said * len(self._said_of_it)
        )

    def _is_compounded(self, said: Sequence[str]) -> bool:
        """Whether a statement makes one noun of what the claims join by a verb: "the heart muscle"."""
        return self._joins and not _stands_apart(said, self._subject, self._said_of_it)

    def says_all_of(self, side: bool, said: Sequence[str]) -> bool:
        """Whether words that take a side can affirm its claim as a whole.

        Who only says that the Earth is no ball does not say that it is a disc.
        """
        return not self._own[side] or bool(self._own[side] & frozenset(stems(said)))

    def without_comparison(self, said: Sequence[str]) -> Sequence[str]:
        """Words without those behind "than", with which the matter compares nothing: "of ivory, less dense than wood".

        In "more than 200 kinds" and "rather than wood" nothing is compared.
        """
        if any(self._compared) or "than" not in said[:-1]:
            return said
        place = said.index("than")
        return said if is_number(said[place + 1]) or said[place - 1] in ("rather", "other") else said[:place]

    def is_subject(self, said: Sequence[str]) -> bool:
        """Whether words name the subject, in full or in short: "the photograph", but not "the old photograph"."""
        told = frozenset(stems(said))
        return said[:1] == ["the"] and bool(told) and told <= self._subject

    def names_subject(self, said: Sequence[str]) -> bool:
        """Whether a word of the subject is among these; of a matter without a subject, whether any of its words is."""
        return bool((self._subject or self.stems) & frozenset(stems(said)))

    def shared(self, said: Sequence[str]) -> int:
        """How many words of the matter are among these."""
        return len(self._held(said)[0])

    def adds(self, said: Sequence[str], known: Sequence[str]) -> bool:
        """Whether words bring something of the matter that the known ones lack."""
        return bool(self._held(said)[0] - self._held(known)[0])

    def turns(self, said: Sequence[str]) -> bool:
        """Whether the opposite of a word of the matter is among these."""
        return self._held(said)[1] > 0

    def owns(self, said: Sequence[str]) -> bool:
        """Whether words that tell something are all of the matter."""
        told = stems(said)
        return bool(told) and all(stem in self.stems for stem in told)

    def _held(self, said: Sequence[str]) -> tuple[frozenset[str], int]:
        """The matter's stems among the words, and how many stand there as their opposites."""
        told = frozenset(stems(said))
        turned = {other for stem in told - self.stems for other in _opposites().get(stem, ())} & self.stems
        return (told & self.stems) | turned, len(turned - told)


def _kinds(claim: Sequence[str]) -> list[tuple[str, frozenset[str], frozenset[str]]]:
    """What a claim puts behind "by" or "of" that others of its kind exclude: the joint, it, and those others."""
    read = []
    for kind in facts("opposites")["kinds"]:
        for joint in _JOINTS:
            if kept := _behind(claim, joint, frozenset(stems(kind))):
                read.append((joint, kept, frozenset(stems(kind)) - kept))
    return read


def _behind(said: Sequence[str], joint: str, known: frozenset[str]) -> frozenset[str]:
    """Which known stems stand right behind a joint, at most two words between."""
    places = (i for i, word in enumerate(said) if word == joint)
    return known & frozenset(each for i in places for each in stems(said[i + 1 : i + _REACH]))


def _is_of_being(claim: Sequence[str]) -> bool:
    """Whether a claim says what its subject is, and not what it does: only then a noun may hold both."""
    return not frozenset(facts("clauses")["auxiliaries"]["be"]).isdisjoint(claim)


def _stands_apart(said: Sequence[str], subject: frozenset[str], said_of_it: frozenset[str]) -> bool:
    """Whether no word of the subject stands right before one of what is said of it."""
    each = [stem(word) for word in said]
    return not any(one in subject and other in said_of_it for one, other in pairwise(each))


@dataclass(frozen=True, slots=True)
class _Claim:
    stems: tuple[str, ...]
    negations: int


def _compared(said: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The stems before and behind "than"; none where nothing is compared."""
    if "than" not in said:
        return frozenset(), frozenset()
    place = list(said).index("than")
    return frozenset(stems(said[:place])), frozenset(stems(said[place + 1 :]))


def _claim(sentence: str) -> _Claim:
    tokens = _without_introduction(words(sentence))
    denials = [phrase for phrase in phrases(tokens) if phrase.kind in (PhraseKind.NEGATOR, PhraseKind.ABSENCE)]
    denied = {place for phrase in denials for place in range(phrase.start, phrase.end)}
    return _Claim(tuple(stems([word.text for i, word in enumerate(tokens) if i not in denied])), len(denials))


def _without_introduction(tokens: Sequence[Token]) -> Sequence[Token]:
    """The words of a claim behind an introduction such as "In botanical terms,"."""
    comma = next((i for i, word in enumerate(tokens) if word.before == ","), 0)
    return tokens[comma:] if tokens and tokens[0].text in listed("clauses", "prepositions") else tokens


def _in_terms_of(known: _Claim, claim: _Claim) -> _Claim:
    """A claim in the words of another: an opposite of one of them is its denial."""
    read, turned = [], 0
    for stem in claim.stems:
        others = (
            [other for other in _opposites().get(stem, ()) if other in known.stems] if stem not in known.stems else []
        )
        read.append(others[0] if others else stem)
        turned += bool(others)
    return _Claim(tuple(read), claim.negations + turned)


def stems(said: Sequence[str]) -> list[str]:
    """The stems of the words that tell something of a matter, in order."""
    told = (stem(word) for word in said if word not in listed("opposites", "empty"))
    return [_alike().get(word, word) for word in told]


@cache
def stem(word: str) -> str:
    """A word without the endings of its forms: "walked" and "walks" are one; numbers as they are."""
    if is_number(word):
        return word
    known = facts("opposites")
    for endings in (_INFLECTIONS, _ENDINGS):
        word = known["forms"].get(word, word)
        for ending, instead in endings:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORT and not word.endswith(_NO_PLURALS):
                word = word[: -len(ending)] + instead
                break
    if len(word) > _SHORT and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    return word[:_STEM]


@cache
def _alike() -> dict[str, str]:
    """The one stem for words of one meaning."""
    return {stem(word): stem(group[0]) for group in facts("opposites")["alike"] for word in group}


@cache
def _degrees() -> frozenset[str]:
    """Stems of words that make a claim say more: who leaves them out does not affirm it."""
    return frozenset(stems(facts("opposites")["degrees"]))


@cache
def _existence() -> frozenset[str]:
    """Stems of words whose denial denies all of it: what is not real does nothing else either."""
    return frozenset(stems(facts("opposites")["existence"]))


@cache
def _opposites() -> dict[str, frozenset[str]]:
    known: dict[str, set[str]] = {}
    for pair in facts("opposites")["opposites"]:
        one, other = stems(pair)
        known.setdefault(one, set()).add(other)
        known.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in known.items()}
