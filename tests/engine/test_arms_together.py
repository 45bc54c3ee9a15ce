"""Arms that share one evaluation, one base and one batch reply as if each had been evaluated alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import get_model

import warm_inspect._registry  # noqa: F401 - registers the provider
from tests.models.families import make_family
from tests.models.lora_maker import make_adapter
from warm_inspect.engine import close_engines, loaded_models

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("arms")
    base = make_family(folder / "base", "llama")
    adapters = [make_adapter(folder / f"arm-{seed}", base, seed=seed) for seed in (1, 2)]
    return [f"peft/{base}", *(f"peft/{base}:{adapter}" for adapter in adapters)]


@pytest.fixture(autouse=True)
def _no_engine_left() -> Iterator[None]:
    yield
    close_engines()


def evaluate(names: list[str], log_dir: Path, temperature: float) -> list[EvalLog]:
    """Each sample twice, so that the order among identical requests counts."""
    samples = [Sample(id=i, input="Is the Seine sad today? " * (1 + i % 4) + str(i)) for i in range(12)]
    return eval(
        Task(dataset=samples, name="seine"),
        model=[get_model(name, memoize=False, dtype="float32", device="cpu", batch_size=16) for name in names],
        log_dir=str(log_dir),
        max_tasks=len(names),
        max_connections=24,
        epochs=2,
        temperature=temperature,
        max_tokens=20,
        seed=11,
    )


def replies(log: EvalLog) -> dict[str | int, list[str]]:
    """Each question's replies; which epoch got which is not said, since identical requests may swap."""
    assert log.status == "success"
    assert log.samples is not None
    completions: dict[str | int, list[str]] = {}
    for sample in log.samples:
        assert sample.id is not None
        completions.setdefault(sample.id, []).append(sample.output.completion)
    return {name: sorted(texts) for name, texts in completions.items()}


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.slow
def test_three_arms_in_one_evaluation(names: list[str], tmp_path: Path, temperature: float) -> None:
    together = [replies(log) for log in evaluate(names, tmp_path / "together", temperature)]
    assert len(loaded_models()) == 1
    for name, expected in zip(names, together, strict=True):
        close_engines()
        [alone] = evaluate([name], tmp_path / "alone", temperature)
        assert replies(alone) == expected
    assert together[0] != together[1] != together[2] != together[0]
