"""The analysis as files: estimates, observations and exclusions."""

from pathlib import Path

import pandas as pd

from warm_inspect.analysis.provenance import claim_rows
from warm_inspect.analysis.study import AnalysedStudy

PUBLISHED_CELLS = "paper_cells.csv"
"""The counts behind the published figures, in the layout that `warm-inspect analyze CELLS.csv` reads."""


def write_estimates(estimates: pd.DataFrame, folder: Path) -> None:
    """Write `estimates.csv` and `estimates.json`, a list of one object per estimate; what is not known is null."""
    estimates.to_csv(folder / "estimates.csv", index=False)
    text = estimates.to_json(orient="records", indent=1, double_precision=15, force_ascii=False)
    (folder / "estimates.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def write_tables(study: AnalysedStudy, folder: Path) -> None:
    """Write the tables into a folder: estimates, rates, observations, rows, exclusions, weights of the strata.

    With several checkpoints of an arm also `dose.csv`, with logs of control benchmarks
    `controls.csv`, in paper mode `PUBLISHED_CELLS`. No text of an item or a reply is in any of them.
    """
    write_estimates(study.estimates, folder)
    claim_rows(study.observations.frame, study.estimates).to_csv(folder / "rows.csv", index=False)
    study.observations.frame.to_parquet(folder / "observations.parquet", index=False)
    exclusions = pd.concat([study.exclusions, study.left_out_as_published], ignore_index=True)
    exclusions.to_csv(folder / "exclusions.csv", index=False)
    study.rates.to_csv(folder / "rates.csv", index=False)
    study.weights.to_csv(folder / "weights.csv", index=False)
    study.excluded_rows.to_csv(folder / "excluded_rows.csv", index=False)
    if not study.dose.empty:
        study.dose.to_csv(folder / "dose.csv", index=False)
    if not study.published_cells.empty:
        study.published_cells.to_csv(folder / PUBLISHED_CELLS, index=False)
    if study.controls.rows:
        study.controls.frame.to_csv(folder / "controls.csv", index=False)
