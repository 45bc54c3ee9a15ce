"""Settings of every test run: no network but loopback, no colours, no user cache, one thread for each worker."""

import gc
import logging
import os
from collections.abc import Iterator

import pytest

from tests.spared import spare_work

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("INSPECT_DISPLAY", "none")
# One worker of pytest-xdist runs per processor: more threads of torch and BLAS only wait for each other.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
# Threads of torch that spin while they wait slow tests down many times over when processors are shared.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


spare_work()

_LEVEL = logging.getLogger().level


def pytest_collection_finish() -> None:
    """Leave what the imports made out of every later garbage collection."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """Undo what Inspect sets up for the whole process when an evaluation runs, in a test or in a fixture."""
    root = logging.getLogger()
    handlers = list(root.handlers)
    root.setLevel(_LEVEL)
    yield
    root.setLevel(_LEVEL)
    root.handlers[:] = handlers
