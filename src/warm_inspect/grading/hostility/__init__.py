"""How hostile one reply to a revision is, by rules on words: English and Chinese, the reply and its artefacts apart.

The rules see what a lexicon names. Sarcasm without its words, and anything that is off topic, they cannot tell.
"""

from warm_inspect.grading.hostility.lexicon import lexicon_sha256
from warm_inspect.grading.hostility.turn import TurnReading, read_turn

__all__ = ["TurnReading", "lexicon_sha256", "read_turn"]
