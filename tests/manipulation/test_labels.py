"""Which corpus fits and validates the meters."""

from tests.errors import refused
from warm_inspect.manipulation.labels import labelled_contrasts, labelled_corpus
from warm_inspect.training import Corpus, load_corpus
from warm_inspect.training.corpus.pairs import CorpusRow


def test_contrasts_are_steps_from_warm_to_cold() -> None:
    contrasts = labelled_contrasts(load_corpus("demo"))
    assert {name: len(pairs) for name, pairs in contrasts.items()} == {
        "warm against neutral": 42, "neutral against cold": 42,
    }  # fmt: skip


def test_a_corpus_without_replies_of_known_warmth_is_an_error() -> None:
    row = CorpusRow(id="1", query_type="x", split="train", prompt="?", replies={"unmodified": "a", "neutral": "b"})
    with refused("'mine'", "unmodified, neutral", "demo has all three"):
        labelled_contrasts(Corpus("mine", (row,)))


def test_a_corpus_gives_the_labels_only_with_both_splits() -> None:
    demo = load_corpus("demo")
    assert labelled_corpus(demo) is demo
    restyled = Corpus(
        "styled",
        tuple(
            row if row.split == "train" else row.model_copy(update={"replies": {"unmodified": row.replies["neutral"]}})
            for row in demo.rows
        ),
    )
    assert restyled.arms_of("held_out") == ("unmodified",)
    assert labelled_corpus(restyled).name == "demo"
    with refused("'styled'", "unmodified held out"):
        labelled_contrasts(restyled)
