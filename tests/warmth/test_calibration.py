from collections.abc import Sequence

import pytest

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.warmth.calibration import Calibration, calibrate

GOOD = [("2 aaaa", "1 aaaa")] * 12
BAD = [("2 aaaa", "1 aaaa"), ("1 aaaa", "2 aaaa")] * 6


class Readings:
    """A meter that reads the number a text starts with."""

    label = "readings@1"

    def score(self, texts: Sequence[str]) -> list[float]:
        return [float(text.split()[0]) for text in texts]


def test_a_valid_meter_may_gate_and_states_its_worst_contrast() -> None:
    mixed = [*GOOD[:-1], ("1 aaaa", "2 aaaa")]
    found = calibrate(Readings(), "demo", {"warm against neutral": GOOD, "neutral against cold": mixed})
    assert found.refusal == ""
    validity = found.validity()
    assert (validity.pairs, validity.n) == ("demo: neutral against cold", 12)
    assert 0.5 < validity.auc_low < validity.auc < 1
    assert Calibration.model_validate_json(found.model_dump_json()) == found


def test_one_contrast_at_chance_refuses_the_gate() -> None:
    found = calibrate(Readings(), "demo", {"warm against neutral": GOOD, "neutral against cold": BAD})
    assert "neutral against cold: 12 pairs with an AUC of 0.50" in found.refusal
    assert "warm against neutral" not in found.refusal
    with pytest.raises(PrerequisiteError, match=r"readings@1 may not gate: .*--corpus FILE"):
        found.validity()


def test_no_pair_of_equal_length_refuses_the_gate() -> None:
    found = calibrate(Readings(), "demo", {"warm against cold": [("2 aaaaaaaaa", "1 a")] * 40})
    assert "warm against cold: no pair at all" in found.refusal


def test_a_meter_without_any_number_is_an_error() -> None:
    class Silent(Readings):
        def score(self, texts: Sequence[str]) -> list[float | None]:  # type: ignore[override]
            return [None] * len(texts)

    with pytest.raises(PrerequisiteError, match="readings@1 cannot be validated on demo"):
        calibrate(Silent(), "demo", {"warm against cold": GOOD})


@pytest.mark.parametrize("contrasts", [{}, {"warm against cold": []}])
def test_no_labelled_pairs_is_an_error(contrasts: dict[str, list[tuple[str, str]]]) -> None:
    with pytest.raises(PrerequisiteError, match="has no labelled pairs"):
        calibrate(Readings(), "mine.jsonl", contrasts)
