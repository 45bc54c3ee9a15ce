"""Whether the chains of a fit agree: rank-normalised R-hat, effective sample sizes, and divergent draws.

Source: Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), Bayesian Analysis 16, for the measures and their limits.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from warm_inspect.analysis.estimates import Floats

MAX_R_HAT = 1.01
MIN_ESS = 400
MAX_DIVERGENT = 0
_TAILS = (0.05, 0.95)


@dataclass(frozen=True)
class Convergence:
    """The worst of each measure over all numbers that are looked at."""

    r_hat: float
    """1 where the chains agree in place and spread."""
    ess_bulk: float
    """Independent draws that the draws are worth for the middle of a distribution."""
    ess_tail: float
    """... for its 5 % and 95 % quantiles."""
    divergent: int

    @property
    def passed(self) -> bool:
        """Whether the draws may be reported."""
        enough = min(self.ess_bulk, self.ess_tail) >= MIN_ESS
        return enough and self.r_hat <= MAX_R_HAT and self.divergent <= MAX_DIVERGENT


def convergence_of(quantities: Iterable[Floats], divergent: int) -> Convergence:
    """The measures of draws whose first two axes are chain and draw; those that never change are left out.

    Args:
        quantities: arrays of numbers that are reported or that rule the model.
        divergent: how many draws diverged.
    """
    from arviz_stats.base import array_stats

    flat = np.concatenate([each.reshape(*each.shape[:2], -1) for each in quantities], axis=-1)
    drawn = np.moveaxis(flat[..., np.ptp(flat, axis=(0, 1)) > 0], -1, 0)
    axes = {"chain_axis": 1, "draw_axis": 2}
    return Convergence(
        r_hat=float(np.max(array_stats.rhat(drawn, **axes))),
        ess_bulk=float(np.min(array_stats.ess(drawn, method="bulk", **axes))),
        ess_tail=float(np.min(array_stats.ess(drawn, method="tail", prob=_TAILS, **axes))),
        divergent=divergent,
    )
