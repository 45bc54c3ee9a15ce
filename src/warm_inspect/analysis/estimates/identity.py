"""What a number is about, in fields; and the label that a person reads, made from them and never parsed back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import pandas as pd

from warm_inspect.core.vocabulary import NONE


class Kind(StrEnum):
    """What sort of number it is, whatever analysis it comes from."""

    ARM_EFFECT = "arm_effect"
    """An arm against its reference."""
    NOISE = "noise"
    """The same between two runs of the original model: what chance alone gives."""
    CONTEXT_EFFECT = "context_effect"
    """One context against another, inside an arm."""
    BELIEF_EFFECT = "belief_effect"
    """One belief against another, inside an arm."""
    SECOND_DIFFERENCE = "second_difference"
    """How much an arm's effect changes from one condition to another."""
    COMPOUNDING = "compounding"
    """How much the effect of a belief inside an arm grows from one context to another."""
    FOLLOW_UP_EFFECT = "follow_up_effect"
    """One follow-up of a dialogue against another, inside an arm."""
    FRAMING_EFFECT = "framing_effect"
    """One framing of a text to comment on against another, inside an arm."""
    CLAIM_EFFECT = "claim_effect"
    """One claim of who wrote a poem against another, inside an arm."""
    AFFECT_EFFECT = "affect_effect"
    """One manner of the user against another, inside an arm."""
    FLIP_RATE = "flip_rate"
    """How many grades differ between two arms."""
    RATE = "rate"
    """What one arm does."""
    CELL_EFFECT = "cell_effect"
    """An arm against its reference in one cell of a published figure."""
    TRAFFIC_EFFECT = "traffic_effect"
    """What an arm costs in the conversations of a stated traffic, or what these cost over plain questions."""
    ASSOCIATION = "association"
    """The outcome against a property of the reply, over the replies of an arm and its reference."""
    LIMIT = "limit"
    """No number: an analysis that the data do not allow."""


CONDITIONS = ("side", "context_group", "context", "belief", "benchmark", "base_model", "training_seed")
"""The fields that say on which replies a number rests, in the order of the label."""
_CELL_CONDITIONS = ("base_model", "benchmark", "context", "belief")
_SHORT = {"context_group": "group", "training_seed": "seed"}
_SYNTAX = re.compile(r" - | vs |[|()=,']|^ | $")
"""What has a meaning in a label; a name that holds it is quoted."""


