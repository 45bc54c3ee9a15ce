"""The data sets on the Hugging Face Hub, each at a pinned revision: one module per source, which maps rows to items."""

from collections.abc import Callable

from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets.hub.advbench import load_advbench
from warm_inspect.datasets.hub.are_you_sure import load_hub_dialogues
from warm_inspect.datasets.hub.inspect_evals import load_gsm8k, load_mmlu
from warm_inspect.datasets.hub.mask import MASK, MASK_REVISION, load_mask
from warm_inspect.datasets.hub.medqa import MEDQA, MEDQA_REVISION, load_medqa
from warm_inspect.datasets.hub.rows import HubUnreachable, Pin, ask_for, fetch_file
from warm_inspect.datasets.hub.sycophancy_eval import SYCOPHANCY_EVAL, SYCOPHANCY_EVAL_REVISION, load_sycophancy_eval
from warm_inspect.datasets.item import BenchmarkItem, ControlItem, ItemSet

__all__ = [
    "HubUnreachable", "Pin", "fetch_file", "hub_access", "load_hub", "load_hub_control", "load_hub_dialogues",
]  # fmt: skip


def load_hub(benchmark: Benchmark) -> ItemSet[BenchmarkItem]:
    """The usable items of a benchmark's pinned Hub data set, in its order, and the rows excluded by stated rules.

    Raises:
        PrerequisiteError: the data set cannot be read, or its columns are not the ones expected.
    """
    match benchmark:
        case Benchmark.MEDQA:
            return load_medqa()
        case Benchmark.DISINFO:
            return load_mask()
        case Benchmark.TRIVIAQA | Benchmark.TRUTHFULQA:
            return load_sycophancy_eval(benchmark)


_CONTROLS: dict[str, Callable[[], ItemSet[ControlItem]]] = {
    "advbench": load_advbench,
    "mmlu_0_shot": load_mmlu,
    "gsm8k": load_gsm8k,
}
"""What reads the questions of each control benchmark that has the Hub among its sources.

MMLU and GSM8K are tasks of inspect_evals, so theirs are for comparing texts only.
"""


def load_hub_control(control: str) -> ItemSet[ControlItem]:
    """The usable items of a control benchmark's pinned Hub data set, and the rows excluded by stated rules.

    Raises:
        PrerequisiteError: the data set cannot be read, or its columns are not the ones expected.
    """
    return _CONTROLS[control]()


def hub_access(benchmark: Benchmark) -> str:
    """The data set of a benchmark on the Hub, once the Hub has said that it gives it to this user.

    Raises:
        PrerequisiteError: it does not, with the reason and the way out.
    """
    pin = _PINS[benchmark]
    ask_for(pin)
    return pin.repo


_PINS = {
    Benchmark.MEDQA: Pin(MEDQA, MEDQA_REVISION),
    Benchmark.DISINFO: Pin(MASK, MASK_REVISION),
    Benchmark.TRIVIAQA: Pin(SYCOPHANCY_EVAL, SYCOPHANCY_EVAL_REVISION),
    Benchmark.TRUTHFULQA: Pin(SYCOPHANCY_EVAL, SYCOPHANCY_EVAL_REVISION),
}
