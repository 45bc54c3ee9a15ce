"""Pilot data: how paired differences vary, estimated from logs of our tasks or from two logs of any task.

Variances come by the method of moments (one- and two-way analysis of variance) and are floored at zero. From a small
pilot they are rough; what it cannot show is None and never a guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
import pandas as pd

from warm_inspect.analysis.compare import Pairs, pair_frame
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.logs import ValueMap
from warm_inspect.analysis.observations import Observations, measured_outcomes
from warm_inspect.analysis.power.power import Spread
from warm_inspect.core.errors import PrerequisiteError, unknown_value

_PROMPT = ["base_model", "benchmark", "question_id", "cluster", "context", "belief", "statement_id", "epoch"]
_TINY = 1e-12


@dataclass(frozen=True)
class Pilot:
    """What a pilot shows about two arms."""

    spread: Spread
    reference_rate: float
    """Mean outcome of the reference arm over the pairs, from 0 to 1."""
    effect: float
    """Mean difference of the pairs, as a share."""
    discordance: float
    """Mean size of a pair's difference: for 0/1 outcomes the share of pairs that differ."""
    pairs: int
    items: int
    statements: int
    seeds: int
    notes: tuple[Note, ...]
    unfinished: tuple[str, ...] = ()
    """Logs of the pilot that did not run to their end or could not be read."""


def pilot_of_study(
    observations: Observations,
    treated: str,
    reference: str,
    outcome: str,
    contexts: Sequence[str] = (),
    beliefs: Sequence[str] = (),
) -> Pilot:
    """The pilot of two arms of our tasks, paired by prompt, and by training seed where both arms have seeds.

    Args:
        observations: the graded replies.
        treated: the arm whose effect is planned.
        reference: the arm it is compared with.
        outcome: the 0/1 column to look at.
        contexts: the contexts that enter; empty for all.
        beliefs: the beliefs that enter; empty for all.

    Raises:
        PrerequisiteError: an unknown arm, outcome or level, or no prompt that both arms answered.
    """
    frame = observations.frame
    if outcome not in frame.columns or frame[outcome].dtype != float or not measured_outcomes(frame, [outcome]):
        known = [name for name in frame.columns if frame[name].dtype == float and frame[name].between(0, 1).all()]
        raise unknown_value("outcome", outcome, known)
    for factor, wanted in (("arm", (treated, reference)), ("context", contexts), ("belief", beliefs)):
        levels = list(map(str, frame[factor].cat.categories))
        if unknown := [name for name in wanted if name not in levels]:
            hint = "Name the pilot's arms with: --treated ARM --reference ARM" if factor == "arm" else ""
            raise unknown_value(f"{factor} of the pilot", unknown[0], levels, hint)
        if wanted and factor != "arm":
            frame = frame[frame[factor].isin(list(wanted))]
    sides = {arm: frame.loc[frame["arm"] == arm, [*_PROMPT, "training_seed", outcome]] for arm in (treated, reference)}
    seeded = all((rows["training_seed"] >= 0).any() for rows in sides.values())
    keys = [*_PROMPT, "training_seed"] if seeded else _PROMPT
    right = sides[reference] if seeded else sides[reference].drop(columns="training_seed")
    pairs = sides[treated].merge(right, on=keys, suffixes=("_treated", "_reference"))
    pairs = pairs.assign(treated=pairs[f"{outcome}_treated"], reference=pairs[f"{outcome}_reference"])
    if pairs.empty:
        raise PrerequisiteError(f"No prompt was answered by both {treated} and {reference}: they cannot be paired.")
    prompt = [name for name in _PROMPT if name != "epoch"]
    means = pairs.groupby([*prompt, "training_seed"], observed=True)[["treated", "reference"]].mean().reset_index()
    return _pilot(means.assign(item=means["cluster"], seed=means["training_seed"]))


def pilot_of_pair(pairs: Pairs, metric: str, values: ValueMap) -> Pilot:
    """The pilot of two logs of any task: log B is the treated side. Statements and seeds are not known."""
    frame, _ = pair_frame(pairs, metric, values)
    if frame.empty:
        raise PrerequisiteError(f"No sample has the score {metric} in both logs. Score them with: inspect score LOG")
    means = frame.groupby(["cluster", "sample_id"])[["a", "b"]].mean().reset_index()
    named = means.rename(columns={"a": "reference", "b": "treated", "cluster": "item"})
    return _pilot(named.assign(context="", statement_id="", seed=0))


