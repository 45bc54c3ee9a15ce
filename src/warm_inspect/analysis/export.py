"""The analysis as files: estimates, observations and exclusions, all or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.core.errors import PrerequisiteError


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A scratch folder whose files move into `folder` when the block ends without an error.

    Raises:
        PrerequisiteError: the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = TemporaryDirectory(dir=folder, prefix=".writing-")
    except OSError as error:
        raise PrerequisiteError(
            f"The output folder {folder} cannot be written ({error.strerror}). Choose another with: --out FOLDER"
        ) from None
    with scratch as name:
        yield Path(name)
        for file in sorted(Path(name).iterdir()):
            file.replace(folder / file.name)


def write_tables(study: AnalysedStudy, folder: Path) -> None:
    """Write the tables into a folder: estimates, observations, exclusions, excluded rows, weights of the strata.

    With several checkpoints of an arm also `dose.csv`, with logs of control benchmarks also `controls.csv`.
    """
    study.estimates.to_csv(folder / "estimates.csv", index=False)
    study.observations.frame.to_parquet(folder / "observations.parquet", index=False)
    exclusions = pd.concat([study.exclusions, study.left_out_as_published], ignore_index=True)
    exclusions.to_csv(folder / "exclusions.csv", index=False)
    study.weights.to_csv(folder / "weights.csv", index=False)
    study.excluded_rows.to_csv(folder / "excluded_rows.csv", index=False)
    if not study.dose.empty:
        study.dose.to_csv(folder / "dose.csv", index=False)
    if study.controls.rows:
        study.controls.frame.to_csv(folder / "controls.csv", index=False)
