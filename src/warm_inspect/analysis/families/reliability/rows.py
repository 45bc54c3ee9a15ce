"""The rows of `reliability`: which replies a number is of, and the names of what is measured."""

from dataclasses import dataclass
from typing import NamedTuple

from warm_inspect.analysis.estimates import Estimate
from warm_inspect.analysis.families.rows import FamilyResults, FamilyRow
from warm_inspect.core.families import Answered, Family

INCORRECT, CORRECT = Answered.INCORRECT.value, Answered.CORRECT.value
AVOIDANT = "avoidant"
"""Outcome: no answer, whether the reply says why or not."""
TEMPLATE_AGREEMENT, KAPPA, REPEAT_AGREEMENT = "template_agreement", "kappa", "repeat_agreement"
TEMPLATE_SENSITIVITY, CONCORDANCE, PRUDENT_CONCORDANCE = "template_sensitivity", "concordance", "prudent_concordance"
ULTRACREPIDARIAN, AVOIDANCE_SLOPE = "ultracrepidarian", "avoidance_slope"
WRONG_PASSED, RIGHT_PASSED = "wrong_passed", "right_passed"
"""Outcomes: a grader that does not see the answer takes a wrong reply, or a right one, for right."""
UNREAD = "unread"
"""Outcome of a benchmark: matching could not read the reply, which may answer or not."""
BENCHMARK = "benchmark"
"""The design of numbers that are derived from replies to the benchmarks, beside those of `core.families.Design`."""
EVERY_BENCHMARK = "benchmarks"
"""The set of items of numbers on all of them."""
SAFE_PREFIX, SAFE_PREFIX_ANY, RIGHT_PREFIX = "safe_prefix", "safe_prefix_any_template", "right_prefix"


@dataclass(frozen=True, kw_only=True)
class ReliabilityRow(FamilyRow):
    """One number of the problems; its events are replies that count."""

    item_set: str
    """The domain, or the benchmark; see `EVERY_BENCHMARK`."""
    design: str
    """A `core.families.Design`, or `BENCHMARK`; of a safe prefix `all`."""
    difficulty: str = ""
    """The level that it is restricted to; empty for all."""
    threshold: str = ""
    """Of a safe prefix the share of errors that it stays below, for example `5%`."""


ReliabilityResults = FamilyResults[ReliabilityRow]
"""Its counts are of replies, one row per base model, domain, design, arm and level: those without a score, those that
were cut, and how many are what."""


class About(NamedTuple):
    """Which replies a number is of."""

    base: str
    domain: str
    design: str

    def row(self, number: Estimate, events: int | None = None, difficulty: str = "") -> ReliabilityRow:
        """The row of a number on these replies; see `ReliabilityRow`."""
        return ReliabilityRow(
            family=Family.RELIABILITY,
            item_set=self.domain,
            design=self.design,
            difficulty=difficulty,
            events=events,
            estimate=number,
        )
