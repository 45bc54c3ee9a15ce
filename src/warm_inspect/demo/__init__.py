"""The demo: a study like any other, on a small model on this machine, from training over the warmth check to the logs.

`plan` says which sizes there are and takes the largest that fits into the time given, by the speeds that `measuring`
finds; `design` keeps the choice. `run` calls what other studies call: the training, the manipulation check and the
evaluation; `families` is what can be asked beside the benchmarks. The analysis of the logs is that of
`warm-inspect analyze`.
"""

from warm_inspect.demo.design import MINUTES, DemoDesign
from warm_inspect.demo.families import FAMILIES, FAMILY_ARMS
from warm_inspect.demo.plan import ANALYSE, CLAIM_ARMS, DemoPlan, Speeds, example_sizes
from warm_inspect.demo.run import DemoRun, choose_design, run_demo, stage_seconds, write_timings

__all__ = [
    "ANALYSE",
    "CLAIM_ARMS",
    "FAMILIES",
    "FAMILY_ARMS",
    "MINUTES",
    "DemoDesign",
    "DemoPlan",
    "DemoRun",
    "Speeds",
    "choose_design",
    "example_sizes",
    "run_demo",
    "stage_seconds",
    "write_timings",
]
