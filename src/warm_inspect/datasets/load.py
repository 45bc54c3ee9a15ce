"""The items of a benchmark or control from the source a task names."""

from collections.abc import Callable

from warm_inspect.core.errors import missing_extra
from warm_inspect.core.vocabulary import Benchmark, Source
from warm_inspect.datasets.bundled import load_bundled, load_bundled_control
from warm_inspect.datasets.item import BenchmarkItem, ControlItem, ItemSet


def load_items(benchmark: Benchmark, source: Source) -> ItemSet[BenchmarkItem]:
    """All usable items of a benchmark, with the exclusions.

    Network: `hub` asks the Hugging Face Hub (or `HF_ENDPOINT`) unless the pinned revision is in its cache.

    Raises:
        PrerequisiteError: the data set cannot be read, or its columns are not the ones expected.
    """
    if source is Source.BUNDLED:
        return load_bundled(benchmark)
    try:
        from warm_inspect.datasets.hub import load_hub
    except ImportError as error:
        raise missing_extra("source=hub", "hub", error) from error
    return load_hub(benchmark)


def control_sources(control: str) -> tuple[Source, ...]:
    """Where the questions of a control benchmark can be had from.

    MMLU and GSM8K are tasks of inspect_evals, so theirs are for comparing texts only.
    """
    return {
        "capability": (Source.BUNDLED,),
        "advbench": (Source.BUNDLED, Source.HUB),
        "mmlu_0_shot": (Source.HUB,),
        "gsm8k": (Source.HUB,),
    }[control]


def load_control(control: str, source: Source) -> ItemSet[ControlItem]:
    """All usable items of a control benchmark from one of its sources, with the exclusions.

    Raises:
        PrerequisiteError: the data set cannot be read, or its columns are not the ones expected.
    """
    if source is Source.BUNDLED:
        return load_bundled_control(control)
    try:
        from warm_inspect.datasets.hub.advbench import load_advbench
        from warm_inspect.datasets.hub.inspect_evals import load_gsm8k, load_mmlu
    except ImportError as error:
        raise missing_extra("source=hub", "hub", error) from error
    loaders: dict[str, Callable[[], ItemSet[ControlItem]]] = {
        "advbench": load_advbench,
        "mmlu_0_shot": load_mmlu,
        "gsm8k": load_gsm8k,
    }
    return loaders[control]()
