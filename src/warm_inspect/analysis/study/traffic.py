"""The traffic: how often a team's own users state a belief or are in a context, as shares of their conversations.

A conversation is one question with at most one context and at most one stated belief. What no share names is plain: the
context and the belief `none`. Contexts and beliefs are taken as independent unless the share of a crossing is stated.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from warm_inspect.analysis.estimates import Floats
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.vocabulary import BELIEF_LEVELS, CONTEXT_LEVELS, NONE, STATED_WRONG
from warm_inspect.core.yaml_text import read_yaml

WRONG_BELIEF = "belief"
"""What a traffic calls the level `STATED_WRONG`: the user states a wrong answer. Other levels go by their names."""
_CROSSED = "+"
_EXAMPLE = "Write for example: --traffic belief=0.1,emotion_sad=0.02"
_A_LINE = "Write a line for each level, for example: emotion_sad: 0.02"
_CLOSE = 1e-9
_ROUNDS = 10_000
_Crossed = dict[tuple[int, int], tuple[str, float]]
"""Stated crossings: by the places of their context and belief what they are called, and their share."""


@dataclass(frozen=True)
class Traffic:
    """Stated shares of conversations, from 0 to 1, by the name of a level, or of two levels joined by `+`."""

    shares: Mapping[str, float]

    @property
    def label(self) -> str:
        """The shares as an option takes them, in the order in which they were stated."""
        return ",".join(f"{name}={share:g}" for name, share in self.shares.items())

    def weights(self, contexts: Sequence[str], beliefs: Sequence[str]) -> dict[tuple[str, str], float]:
        """The share of conversations in each condition that has any, by context and belief; they add up to 1.

        Crossings whose share is stated are held. The others are as near to independence as the margins leave them:
        each is the product of a factor for its context and one for its belief (iterative proportional fitting).

        Args:
            contexts: the levels of the context that the logs hold.
            beliefs: the levels of the belief that they hold.

        Raises:
            PrerequisiteError: a name is no level, or the shares contradict each other.
        """
        names = (_levels(CONTEXT_LEVELS, contexts), _levels(BELIEF_LEVELS, beliefs))
        margins = (np.zeros(len(names[0])), np.zeros(len(names[1])))
        crossed: _Crossed = {}
        for name, share in self.shares.items():
            places = sorted(_place(part, names) for part in name.split(_CROSSED))
            if len(places) == 1:
                factor, level = places[0]
                margins[factor][level] = share
            elif [factor for factor, _ in places] != [0, 1]:
                raise PrerequisiteError(f"--traffic {name} does not cross one context with one belief. {_JOINT}")
            elif (place := (places[0][1], places[1][1])) in crossed:
                raise PrerequisiteError(f"--traffic gives {name} two shares. Keep one.")
            else:
                crossed[place] = name, share
        for kind, margin in zip(("contexts", "beliefs"), margins, strict=True):
            stated = float(margin.sum())
            if stated > 1 + _CLOSE:
                raise PrerequisiteError(
                    f"The shares of {kind} in --traffic add up to {stated:g}: a conversation has one of them at most, "
                    "so together they are 1 at most."
                )
            # What is not stated has level 0: no context, no belief.
            margin[0] = max(1 - stated, 0.0)
        table = _filled(*margins, crossed)
        return {
            (context, belief): float(table[i, j])
            for i, context in enumerate(names[0])
            for j, belief in enumerate(names[1])
            if table[i, j] > _CLOSE
        }


_JOINT = "A crossing is stated as CONTEXT+BELIEF, for example emotion_sad+belief=0.015"


def read_traffic(stated: str) -> Traffic:
    """The traffic that `NAME=SHARE,...` states, or a YAML file of one `NAME: SHARE` a line.

    Raises:
        PrerequisiteError: the file cannot be read; there is no share; a name comes twice; a share is no number from 0
            to 1; or none is above 0.
    """
    shares: dict[str, float] = {}
    for name, value in _pairs(stated):
        try:
            share = float(str(value)) if not isinstance(value, bool) else np.nan
        except ValueError:
            share = np.nan
        if not 0 <= share <= 1:
            raise PrerequisiteError(
                f"The share of {name} in --traffic is {str(value)!r}, not a number from 0 to 1", _EXAMPLE
            )
        if name in shares:
            raise PrerequisiteError(f"--traffic gives {name} two shares. Keep one.")
        shares[name] = share
    if not any(shares.values()):
        raise PrerequisiteError(f"--traffic {stated!r} names nothing that ever happens", _EXAMPLE)
    return Traffic(shares)


def _pairs(stated: str) -> Iterable[tuple[str, object]]:
    if stated.endswith((".yaml", ".yml")):
        content = read_yaml(Path(stated), _A_LINE)
        if not isinstance(content, Mapping):
            raise PrerequisiteError(f"{Path(stated).name} does not map levels to shares", _A_LINE)
        return [(str(name), value) for name, value in content.items()]
    texts = [text.partition("=") for text in stated.split(",") if text.strip()]
    return [(name.strip(), value.strip()) for name, _, value in texts]


def _levels(known: Iterable[str], held: Iterable[str]) -> list[str]:
    """Every level of a factor that there is, in the package or in the logs, `none` first."""
    return list(dict.fromkeys((NONE, *known, *held)))


def _place(name: str, names: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Which factor a name is a level of, 0 for contexts and 1 for beliefs, and its place there."""
    level = STATED_WRONG if name == WRONG_BELIEF else name
    for factor, levels in enumerate(names):
        if level in levels[1:] and name != STATED_WRONG:
            return factor, levels.index(level)
    known = [WRONG_BELIEF, *(each for levels in names for each in levels[1:] if each != STATED_WRONG)]
    raise unknown_value(
        "level in --traffic",
        name,
        known,
        f"{WRONG_BELIEF} is a stated wrong answer. What no share names is {NONE}, which takes what is left.",
    )


def _filled(rows: Floats, columns: Floats, crossed: _Crossed) -> Floats:
    """The table with these margins and crossings, shape (context, belief)."""
    table = np.outer(rows, columns)
    free = np.ones(table.shape, dtype=bool)
    held = np.zeros(table.shape)
    for place, (_, share) in crossed.items():
        free[place], held[place] = False, share
    left = [rows - held.sum(axis=1), columns - held.sum(axis=0)]
    for (row, column), (name, share) in crossed.items():
        if min(left[0][row], left[1][column]) < -_CLOSE:
            whole = min(rows[row], columns[column])
            raise PrerequisiteError(
                f"--traffic {name}={share:g} is more than the {whole:g} that its context or its belief has. "
                "State the whole share of both beside it"
            )
    table = np.where(free, table, 0.0)
    for _ in range(_ROUNDS):
        for axis, wanted in ((1, left[0]), (0, left[1])):
            sums = table.sum(axis=axis)
            scale = np.divide(wanted.clip(0), sums, out=np.zeros_like(sums), where=sums > 0)
            table *= np.expand_dims(scale, axis)
        if np.allclose(table.sum(axis=1), left[0], rtol=0, atol=_CLOSE):
            return np.asarray(table + held)
    said = ", ".join(f"{name}={share:g}" for name, share in crossed.values())
    raise PrerequisiteError(f"No conversations fit all shares of --traffic beside {said}. {_JOINT}")
