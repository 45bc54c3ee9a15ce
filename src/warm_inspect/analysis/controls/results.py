"""What each arm keeps on the control benchmarks: rates, paired differences from the baseline, and equivalence.

Per control benchmark and base model, with errors clustered by item (CRV1). Rates have Wilson's interval at the number
of independent replies that has the clustered error. Equivalence is shown against the margin that the control's file
states.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from warm_inspect.analysis.contrasts import CellTable, Changes, Contrast, clustered_rate, estimate, two_one_sided_tests
from warm_inspect.analysis.controls.control_logs import ControlLog, by_control, check_controls, with_arm
from warm_inspect.analysis.estimates import ALPHA, Estimate, Identity, Kind, Note, adjust, arm_effect
from warm_inspect.analysis.logs import Log, ValueMap, metric_values
from warm_inspect.analysis.observations import Cell, Roles, ordered_levels
from warm_inspect.core.controls import UNCLEAR, ControlBenchmark
from warm_inspect.core.metadata import cluster_of
from warm_inspect.core.vocabulary import TRUNCATED

CONTROL_RATE = "control_rate"
CONTROL_EFFECT = "control_effect"
CONTROL_EQUIVALENCE = "control_equivalence"
"""Names of the analyses; the last two are the families of their tests too."""
_RATE = "y"


@dataclass(frozen=True)
class ControlRow:
    """One arm of a base model on one control benchmark."""

    benchmark: ControlBenchmark
    base_model: str
    arm: str
    logs: tuple[str, ...]
    """Names of the log files."""
    samples: int
    unscored: int
    """Samples without a score, which enter no rate."""
    rate: Estimate
    truncated: float
    """Share of scored replies that hit the token limit; NaN where the task does not say."""
    unclear: float
    """Share of scored replies without a readable answer; NaN where the task does not say."""
    difference: Estimate | None = None
    """Arm minus baseline in points, over the items that both have; None for the baseline, or without it."""
    equivalence: Estimate | None = None
    """The same difference with its 90 % interval and the P value of TOST."""

    @property
    def equivalent(self) -> bool:
        """Whether the arm was shown to be within the margin, after adjustment over all controls."""
        return self.equivalence is not None and self.equivalence.p_adjusted <= ALPHA

    @property
    def differs(self) -> bool:
        """Whether the arm was shown to differ from the baseline, after adjustment over all controls.

        Where all items differ alike there is no test, and the exact bound of the interval decides.
        """
        if self.difference is None:
            return False
        if isnan(self.difference.p_value):
            return self.difference.conf_low > 0 or self.difference.conf_high < 0
        return self.difference.p_adjusted <= ALPHA


@dataclass(frozen=True)
class ControlResults:
    """Every arm on every control benchmark, in the order of the report."""

    rows: tuple[ControlRow, ...] = ()
    notes: tuple[Note, ...] = ()
    """Control logs that were left out, and why."""
    baseline: str = ""
    """The arm that the differences are from (`Roles.baseline`); empty without one."""

    @property
    def estimates(self) -> list[Estimate]:
        """All numbers, for the table of estimates."""
        return [
            number for row in self.rows for number in (row.rate, row.difference, row.equivalence) if number is not None
        ]

    @property
    def frame(self) -> pd.DataFrame:
        """One row per arm and control: its counts and its rate."""
        return pd.DataFrame([_record(row) for row in self.rows])


def analyse_controls(logs: Iterable[Log], frame: pd.DataFrame, roles: Roles) -> ControlResults:
    """The control logs of a study, arm by arm; deterministic.

    Args:
        logs: logs of control benchmarks.
        frame: the study's graded replies, by which models are given their arms.
        roles: what the arms are for.

    Raises:
        PrerequisiteError: two logs of a control that must not be compared (see `check_controls`).
    """
    placed, notes = with_arm(logs, frame, roles)
    baseline = roles.baseline({*frame["arm"].astype(str), *(log.arm for log in placed)})
    rows = [row for group in by_control(placed).values() for row in _control(group, baseline, roles)]
    return ControlResults(tuple(_adjusted(sorted(rows, key=_order))), tuple(notes), baseline)


def _control(logs: Sequence[ControlLog], baseline: str, roles: Roles) -> Iterator[ControlRow]:
    """The arms of one base model on one control benchmark."""
    check_controls(logs, baseline)
    replies = pd.concat([_replies(log) for log in logs], ignore_index=True)
    scored = replies.dropna(subset=[_RATE])
    for arm in ordered_levels("arm", list(dict.fromkeys(log.arm for log in logs))):
        own = [log for log in logs if log.arm == arm]
        rows = scored[scored["arm"] == arm]
        if rows.empty:
            continue
        row = ControlRow(
            benchmark=logs[0].benchmark,
            base_model=logs[0].base_model,
            arm=arm,
            logs=tuple(log.log.name for log in own),
            samples=int((replies["arm"] == arm).sum()),
            unscored=int(replies.loc[replies["arm"] == arm, _RATE].isna().sum()),
            rate=_rate(logs[0], arm, rows),
            truncated=float(rows[TRUNCATED].mean()),
            unclear=float(rows[UNCLEAR].mean()),
        )
        reference = scored[scored["arm"] == baseline]
        if arm != baseline and len(reference):
            row = _compared(row, pd.concat([reference, rows]), baseline, roles.repeats(arm, baseline))
        yield row


def _replies(control: ControlLog) -> pd.DataFrame:
    """The replies of a log as rows of a cell table, with NaN where a sample has no score."""
    values = ValueMap()
    scorer = control.benchmark.score.partition(".")[0]
    rows = []
    for sample in control.log.samples.values():
        metrics = metric_values(sample.scores)
        sides = {name: values.number(metrics.get(f"{scorer}.{name}")) for name in (TRUNCATED, UNCLEAR)}
        number = values.number(metrics.get(control.benchmark.score))
        rows.append(
            {"question_id": sample.id, "cluster": cluster_of(sample.metadata, sample.id), _RATE: number} | sides
        )
    return pd.DataFrame(rows).assign(
        base_model=control.base_model, benchmark=control.benchmark.name, arm=control.arm, context="", belief=""
    )


def _rate(control: ControlLog, arm: str, rows: pd.DataFrame) -> Estimate:
    """The arm's rate over its scored replies, as a share."""
    identity = Identity(Kind.RATE, arm, benchmark=control.benchmark.name, base_model=control.base_model)
    contrast = Contrast(CONTROL_RATE, identity, ({Cell(arm, "", ""): 1.0},))
    return replace(clustered_rate(rows, _RATE, contrast), outcome=control.benchmark.rate)


