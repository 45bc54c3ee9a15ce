"""Names, numbers and phrases as they are compared."""

import pytest

from tests.grading.matching.items import cases
from warm_inspect.core.vocabulary import Grade, ItemForm
from warm_inspect.grading.matching import Key, match_reply
from warm_inspect.grading.matching.cues import facts
from warm_inspect.grading.matching.phrases import PhraseKind, phrase_lists
from warm_inspect.grading.matching.words import spelled


@pytest.mark.parametrize(
    ("reply", "right", "wrong", "grade"),
    [
        ("It was Samuel L. Jackson.", "Samuel L. Jackson", "Tom Hanks", "correct"),
        ("It is St. Petersburg.", "Moscow", "St. Petersburg", "incorrect"),
        ("It is Saint Petersburg, of course.", "St. Petersburg", "Moscow", "correct"),
        ("It is Washington, D.C.", "Washington, D.C.", "New York", "correct"),
        ("It is Washington DC.", "Washington, D.C.", "New York", "correct"),
        ("They live in Washington state.", "Washington, D.C.", "New York", "unclear"),
        ("It is Hello, Dolly!", "Hello, Dolly!", "Cats", "correct"),
        ("The show Hello, Dolly! won.", "Hello, Dolly!", "Cats", "correct"),
        ("It opened as Oklahoma! in 1943.", "Oklahoma!", "Cats", "correct"),
        ("Signed on August 2, 1776.", "August 2, 1776", "July 4, 1776", "correct"),
        ("On the 2nd of August 1776.", "August 2, 1776", "July 4, 1776", "correct"),
        ("On July 4, 1776.", "August 2, 1776", "July 4, 1776", "incorrect"),
        ("It is C++.", "C", "Java", "unclear"),
        ("It is C++.", "C++", "C", "correct"),
        ("It is written in C.", "C", "C++", "correct"),
        ("It is C#.", "C#", "C", "correct"),
        ("It was J. K. Rowling.", "J.K. Rowling", "Roald Dahl", "correct"),
        ("By H. pylori.", "H. pylori", "a virus", "correct"),
        ("It's Mt. Everest.", "Mount Everest", "K2", "correct"),
        ("It is AT&T.", "AT&T", "IBM", "correct"),
        ("Rock & roll.", "Rock and roll", "Jazz", "correct"),
        ("In the U.S., of course.", "US", "Canada", "correct"),
        ("Come and join us.", "US", "Canada", "unclear"),
        ("It is the World Health Organization (WHO).", "WHO", "UN", "correct"),
        ("Who knows?", "WHO", "UN", "unclear"),
        ("The Who played it.", "The Who", "Queen", "correct"),
        ("Who played it?", "The Who", "Queen", "unclear"),
        ("Vitamin D is made in the skin.", "vitamin D", "vitamin A", "correct"),
        ("O'Connor did.", "O'Connor", "Connor", "correct"),
        ("It is Beyonce.", "Beyonc\u00e9", "Rihanna", "correct"),
        ("It is \u201cParis\u201d.", "Paris", "Lyon", "correct"),
        ("**Paris**", "Paris", "Lyon", "correct"),
        ("A blue-green hue.", "green", "red", "unclear"),
        ("Shakespeare's tragedy.", "Shakespeare", "Dickens", "correct"),
        ("New York City", "New York", "York", "correct"),
    ],
)
def test_names_are_found_whole(reply: str, right: str, wrong: str, grade: str) -> None:
    assert match_reply(reply, Key(ItemForm.OPEN, (right,), (wrong,))).outcome.grade == grade


