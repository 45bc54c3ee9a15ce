"""The demo: a study like any other, on a small model on this machine, from training over the warmth check to the logs.

`plan` says how large it is, and `run` calls what other studies call: the training, the manipulation check and the
evaluation. The analysis of the logs is that of `warm-inspect analyze`.
"""

from warm_inspect.demo.plan import BELIEFS, CLAIM_ARMS, CONTEXTS, FULL, QUICK, DemoPlan
from warm_inspect.demo.run import DemoRun, run_demo, write_timings

__all__ = ["BELIEFS", "CLAIM_ARMS", "CONTEXTS", "FULL", "QUICK", "DemoPlan", "DemoRun", "run_demo", "write_timings"]
