"""A caller that draws its own progress gets no announcement of Inspect's in between."""

import subprocess
import sys

import pytest

LISTEN = """
from inspect_ai.model import get_model
from warm_inspect.study import on_sample_end
with on_sample_end(lambda _: None):
    get_model("mockllm/model")
print("end")
"""


@pytest.mark.slow
def test_no_hook_is_announced() -> None:
    done = subprocess.run([sys.executable, "-c", LISTEN], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "end"), done.stderr
