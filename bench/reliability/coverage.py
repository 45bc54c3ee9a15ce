"""How often the intervals of the indicators of `reliability` hold the truth, in made studies of one arm.

    python -m bench.reliability.coverage 10 [--studies 400]

Eight levels of so many problems in fifteen templates, three of them asked three times. The log odds of a right reply
fall from 2.5 to -2.5 and differ between problems by a standard deviation of 1. No template has an effect. The truth is
the indicator of 160,000 problems.
"""

import argparse

import numpy as np

from warm_inspect.analysis.estimates import Floats
from warm_inspect.analysis.families.reliability.indicators import (
    chance_corrected,
    concordance,
    repeat_agreement,
    template_agreement,
)
from warm_inspect.analysis.families.reliability.resampled import draws_of

LEVELS, TEMPLATES, REPEATED, TIMES = 8, 15, [0, 5, 10], 3
MANY = 20_000


def study(problems: int, rng: np.random.Generator) -> Floats:
    """Right replies of a study; shape (problem, template, repetition)."""
    log_odds = np.repeat(np.linspace(2.5, -2.5, LEVELS), problems) + rng.normal(0, 1, LEVELS * problems)
    right = (rng.random((len(log_odds), TEMPLATES, TIMES)) < 1 / (1 + np.exp(-log_odds[:, None, None]))).astype(float)
    once = np.setdiff1d(np.arange(TEMPLATES), REPEATED)
    right[:, once, 1:] = np.nan
    return right


def indicators(right: Floats, draws: Floats) -> dict[str, Floats]:
    """Each indicator in each draw."""
    first = right[:, :, 0]
    levels = np.repeat(np.arange(LEVELS, dtype=float), len(first) // LEVELS)
    agreement = template_agreement(first, draws)
    return {
        "template_agreement": agreement,
        "template_sensitivity": repeat_agreement(right, draws) - agreement,
        "kappa": chance_corrected(first, draws),
        "concordance": concordance(first, levels, draws),
    }


def main() -> None:
    """Print the share of studies whose interval holds the truth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("problems", type=int, help="of each level")
    parser.add_argument("--studies", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    truth = indicators(study(MANY, rng), np.ones((1, LEVELS * MANY)))
    draws = draws_of(np.repeat(np.arange(LEVELS, dtype=float), given.problems))
    held = dict.fromkeys(truth, 0)
    for _ in range(given.studies):
        for name, values in indicators(study(given.problems, rng), draws).items():
            low, high = np.nanquantile(values[1:], [0.025, 0.975])
            held[name] += int(low <= truth[name][0] <= high)
    for name, count in held.items():
        print(f"{name}: truth {truth[name][0]:.3f}, held in {count / given.studies:.1%} of {given.studies}")


if __name__ == "__main__":
    main()
