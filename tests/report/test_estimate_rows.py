"""What the tables of estimates share: which of two P values decides."""

from math import nan

import pytest

from warm_inspect.report.estimate_rows import deciding_p


@pytest.mark.parametrize(
    ("p", "adjusted", "decides", "shown"),
    [
        (0.031, 0.12, "p_adjusted", ("(0.031)", "0.120")),
        (0.031, 0.12, "p_value", ("0.031", "(0.120)")),
        # No claim rests on the row, so neither counts.
        (0.031, 0.12, "", ("(0.031)", "(0.120)")),
        (0.01, 0.02, "p_adjusted", ("0.010", "0.020")),
        (0.2, 0.4, "p_adjusted", ("0.200", "0.400")),
        (0.031, nan, "p_adjusted", ("0.031", "–")),
        (nan, nan, "", ("–", "–")),
    ],
)
def test_of_two_p_values_that_contradict_each_other_one_is_bracketed(
    p: float, adjusted: float, decides: str, shown: tuple[str, str]
) -> None:
    row = {"p_value": p, "p_adjusted": adjusted, "decides": decides}
    assert (deciding_p(row, "p_value"), deciding_p(row, "p_adjusted")) == shown
