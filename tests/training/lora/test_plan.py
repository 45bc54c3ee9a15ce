from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.training.conftest import row
from warm_inspect.core.vocabulary import TrainedArm
from warm_inspect.models import ResolvedBase, load_tokenizer
from warm_inspect.training import TrainingConfig, TrainingPlan, load_corpus, plan_training

CARD = Path("/dev/nvidia0").exists()
CONFIG = TrainingConfig(batch_size=2, micro_batch_size=2, dtype="float32", checkpoints=(1, 2))


@pytest.fixture
def plan(write_corpus: Callable[..., Path], tiny_base: ResolvedBase) -> TrainingPlan:
    """Five examples: rows 0, 1, 3, 4 and 6 of seven are for training."""
    return plan_training(CONFIG, load_corpus(str(write_corpus(*map(row, range(7))))), "warm", tiny_base)


@pytest.mark.parametrize(
    ("changes", "steps", "warmup"),
    [
        # Five examples in batches of two are three steps a pass; 3 % of 10 x 3 steps is 0.9, so one.
        ({}, 6, 1),
        ({"checkpoints": (0.5,)}, 2, 1),
        ({"checkpoints": (1, 10), "warmup_share": 0.1}, 30, 3),
        ({"schedule_epochs": 2, "warmup_share": 0.5}, 6, 3),
        ({"batch_size": 16, "warmup_share": 0.0}, 2, 0),
    ],
)
def test_steps_follow_from_epochs_and_warm_up_from_the_schedule(
    plan: TrainingPlan, changes: dict[str, Any], steps: int, warmup: int
) -> None:
    changed = replace(plan, config=CONFIG.model_copy(update=changes))
    assert (changed.steps, changed.warmup_steps) == (steps, warmup)


def test_the_name_changes_with_whatever_decides_the_weights(plan: TrainingPlan) -> None:
    other_rows = replace(plan.corpus, rows=plan.corpus.rows[1:])
    others = [
        replace(plan, config=CONFIG.model_copy(update={"seed": 1})),
        replace(plan, corpus=other_rows),
        replace(plan, arm="cold"),
        replace(plan, base=replace(plan.base, weights_sha256="0" * 64)),
        replace(plan, template=replace(plan.template, text="")),
        replace(plan, tokenizer=_other_template(plan)),
    ]
    digests = {one.run_name.removeprefix(f"{one.arm}-") for one in [plan, *others]}
    assert len(digests) == len(others) + 1
    assert all(len(digest) == 10 for digest in digests)


def _other_template(plan: TrainingPlan) -> Any:
    other = load_tokenizer(plan.base.path)
    other.chat_template = "{# other #}" + other.chat_template
    return other


def test_checkpoints_of_one_run_share_its_folder(plan: TrainingPlan) -> None:
    longer = replace(plan, config=CONFIG.model_copy(update={"checkpoints": (0.5, 1, 4)}))
    assert longer.run_name == plan.run_name
    folders = [longer.folder(Path("out"), epoch) for epoch in longer.config.checkpoints]
    assert [folder.name for folder in folders] == [f"{plan.run_name}-epoch-{epoch}" for epoch in ("0.5", "1", "4")]
    assert longer.folder(Path("out")) == folders[-1]


def test_a_checkpoint_is_told_by_its_step_and_what_was_seen(plan: TrainingPlan) -> None:
    """Three steps a pass: the half of it is rounded up to two, four of five examples; the third takes the fifth."""
    longer = replace(plan, config=CONFIG.model_copy(update={"checkpoints": (0.5, 1, 1.5, 2)}))
    assert longer.checkpoint_steps == {2: 0.5, 3: 1, 5: 1.5, 6: 2}
    assert [longer.examples_seen(step) for step in longer.checkpoint_steps] == [4, 5, 9, 10]


@pytest.mark.parametrize("checkpoints", [(0.1, 1), (1, 1.1)])
def test_checkpoints_between_steps_are_refused(plan: TrainingPlan, checkpoints: tuple[float, ...]) -> None:
    with refused(f"epochs {checkpoints[0]:g}, {checkpoints[1]:g}", "5 examples", "has 3", "--set checkpoints"):
        plan_training(CONFIG.changed({"checkpoints": checkpoints}), plan.corpus, "warm", plan.base)


@pytest.mark.skipif(CARD, reason="has a CUDA card")
def test_four_bits_need_a_card(plan: TrainingPlan) -> None:
    with refused("--set four_bit=false"):
        plan_training(CONFIG.changed({"four_bit": True}), plan.corpus, "warm", plan.base)


def test_the_name_does_not_depend_on_where_things_are(plan: TrainingPlan) -> None:
    moved = replace(plan, base=replace(plan.base, path=Path("elsewhere")), corpus=replace(plan.corpus, name="other"))
    assert moved.run_name == plan.run_name
    assert str(plan.base.path) not in str(plan.summary())


def test_the_summary_counts_what_will_be_learnt(plan: TrainingPlan) -> None:
    summary = plan.summary()
    assert (summary["examples"], summary["steps"], summary["truncated_share"]) == (5, 6, 0.0)
    assert summary["checkpoints"] == {"1": 3, "2": 6}
    assert 0 < summary["learnt_tokens"] < summary["tokens"]


def test_an_unknown_arm_lists_all_arms(plan: TrainingPlan) -> None:
    with refused("'nutral'", "'neutral'", f"Known: {', '.join(TrainedArm)}"):
        plan_training(CONFIG, plan.corpus, "nutral", plan.base)


@pytest.mark.parametrize("arm", ["neutral", "unmodified", "self_distilled", "self_distilled_warm"])
def test_an_arm_without_replies_is_refused(plan: TrainingPlan, arm: str) -> None:
    with refused(f"'{arm}'", "Known: warm, cold"):
        plan_training(CONFIG, plan.corpus, arm, plan.base)
