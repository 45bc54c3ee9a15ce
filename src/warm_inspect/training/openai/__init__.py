"""Fine-tuning at OpenAI: the same arms, from the same corpus, on models whose weights nobody sees.

Needs the extra `openai`. Nothing here is imported by the tasks.
"""

from warm_inspect.training.openai.plan import HostedPlan, plan_hosted
from warm_inspect.training.openai.record import find_hosted
from warm_inspect.training.openai.run import train_hosted
from warm_inspect.training.openai.settings import OPENAI_MODELS, OPENAI_PRESETS, OpenAISettings

__all__ = [
    "OPENAI_MODELS",
    "OPENAI_PRESETS",
    "HostedPlan",
    "OpenAISettings",
    "find_hosted",
    "plan_hosted",
    "train_hosted",
]
