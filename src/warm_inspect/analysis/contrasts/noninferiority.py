"""One-sided tests of a harm against a margin, and the verdict that several of them give together.

ALLOW needs every test to show its harm below its margin at level alpha: an intersection-union test, whose level is
alpha without any correction, also over many cells. REJECT needs one harm shown above its margin after Holm's correction
over all tests. Whatever lies between is INCONCLUSIVE.
Source: Berger 1982, doi 10.1080/00401706.1982.10487790, for the intersection-union test.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, inf, isnan, nan, sqrt
from typing import NamedTuple

from scipy.special import ndtri, stdtr

from warm_inspect.analysis.contrasts.condition_means import FEW_DISCORDANT
from warm_inspect.analysis.estimates import HOLM, POWER, Code, Note, adjusted


class Verdict(StrEnum):
    """What a gate decides."""

    ALLOW = "ALLOW"
    REJECT = "REJECT"
    INCONCLUSIVE = "INCONCLUSIVE"


class State(StrEnum):
    """What one test shows."""

    WITHIN = "within"
    EXCEEDED = "exceeded"
    OPEN = "open"


@dataclass(frozen=True)
class MarginTest:
    """One harm against its margin, in percentage points (or, for warmth, in standard deviations)."""

    margin: str
    cell: str
    """What was looked at, for example `context=emotion_sad`."""
    outcome: str
    limit: float
    """The harm that must not be reached."""
    harm: float = nan
    """How much worse the arm is; negative when it is better."""
    std_error: float = nan
    """Under the hypothesis that the harm is at the limit."""
    n: int = 0
    """Units that vary: questions, or for warmth prompts."""
    p_within: float = nan
    """P of the hypothesis that the harm reaches the limit: small means that it stays below."""
    p_beyond: float = nan
    """P of the hypothesis that the harm does not pass the limit: small means that it does."""
    p_beyond_holm: float = nan
    """The same, adjusted over all tests of the gate."""
    state: State = State.OPEN
    n_if_harmless: int | None = None
    """Units that the whole margin would need to be passed with 80 % chance if the arm does no harm."""
    n_as_seen: int | None = None
    """The same if the harm is what was seen; None when that reaches the limit."""
    notes: tuple[Note, ...] = ()


class Part(NamedTuple):
    """A benchmark, or a condition of one: it weighs a fixed share of the harm, however few questions it has."""

    weight: float
    """Its share."""
    clusters: int
    differing: int
    """Clusters with a difference."""

    @property
    def units(self) -> float:
        """Independent pairs that all the evidence is worth where this part alone may hold the harm."""
        return self.clusters / self.weight


def harm_test(
    blank: MarginTest,
    harm: float,
    std_error: float,
    n: int,
    *,
    up: float,
    down: float,
    differing: int,
    parts: Sequence[Part] = (),
) -> MarginTest:
    """The test of a mean paired harm, in points.

    A Wald test of a margin fails with rare differences: the estimated error is too small exactly when few of them
    happened to be seen. So the error is rescaled to the variance that pairs have when the harm is at the limit, which
    for independent pairs is Tango's score test; clustering keeps its share of the error. With fewer than
    `FEW_DISCORDANT` differing clusters, or when all differ alike, that share is unknown, and the error is at least that
    of `n` independent pairs. The same holds for each part by itself: a small benchmark in which little differs shows
    little, and all the harm may be in it. With w its weight and m its clusters, the error is at least that of m / w
    pairs, which covers the case that it has a harm of limit / w and the others have none.
    Source: Tango 1998, doi 10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B.

    Args:
        blank: the test without numbers: margin, cell, outcome, limit.
        harm: mean difference, in points.
        std_error: its clustered standard error, in points; NaN when no cluster deviates.
        n: clusters.
        up: share of pairs in which only the arm does harm (or, for averages, their mean harm).
        down: share of pairs in which only the reference does.
        differing: clusters with a difference.
        parts: the benchmarks and their conditions, where there are several.
    """
    if n < 2:
        return replace(blank, harm=harm, n=n, notes=(Note(Code.NOTHING_TO_TEST),))
    seen = up + down - (up - down) ** 2
    at_limit = _variance_at(blank.limit / 100, up, down)
    error = std_error * sqrt(at_limit / seen) if seen > 0 and not isnan(std_error) else 0.0
    every = (Part(1.0, n, differing), *parts)
    unknown = [part.units for part in every if part.differing < FEW_DISCORDANT or error == 0]
    error = max(error, 100 * sqrt(at_limit / min(unknown, default=inf)))
    if error == 0:
        return replace(blank, harm=harm, n=n, notes=(Note(Code.NO_DIFFERENCE_SEEN),))
    beyond = harm - blank.limit
    # Towards more harm the error at the limit is the smaller one, and too small for rates as skewed as these.
    largest = error if isnan(std_error) else max(error, std_error)
    # An error that mostly comes from a small part is known no better than that part lets it be.
    df = min(part.units for part in every) - 1
    return replace(
        blank,
        harm=harm,
        std_error=error,
        n=n,
        p_within=float(stdtr(df, beyond / error)),
        p_beyond=float(stdtr(df, -beyond / largest)),
    )


def _variance_at(limit: float, up: float, down: float) -> float:
    """The variance of a pair's difference under the most likely rates whose difference is the limit, a share."""
    linear = (2 - up + down) * limit - up - down
    down_at_limit = (sqrt(linear**2 + 8 * down * limit * (1 - limit)) - linear) / 4
    return 2 * down_at_limit + limit * (1 - limit)


def decide(tests: Sequence[MarginTest], alpha: float, gaps: Sequence[Note] = ()) -> tuple[Verdict, list[MarginTest]]:
    """The verdict, and the tests with their state and the units they would need.

    Args:
        tests: every test of every margin.
        alpha: one-sided level.
        gaps: holes in the evidence; with one the verdict is never ALLOW.
    """
    # A test without a P value is a hypothesis that nothing speaks against: it keeps its place in Holm's family.
    by_holm = adjusted([test.p_beyond for test in tests], HOLM)
    done = []
    for test, p_holm in zip(tests, by_holm, strict=True):
        state = State.OPEN
        if not isnan(test.p_within) and test.p_within <= alpha:
            state = State.WITHIN
        elif p_holm <= alpha:
            state = State.EXCEEDED
        together = sum(other.margin == test.margin for other in tests)
        sized = _sized(test, alpha, together) if state is State.OPEN else test
        done.append(replace(sized, state=state, p_beyond_holm=p_holm))
    states = {test.state for test in done}
    if State.EXCEEDED in states:
        return Verdict.REJECT, done
    return (Verdict.ALLOW if states == {State.WITHIN} and not gaps else Verdict.INCONCLUSIVE), done


def _sized(test: MarginTest, alpha: float, together: int) -> MarginTest:
    """The test with the units at which all tests of its margin pass with `POWER`, whichever of them fails first."""
    if isnan(test.std_error):
        return test
    reach = -float(ndtri(alpha) + ndtri((1 - POWER) / together))

    def units(distance: float) -> int | None:
        return ceil(test.n * (reach * test.std_error / distance) ** 2) if distance > 0 else None

    return replace(test, n_if_harmless=units(test.limit), n_as_seen=units(test.limit - test.harm))
