"""Where the engine is tested: on the processor always, and by the same tests on a CUDA card where there is one."""

import pytest

CUDA = pytest.mark.cuda


def present(device: str) -> str:
    """The device; the test is skipped where it is a card and there is none."""
    if device == "cuda":
        import torch

        if not torch.cuda.is_available():
            pytest.skip("no CUDA card on this machine")
    return device
