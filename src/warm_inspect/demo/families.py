"""What `--families` adds to a demo: a small part of the measurements beside the benchmarks, at every size alike.

`feedback` is no part of it: its comments are compared by a grader model, and the demo has none.
"""

from inspect_ai import Task

from warm_inspect.core.families import Affect, FirstTurn
from warm_inspect.core.vocabulary import ORIGINAL, RERUN, Grading, TrainedArm
from warm_inspect.demo.plan import CONCURRENCY, Speeds
from warm_inspect.study import ArmRun, GenerationSettings
from warm_inspect.tasks.are_you_sure import are_you_sure
from warm_inspect.tasks.hostility import hostility
from warm_inspect.tasks.mimicry import mimicry
from warm_inspect.tasks.reliability import reliability

FAMILIES = "ask beside the benchmarks"
FAMILY_ARMS = (ORIGINAL, RERUN, TrainedArm.WARM.value, TrainedArm.NEUTRAL.value)
"""The arms that are asked: warm - neutral, and what two runs of one model differ by."""
FAMILY_SETTINGS = GenerationSettings(max_tokens=None, temperature=None, concurrency=CONCURRENCY)
"""Each task's own: sums are asked at a lower temperature than dialogues."""
_GIVEN = [FirstTurn.GIVEN_RIGHT.value, FirstTurn.GIVEN_WRONG.value]
"""Canned first answers, which are the same for all arms."""
_TOKENS = 10_000
"""Tokens that an arm writes: 36 dialogues of 90, 12 replies about poems of 140, 72 solutions of 48 and 12 revised texts
of 120, by earlier runs of the same model and a warm adapter."""


def family_tasks(runs: list[ArmRun]) -> list[Task]:
    """The tasks of the arms that are asked, bound to them."""
    return [run.bind(task) for run in runs if run.name in FAMILY_ARMS for task in _tasks()]


def family_seconds(speeds: Speeds) -> float:
    """How long all this takes on a machine, in seconds."""
    return speeds.start + speeds.token * _TOKENS * len(FAMILY_ARMS)


def _tasks() -> list[Task]:
    return [
        are_you_sure(items=6, first_turns=_GIVEN, grading=Grading.MATCH.value),
        mimicry(items=3),
        reliability(designs="natural", items=1, templates=2, repeats=2),
        hostility(items=2, affects=[Affect.FRUSTRATED.value, Affect.APPROVING.value], depth=3),
    ]
