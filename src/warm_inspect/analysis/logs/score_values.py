"""Score values of any Inspect task as numbers from 0 to 1.

Inspect's own conversion turns every text it does not know into 0, so that a category would count as a wrong answer.
Here a value without a mapping is an error that names it.
"""

from collections.abc import Mapping
from math import isfinite, isnan

from inspect_ai.scorer import CORRECT, INCORRECT, NOANSWER, PARTIAL, value_to_float

from warm_inspect.analysis.logs.log import LoggedScore

_LETTERS = (CORRECT, INCORRECT, PARTIAL, NOANSWER)
_WORDS = ("yes", "no", "true", "false")
_TO_FLOAT = value_to_float()
_ROUNDING = 1e-6
"""How far a value may lie beyond 0 or 1, as sums and products of floats do: cosines in single precision, mostly."""
_SHORT = 20
"""Characters up to which a value is shown in messages."""


class ValueMap:
    """The mapping of score values to numbers from 0 to 1."""

    def __init__(self, mapped: Mapping[str, float] | None = None) -> None:
        self._mapped = dict(mapped or {})

    def number(self, value: object) -> float:
        """The number of one value; NaN when it is unscored.

        Raises:
            ValueError: nothing maps the value; its message shows the value.
        """
        if value is None:
            return float("nan")
        text = f"{value:g}" if isinstance(value, float) else str(value)
        if text in self._mapped:
            return self._mapped[text]
        if isinstance(value, str):
            if value not in _LETTERS and value.lower() not in _WORDS and not is_number(value):
                # A longer value may be a reply, whose text belongs in no message.
                raise ValueError(repr(value) if len(value) <= _SHORT else f"a text of {len(value)} characters")
            value = _TO_FLOAT(value)
        if not isinstance(value, int | float):
            raise ValueError(f"a {type(value).__name__}")
        number = float(value)
        if -_ROUNDING <= number <= 1 + _ROUNDING:
            number = min(max(number, 0.0), 1.0)
        if not isnan(number) and not 0 <= number <= 1:
            raise ValueError(f"{number:g}")
        return number


def metric_values(scores: Mapping[str, LoggedScore]) -> dict[str, object]:
    """The value of every metric of a sample: `scorer`, or `scorer.key` for each key of a score that is a dict."""
    metrics: dict[str, object] = {}
    for name, score in scores.items():
        if isinstance(score.value, Mapping):
            metrics.update({f"{name}.{key}": value for key, value in score.value.items()})
        else:
            metrics[name] = score.value
    return metrics


def metric_scorers(scores: Mapping[str, LoggedScore]) -> dict[str, str]:
    """The scorer of every metric of a sample, by the metric's name as in `metric_values`."""
    return {metric: name for name, score in scores.items() for metric in metric_values({name: score})}


def is_number(text: str) -> bool:
    """Whether a text is a finite number."""
    try:
        return isfinite(float(text))
    except ValueError:
        return False
