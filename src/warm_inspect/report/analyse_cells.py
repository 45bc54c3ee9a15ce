"""Cell counts in, tables and the report out: the body of `warm-inspect analyze CELLS.csv`."""

from pathlib import Path

from warm_inspect.analysis.export import PUBLISHED_CELLS, write_estimates
from warm_inspect.analysis.observations import Observations
from warm_inspect.analysis.published.count_study import CountStudy, analyse_counts
from warm_inspect.analysis.published.counts import read_counts
from warm_inspect.core.files import staged
from warm_inspect.report.analyse_logs import REPORT_NAME
from warm_inspect.report.cells_page import write_cells_report


def analyse_cells(path: str, out: Path, paper: bool = False) -> CountStudy:
    """Analyse a CSV file of cell counts and write the tables and `report.html` into a folder: all or nothing.

    The tables: `estimates.csv`, the same as `estimates.json`, `exclusions.csv` and `paper_cells.csv`.

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
        study.published_cells.to_csv(scratch / PUBLISHED_CELLS, index=False)
        write_cells_report(study, scratch / REPORT_NAME)
    return study
