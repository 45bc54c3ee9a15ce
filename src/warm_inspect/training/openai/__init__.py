"""Fine-tuning at OpenAI: the same arms, from the same corpus, on models whose weights stay with the service.

Needs the extra `openai`. Nothing here is imported by the tasks.
"""

from warm_inspect.training.openai.plan import (
    OPENAI_MODELS,
    OPENAI_PRESETS,
    HostedPlan,
    OpenAISettings,
    plan_hosted,
    retirement,
)
from warm_inspect.training.openai.record import find_hosted
from warm_inspect.training.openai.run import train_hosted
from warm_inspect.training.openai.service import connect

__all__ = [
    "OPENAI_MODELS",
    "OPENAI_PRESETS",
    "HostedPlan",
    "OpenAISettings",
    "connect",
    "find_hosted",
    "plan_hosted",
    "retirement",
    "train_hosted",
]
