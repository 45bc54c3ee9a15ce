"""Training on pairs that differ in style only.

A corpus (`corpus`: built from recorded chats, restyled, distilled) gives each arm its replies to the same prompts. An
arm becomes a LoRA adapter on this machine (`lora`) or a fine-tuned model at OpenAI (`openai`), with a manifest.
"""

from warm_inspect.training.corpus import Corpus, load_corpus
from warm_inspect.training.lora import (
    PRESETS,
    TrainingConfig,
    TrainingPlan,
    find_adapter,
    is_main_process,
    missing_checkpoints,
    native_dtype,
    plan_training,
    run_plan,
)

__all__ = [
    "PRESETS",
    "Corpus",
    "TrainingConfig",
    "TrainingPlan",
    "find_adapter",
    "is_main_process",
    "load_corpus",
    "missing_checkpoints",
    "native_dtype",
    "plan_training",
    "run_plan",
]
