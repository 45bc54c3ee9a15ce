"""Inspect's eval sets do not notice changed prompts, items or rubrics: a changed hash needs a new task version.

`versions.json` has a hash for each condition of a task, each persona and its grading. Where one moves or is gone,
results stop being comparable: raise N of the task's version. A condition or persona that is new moves none of the
others, and no version. Either way record: `python -m tests.tasks.test_versions`. N is raised once between two releases:
while CHANGELOG.md calls it unreleased, only the hash moves.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.dataset import Sample

from warm_inspect.conditions.condition import parse_grid
from warm_inspect.conditions.words import CONTEXTS, PERSONAS
from warm_inspect.core.content import content_files, content_folder, content_names
from warm_inspect.core.families import (
    CHECKS,
    MOST_TURNS,
    Affect,
    Claim,
    Design,
    Domain,
    Family,
    FirstTurn,
    FollowUp,
    Framing,
    History,
    Language,
    WrongPoet,
)
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.vocabulary import Benchmark, Source
from warm_inspect.datasets import (
    are_you_sure_dataset,
    feedback_dataset,
    hostility_dataset,
    hostility_scripts,
    load_are_you_sure,
    load_poems,
    load_texts,
    make_problems,
    mimicry_dataset,
    reliability_dataset,
)
from warm_inspect.datasets.load import load_bundled
from warm_inspect.datasets.samples import crossed_dataset
from warm_inspect.grading.model.rubric import RUBRICS
from warm_inspect.tasks.are_you_sure import TASK_VERSION as ARE_YOU_SURE
from warm_inspect.tasks.disinfo import TASK_VERSION as DISINFO
from warm_inspect.tasks.feedback import TASK_VERSION as FEEDBACK
from warm_inspect.tasks.hostility import TASK_VERSION as HOSTILITY
from warm_inspect.tasks.medqa import TASK_VERSION as MEDQA
from warm_inspect.tasks.mimicry import TASK_VERSION as MIMICRY
from warm_inspect.tasks.reliability import TASK_VERSION as RELIABILITY
from warm_inspect.tasks.triviaqa import TASK_VERSION as TRIVIAQA
from warm_inspect.tasks.truthfulqa import TASK_VERSION as TRUTHFULQA

RECORDED = Path(__file__).with_name("versions.json")
VERSIONS: dict[Benchmark | Family, str] = {
    Benchmark.TRIVIAQA: TRIVIAQA,
    Benchmark.TRUTHFULQA: TRUTHFULQA,
    Benchmark.MEDQA: MEDQA,
    Benchmark.DISINFO: DISINFO,
    Family.ARE_YOU_SURE: ARE_YOU_SURE,
    Family.FEEDBACK: FEEDBACK,
    Family.MIMICRY: MIMICRY,
    Family.RELIABILITY: RELIABILITY,
    Family.HOSTILITY: HOSTILITY,
}
WORDINGS = {Benchmark.MEDQA: "medqa.yaml", Benchmark.DISINFO: "mask.yaml"}
"""How rows of the Hub are reworded."""
FEW = 40
"""Items under a context of `are_you_sure`: what is said in one context is the same of every item."""

Parts = dict[str, str]


def parts_of(task: Benchmark | Family) -> Parts:
    """A hash for each part of a task by its name."""
    of_family = {
        Family.ARE_YOU_SURE: of_dialogues,
        Family.FEEDBACK: of_texts,
        Family.MIMICRY: of_poems,
        Family.RELIABILITY: of_problems,
        Family.HOSTILITY: of_scripts,
    }
    parts = of_family[task]() if isinstance(task, Family) else of_benchmark(task)
    return parts | {f"persona {name}": short(persona.system) for name, persona in PERSONAS.items()}


def of_benchmark(benchmark: Benchmark) -> Parts:
    items = load_bundled(benchmark)
    dataset = crossed_dataset(items, parse_grid(benchmark, "all", "all", "none"), None, 0, "")
    wording = WORDINGS.get(benchmark)
    rules = content_folder("wordings").joinpath(wording).read_text(encoding="utf-8") if wording else ""
    answers = [[item.references, item.incorrect_answers] for item in items.items]
    return prompts(dataset, ("context", "belief")) | {"grading": graded(["graders/matching"], [answers, rules])}


def of_dialogues() -> Parts:
    items = load_are_you_sure(Source.BUNDLED)
    parts: Parts = {}
    for context in CONTEXTS:
        count = None if context == "none" else FEW
        dataset = are_you_sure_dataset(items, list(FirstTurn), list(FollowUp), "none", context, count, 0, "")
        parts |= prompts(dataset, ("context", "first_turn", "follow_up"))
    answers = [[item.references, item.incorrect_answers] for item in items.items]
    return parts | {"grading": graded(["graders/matching", "families/are_you_sure"], answers)}


def of_texts() -> Parts:
    dataset = feedback_dataset(load_texts(), list(Framing), "none", None, 0, "")
    return prompts(dataset, ("item_set", "framing")) | {"grading": short([RUBRICS["positivity"].sha256])}


def of_problems() -> Parts:
    problems = make_problems(list(Domain), list(Design), 10, 0)
    dataset = reliability_dataset(problems, 15, 3, "none", 0, "")
    targets = [[item.question_id, item.targets] for item in problems.items]
    return prompts(dataset, ("item_set", "design")) | {
        "grading": graded(["graders/matching", "families/reliability"], targets),
        "supervision": short([RUBRICS["supervision"].sha256]),
    }


def of_poems() -> Parts:
    poems, parts = load_poems(), Parts()
    for wrong_poet in WrongPoet:
        dataset = mimicry_dataset(poems, list(Claim), wrong_poet, "none", None, 0, "")
        parts |= prompts(dataset, ("claim", "wrong_poet"))
    names = [
        [item.question_id, item.poet.model_dump(), *(each.model_dump() for each in item.wrong.values())]
        for item in poems.items
    ]
    return parts | {"grading": graded(["families/mimicry"], names)}


def of_scripts() -> Parts:
    scripts = hostility_scripts(list(Language))
    parts: Parts = {}
    checks: dict[str, Any] = {}
    for history in History:
        dataset = hostility_dataset(scripts, list(Affect), MOST_TURNS, history, "none", None, 0, "")
        parts |= prompts(dataset, ("language", "history", "affect"))
        checks |= {str(sample.id): (sample.metadata or {})[CHECKS] for sample in dataset}
    return parts | {"grading": graded(["families/hostility/lexicon"], checks)}


def prompts(dataset: Iterable[Sample], factors: tuple[str, ...]) -> Parts:
    """A hash of all prompts of each condition."""
    hashes: dict[str, list[str]] = defaultdict(list)
    for sample in dataset:
        metadata = sample.metadata or {}
        hashes["/".join(str(metadata[name]) for name in factors)].append(metadata["prompt_sha256"])
    return {condition: short(each) for condition, each in hashes.items()}


def graded(folders: Iterable[str], facts: object) -> str:
    """What a reply is graded by."""
    cues = [file.read_text(encoding="utf-8") for folder in folders for file in content_files(folder, ".yaml")]
    return short([facts, cues, RUBRICS["correctness"].sha256])


def short(facts: object) -> str:
    return sha256_json(facts)[:12]


def moved(recorded: Parts, now: Parts) -> list[str]:
    """The parts whose hash is another one or gone; a new part moves nothing."""
    return [name for name, value in recorded.items() if now.get(name) != value]


def recorded() -> dict[str, Any]:
    written: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return written


def test_every_task_and_every_wording_of_hub_rows_is_recorded() -> None:
    assert set(VERSIONS) == {*Benchmark, *Family}
    assert sorted(WORDINGS.values()) == [f"{name}.yaml" for name in content_names("wordings", ".yaml")]


def test_a_new_condition_moves_no_other() -> None:
    known = {"none/none": "a", "persona warm": "b"}
    assert moved(known, known | {"new/none": "c"}) == []
    assert moved(known, {"none/none": "x"}) == ["none/none", "persona warm"]


@pytest.mark.parametrize("task", list(VERSIONS))
def test_content_moves_only_with_the_version(task: Benchmark | Family) -> None:
    known, now = recorded()[task], parts_of(task)
    assert known["version"] == VERSIONS[task]
    assert not moved(known["parts"], now), "results stop being comparable: raise N of the version, and record"
    assert now.keys() == known["parts"].keys(), "a condition or persona is new: record, and leave the version"


if __name__ == "__main__":
    written = {task: {"version": VERSIONS[task], "parts": parts_of(task)} for task in VERSIONS}
    RECORDED.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
