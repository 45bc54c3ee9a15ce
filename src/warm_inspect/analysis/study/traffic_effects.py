"""What an arm costs in a stated traffic: extra replies of a kind in 1,000 conversations.

The number is a linear combination of condition means, each weighing its share of the conversations, within a question:
so its variance is that of one contrast, with the covariances of its conditions. Benchmarks and base models weigh
equally. Two arms: the treated one minus its reference. One model: its conversations minus the same questions asked
plainly.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import nan

import pandas as pd

from warm_inspect.analysis.contrasts import CellTable, Contrast, Design, ReplyBounds, estimate
from warm_inspect.analysis.estimates import EXPLORATORY, PER_THOUSAND, Estimate, Identity, Kind
from warm_inspect.analysis.observations import ALL, MISSING, Cell, Observations, measured_outcomes, replies_asked_for
from warm_inspect.analysis.study.traffic import Traffic
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, NONE, NOT_CORRECT, STATED_WRONG, Grade

TRAFFIC = Kind.TRAFFIC_EFFECT.value
PLAIN = "plain"
"""What the conversations of one model are compared with: the same questions without context and belief."""
_OUTCOMES = (Grade.INCORRECT.value, NOT_CORRECT, ENDORSES_CLAIM)
CONDITION_COLUMNS = (
    "arm", "context", "belief", "share", "n", "unscored", MISSING, "incorrect", "unclear", "refusal", "truncated",
    ENDORSES_CLAIM, "incorrect_per_1000",
)  # fmt: skip

Weights = Mapping[tuple[str, str], float]


def traffic_estimates(observations: Observations, designs: tuple[Design, ...], traffic: Traffic) -> Iterator[Estimate]:
    """The cost of each arm that has an answer, for each outcome; with its bounds where replies are missing.

    Beside it stands chance: the rerun minus the arm that it repeats, where it was asked under the same conditions. A
    claim can be adopted where one is stated: `endorses_claim` counts the conversations that state a wrong answer.

    Raises:
        PrerequisiteError: the traffic names levels that do not exist or that the arms were not asked under.
    """
    weights = stated_weights(observations, traffic)
    frame = observations.frame
    bounds = ReplyBounds.of(replies_asked_for(observations), measured_outcomes(frame, _OUTCOMES))
    for design in designs:
        _require_measured(frame, design, weights)
        for arm, reference in ((design.arm, design.reference), *_chance(frame, design, weights)):
            for outcome in _OUTCOMES:
                stated = {key: share for key, share in weights.items() if key[1] == STATED_WRONG}
                counted = stated if outcome == ENDORSES_CLAIM else weights
                if not counted:
                    continue
                contrast = _contrast(arm, reference, traffic, counted, STATED_WRONG if counted is stated else "")
                yield from map(_per_thousand, estimate(CellTable.build(frame, [outcome]), contrast))
                if bounds:
                    yield from (_per_thousand(row) for row in bounds.cases(contrast) if row.outcome == outcome)


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
    return replace(row, **scaled, unit=PER_THOUSAND, statistic=nan, p_value=nan, family=EXPLORATORY)


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
