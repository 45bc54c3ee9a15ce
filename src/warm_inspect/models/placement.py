"""The device on which a model runs, and its numeric type."""

import os
from typing import Literal

from warm_inspect.core.errors import PrerequisiteError

Device = Literal["auto", "cpu", "cuda", "mps"]
Dtype = Literal["auto", "float32", "bfloat16", "float16"]


def available_cpus() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_cpus() -> None:
    """Make torch's threads sleep, not spin, while they wait for each other; only works before torch is imported.

    Spinning threads lose whole time slices as soon as anything else needs a processor, even Inspect's own thread: steps
    were up to ten times slower on two processors.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def resolve_device(device: str) -> str:
    """The device that `auto` means here: a CUDA card, else Apple's, else the CPU.

    Raises:
        PrerequisiteError: the device that is named is not here.
    """
    import torch

    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if device == "auto":
        return next(name for name, present in here.items() if present)
    if not here[device]:
        usable = ", ".join(name for name, present in here.items() if present)
        raise PrerequisiteError(
            f"Device {device!r} cannot be used: torch {torch.__version__} finds none on this machine. Usable: {usable}",
            "For a card that is here, install the build of torch for its driver.",
        )
    return device


def dtype_name(dtype: object) -> str:
    """The name of a torch type, for example `bfloat16`."""
    return str(dtype).removeprefix("torch.")


def resolve_dtype(dtype: str, device: str) -> str:
    """The numeric type that `auto` means on a device: bfloat16 where it is computed in hardware, else float32."""
    import torch

    if dtype != "auto":
        return dtype
    if device == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = device == "mps" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return "bfloat16" if native else "float32"
