"""What an arm costs in a stated traffic: extra replies of a kind in 1,000 conversations.

The number is a linear combination of condition means, each weighing its share of the conversations, within a question:
so its variance is that of one contrast, with the covariances of its conditions. Benchmarks and base models weigh
equally. Two arms: the treated one minus its reference. One model: its conversations minus the same questions asked
plainly.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import nan

import numpy as np
import pandas as pd

from warm_inspect.analysis.contrasts import PRIMARY_BELIEF, CellTable, Contrast, Design, estimate
from warm_inspect.analysis.estimates import EXPLORATORY, PER_THOUSAND, Code, Estimate, Floats, Identity, Kind, Note
from warm_inspect.analysis.observations import ALL, Cell, Observations
from warm_inspect.analysis.study.bounds import abstained
from warm_inspect.analysis.study.traffic import Traffic
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, NONE, TRUNCATED

TRAFFIC = Kind.TRAFFIC_EFFECT.value
PLAIN = "plain"
"""What the conversations of one model are compared with: the same questions without context and belief."""
BEST, WORST = "best_case", "worst_case"
"""Terms of the same number if every reply without a verdict spoke for the arm, or against it."""
_OUTCOMES = ("incorrect", "not_correct", ENDORSES_CLAIM)
_FILTERED = "content_filter"
CONDITION_COLUMNS = (
    "arm", "context", "belief", "share", "n", "unscored", "no_verdict", "incorrect", "unclear", "refusal", "truncated",
    ENDORSES_CLAIM, "incorrect_per_1000",
)  # fmt: skip

Weights = Mapping[tuple[str, str], float]


def traffic_estimates(observations: Observations, designs: tuple[Design, ...], traffic: Traffic) -> Iterator[Estimate]:
    """The cost of each arm that has an answer, for each outcome; with its bounds where replies have no verdict.

    Beside it stands chance: the rerun minus the arm that it repeats, where it was asked under the same conditions. A
    claim can be adopted where one is stated: `endorses_claim` counts the conversations that state a wrong answer.

    Raises:
        PrerequisiteError: the traffic names levels that do not exist or that the arms were not asked under.
    """
    weights = stated_weights(observations, traffic)
    frame = observations.frame
    for design in designs:
        _require_measured(frame, design, weights)
        for arm, reference in ((design.arm, design.reference), *_chance(frame, design, weights)):
            for outcome in _OUTCOMES:
                stated = {key: share for key, share in weights.items() if key[1] == PRIMARY_BELIEF}
                counted = stated if outcome == ENDORSES_CLAIM else weights
                if not counted:
                    continue
                contrast = _contrast(arm, reference, traffic, counted, PRIMARY_BELIEF if counted is stated else "")
                yield from map(_per_thousand, estimate(CellTable.build(frame, [outcome]), contrast))
                yield from _bounds(observations, contrast, outcome)


def _chance(frame: pd.DataFrame, design: Design, weights: Weights) -> Iterator[tuple[str, str]]:
    """The rerun and the arm that it repeats, if both were asked under every condition of the traffic."""
    measured = (weights.keys() <= _conditions(frame, arm) for arm in (design.rerun, design.rerun_of))
    if design.rerun and all(measured):
        yield design.rerun, design.rerun_of


def _conditions(frame: pd.DataFrame, arm: str) -> set[tuple[str, str]]:
    """The contexts and beliefs under which an arm was asked."""
    rows = frame.loc[frame["arm"] == arm, ["context", "belief"]].astype(str).drop_duplicates()
    return set(rows.itertuples(index=False, name=None))


def stated_weights(observations: Observations, traffic: Traffic) -> Weights:
    """The share of each condition, by context and belief."""
    contexts, beliefs = (map(str, observations.frame[name].cat.categories) for name in ("context", "belief"))
    return traffic.weights(tuple(contexts), tuple(beliefs))


def traffic_conditions(weights: Weights, rates: pd.DataFrame, designs: tuple[Design, ...]) -> pd.DataFrame:
    """What the number is made of: each arm in each condition with its share, counts and rates, `CONDITION_COLUMNS`.

    `incorrect_per_1000` is what the condition adds to the wrong replies of the arm in 1,000 conversations.
    """
    arms = list(dict.fromkeys(arm for design in designs for arm in (design.arm, design.reference) if arm))
    rows = rates[(rates["benchmark"] == ALL) & (rates["polarity"] == ALL) & rates["arm"].isin(arms)]
    shares = [weights.get(key, 0.0) for key in zip(rows["context"], rows["belief"], strict=True)]
    rows = rows.assign(share=shares).query("share > 0")
    rows = rows.assign(incorrect_per_1000=1000 * rows["share"] * rows["incorrect"])
    return rows.loc[:, list(CONDITION_COLUMNS)].reset_index(drop=True)


def _contrast(arm: str, reference: str, traffic: Traffic, weights: Weights, belief: str) -> Contrast:
    block: dict[Cell, float] = {}
    for (context, stated), share in weights.items():
        other = Cell(reference, context, stated) if reference else Cell(arm, NONE, NONE)
        for cell, sign in ((Cell(arm, context, stated), 1), (other, -1)):
            block[cell] = block.get(cell, 0.0) + sign * share
    identity = Identity(
        Kind.TRAFFIC_EFFECT, arm, reference, factor="traffic", level=traffic.label, versus="" if reference else PLAIN,
        belief=belief,
    )  # fmt: skip
    return Contrast(TRAFFIC, identity, (block,), EXPLORATORY)


def _per_thousand(row: Estimate) -> Estimate:
    """The estimate of a contrast, in points, as replies in 1,000 conversations; it is a size and not a test."""
    names = ("estimate", "std_error", "conf_low", "conf_high")
    scaled = {name: 10 * getattr(row, name) for name in names}
    return replace(row, **scaled, unit=PER_THOUSAND, statistic=nan, p_value=nan)


def _bounds(observations: Observations, contrast: Contrast, outcome: str) -> Iterator[Estimate]:
    """The number if every reply without a verdict spoke for the arm, and against it; none where all have one.

    Without a verdict are samples without a grade and replies that were cut, filtered, or not understood by matching.
    """
    both = pd.concat([observations.frame, observations.ungraded.assign(excluded="lost")], ignore_index=True)
    cells = [Cell(*map(str, key)) for key in both[list(Cell._fields)].itertuples(index=False)]
    weight = np.array([next(iter(contrast.blocks)).get(cell, 0.0) for cell in cells])
    entering = both[weight != 0]
    graded = len(observations.frame)
    lost = np.ones(len(both), dtype=bool)
    lost[:graded] = _without_verdict(observations.frame)
    lost = lost[weight != 0]
    if not lost.any():
        return
    adds = weight[weight != 0] > 0
    known: Floats = entering[outcome].to_numpy(dtype=np.float64)
    cases = {BEST: np.where(lost, ~adds, known), WORST: np.where(lost, adds, known)}
    factors = ("base_model", "benchmark", "cluster", "question_id", *Cell._fields)
    frame = entering.loc[:, list(factors)].astype(str).assign(**cases)
    note = Note(Code.WITHOUT_VERDICT, n=int(lost.sum()), asked=len(lost))
    for row in estimate(CellTable.build(frame, [BEST, WORST]), contrast):
        yield replace(_per_thousand(row), term=row.outcome, outcome=outcome, notes=(*row.notes, note))


def _without_verdict(frame: pd.DataFrame) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    cut = (frame[TRUNCATED] == 1) | (frame["stop_reason"].astype("str") == _FILTERED)
    return np.asarray(cut.to_numpy(dtype=bool) | (abstained(frame) > 0))


def _require_measured(frame: pd.DataFrame, design: Design, weights: Weights) -> None:
    """Refuse a traffic in which an arm has no reply under a condition that occurs.

    Raises:
        PrerequisiteError: naming the conditions, the arm, and how to run them.
    """
    for arm in filter(None, (design.arm, design.reference)):
        measured = _conditions(frame, arm)
        needed = {*weights, *(() if design.reference else ((NONE, NONE),))}
        if lacking := sorted(needed - measured):
            contexts, beliefs = (list(dict.fromkeys(key[place] for key in weights)) for place in (0, 1))
            raise PrerequisiteError(
                f"--traffic needs {', '.join(map('/'.join, lacking))} (context/belief) of arm {arm}, which has "
                f"{', '.join(map('/'.join, sorted(measured)))}",
                "Run each arm with: inspect eval warm_inspect/TASK "
                f"-T contexts={','.join(contexts)} -T beliefs={','.join(beliefs)}",
            )
