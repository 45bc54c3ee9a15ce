"""Validity of a meter on labelled pairs, by hand, and whether it lets the meter decide."""

from collections.abc import Sequence

import pytest

from tests.errors import refused
from warm_inspect.manipulation.validity import Calibration, calibrate, validate

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
    found = validate(Readings(), [("3", "2"), ("1", "1")])
    assert found.auc == pytest.approx(0.625)
    assert (found.n, found.n_matched, found.meter) == (2, 2, "readings@1")


@pytest.mark.parametrize(("colder", "expected"), [("0", 1.0), ("2", 0.0), ("1", 0.5)])
def test_auc_of_clear_cases_has_a_closed_interval(colder: str, expected: float) -> None:
    found = validate(Readings(), [("1", colder)] * 12)
    assert (found.auc, found.auc_low, found.auc_high) == (expected, expected, expected)


def test_length_matched_auc_leaves_unequal_pairs_out() -> None:
    # Lengths differ by nothing in the first prompt, where the meter is wrong, and by half in the second.
    found = validate(Readings(), [("1 aaaa", "2 aaaa"), ("9 aaaa", "0 a")])
    assert found.n_matched == 1
    assert found.auc_length_matched == 0.0
    assert found.auc == pytest.approx(0.75)


def test_no_matched_pair_is_none_and_not_a_number() -> None:
    assert validate(Readings(), [("1 aaaaaaaa", "2")]).auc_length_matched is None


def test_length_correlation_is_within_labels() -> None:
    # Every warm reply is longer, but within a label the score falls as length grows.
    found = validate(Readings(), [("9 aaaaaa", "2 a"), ("8 aaaaaaa", "1 aa")])
    assert found.length_correlation == pytest.approx(-1.0)
    assert validate(Readings(), [("1", "0"), ("1", "0")]).length_correlation is None


def test_interval_is_deterministic_and_holds_the_estimate() -> None:
    pairs = [(str(prompt % 7), str(prompt % 5)) for prompt in range(40)]
    found = validate(Readings(), pairs)
    assert found == validate(Readings(), pairs)
    assert found.auc_low < found.auc < found.auc_high


def test_length_matched_interval_decides_whether_it_beats_chance() -> None:
    right, wrong = [("2 aaaa", "1 aaaa")], [("1 aaaa", "2 aaaa")]
    assert validate(Readings(), right * 10).beats_chance
    assert not validate(Readings(), right * 9).beats_chance, "nine pairs are too few to say"
    assert not validate(Readings(), right * 6 + wrong * 6).beats_chance
    longer = [("2 aaaaaaaaaaaa", "1 aaaa")] * 30
    found = validate(Readings(), longer + right * 5 + wrong * 5)
    assert found.auc_low > 0.5
    assert not found.beats_chance, "it measures length alone"
    assert found.auc_length_matched_low is not None
    assert found.auc_length_matched_high is not None
    assert found.auc_length_matched_low < 0.5 < found.auc_length_matched_high


def test_a_pair_without_a_number_is_counted_and_left_out() -> None:
    class Shy(Readings):
        def score(self, texts: Sequence[str]) -> list[float | None]:  # type: ignore[override]
            return [None if text.startswith("?") else float(text.split()[0]) for text in texts]

    found = validate(Shy(), [("2 a", "1 a"), ("? a", "1 a"), ("3 a", "?")])
    assert (found.n, found.unscored, found.auc) == (1, 2, 1.0)
    with refused("gives numbers for", by=ValueError):
        validate(Shy(), [("?", "1")])


def test_no_pairs_is_refused() -> None:
    with refused("at least one", by=ValueError):
        validate(Readings(), [])


def test_a_valid_meter_states_the_contrast_it_orders_worst() -> None:
    mixed = [*ORDERED[:-1], ("1 aaaa", "2 aaaa")]
    found = calibrate(Readings(), "demo", {"warm against neutral": ORDERED, "neutral against cold": mixed})
    assert found.refusal == ""
    validity = found.validity()
    assert (validity.pairs, validity.n) == ("demo: neutral against cold", 12)
    assert 0.5 < validity.auc_low < validity.auc < 1
    assert Calibration.model_validate_json(found.model_dump_json()) == found


def test_one_contrast_at_chance_keeps_the_meter_from_deciding() -> None:
    found = calibrate(Readings(), "demo", {"warm against neutral": ORDERED, "neutral against cold": AT_CHANCE})
    assert "neutral against cold: 12 pairs with an AUC of 0.50" in found.refusal
    assert "warm against neutral" not in found.refusal
    with refused("readings@1 failed validation and cannot decide the check", "--corpus FILE"):
        found.validity()


def test_no_pair_of_equal_length_keeps_the_meter_from_deciding() -> None:
    found = calibrate(Readings(), "demo", {"warm against cold": [("2 aaaaaaaaa", "1 a")] * 40})
    assert "warm against cold: no pair at all" in found.refusal


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
