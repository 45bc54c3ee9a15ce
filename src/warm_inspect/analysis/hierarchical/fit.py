"""One fit: the draws of a layout, what they say of each contrast, and whether they may be reported."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from warm_inspect.analysis.contrasts import Contrast
from warm_inspect.analysis.estimates import Floats
from warm_inspect.analysis.hierarchical.convergence import Convergence, convergence_of
from warm_inspect.analysis.hierarchical.layout import Layout
from warm_inspect.analysis.hierarchical.probabilities import Rates, rates_of
from warm_inspect.analysis.hierarchical.sampling import Draws


class Fit:
    """The draws of one layout, what they say of each contrast, and whether they may be believed."""

    def __init__(self, layout: Layout, draws: Draws, contrasts: Sequence[Contrast]) -> None:
        self.layout = layout
        self.draws = draws
        rates = rates_of(layout, draws)
        self.effects = [effect for each in contrasts if (effect := effect_of(each, layout, rates))]
        chains = draws.sd.shape[:2]
        reported = [values.reshape(*chains, 1) for effect in self.effects for values in (effect.given, effect.drawn)]
        self.convergence: Convergence = convergence_of([draws.mean, draws.sd, *reported], draws.divergent)


@dataclass(frozen=True)
class ContrastDraws:
    """Draws of one contrast, from -1 to 1, and what it rests on."""

    contrast: Contrast
    given: Floats
    drawn: Floats
    n: int
    questions: int


def effect_of(contrast: Contrast, layout: Layout, rates: Rates) -> ContrastDraws | None:
    """The mean over benchmarks and base models of the mean over blocks; None where no block has all its replies."""
    places = {cell: place for place, cell in enumerate(layout.cells)}
    blocks = [block for block in contrast.blocks if all(cell in places for cell in block)]
    given: list[Floats] = []
    drawn: list[Floats] = []
    n = 0
    questions: dict[str, int] = {}
    for stratum, benchmark in enumerate(rates.benchmarks):
        if contrast.identity.benchmark not in ("", benchmark):
            continue
        complete = [block for block in blocks if all(rates.replies[stratum, places[cell]] for cell in block)]
        if not complete:
            continue
        weights = np.zeros(len(layout.cells))
        for block in complete:
            for cell, weight in block.items():
                weights[places[cell]] += weight / len(complete)
        used = weights != 0
        given.append(rates.given[:, stratum, used] @ weights[used])
        drawn.append(rates.drawn[:, stratum, used] @ weights[used])
        asked = [int(min(rates.questions[stratum, places[cell]] for cell in block)) for block in complete]
        n += sum(asked)
        questions[benchmark] = max(questions.get(benchmark, 0), *asked)
    if not given:
        return None
    return ContrastDraws(contrast, np.mean(given, axis=0), np.mean(drawn, axis=0), n, sum(questions.values()))
