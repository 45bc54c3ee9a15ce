"""The warmth meters: each gives a reply a number that is higher the warmer its wording is.

`StyleMeter` averages word weights that were fitted on labelled replies. `SocioT` compares a small language model's
likelihood of the reply as said by a friend and as said by a stranger; `ReleasedSocioT` is the same measure as its
public code computes it. A meter knows nothing of arms; `warm_inspect.manipulation` validates meters and compares arms.
"""

from warm_inspect.warmth.meter import WarmthMeter
from warm_inspect.warmth.scoring_model import DEFAULT_SCORING_MODEL, rows_per_reply, scoring_model_path
from warm_inspect.warmth.sociot import SocioT
from warm_inspect.warmth.sociot_released import ReleasedSocioT
from warm_inspect.warmth.style import StyleMeter

__all__ = [
    "DEFAULT_SCORING_MODEL",
    "ReleasedSocioT",
    "SocioT",
    "StyleMeter",
    "WarmthMeter",
    "rows_per_reply",
    "scoring_model_path",
]
