"""Exact ends of the share of an event, a hostile dialogue or a wrong answer, and how many trials it takes to bound it.

Dialogues of one script are alike: with m of each, n are worth n / (1 + (m - 1) rho) independent ones.
"""

from math import ceil, log, log1p, nan, sqrt

_TAIL = 0.05
"""What lies beyond the ends in all."""


def exact_interval(events: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share: Clopper and Pearson; without an event from 0 to the one-sided bound.

    Args:
        events: how many count.
        n: of how many; need not be whole, where a design effect has divided both.
    """
    from scipy import stats

    if n <= 0:
        return nan, nan
    if not events:
        return 0.0, upper_end(events, n)
    low = float(stats.beta.ppf(_TAIL / 2, events, n - events + 1))
    return low, upper_end(events, n, _TAIL / 2)


def upper_end(events: float, n: float, level: float = _TAIL) -> float:
    """The share that is exceeded with this chance at most, one-sided; without an event 1 - level^(1/n)."""
    from scipy import stats

    return 1.0 if events >= n else float(stats.beta.ppf(1 - level, events + 1, n - events))


def needed_without_event(share: float, level: float = _TAIL) -> int:
    """How many trials without an event bound its share here, one-sided: 59 for 5 %, 299 for 1 %, 2,995 for 0.1 %."""
    return ceil(log(level) / log1p(-share) - 1e-12)


def dialogues_needed_at(seen: float, share: float, level: float, power: float) -> int | None:
    """How many bound their share here with this chance where `seen` of them are hostile; None where that is not below.

    By the normal approximation, and at least as many as it takes without a hostile one.
    """
    from scipy.special import ndtri

    if not seen < share:
        return None
    errors = -float(ndtri(level)) * sqrt(share * (1 - share)) + float(ndtri(power)) * sqrt(seen * (1 - seen))
    return max(ceil((errors / (share - seen)) ** 2), needed_without_event(share, level))


def design_effect(per_script: float, rho: float) -> float:
    """By how much dialogues of one script count for less than as many of different ones."""
    return 1 + (per_script - 1) * rho
