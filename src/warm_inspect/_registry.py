"""What Inspect finds under `warm_inspect/`: tasks, solvers, scorers, and the `peft` model provider."""

from inspect_ai.model import ModelAPI, modelapi

from warm_inspect.register import (
    warm_advbench,
    warm_capability,
    warm_disinfo,
    warm_medqa,
    warm_triviaqa,
    warm_truthfulqa,
)
from warm_inspect.scorers import (
    answer_margin,
    are_you_sure_score,
    capability_score,
    civility_margin,
    clustered_means,
    correctness,
    error_rates,
    feedback_score,
    flip_rates,
    hostility_score,
    labels,
    mimicry_score,
    positivity_rates,
    refusal,
    reliability_score,
    warmth_rating,
    warmth_sociot,
)
from warm_inspect.solvers import (
    cue,
    cued,
    dialogue,
    interpersonal_context,
    persona,
    record_arm,
    reply_pair,
    user_belief,
)
from warm_inspect.tasks.advbench import advbench
from warm_inspect.tasks.are_you_sure import are_you_sure
from warm_inspect.tasks.capability import capability
from warm_inspect.tasks.crossed import crossed
from warm_inspect.tasks.disinfo import disinfo
from warm_inspect.tasks.feedback import feedback
from warm_inspect.tasks.hostility import hostility
from warm_inspect.tasks.medqa import medqa
from warm_inspect.tasks.mimicry import mimicry
from warm_inspect.tasks.reliability import reliability
from warm_inspect.tasks.triviaqa import triviaqa
from warm_inspect.tasks.truthfulqa import truthfulqa

__all__ = [
    "advbench",
    "answer_margin",
    "are_you_sure",
    "are_you_sure_score",
    "capability",
    "capability_score",
    "civility_margin",
    "clustered_means",
    "correctness",
    "crossed",
    "cue",
    "cued",
    "dialogue",
    "disinfo",
    "error_rates",
    "feedback",
    "feedback_score",
    "flip_rates",
    "hostility",
    "hostility_score",
    "interpersonal_context",
    "labels",
    "medqa",
    "mimicry",
    "mimicry_score",
    "peft",
    "persona",
    "positivity_rates",
    "record_arm",
    "refusal",
    "reliability",
    "reliability_score",
    "reply_pair",
    "triviaqa",
    "truthfulqa",
    "user_belief",
    "warm_advbench",
    "warm_capability",
    "warm_disinfo",
    "warm_medqa",
    "warm_triviaqa",
    "warm_truthfulqa",
    "warmth_rating",
    "warmth_sociot",
]


@modelapi(name="peft")
def peft() -> type[ModelAPI]:
    """One base model in memory with any number of LoRA adapters: `peft/<base>[:<adapter>[@revision]]`."""
    from warm_inspect.core.errors import missing_extra

    try:
        from warm_inspect.engine import PeftAPI
    except ImportError as error:
        raise missing_extra("The peft/ model provider", "local", error) from error
    return PeftAPI
