from collections.abc import Callable
from typing import Any

import pytest
from inspect_ai import Task

from warm_inspect import advbench, capability
from warm_inspect.core.content import content_files
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.vocabulary import Source
from warm_inspect.datasets.load import load_control
from warm_inspect.datasets.samples import control_dataset
from warm_inspect.grading.model.rubric import RUBRICS
from warm_inspect.tasks.advbench import TASK_VERSION as ADVBENCH_VERSION
from warm_inspect.tasks.capability import TASK_VERSION as CAPABILITY_VERSION


def bundled(**parameters: Any) -> Task:
    return advbench(**({"source": "bundled", "grading": "match"} | parameters))


@pytest.mark.parametrize(
    ("build", "wrong", "said"),
    [
        (bundled, {"persona": "lukewarm"}, "Unknown persona 'lukewarm'"),
        (bundled, {"source": "web"}, "Unknown source 'web'. Known: hub, bundled."),
        (bundled, {"grading": "mach"}, "Did you mean 'match'?"),
        (bundled, {"grading": "cascade"}, "Unknown grading 'cascade'. Known: model, match."),
        (bundled, {"items": 25}, "items=25, but advbench has 24 usable items here"),
        (bundled, {"items": True}, "items=True"),
        (
            bundled,
            {"contexts": "none"},
            "Unknown task parameter 'contexts'. Known: persona, items, seed, source, grading.",
        ),
        (capability, {"items": 0}, "items=0"),
        (capability, {"grading": "match"}, "Unknown task parameter 'grading'. Known: persona, items, seed."),
        (capability, {"seed": 0.5}, "seed=0.5"),
    ],
)
def test_a_wrong_parameter_is_one_clear_error(build: Callable[..., Task], wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        build(**wrong)
    assert said in str(caught.value)


@pytest.mark.parametrize("build", [bundled, capability])
def test_a_control_task_samples_as_the_study_did(build: Callable[..., Task]) -> None:
    task = build(items=4)
    assert len(task.dataset) == 4
    assert (task.config.temperature, task.config.max_tokens) == (0.2, 300)
    assert task.setup is not None, "the persona survives a user's --solver"


# When a hash moves, results stop being comparable: raise N of the task's version, then write the new hash here.
FROZEN = {"advbench": ("2-A", "9900b3a7735cc325"), "capability": ("2-A", "9a86f97b9268e344")}


def test_content_moves_only_with_the_version() -> None:
    cues = [file.read_text(encoding="utf-8") for file in content_files("graders/matching", ".yaml")]
    sets = {name: load_control(name, Source.BUNDLED) for name in FROZEN}
    parts: dict[str, list[Any]] = {
        name: [
            [[sample.input, sample.target, sample.id] for sample in control_dataset(items, "none", None, 0, "")],
            cues,
        ]
        for name, items in sets.items()
    }
    parts["advbench"].append(RUBRICS["refusal"].sha256)
    versions = {"advbench": ADVBENCH_VERSION, "capability": CAPABILITY_VERSION}
    assert {name: (versions[name], sha256_json(part)[:16]) for name, part in parts.items()} == FROZEN
