"""Contrasts, McNemar's test and Holm's adjustment beside those of errorbars, on drawn pairs of 0/1 replies.

    pip install errorbars==0.2.4
    nice -n 10 python -m bench.simulation.errorbars_oracle

Prints the largest difference in 200 draws, for questions that are clusters of their own and for clusters of four, where
the jackknife and the sandwich estimator are one. With unequal clusters they are not: docs/statistics.md says which ours
is and why.
"""

from collections.abc import Iterator

import click
import numpy as np
import pandas as pd
from errorbars.compare import PairedComparison, paired_compare
from errorbars.leaderboard import holm_correction

from warm_inspect.analysis.contrasts import CellTable, Contrast, estimate, mcnemar
from warm_inspect.analysis.estimates import HOLM, Estimate, Floats, adjusted, arm_effect
from warm_inspect.analysis.observations import Cell


@click.command()
@click.option("--draws", default=200, show_default=True)
def main(draws: int) -> None:
    """Print the largest differences."""
    rng = np.random.default_rng(0)
    worst: dict[str, float] = {}
    for _ in range(draws):
        for name, difference in differences(rng):
            worst[name] = max(worst.get(name, 0.0), abs(difference))
    for name, difference in worst.items():
        print(f"{name:48} {difference:.2g}")


def differences(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    """Our number less that of errorbars, for one draw."""
    groups = int(rng.integers(10, 60))
    for size in (1, 4):
        clusters = np.repeat(np.arange(groups), size)
        hard = rng.normal(size=groups)[clusters]
        warm, original = ((rng.normal(size=len(hard)) + hard < shift).astype(float) for shift in (0.4, 0.0))
        ours = contrast(warm, original, clusters)
        theirs = paired_compare(warm, original, clusters=clusters)
        for name, mine, other in beside(ours, theirs):
            yield f"clusters of {size}: {name}", mine - other
        if theirs.mcnemar and theirs.mcnemar.n01 + theirs.mcnemar.n10:
            test = mcnemar(theirs.mcnemar.n10, theirs.mcnemar.n01)
            yield "McNemar's exact test", test.p_value - theirs.mcnemar.p_value
    p_values = [float(p) for p in rng.random(6) / 10]
    for mine, other in zip(adjusted(p_values, HOLM), holm_correction(p_values), strict=True):
        yield "Holm", mine - other


def contrast(warm: Floats, original: Floats, clusters: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> Estimate:
    """Our contrast of two arms on one benchmark, in points."""
    questions = pd.DataFrame({"question_id": np.arange(len(warm)).astype(str), "cluster": clusters.astype(str)})
    arms = [questions.assign(arm=arm, y=values) for arm, values in (("warm", warm), ("original", original))]
    frame = pd.concat(arms).assign(base_model="", benchmark="", context="", belief="")
    block = {Cell("warm", "", ""): 1.0, Cell("original", "", ""): -1.0}
    (row,) = estimate(CellTable.build(frame, ["y"]), Contrast("", arm_effect("warm", "original"), (block,)))
    return row


def beside(ours: Estimate, theirs: PairedComparison) -> Iterator[tuple[str, float, float]]:
    """What both compute, as shares; no errors where all questions agree."""
    yield "difference", ours.estimate / 100, theirs.mean_diff
    if ours.estimable and theirs.se_clustered and theirs.p_value_clustered is not None:
        yield "standard error", ours.std_error / 100, theirs.se_clustered
        yield "P", ours.p_value, theirs.p_value_clustered
        yield "lower end", ours.conf_low / 100, max(theirs.ci_low_clustered or 0.0, -1.0)
        yield "upper end", ours.conf_high / 100, min(theirs.ci_high_clustered or 0.0, 1.0)


if __name__ == "__main__":
    main()
