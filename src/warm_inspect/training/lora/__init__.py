"""LoRA training on this machine: a plan, checked before any weight is loaded, becomes adapters with manifests.

`plan` resolves and checks, `run` trains and resumes, `fit` holds TRL and PEFT, `adapter` publishes a saved state.
"""

from warm_inspect.training.lora.config import PRESETS, TrainingConfig, native_dtype
from warm_inspect.training.lora.plan import TrainingPlan, plan_training
from warm_inspect.training.lora.run import find_adapter, missing_checkpoints, run_plan
from warm_inspect.training.machine import is_main_process

__all__ = [
    "PRESETS",
    "TrainingConfig",
    "TrainingPlan",
    "find_adapter",
    "is_main_process",
    "missing_checkpoints",
    "native_dtype",
    "plan_training",
    "run_plan",
]
