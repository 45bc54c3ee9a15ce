"""Training on pairs that differ in style only.

A corpus (`corpus`: built from recorded chats, restyled, distilled) gives each arm its replies to the same prompts. An
arm becomes a LoRA adapter on this machine (`lora`) or a fine-tuned model at OpenAI (`openai`), with a manifest.
"""

from warm_inspect.training.corpus.pairs import Corpus, load_corpus
from warm_inspect.training.lora.config import PRESETS, TrainingConfig
from warm_inspect.training.lora.plan import TrainingPlan, plan_training
from warm_inspect.training.lora.run import find_adapter, missing_checkpoints, run_plan

__all__ = [
    "PRESETS",
    "Corpus",
    "TrainingConfig",
    "TrainingPlan",
    "find_adapter",
    "load_corpus",
    "missing_checkpoints",
    "plan_training",
    "run_plan",
]
