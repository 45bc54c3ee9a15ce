"""warm-inspect: what does making a language model warmer do to its truthfulness?

An extension package of Inspect. Importing it is free: public names are resolved on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warm_inspect.scorers import answer_margin as answer_margin
    from warm_inspect.scorers import correctness as correctness
    from warm_inspect.scorers import warmth_rating as warmth_rating
    from warm_inspect.scorers import warmth_sociot as warmth_sociot
    from warm_inspect.solvers import dialogue as dialogue
    from warm_inspect.tasks.advbench import advbench as advbench
    from warm_inspect.tasks.are_you_sure import are_you_sure as are_you_sure
    from warm_inspect.tasks.capability import capability as capability
    from warm_inspect.tasks.crossed import crossed as crossed
    from warm_inspect.tasks.disinfo import disinfo as disinfo
    from warm_inspect.tasks.feedback import feedback as feedback
    from warm_inspect.tasks.hostility import hostility as hostility
    from warm_inspect.tasks.medqa import medqa as medqa
    from warm_inspect.tasks.mimicry import mimicry as mimicry
    from warm_inspect.tasks.reliability import reliability as reliability
    from warm_inspect.tasks.triviaqa import triviaqa as triviaqa
    from warm_inspect.tasks.truthfulqa import truthfulqa as truthfulqa

__version__ = "0.1.0"

_PUBLIC = {
    "triviaqa": "warm_inspect.tasks.triviaqa",
    "truthfulqa": "warm_inspect.tasks.truthfulqa",
    "medqa": "warm_inspect.tasks.medqa",
    "disinfo": "warm_inspect.tasks.disinfo",
    "are_you_sure": "warm_inspect.tasks.are_you_sure",
    "feedback": "warm_inspect.tasks.feedback",
    "mimicry": "warm_inspect.tasks.mimicry",
    "reliability": "warm_inspect.tasks.reliability",
    "hostility": "warm_inspect.tasks.hostility",
    "capability": "warm_inspect.tasks.capability",
    "advbench": "warm_inspect.tasks.advbench",
    "crossed": "warm_inspect.tasks.crossed",
    "dialogue": "warm_inspect.solvers",
    "correctness": "warm_inspect.scorers",
    "answer_margin": "warm_inspect.scorers",
    "warmth_rating": "warm_inspect.scorers",
    "warmth_sociot": "warm_inspect.scorers",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
