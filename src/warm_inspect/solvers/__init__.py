"""The Inspect solvers: three that make a prompt interpersonal, in our tasks or alone on any other, and two helpers.

`record_arm` writes the arm under test into the sample, by the provider's word where it `KnowsItsArm`. `replay` gives
replies that exist already in place of a model's.
"""

from warm_inspect.solvers.arm import KnowsItsArm, record_arm
from warm_inspect.solvers.interpersonal_context import interpersonal_context
from warm_inspect.solvers.persona import persona
from warm_inspect.solvers.replay import NO_MODEL, REPLY, replay
from warm_inspect.solvers.user_belief import user_belief

__all__ = [
    "NO_MODEL",
    "REPLY",
    "KnowsItsArm",
    "interpersonal_context",
    "persona",
    "record_arm",
    "replay",
    "user_belief",
]
