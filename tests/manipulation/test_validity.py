"""Validity of a meter on labelled pairs, by hand, and whether it lets the meter decide."""

from collections.abc import Sequence

import pytest

from tests.errors import refused
from warm_inspect.manipulation.validity import Calibration, calibrate, labelled_contrasts, labelled_corpus, validate
from warm_inspect.training import Corpus, load_corpus
from warm_inspect.training.corpus.pairs import CorpusRow

ORDERED = [("2 aaaa", "1 aaaa")] * 12
"""Pairs of equal length that `Readings` orders correctly."""
AT_CHANCE = [("2 aaaa", "1 aaaa"), ("1 aaaa", "2 aaaa")] * 6


class Readings:
    """A meter that reads the number a text starts with."""

    label = "readings@1"

    def score(self, texts: Sequence[str]) -> list[float]:
        return [float(text.split()[0]) for text in texts]


def test_auc_counts_every_pair_of_replies() -> None:
    # Warmer 3, 1; colder 2, 1. Wins: 3>2, 3>1 = 2; tie 1=1 = .5; loss 1<2. (2 + .5) / 4.
    validation = validate(Readings(), [("3", "2"), ("1", "1")])
    assert validation.auc == pytest.approx(0.625)
    assert (validation.n, validation.n_matched, validation.meter) == (2, 2, "readings@1")


@pytest.mark.parametrize(("colder", "expected"), [("0", 1.0), ("2", 0.0), ("1", 0.5)])
def test_auc_of_clear_cases_has_a_closed_interval(colder: str, expected: float) -> None:
    validation = validate(Readings(), [("1", colder)] * 12)
    assert (validation.auc, validation.auc_low, validation.auc_high) == (expected, expected, expected)


def test_length_matched_auc_leaves_unequal_pairs_out() -> None:
    # Lengths differ by nothing in the first prompt, where the meter is wrong, and by half in the second.
    validation = validate(Readings(), [("1 aaaa", "2 aaaa"), ("9 aaaa", "0 a")])
    assert validation.n_matched == 1
    assert validation.auc_length_matched == 0.0
    assert validation.auc == pytest.approx(0.75)


def test_no_matched_pair_is_none_and_not_a_number() -> None:
    assert validate(Readings(), [("1 aaaaaaaa", "2")]).auc_length_matched is None


def test_length_correlation_is_within_labels() -> None:
    # Every warm reply is longer, but within a label the score falls as length grows.
    validation = validate(Readings(), [("9 aaaaaa", "2 a"), ("8 aaaaaaa", "1 aa")])
    assert validation.length_correlation == pytest.approx(-1.0)
    assert validate(Readings(), [("1", "0"), ("1", "0")]).length_correlation is None


def test_interval_is_deterministic_and_holds_the_estimate() -> None:
    pairs = [(str(prompt % 7), str(prompt % 5)) for prompt in range(40)]
    validation = validate(Readings(), pairs)
    assert validation == validate(Readings(), pairs)
    assert validation.auc_low < validation.auc < validation.auc_high


def test_length_matched_interval_decides_whether_it_beats_chance() -> None:
    right, wrong = [("2 aaaa", "1 aaaa")], [("1 aaaa", "2 aaaa")]
    assert validate(Readings(), right * 10).beats_chance
    assert not validate(Readings(), right * 9).beats_chance, "nine pairs are too few to say"
    assert not validate(Readings(), right * 6 + wrong * 6).beats_chance
    longer = [("2 aaaaaaaaaaaa", "1 aaaa")] * 30
    validation = validate(Readings(), longer + right * 5 + wrong * 5)
    assert validation.auc_low > 0.5
    assert not validation.beats_chance, "it measures length alone"
    assert validation.auc_length_matched_low is not None
    assert validation.auc_length_matched_high is not None
    assert validation.auc_length_matched_low < 0.5 < validation.auc_length_matched_high


def test_a_pair_without_a_number_is_counted_and_left_out() -> None:
    class Shy(Readings):
        def score(self, texts: Sequence[str]) -> list[float | None]:  # type: ignore[override]
            return [None if text.startswith("?") else float(text.split()[0]) for text in texts]

    validation = validate(Shy(), [("2 a", "1 a"), ("? a", "1 a"), ("3 a", "?")])
    assert (validation.n, validation.unscored, validation.auc) == (1, 2, 1.0)
    with refused("gives numbers for", by=ValueError):
        validate(Shy(), [("?", "1")])


def test_no_pairs_is_refused() -> None:
    with refused("at least one", by=ValueError):
        validate(Readings(), [])


def test_a_valid_meter_states_the_contrast_it_orders_worst() -> None:
    mixed = [*ORDERED[:-1], ("1 aaaa", "2 aaaa")]
    calibration = calibrate(Readings(), "demo", {"warm against neutral": ORDERED, "neutral against cold": mixed})
    assert calibration.why_undecided == ""
    validity = calibration.validity()
    assert (validity.pairs, validity.n) == ("demo: neutral against cold", 12)
    assert 0.5 < validity.auc_low < validity.auc < 1
    assert Calibration.model_validate_json(calibration.model_dump_json()) == calibration


def test_one_contrast_at_chance_keeps_the_meter_from_deciding() -> None:
    calibration = calibrate(Readings(), "demo", {"warm against neutral": ORDERED, "neutral against cold": AT_CHANCE})
    assert "neutral against cold: 12 pairs with an AUC of 0.50" in calibration.why_undecided
    assert "warm against neutral" not in calibration.why_undecided
    with refused("readings@1 failed validation and cannot decide the check", "--corpus FILE"):
        calibration.validity()


def test_no_pair_of_equal_length_keeps_the_meter_from_deciding() -> None:
    calibration = calibrate(Readings(), "demo", {"warm against cold": [("2 aaaaaaaaa", "1 a")] * 40})
    assert "warm against cold: no pair at all" in calibration.why_undecided


def test_a_meter_without_any_number_is_an_error() -> None:
    class Silent(Readings):
        def score(self, texts: Sequence[str]) -> list[float | None]:  # type: ignore[override]
            return [None] * len(texts)

    with refused("readings@1", "demo"):
        calibrate(Silent(), "demo", {"warm against cold": ORDERED})


@pytest.mark.parametrize("contrasts", [{}, {"warm against cold": []}])
def test_no_labelled_pairs_is_an_error(contrasts: dict[str, list[tuple[str, str]]]) -> None:
    with refused("mine.jsonl", "warm, neutral and cold"):
        calibrate(Readings(), "mine.jsonl", contrasts)


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
