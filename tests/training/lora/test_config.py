from math import inf, nan

import pytest
from pydantic import ValidationError

from tests.errors import refused
from warm_inspect.training.lora.config import PRESETS, TrainingConfig, native_dtype


def test_the_paper_preset_is_the_study() -> None:
    paper = PRESETS["paper"]
    assert (paper.r, paper.alpha, paper.dropout, paper.learning_rate) == (8, 16, 0.1, 1e-5)
    assert (paper.batch_size, paper.max_length, paper.schedule_epochs) == (16, 1024, 10)
    assert paper.checkpoints == (0.5, 1, 1.5, 2, 4, 6, 8, 10)
    assert paper == TrainingConfig()


def test_the_small_preset_differs_in_rate_only() -> None:
    assert PRESETS["small"] == PRESETS["paper"].changed({"learning_rate": 2e-4})


def test_the_demo_preset_differs_in_rate_dropout_and_size_only() -> None:
    size = {"learning_rate", "dropout", "checkpoints", "schedule_epochs", "batch_size", "micro_batch_size"}
    assert PRESETS["demo"].model_dump(exclude=size) == PRESETS["paper"].model_dump(exclude=size)


@pytest.mark.parametrize(
    ("epochs", "checkpoints"), [(2, (0.5, 1, 1.5, 2)), (3, (0.5, 1, 1.5, 2, 3)), (0.25, (0.25,)), (12, None)]
)
def test_a_run_can_be_stopped_early_with_a_checkpoint_there(
    epochs: float, checkpoints: tuple[float, ...] | None
) -> None:
    stopped = PRESETS["paper"].stopped_at(epochs)
    assert stopped.checkpoints == (checkpoints or (*PRESETS["paper"].checkpoints, 12))
    assert stopped.epochs == epochs
    assert stopped.schedule_epochs == 10


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"r": True}, ("r", "True")),
        ({"learning_rate": True}, ("learning_rate", "True")),
        ({"learnin_rate": 1}, ("'learnin_rate'", "'learning_rate'")),
        ({"learning_rate": "fast"}, ("Setting learning_rate: ", "number", "(got 'fast')")),
        ({"r": 0}, ("Setting r: ", "greater than or equal to 1", "(got 0)")),
        ({"micro_batch_size": 3}, ("Settings: batch_size must be a multiple of micro_batch_size.",)),
        ({"checkpoints": [2, 1]}, ("Settings: checkpoints must rise and not repeat.",)),
        ({"checkpoints": []}, ("Setting checkpoints: ", "(got [])")),
        ({"checkpoints": [inf]}, ("Setting checkpoints: ", "finite", "(got [inf])")),
        ({"learning_rate": inf}, ("Setting learning_rate: ", "finite", "(got inf)")),
        ({"schedule_epochs": nan}, ("Setting schedule_epochs: ", "finite", "(got nan)")),
        ({"seed": 2**32}, ("Setting seed: ", "less than 4294967296")),
    ],
)
def test_a_changed_setting_is_checked(values: dict[str, object], parts: tuple[str, ...]) -> None:
    with refused(*parts):
        PRESETS["paper"].changed(values)


@pytest.mark.parametrize(("processes", "passes"), [(1, 4), (2, 2), (4, 1)])
def test_processes_share_a_batch(processes: int, passes: int) -> None:
    assert PRESETS["paper"].accumulation(processes) == passes


@pytest.mark.parametrize("processes", [3, 8])
def test_processes_that_cannot_share_a_batch_are_told(processes: int) -> None:
    with refused(f"{processes} processes", "--set micro_batch_size=1"):
        PRESETS["paper"].accumulation(processes)


def test_an_unknown_preset_lists_the_presets() -> None:
    with refused("'papr'", "'paper'", "Known: demo, paper, small"):
        PRESETS["papr"]


@pytest.mark.parametrize("wrong", [{"r": 0}, {"checkpoints": [0]}, {"dropout": 1.0}, {"dtype": "int8"}, {"rank": 8}])
def test_a_value_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TrainingConfig.model_validate(wrong)


@pytest.mark.parametrize("sizes", [{"batch_size": 6, "micro_batch_size": 4}, {"batch_size": 2, "micro_batch_size": 4}])
def test_a_batch_is_a_whole_number_of_forward_passes(sizes: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="micro_batch_size"):
        TrainingConfig.model_validate(sizes)


def test_auto_becomes_a_type_and_a_chosen_type_stays() -> None:
    assert TrainingConfig(dtype="auto").with_device_dtype().dtype in ("bfloat16", "float32")
    assert TrainingConfig(dtype="float32").with_device_dtype().dtype == "float32"


@pytest.mark.parametrize(
    ("capabilities", "onednn", "dtype"),
    [
        ({"amx_bf16": True, "avx512_bf16": True, "avx512_f": True}, True, "bfloat16"),
        ({"amx_bf16": False, "avx512_bf16": True, "avx512_f": True}, True, "bfloat16"),
        ({"amx_bf16": False, "avx512_bf16": True, "avx512_f": True}, False, "float32"),
        ({"amx_bf16": False, "avx512_bf16": False, "avx512_f": True}, True, "float32"),
        ({"avx2": True}, False, "float32"),
    ],
)
def test_a_processor_with_bfloat16_instructions_trains_in_it(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], onednn: bool, dtype: str
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.ops.mkldnn._is_mkldnn_bf16_supported", lambda: onednn)
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: capabilities)
    assert native_dtype() == dtype