def _pilot(pairs: pd.DataFrame) -> Pilot:
    """The pilot of pairs with the columns item, context, statement_id, seed, treated, reference."""
    pairs = pairs.assign(d=pairs["treated"] - pairs["reference"])
    notes = []
    # Seed by seed: an average over seeds would hide how much the prompts of an item differ.
    by_seed = [variance_components(rows["d"], rows["item"]) for _, rows in pairs.groupby("seed")]
    between, within = (float(np.mean(parts)) for parts in zip(*by_seed, strict=True))
    if np.isnan(between):
        notes.append(Note(Code.ONE_PROMPT_PER_ITEM))
    total = float(pairs["d"].var(ddof=1)) if len(pairs) > 1 else nan
    if np.isnan(total) or total == 0:
        raise PrerequisiteError(
            f"All {len(pairs)} pairs of the pilot differ alike, so it shows no spread. Plan from assumed rates with: "
            "warm-inspect power --effect POINTS --rate PERCENT"
        )
    statement_sd, seed_sd = _statement_sd(pairs), _seed_sd(pairs)
    seeds = int(pairs["seed"].nunique())
    if seed_sd is not None and seeds < 5:
        notes.append(Note(Code.FEW_PILOT_SEEDS, n=seeds))
    return Pilot(
        spread=Spread(
            pair_variance=total,
            item_icc=None if np.isnan(between + within) else between / max(between + within, _TINY),
            statement_sd=statement_sd,
            seed_sd=seed_sd,
        ),
        reference_rate=float(pairs["reference"].mean()),
        effect=float(pairs["d"].mean()),
        discordance=float(pairs["d"].abs().mean()),
        pairs=len(pairs),
        items=int(pairs["item"].nunique()),
        statements=int(pairs.loc[pairs["statement_id"] != "", "statement_id"].nunique()),
        seeds=seeds,
        notes=tuple(notes),
    )


def variance_components(values: "pd.Series[float]", groups: "pd.Series[str]") -> tuple[float, float]:
    """The variance between and within groups by one-way analysis of variance; NaN when no group has two values."""
    n = len(values)
    sizes = values.groupby(groups, observed=True).size()
    k = len(sizes)
    if k < 2 or n == k:
        return nan, nan
    means = values.groupby(groups, observed=True).transform("mean")
    mean_within = float(((values - means) ** 2).sum()) / (n - k)
    mean_between = float(((means - values.mean()) ** 2).sum()) / (k - 1)
    # The size that unequal groups count for: between groups the mean square is within + size * between on average.
    size = (n - float((sizes**2).sum()) / n) / (k - 1)
    return max(0.0, (mean_between - mean_within) / size), mean_within


def _statement_sd(pairs: pd.DataFrame) -> float | None:
    """The standard deviation of the effect between statements of one context, pooled over contexts."""
    by_context = []
    voiced = pairs[pairs["statement_id"] != ""]
    for _, rows in voiced.groupby("context", observed=True):
        # One value per item: its replies under several beliefs or seeds are not separate evidence on a statement.
        items = rows.groupby(["statement_id", "item"], observed=True)["d"].mean().reset_index()
        between, _ = variance_components(items["d"], items["statement_id"])
        if not np.isnan(between):
            by_context.append((rows["statement_id"].nunique() - 1, between))
    weights = sum(weight for weight, _ in by_context)
    return sqrt(sum(weight * between for weight, between in by_context) / weights) if by_context else None


def _seed_sd(pairs: pd.DataFrame) -> float | None:
    """The standard deviation of the effect between seeds, over the prompts that every seed answered."""
    if pairs["seed"].nunique() < 2:
        return None
    table = pairs.pivot_table(index=_prompt(pairs), columns="seed", values="d", observed=True).dropna().to_numpy()
    n, seeds = table.shape
    if n < 2:
        return None
    residual = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    mean_residual = float((residual**2).sum()) / ((n - 1) * (seeds - 1))
    mean_seeds = n * float(table.mean(axis=0).var(ddof=1))
    return sqrt(max(0.0, (mean_seeds - mean_residual) / n))


def _prompt(pairs: pd.DataFrame) -> list[str]:
    """The columns that say which prompt a pair answered."""
    return [name for name in pairs.columns if name not in ("d", "treated", "reference", "seed", "training_seed")]
