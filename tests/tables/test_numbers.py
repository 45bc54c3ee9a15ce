"""Numbers as the report writes them; expectations by hand."""

from math import nan

import pytest

from warm_inspect.tables import interval, p_value, percent, points, whole


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (percent(0.1234), "12.3%"),
        (percent(1.0), "100.0%"),
        (percent(nan), "–"),
        (points(3.25), "+3.2"),
        (points(-3.26), "−3.3"),
        (points(-0.04), "0.0"),
        (points(-0.04, 2), "−0.04"),
        (points(nan), "–"),
        (interval(-1.0, 2.0), "−1.0 to +2.0"),
        (interval(nan, 2.0), "–"),
        (p_value(0.0312), "0.031"),
        (p_value(0.0004), "<0.001"),
        (p_value(nan), "–"),
        (whole(12345.0), "12,345"),
        (whole(nan), "–"),
    ],
)
def test_numbers_are_written_the_same_way_everywhere(written: str, expected: str) -> None:
    assert written == expected
