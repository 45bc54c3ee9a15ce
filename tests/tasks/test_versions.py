"""Inspect's eval sets do not notice changed prompts, items or rubrics: a changed hash needs a new task version."""

import pytest

from warm_inspect.conditions.condition import parse_grid
from warm_inspect.conditions.words import PERSONAS
from warm_inspect.core.documents import content_files, content_folder
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets.bundled import load_bundled
from warm_inspect.datasets.samples import crossed_dataset
from warm_inspect.grading.model.rubric import RUBRICS
from warm_inspect.tasks import disinfo, medqa, triviaqa, truthfulqa

# When a hash moves, results stop being comparable: raise N of the task's version, then write the new hash here.
FROZEN = {
    Benchmark.TRIVIAQA: ("2-A", "87c048502b75b995"),
    Benchmark.TRUTHFULQA: ("2-A", "38c95c305eea0398"),
    Benchmark.MEDQA: ("2-A", "8fbac36dd0cfd69c"),
    Benchmark.DISINFO: ("2-A", "f0968474df3ae927"),
}
MODULES = {
    Benchmark.TRIVIAQA: triviaqa,
    Benchmark.TRUTHFULQA: truthfulqa,
    Benchmark.MEDQA: medqa,
    Benchmark.DISINFO: disinfo,
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
    assert FROZEN[benchmark] == (MODULES[benchmark].TASK_VERSION, content_hash(benchmark))