def _compared(row: ControlRow, rows: pd.DataFrame, baseline: str, noise: bool) -> ControlRow:
    """The row with its paired difference from the baseline and the test of equivalence."""
    effect = arm_effect(row.arm, baseline, noise=noise, benchmark=row.benchmark.name, base_model=row.base_model)
    cells = {Cell(row.arm, "", ""): 1.0, Cell(baseline, "", ""): -1.0}
    table = CellTable.build(rows, [_RATE])
    effects = estimate(table, Contrast(CONTROL_EFFECT, effect, (cells,), CONTROL_EFFECT, "items"))
    if not effects:
        return row
    difference = replace(effects[0], outcome=row.benchmark.rate)
    arm, reference = (table.values[0, :, table.columns[cell]] for cell in cells)
    # Only the clusters of items that both arms have.
    gaps = pd.Series(arm - reference, index=table.cluster).dropna()
    return replace(row, difference=difference, equivalence=_tost(difference, gaps, row.benchmark))


def _tost(difference: Estimate, gaps: "pd.Series[float]", benchmark: ControlBenchmark) -> Estimate:
    """The two one-sided tests of a difference against the margin of its benchmark.

    `gaps` holds the difference of each item, from -1 to 1, under its cluster.
    """
    by_cluster = (gaps / len(gaps)).groupby(level=0)
    changes = Changes(
        np.array(by_cluster.sum(), dtype=np.float64), np.array(by_cluster.size(), dtype=np.float64) / len(gaps)
    )
    tested = two_one_sided_tests(difference, changes, benchmark.margin)
    return replace(tested, analysis=CONTROL_EQUIVALENCE, family=CONTROL_EQUIVALENCE)


def _adjusted(rows: Sequence[ControlRow]) -> Iterator[ControlRow]:
    """The rows with P values adjusted over all arms and controls, differences and equivalences by themselves."""
    tested = [row for row in rows if row.difference and row.equivalence]
    differences = iter(adjust(row.difference for row in tested if row.difference))
    equivalences = iter(adjust(row.equivalence for row in tested if row.equivalence))
    for row in rows:
        if row.difference and row.equivalence:
            yield replace(row, difference=next(differences), equivalence=next(equivalences))
        else:
            yield row


def _order(row: ControlRow) -> tuple[str, str, str]:
    # The arms of one control and base model are in order already, and sorting keeps it.
    return row.benchmark.kind.value, row.benchmark.title, row.base_model


def _record(row: ControlRow) -> dict[str, Any]:
    return {
        "control": row.benchmark.name,
        "base_model": row.base_model,
        "arm": row.arm,
        "samples": row.samples,
        "unscored": row.unscored,
        "items": row.rate.n_clusters,
        "rate_of": row.benchmark.rate,
        "rate": row.rate.estimate,
        "conf_low": row.rate.conf_low,
        "conf_high": row.rate.conf_high,
        "truncated": row.truncated,
        "unclear": row.unclear,
        "logs": " ".join(row.logs),
    }
