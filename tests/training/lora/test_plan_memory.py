from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.conftest import row
from warm_inspect.models import ResolvedBase
from warm_inspect.training import TrainingConfig, TrainingPlan, load_corpus, plan_training
from warm_inspect.training.lora.plan import estimate_memory

CONFIG = TrainingConfig(batch_size=2, micro_batch_size=2, dtype="float32", checkpoints=(1,))


@pytest.fixture
def plan(write_corpus: Callable[..., Path], tiny_base: ResolvedBase) -> TrainingPlan:
    return plan_training(CONFIG, load_corpus(str(write_corpus(row(0), row(1)))), "warm", tiny_base)


# PEFT asks the model by a deprecated name when it wraps it.
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_weights_and_adapter_are_those_of_the_trained_model(plan: TrainingPlan) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(plan.base.path)
    base = model.num_parameters()
    lora = get_peft_model(model, LoraConfig(r=8, target_modules=list(CONFIG.target_modules), task_type="CAUSAL_LM"))
    trained = sum(each.numel() for each in lora.parameters() if each.requires_grad)
    estimate = plan.memory
    # Four bytes a frozen weight; weight, gradient and two moments of four bytes a trained one.
    assert (estimate.weights, estimate.adapter) == (4 * base, 16 * trained)
    assert estimate.total == sum(estimate)


@pytest.mark.parametrize(
    ("changes", "part", "ratio"),
    [
        ({"dtype": "bfloat16"}, "weights", 0.5),
        ({"four_bit": True}, "weights", 0.1325),
        ({"r": 16}, "adapter", 2.0),
        ({"micro_batch_size": 1}, "activations", 0.5),
        ({"micro_batch_size": 1}, "logits", 0.5),
    ],
)
def test_settings_move_the_part_they_concern(
    plan: TrainingPlan, changes: dict[str, object], part: str, ratio: float
) -> None:
    changed = estimate_memory(CONFIG.changed(changes), plan.base.path, plan.encoded)
    assert getattr(changed, part) / getattr(plan.memory, part) == pytest.approx(ratio, rel=1e-4)


def test_checkpointing_needs_less(plan: TrainingPlan) -> None:
    changed = estimate_memory(CONFIG.changed({"gradient_checkpointing": True}), plan.base.path, plan.encoded)
    assert changed.activations < plan.memory.activations
