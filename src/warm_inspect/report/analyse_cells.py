"""Cell counts in, tables out: the body of `warm-inspect analyze CELLS.csv`."""

from pathlib import Path

from warm_inspect.analysis.count_study import CountStudy, analyse_counts
from warm_inspect.analysis.counts import read_counts
from warm_inspect.analysis.export import staged, write_estimates
from warm_inspect.analysis.observations import Observations


def analyse_cells(path: str, out: Path, paper: bool = False) -> CountStudy:
    """Analyse a CSV file of cell counts and write tables into a folder: all or nothing.

    The tables: `estimates.csv`, the same as `estimates.json`, and `exclusions.csv`.

    Args:
        path: the file, with the columns base_model, arm, benchmark, context, belief, n and n_incorrect.
        out: where the files go; made if need be.
        paper: whether only the published models are wanted.

    Raises:
        PrerequisiteError: the folder cannot be written, or the counts break a rule.
    """
    with staged(out) as scratch:
        study = analyse_counts(Observations.from_counts(read_counts(path)), paper)
        write_estimates(study.estimates, scratch)
        study.exclusions.to_csv(scratch / "exclusions.csv", index=False)
    return study
