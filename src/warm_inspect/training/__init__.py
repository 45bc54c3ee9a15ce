"""Training LoRA adapters on pairs that differ in style only."""

from warm_inspect.training.corpus.pairs import Corpus, load_corpus
from warm_inspect.training.corpus.terms import CorpusTerms, corpus_terms
from warm_inspect.training.lora.adapter import find_adapter, missing_checkpoints, run_plan, train_adapter
from warm_inspect.training.lora.config import PRESETS, TrainingConfig
from warm_inspect.training.lora.plan import TrainingPlan, plan_training, require_arm

__all__ = [
    "PRESETS",
    "Corpus",
    "CorpusTerms",
    "TrainingConfig",
    "TrainingPlan",
    "corpus_terms",
    "find_adapter",
    "load_corpus",
    "missing_checkpoints",
    "plan_training",
    "require_arm",
    "run_plan",
    "train_adapter",
]
