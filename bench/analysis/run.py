"""Time the analysis of a study of the paper's size, and reading against Inspect's `samples_df`.

    python bench/analysis/make_study.py FOLDER
    python bench/analysis/run.py FOLDER --out OUT [--compare 4]

Prints seconds on the clock and of processor time (this process and its children), and the peak memory. The machine
should be idle: on a busy one only the processor time means something.
"""

import argparse
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from inspect_ai.analysis import EvalColumn, SampleColumn, samples_df

from warm_inspect.analysis.contrasts import CellTable, all_contrasts, bootstrap, compares_arms_where_stated, grid_of
from warm_inspect.analysis.estimates import arm_effect
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import COLUMNS, observe
from warm_inspect.analysis.regressions import multinomial_effects
from warm_inspect.analysis.study import analyse, write_tables
from warm_inspect.core.files import staged
from warm_inspect.core.metadata import SampleMetadata
from warm_inspect.core.vocabulary import SCORE_KEYS
from warm_inspect.report import write_report

T = TypeVar("T")
DETAILS = ("reply_chars", "reply_tokens", "grading", "grader", "grader_prompt_sha256")


def timed(name: str, work: Callable[[], T]) -> T:
    wall, before = time.perf_counter(), os.times()
    result = work()
    after = os.times()
    busy = sum(after[:4]) - sum(before[:4])
    print(f"{name}: {time.perf_counter() - wall:.1f} s on the clock, {busy:.1f} s of processor time", flush=True)
    return result


def same_columns() -> list[SampleColumn | EvalColumn]:
    """What `collect` reads, as columns of Inspect's data frame; all of it is in the summaries."""
    metadata = [SampleColumn(name, path=f"metadata.{name}") for name in SampleMetadata.model_fields if name in COLUMNS]
    scores = [SampleColumn(key, path=f"scores.correctness.value.{key}") for key in SCORE_KEYS]
    details = [SampleColumn(key, path=f"scores.correctness.metadata.{key}") for key in DETAILS]
    identity = [
        SampleColumn("sample_id", path="id"),
        SampleColumn("epoch", path="epoch"),
        SampleColumn("uuid", path="uuid", full=False),
    ]
    return [*metadata, *scores, *details, *identity, EvalColumn("model", path="eval.model")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--compare", type=int, default=0, help="logs to read with samples_df too; 0 for all")
    options = parser.parse_args()
    logs = sorted(map(str, options.folder.glob("*.eval")))
    some = logs[: options.compare or len(logs)]
    frame = timed(f"samples_df, {len(some)} logs", lambda: samples_df(some, columns=same_columns(), quiet=True))
    ours = timed(f"collect, {len(some)} logs", lambda: collect(some))
    assert len(frame) == len(ours.samples)
    assert frame["incorrect"].astype(float).sum() == ours.samples["incorrect"].sum()
    collected = timed(f"read all {len(logs)} logs", lambda: collect(logs))
    observations = timed("observe", lambda: observe(collected))
    study = timed("analyse, both modes", lambda: analyse(observations, collected, paper=True))
    with staged(options.out) as scratch:
        timed("tables", lambda: write_tables(study, scratch))
        timed("report", lambda: write_report(study, scratch / "report.html"))
    frame = observations.frame
    adopted = [each for each in all_contrasts(grid_of(frame)) if compares_arms_where_stated(each.identity)]
    table = CellTable.build(frame, ["endorses_claim"])
    timed("of which bootstrap", lambda: [bootstrap(table, contrast) for contrast in adopted[:1]])
    timed("of which multinomial", lambda: list(multinomial_effects(frame, arm_effect("warm", "original"))))
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"{len(frame):,} observations, {len(study.estimates):,} estimates, peak {peak / 2**20:.2f} GB in one process")


if __name__ == "__main__":
    main()
