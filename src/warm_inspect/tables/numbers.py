"""How numbers are written for readers: one decimal, a real minus sign, and a dash for what is not known."""

from math import isnan

UNKNOWN = "–"
"""Stands where there is no number; never 0."""


def percent(share: float) -> str:
    """A share from 0 to 1 as a percentage with one decimal."""
    return UNKNOWN if isnan(share) else f"{share:.1%}"


def points(value: float, decimals: int = 1) -> str:
    """A signed difference, in percentage points with one decimal unless told otherwise."""
    if isnan(value):
        return UNKNOWN
    text = f"{value:+.{decimals}f}".replace("-", "−")
    return text if text.strip("+−0.") else f"{0:.{decimals}f}"


def interval(low: float, high: float, decimals: int = 1) -> str:
    """The two ends of an interval."""
    return UNKNOWN if isnan(low) or isnan(high) else f"{points(low, decimals)} to {points(high, decimals)}"


def p_value(value: float) -> str:
    """A P value with three decimals."""
    if isnan(value):
        return UNKNOWN
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def p_equation(value: float) -> str:
    """A P value in a sentence: `P = 0.013`, `P < 0.001`."""
    number = p_value(value)
    return f"P < {number[1:]}" if number.startswith("<") else f"P = {number}"


def bracketed(value: float, beside: bool) -> str:
    """A P value, in brackets where it stands beside the one that decides."""
    return f"({p_value(value)})" if beside and not isnan(value) else p_value(value)


def counted(n: int, noun: str) -> str:
    """A count of things: `1 log`, `1,200 logs`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def whole(value: float) -> str:
    """A count, with commas between thousands."""
    return UNKNOWN if isnan(value) else f"{value:,.0f}"
