"""Where a model runs: `auto` takes the first device that is here, and one that is named must be."""

import pytest

from tests.errors import refused
from warm_inspect.models import resolve_device


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto(monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, expected: str) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: cuda)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: mps)
    assert resolve_device("auto") == expected
    for device, here in (("cuda", cuda), ("mps", mps), ("cpu", True)):
        if here:
            assert resolve_device(device) == device
        else:
            with refused(repr(device), f"Usable: {expected}"):
                resolve_device(device)
