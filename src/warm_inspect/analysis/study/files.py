"""The tables of a study as files, and the replies behind each contrast that carries a claim (`rows.csv`)."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from warm_inspect.analysis.contrasts import (
    ARM_EFFECT,
    Codes,
    Contrast,
    Design,
    all_contrasts,
    grid_of,
)
from warm_inspect.analysis.estimates import CONTRAST, IDENTITY_COLUMNS, identities
from warm_inspect.analysis.families import FamilyResults, FamilyRow, family_frame
from warm_inspect.analysis.observations import UNIT, Cell, Observations
from warm_inspect.analysis.study.analysis import AnalysedStudy
from warm_inspect.core.csv_file import write_frame
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, NOT_CORRECT, Grade

_SHOWN = (
    "arm", "base_model", "benchmark", "question_id", "context", "belief", "epoch", "training_seed", "log_file",
    "sample_id", "uuid", "prompt_sha256", ENDORSES_CLAIM, Grade.INCORRECT.value, NOT_CORRECT,
)  # fmt: skip
PUBLISHED_CELLS = "paper_cells.csv"
"""The counts behind the published figures, in the layout that `warm-inspect analyze CELLS.csv` reads."""


def write_estimates(estimates: pd.DataFrame, folder: Path) -> None:
    """Write `estimates.csv` and `estimates.json`, a list of one object per estimate; what is not known is null."""
    write_frame(folder / "estimates.csv", estimates)
    text = estimates.to_json(orient="records", indent=1, double_precision=15, force_ascii=False)
    (folder / "estimates.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def write_tables(study: AnalysedStudy, folder: Path) -> None:
    """Write the tables into a folder: estimates, rates, observations, rows, exclusions, weights of the strata.

    With labels also `corrected_rates.csv`, with a traffic `traffic.csv`, with several checkpoints of an arm `dose.csv`,
    with logs of control benchmarks `controls.csv`, with those of a family `families.csv`, in paper mode
    `PUBLISHED_CELLS`; of a hierarchical analysis `hierarchical.csv`, `hierarchical_spread.csv` and
    `hierarchical_fits.csv`. No text of an item or a reply is in any of them.
    """
    write_estimates(study.estimates, folder)
    write_frame(folder / "rows.csv", claim_rows(study.observations, study.designs, study.estimates))
    study.observations.frame.to_parquet(folder / "observations.parquet", index=False)
    exclusions = pd.concat([study.exclusions, study.left_out_as_published], ignore_index=True)
    write_frame(folder / "exclusions.csv", exclusions)
    write_frame(folder / "rates.csv", study.rates)
    if not study.corrected_rates.empty:
        write_frame(folder / "corrected_rates.csv", study.corrected_rates)
    if not study.traffic.empty:
        write_frame(folder / "traffic.csv", study.traffic)
    write_frame(folder / "weights.csv", study.weights)
    write_frame(folder / "excluded_rows.csv", study.excluded_rows)
    if not study.dose.empty:
        write_frame(folder / "dose.csv", study.dose)
    if not study.published_cells.empty:
        write_frame(folder / PUBLISHED_CELLS, study.published_cells)
    if study.controls.rows:
        write_frame(folder / "controls.csv", study.controls.frame)
    if not study.hierarchical.fits.empty:
        write_frame(folder / "hierarchical.csv", study.hierarchical.estimates)
        write_frame(folder / "hierarchical_spread.csv", study.hierarchical.spread)
        write_frame(folder / "hierarchical_fits.csv", study.hierarchical.fits)
    if study.families:
        write_families(study.families.values(), folder)


def write_families(results: Iterable[FamilyResults[FamilyRow]], folder: Path) -> None:
    """Write every number of the families of measurement: `families.csv`."""
    write_frame(folder / "families.csv", family_frame(results))


def claimed_contrasts(observations: Observations, designs: Sequence[Design]) -> list[Contrast]:
    """Headlines and secondary rows with their noise; without any, the overall effect of each arm."""
    claims = {question.identity for design in designs for question in design.questions}
    claims |= {chance for design in designs if (chance := design.chance)}
    contrasts = all_contrasts(grid_of(observations.frame, observations.roles))
    claimed = [contrast for contrast in contrasts if contrast.identity in claims]
    overall = [each for each in contrasts if each.analysis == ARM_EFFECT and not each.identity.condition]
    return claimed or overall


def claim_rows(observations: Observations, designs: Sequence[Design], estimates: pd.DataFrame) -> pd.DataFrame:
    """One row per claimed contrast and reply that entered it: complete pairs only, as in the estimate.

    Columns: contrast, estimate_ids (of all its outcomes), then what identifies the reply, its prompt and its grade.

    Args:
        observations: the study's replies.
        designs: what they were made to answer.
        estimates: the study's estimates.
    """
    frame = observations.frame
    contrasts = estimates[estimates["term"] == CONTRAST]
    ids = contrasts.groupby(list(IDENTITY_COLUMNS))["estimate_id"].agg(" ".join)
    known = {identity: joined for identity, joined in zip(identities(ids.reset_index()), ids, strict=True)}
    parts = [
        frame.loc[rows, list(_SHOWN)].assign(contrast=contrast.identity.label, estimate_ids=known[contrast.identity])
        for contrast, rows in _entering(frame, claimed_contrasts(observations, designs))
        if contrast.identity in known
    ]
    columns = ["contrast", "estimate_ids", *_SHOWN]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _entering(frame: pd.DataFrame, contrasts: Iterable[Contrast]) -> Iterator[tuple[Contrast, Codes]]:
    """The positions of each contrast's replies in the frame, which has a plain index."""
    indices: dict[Any, Any] = frame.groupby(list(Cell._fields), observed=True).indices
    cells: dict[Cell, Codes] = {Cell(*map(str, key)): rows for key, rows in indices.items()}
    unit = frame.groupby(list(UNIT), observed=True).ngroup().to_numpy()
    for contrast in contrasts:
        used = np.zeros(len(frame), dtype=bool)
        for block in contrast.blocks:
            if not all(cell in cells for cell in block):
                continue
            shared = reduce(np.intersect1d, [unit[cells[cell]] for cell in block])
            for cell in block:
                used[cells[cell][np.isin(unit[cells[cell]], shared)]] = True
        yield contrast, np.flatnonzero(used)
