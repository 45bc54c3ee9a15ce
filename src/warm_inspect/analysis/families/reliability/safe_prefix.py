"""Up to which level of difficulty errors can be ruled out."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from warm_inspect.analysis.estimates import LEVELS, Code, Estimate, Identity, Kind, Note
from warm_inspect.analysis.families.exact import needed_without_event, upper_end
from warm_inspect.analysis.families.numbers import untested
from warm_inspect.analysis.families.reliability.rows import (
    CORRECT,
    INCORRECT,
    RIGHT_PREFIX,
    SAFE_PREFIX,
    SAFE_PREFIX_ANY,
    About,
    ReliabilityRow,
)
from warm_inspect.core.families import Design, Family
from warm_inspect.core.hashing import sha256_text

THRESHOLDS = (0.01, 0.05, 0.1, 0.2)
"""The shares of errors that a safe prefix is asked for."""


def safe_prefixes(frame: pd.DataFrame, arms: Sequence[str], base: str, domain: str) -> Iterator[ReliabilityRow]:
    """Up to which level errors are rarer than each threshold, in each arm."""
    usable = frame[frame["design"].isin([Design.NATURAL, Design.EASIEST]) & (frame["repetition"] == 1)]
    usable = usable[usable["epoch"] == usable["epoch"].min()] if len(usable) else usable
    for arm in arms:
        own = usable[usable["arm"] == arm]
        if own.empty:
            continue
        single = _single(own)
        natural = own[own["design"] == Design.NATURAL]
        any_template = natural.groupby(["difficulty", "question_id"], observed=True)[INCORRECT].max()
        failures = {
            SAFE_PREFIX: single.set_index("difficulty")[INCORRECT],
            SAFE_PREFIX_ANY: any_template.droplevel("question_id"),
            RIGHT_PREFIX: 1 - single.set_index("difficulty")[CORRECT],
        }
        for outcome, failed in ((name, each) for name, each in failures.items() if len(each)):
            for threshold in THRESHOLDS:
                identity = Identity(Kind.RATE, arm, base_model=base)
                number = _prefix(failed, threshold, identity, outcome)
                row = About(base, domain, "all").row(number, int(failed.sum()))
                yield replace(row, threshold=f"{threshold:.0%}")


def _single(rows: pd.DataFrame) -> pd.DataFrame:
    """One reply of each problem, in a template that its id draws, so that replies are independent."""
    order = [
        sha256_text(f"{question}:{name}") for question, name in zip(rows["question_id"], rows["template"], strict=True)
    ]
    drawn = rows.assign(order=order).sort_values(["question_id", "order", "training_seed"])
    return drawn.drop_duplicates("question_id")


def _prefix(failed: "pd.Series[float]", threshold: float, identity: Identity, outcome: str) -> Estimate:
    """How many levels from the lowest on stay below the threshold, tested in this order, so without adjustment."""
    levels = failed.groupby(level="difficulty").agg(["sum", "size"]).sort_index()
    needed = needed_without_event(threshold)
    row = untested(Family.RELIABILITY, identity, outcome, LEVELS, n=len(failed), n_clusters=len(failed))
    safe = 0
    for errors, problems in levels.itertuples(index=False):
        if problems < needed:
            values = {"n": int(problems), "needed": needed}
            if not safe:
                return replace(row, notes=(Note(Code.NOT_TESTABLE, share=threshold, **values),))
            return replace(row, estimate=float(safe), notes=(Note(Code.ENDS_UNTESTED, **values),))
        if upper_end(int(errors), int(problems)) > threshold:
            break
        safe += 1
    return replace(row, estimate=float(safe))
