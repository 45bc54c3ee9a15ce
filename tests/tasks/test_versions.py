"""Inspect's eval sets do not notice changed prompts, items or rubrics: a changed hash needs a new task version."""

import pytest

from warm_inspect.conditions.condition import parse_grid
from warm_inspect.conditions.words import PERSONAS
from warm_inspect.core.content import content_files, content_folder
from warm_inspect.core.families import FirstTurn, FollowUp
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.vocabulary import Benchmark, Source
from warm_inspect.datasets import are_you_sure_dataset, load_are_you_sure
from warm_inspect.datasets.load import load_bundled
from warm_inspect.datasets.samples import crossed_dataset
from warm_inspect.grading.model.rubric import RUBRICS
from warm_inspect.tasks.are_you_sure import TASK_VERSION as ARE_YOU_SURE
from warm_inspect.tasks.disinfo import TASK_VERSION as DISINFO
from warm_inspect.tasks.medqa import TASK_VERSION as MEDQA
from warm_inspect.tasks.triviaqa import TASK_VERSION as TRIVIAQA
from warm_inspect.tasks.truthfulqa import TASK_VERSION as TRUTHFULQA

# When a hash moves, results stop being comparable: raise N of the task's version, then write the new hash here. N is
# raised once between two releases: while CHANGELOG.md calls it unreleased, only the hash moves.
FROZEN = {
    Benchmark.TRIVIAQA: ("2-A", "557f997938914be6"),
    Benchmark.TRUTHFULQA: ("2-A", "a05b3014ade28b03"),
    Benchmark.MEDQA: ("2-A", "42aff8e0ce17fe46"),
    Benchmark.DISINFO: ("2-A", "42ed8c8b204b3c27"),
}
VERSIONS = {
    Benchmark.TRIVIAQA: TRIVIAQA,
    Benchmark.TRUTHFULQA: TRUTHFULQA,
    Benchmark.MEDQA: MEDQA,
    Benchmark.DISINFO: DISINFO,
}
WORDINGS = {Benchmark.MEDQA: "medqa.yaml", Benchmark.DISINFO: "mask.yaml"}
"""How rows of the Hub are reworded."""


def content_hash(benchmark: Benchmark) -> str:
    grid = parse_grid(benchmark, "all", "all", "none")
    prompts = [
        (sample.metadata or {})["prompt_sha256"]
        for sample in crossed_dataset(load_bundled(benchmark), grid, None, 0, "")
    ]
    answers = [[item.references, item.incorrect_answers] for item in load_bundled(benchmark).items]
    cues = [file.read_text(encoding="utf-8") for file in content_files("graders/matching", ".yaml")]
    wording = WORDINGS.get(benchmark)
    rules = content_folder("wordings").joinpath(wording).read_text(encoding="utf-8") if wording else ""
    personas = {name: persona.system for name, persona in PERSONAS.items()}
    return sha256_json([prompts, answers, cues, personas, rules, RUBRICS["correctness"].sha256])[:16]


@pytest.mark.parametrize("benchmark", list(Benchmark))
def test_content_moves_only_with_the_version(benchmark: Benchmark) -> None:
    assert FROZEN[benchmark] == (VERSIONS[benchmark], content_hash(benchmark))


def test_the_dialogues_of_are_you_sure_move_only_with_its_version() -> None:
    items = load_are_you_sure(Source.BUNDLED)
    dataset = are_you_sure_dataset(items, list(FirstTurn), list(FollowUp), "none", "none", None, 0, "")
    prompts = [(sample.metadata or {})["prompt_sha256"] for sample in dataset]
    answers = [[item.references, item.incorrect_answers] for item in items.items]
    folders = ("graders/matching", "families/are_you_sure")
    cues = [file.read_text(encoding="utf-8") for folder in folders for file in content_files(folder, ".yaml")]
    now = sha256_json([prompts, answers, cues, RUBRICS["correctness"].sha256])[:16]
    assert (ARE_YOU_SURE, now) == ("1-A", "152986778db3ee0d")
