"""Which checkpoint is the end of which epoch."""

import pytest
from openai.types.fine_tuning import FineTuningJob
from openai.types.fine_tuning.jobs import FineTuningJobCheckpoint

from warm_inspect.training.openai.record import EpochModel, models_by_epoch

JOB = FineTuningJob.construct(id="ftjob-1", fine_tuned_model="ft:m:o::x")


def checkpoints(*steps: int, final: int | None) -> list[FineTuningJobCheckpoint]:
    names = {step: f"ft:m:o::x:ckpt-step-{step}" for step in steps} | ({final: "ft:m:o::x"} if final else {})
    return [
        FineTuningJobCheckpoint.construct(fine_tuned_model_checkpoint=name, step_number=step, metrics=None)
        for step, name in names.items()
    ]


@pytest.mark.parametrize(
    ("steps", "final", "n_epochs", "epochs"),
    [
        ((), None, 4, {4: None}),
        ((), 400, 4, {4: 400}),
        ((200, 300), 400, 4, {2: 200, 3: 300, 4: 400}),
        # 10 examples in batches of 4 that run over the ends of epochs: 2.5 steps an epoch, 8 in three.
        ((3, 5), 8, 3, {1: 3, 2: 5, 3: 8}),
        # Saved in the middle of an epoch: not the model after any.
        ((150, 300, 375), 400, 4, {3: 300, 4: 400}),
        # Without the final model in the list nobody knows how many steps there were.
        ((200, 300), None, 4, {4: None}),
    ],
)
def test_a_checkpoint_counts_when_it_ends_an_epoch(
    steps: tuple[int, ...], final: int | None, n_epochs: int, epochs: dict[int, int | None]
) -> None:
    models = models_by_epoch(JOB, checkpoints(*steps, final=final), n_epochs)
    assert {epoch: model.step for epoch, model in models.items()} == epochs
    assert models[n_epochs] == EpochModel("ft:m:o::x", final)
    for epoch, model in models.items():
        assert epoch == n_epochs or model.name == f"ft:m:o::x:ckpt-step-{model.step}"