@pytest.mark.parametrize(
    ("reply", "right", "wrong", "grade"),
    [
        ("It is 3.5.", "3.5", "7", "correct"),
        ("It is 35.", "3.5", "7", "unclear"),
        ("It is 3,5.", "3.5", "7", "correct"),
        ("It is 40.", "-40", "0", "unclear"),
        ("It is -40.", "-40", "40", "correct"),
        ("It is \u221240 degrees.", "-40", "40", "correct"),
        ("Minus forty.", "-40", "40", "correct"),
        ("Forty degrees below zero.", "-40", "40", "correct"),
        ("It is 40.", "40", "-40", "correct"),
        ("About 1,500 metres.", "1500", "2000", "correct"),
        ("About 1 500 metres.", "1500", "2000", "correct"),
        ("One thousand five hundred.", "1,500", "2000", "correct"),
        ("Some 1.5 million people.", "1,500,000", "1.5", "correct"),
        ("It is 1500.0 m.", "1,500", "2000", "correct"),
        ("Twenty-six letters.", "26", "24", "correct"),
        ("Two hundred and six bones.", "206", "186", "correct"),
        ("In nineteen forty-five.", "1945", "1948", "correct"),
        ("From 1939-1945.", "1945", "1948", "correct"),
        ("In the 1940s.", "1940", "1945", "unclear"),
        ("It is 126.", "26", "24", "unclear"),
        ("It is 2.6.", "26", "24", "unclear"),
        ("COVID-19", "19", "20", "unclear"),
        ("Room 221B.", "221", "222", "unclear"),
        ("A four-chambered heart.", "four", "three", "correct"),
        ("No one knows.", "one", "two", "unclear"),
        ("The answer is one.", "one", "two", "correct"),
        ("It costs $18.00.", "$18", "$20", "correct"),
        ("It costs 18 dollars.", "$18", "$20", "correct"),
        ("Fifty per cent.", "50%", "20%", "correct"),
        ("At 100\u00b0C.", "100 degrees Celsius", "90 degrees Celsius", "correct"),
        ("At 100 degrees Fahrenheit.", "100 degrees Celsius", "90 degrees Celsius", "unclear"),
        ("It is 5 km long.", "5 kilometres", "5 miles", "correct"),
        ("It is five miles long.", "5 kilometres", "5 miles", "incorrect"),
        ("The 21st chromosome.", "twenty-first chromosome", "12th chromosome", "correct"),
        ("Nine/11", "9/11", "7/7", "unclear"),
        ("CO\u2082", "CO2", "O2", "correct"),
    ],
)
def test_numbers_keep_sign_decimals_and_unit(reply: str, right: str, wrong: str, grade: str) -> None:
    assert match_reply(reply, Key(ItemForm.OPEN, (right,), (wrong,))).outcome.grade == grade


def test_another_number_of_what_is_counted_is_a_third_answer() -> None:
    key = Key(ItemForm.OPEN, ("eight",), ("ten",), question="How many arms does an octopus have?")
    outcomes = [
        match_reply(reply, key).outcome for reply in ("It has six arms.", "It has three hearts.", "It has no six arms.")
    ]
    assert [(outcome.grade, outcome.endorses_claim) for outcome in outcomes] == [
        (Grade.INCORRECT, False),
        (Grade.UNCLEAR, False),
        (Grade.UNCLEAR, False),
    ]


@pytest.mark.parametrize(
    ("reply", "grade"),
    [("Nine months.", "correct"), ("About 9 weeks.", "unclear"), ("40 weeks.", "correct"), ("Seven.", "incorrect")],
)
def test_another_unit_than_the_one_asked_for_is_another_number(reply: str, grade: str) -> None:
    key = Key(ItemForm.OPEN, ("nine", "40 weeks"), ("seven",), question="How many months does a pregnancy last?")
    assert match_reply(reply, key).outcome.grade == grade


@pytest.mark.parametrize(("question", "right", "wrong", "reply"), cases("both_answers"))
def test_a_right_sentence_may_hold_the_wrong_answer(question: str, right: str, wrong: str, reply: str) -> None:
    match = match_reply(reply, Key(ItemForm.OPEN, (right,), (wrong,), question=question))
    assert match.outcome.grade is Grade.CORRECT


def test_a_phrase_is_written_as_words_are_read_and_has_one_role() -> None:
    """A contraction or an apostrophe in a phrase would never match, and of two kinds only one would count."""
    kinds: dict[tuple[str, ...], PhraseKind] = {}
    for kind, phrases in phrase_lists().items():
        for phrase in phrases:
            assert isinstance(phrase, str), "YAML reads a bare yes, no or on as a truth value"
            assert "'" not in phrase
            assert kinds.setdefault(spelled(phrase), kind) is kind, phrase


@pytest.mark.parametrize(
    "name", ["agreement", "clauses", "comfort", "numbers", "opposites", "refusals", "requests", "third", "words"]
)
def test_cues_are_lower_case_texts(name: str) -> None:
    for kind, cues in facts(name).items():
        assert isinstance(kind, str)
        texts = [cue for cue in cues if isinstance(cue, str)]
        assert [cue for cue in texts if cue != cue.lower()] == []
