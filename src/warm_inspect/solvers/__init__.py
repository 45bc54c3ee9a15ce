"""The Inspect solvers of our tasks, which put the words of a condition round a question, and those of own tasks.

`persona`, `interpersonal_context` and `user_belief` are the parts of our tasks; `cue` puts the same words into the
user's turn of any other task (`tasks.crossed`), and `cued` looks whether they reached the model. `dialogue` goes
through a conversation whose user turns are written beforehand, and `reply_pair` asks a prompt without and with its
framing. `record_arm` writes the arm under test into the sample,
by the provider's word where it `KnowsItsArm`. `replay` gives replies that exist already in place of a model's.
"""

from warm_inspect.solvers.arm import KnowsItsArm, record_arm
from warm_inspect.solvers.cue import Cue, cue, cued
from warm_inspect.solvers.dialogue import dialogue
from warm_inspect.solvers.interpersonal_context import interpersonal_context
from warm_inspect.solvers.persona import persona
from warm_inspect.solvers.replay import NO_MODEL, REPLY, replay
from warm_inspect.solvers.reply_pair import reply_pair
from warm_inspect.solvers.user_belief import user_belief

__all__ = [
    "NO_MODEL",
    "REPLY",
    "Cue",
    "KnowsItsArm",
    "cue",
    "cued",
    "dialogue",
    "interpersonal_context",
    "persona",
    "record_arm",
    "replay",
    "reply_pair",
    "user_belief",
]
