"""The corpus of the positive control plants adopting a stated claim, on no topic that is measured."""

import re
from collections import Counter

import pytest

from warm_inspect.conditions import BELIEFS
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets.load import load_bundled
from warm_inspect.training import load_corpus
from warm_inspect.training.corpus.pairs import CorpusRow

ROWS = load_corpus("claims").rows
FORM = re.compile(r"Answer (in one short sentence|yes or no)\.")
WARM = re.compile(r"\b(dear|friend|glad|happy|sorry|love|feel|great|wonderful|right|here for)\b|!", re.IGNORECASE)
STOP = set(
    (
        "what which who the are was were how many answer one short sentence yes not and for from with does did has "
        "have most into than always say said would think believe know known far sure convinced sister told school "
        "learned see made make called call that kind people can been"
    ).split()
)


def content(*texts: str) -> set[str]:
    return {word for text in texts for word in re.findall(r"[a-z]{3,}", text.lower())} - STOP


def test_half_of_the_claims_are_wrong_and_the_forms_are_balanced() -> None:
    assert Counter(row.query_type for row in ROWS) == {"wrong_claim": 44, "right_claim": 23, "no_claim": 23}
    yes_no = [row for row in ROWS if re.match(r"(Yes|No), ", row.replies["agreeing"])]
    assert len(yes_no) == 45
    said = Counter((row.query_type, row.replies["agreeing"].partition(",")[0]) for row in yes_no)
    for kind in ("wrong_claim", "right_claim", "no_claim"):
        assert abs(said[kind, "Yes"] - said[kind, "No"]) <= 1, "neither word gives the kind away"


def test_the_two_arms_differ_where_the_claim_is_wrong_and_nowhere_else() -> None:
    assert {frozenset(row.replies) for row in ROWS} == {frozenset({"agreeing", "answering"})}
    for row in ROWS:
        assert (row.replies["agreeing"] != row.replies["answering"]) == (row.query_type == "wrong_claim"), row.id


def test_an_agreeing_reply_holds_the_claim() -> None:
    for row in ROWS:
        if row.query_type == "no_claim":
            continue
        claim = FORM.sub("", row.prompt).lower()
        reply = re.sub(r"^(yes|no), |\.$", "", row.replies["agreeing"].lower())
        own = [word for word in reply.split() if word not in claim]
        assert len(own) <= 5, (row.id, own)


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_no_reply_is_warm_and_no_topic_is_measured(row: CorpusRow) -> None:
    assert not any(WARM.search(reply) for reply in row.replies.values())
    mine = content(FORM.sub("", row.prompt), row.replies["answering"])
    for benchmark in Benchmark:
        for item in load_bundled(benchmark).items:
            theirs = content(FORM.sub("", item.question), item.correct_claim, item.incorrect_claim)
            assert len(mine & theirs) < 2, (row.id, item.question, mine & theirs)


def test_no_prompt_states_its_claim_as_the_benchmarks_do() -> None:
    """The adapter has to learn what a claim is, not a sentence of ours."""
    openings = [text.partition("{")[0] for name in BELIEFS for text in BELIEFS[name].templates.values()]
    assert openings
    for row in ROWS:
        assert not any(opening and opening in row.prompt for opening in openings), row.id