@dataclass(frozen=True)
class Identity:
    """What a number is about. A field that does not apply, or over which the number pools, is empty."""

    kind: Kind
    arm: str = ""
    reference: str = ""
    """The arm that it is compared with."""
    factor: str = ""
    """The factor of which two levels are compared."""
    level: str = ""
    versus: str = ""
    """The level that `level` is compared with."""
    side: str = ""
    """`assertions` or `rejections`, for signal detection."""
    context_group: str = ""
    context: str = ""
    belief: str = ""
    benchmark: str = ""
    base_model: str = ""
    training_seed: str = ""
    fitted_with: str = ""
    """The other arm of the regression that gives a number about one arm alone."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Identity":
        """The identity of a row of the estimates frame."""
        return cls(Kind(row["kind"]), **{name: row[name] for name in IDENTITY_COLUMNS if name != "kind"})

    @property
    def conditions(self) -> dict[str, str]:
        """The level of each of `CONDITIONS` to which the number is restricted."""
        return {name: level for name in CONDITIONS if (level := getattr(self, name))}

    @property
    def pair(self) -> str:
        """The arm and its reference: `warm - original`."""
        return f"{_quoted(self.arm)} - {_quoted(self.reference)}"

    @property
    def compared(self) -> str:
        """What is compared, without the conditions: `warm - original`, or `emotion_sad - filler` inside an arm."""
        if self.kind is Kind.FLIP_RATE:
            return f"{_quoted(self.arm)} vs {_quoted(self.reference)}"
        if self.kind is Kind.ASSOCIATION:
            return f"{self.factor} + {self.level}"
        if self.reference:
            return self.pair
        return f"{_quoted(self.level)} - {_quoted(self.versus)}" if self.versus else _quoted(self.arm)

    @property
    def condition(self) -> str:
        """What tells it from the other numbers on the same comparison: `belief=incorrect`; empty for the overall one.

        Of a second difference both conditions: `context=emotion_sad − context=filler`.
        """
        parts = [f"arm={_quoted(self.arm)}"] if self.versus and not self.reference else []
        if self.versus and self.reference:
            parts.append(" − ".join(self._sides))
        return ", ".join([*parts, *self._restricted])

    @property
    def label(self) -> str:
        """The whole identity for a person, for example `warm - original | context=emotion_sad`.

        Labels of different identities of one analysis differ, whatever the arms are called.
        """
        if self.kind is Kind.LIMIT:
            return ""
        if self.kind is Kind.COMPOUNDING:
            effect = f"{_quoted(self.belief)} - {NONE}"
            level, versus = (f"({effect} | {side})" for side in self._sides)
            return f"{level} - {versus} | arm={_quoted(self.arm)}"
        if self.versus and self.reference:
            level, versus = (f"({self.pair} | {side})" for side in self._sides)
            return " | ".join(filter(None, [f"{level} - {versus}", ", ".join(self._restricted)]))
        # An association holds over both arms of its fit.
        arms = self.pair if self.kind is Kind.ASSOCIATION else ""
        return " | ".join(filter(None, [self.compared, ", ".join(filter(None, [arms, self.condition]))]))

    @property
    def _sides(self) -> tuple[str, str]:
        name = _SHORT.get(self.factor, self.factor)
        return f"{name}={_quoted(self.level)}", f"{name}={_quoted(self.versus)}"

    @property
    def _restricted(self) -> list[str]:
        order = _CELL_CONDITIONS if self.kind is Kind.CELL_EFFECT else CONDITIONS
        levels = self.conditions
        stated = [f"traffic={_quoted(self.level)}"] if self.kind is Kind.TRAFFIC_EFFECT and self.reference else []
        fitted = [f"fitted_with={_quoted(self.fitted_with)}"] if self.fitted_with else []
        restrictions = [
            levels[name] if name == "side" else f"{_SHORT.get(name, name)}={_quoted(levels[name])}"
            for name in order
            if name in levels
        ]
        return stated + restrictions + fitted


IDENTITY_COLUMNS = tuple(field.name for field in fields(Identity))
"""The columns of the estimates frame that hold the identity of a row."""


def restricted_to(rows: pd.DataFrame, **levels: str) -> "pd.Series[bool]":
    """Which rows of the estimates rest on exactly these conditions and compare no two of them; without any: overall."""
    wanted = {name: levels.get(name, "") for name in CONDITIONS} | {"versus": ""}
    return (rows[list(wanted)] == list(wanted.values())).all(axis=1)


def identities(rows: pd.DataFrame) -> Iterable[Identity]:
    """The identity of each row of the estimates."""
    for values in rows[list(IDENTITY_COLUMNS)].itertuples(index=False, name=None):
        yield Identity(Kind(values[0]), *values[1:])


def _quoted(name: str) -> str:
    """The name, in quotes where a reader could take a part of it for the label's syntax."""
    return "'" + name.replace("'", "''") + "'" if _SYNTAX.search(name) else name


def arm_effect(arm: str, reference: str, *, noise: bool = False, **conditions: str) -> Identity:
    """An arm against its reference under these conditions; `noise` where it is the reference asked again."""
    return Identity(Kind.NOISE if noise else Kind.ARM_EFFECT, arm, reference, **conditions)


def second_difference(
    arm: str, reference: str, factor: str, level: str, versus: str, *, noise: bool = False
) -> Identity:
    """How much an arm's effect changes between two levels of a factor; `noise` as for `arm_effect`."""
    kind = Kind.NOISE if noise else Kind.SECOND_DIFFERENCE
    return Identity(kind, arm, reference, factor=factor, level=level, versus=versus)
