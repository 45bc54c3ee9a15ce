"""McNemar's exact test of paired yes/no outcomes, and its effect size."""

from math import nan


def exact_mcnemar(only_a: int, only_b: int) -> float:
    """The two-sided exact P value: whether discordant pairs fall to both sides alike. 1 without discordant pairs.

    Args:
        only_a: pairs in which only the first has the outcome.
        only_b: pairs in which only the second has it.
    """
    from scipy.stats import binomtest

    discordant = only_a + only_b
    return float(binomtest(only_a, discordant, 0.5).pvalue) if discordant else 1.0


def cohens_g(only_a: int, only_b: int) -> float:
    """How far discordant pairs lean to one side, from 0 to 0.5; NaN without any. It does not grow with their number.

    Source: Cohen 1988, Statistical power analysis for the behavioral sciences, chapter 5.
    """
    discordant = only_a + only_b
    return abs(only_a / discordant - 0.5) if discordant else nan
