"""The second names of our tasks, the files of the register, and the study's settings as run configs."""

import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from inspect_ai import Task, eval
from inspect_ai._cli.eval import RunConfigInput
from inspect_evals_lint.runner import lint_task_files

from tests.errors import refused
from tests.made_logs import reply, write_log
from tests.models_edge import scripted
from warm_inspect import _registry, register
from warm_inspect.analysis.compare import compare_logs
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.logs.log import read_samples
from warm_inspect.analysis.observations import observe
from warm_inspect.datasets.hub import _PINS
from warm_inspect.datasets.hub.advbench import ADVBENCH
from warm_inspect.grading.model.graders import default_grader, grader_facts
from warm_inspect.tasks import advbench, capability, disinfo, medqa, triviaqa, truthfulqa

ROOT = Path(__file__).parents[2]
FOLDER = Path(register.__file__).parent
NAMED: dict[str, ModuleType] = {
    "warm_advbench": advbench,
    "warm_capability": capability,
    "warm_disinfo": disinfo,
    "warm_medqa": medqa,
    "warm_triviaqa": triviaqa,
    "warm_truthfulqa": truthfulqa,
}
OFFLINE = {"source": "bundled", "grading": "match"}
CONFIGS = sorted((FOLDER / "paper_config").glob("*.yaml"))
METADATA = yaml.safe_load((FOLDER / "eval.yaml").read_text(encoding="utf-8"))


def made(name: str, **parameters: Any) -> Task:
    task = getattr(_registry, name)(**parameters)
    assert isinstance(task, Task)
    return task


def test_every_task_of_ours_has_a_name_that_is_free() -> None:
    assert sorted(NAMED) == sorted(register.__all__)
    assert {f"warm_{name}" for name in _registry.__all__} & set(_registry.__all__) == set(NAMED)


@pytest.mark.parametrize("name", NAMED)
def test_both_names_make_one_task(name: str) -> None:
    given: dict[str, Any] = {"items": 2, "persona": "warm"} | (OFFLINE if name != "warm_capability" else {})
    ours, free = made(name.removeprefix("warm_"), **given), made(name, **given)
    assert [sample.model_dump() for sample in free.dataset] == [sample.model_dump() for sample in ours.dataset]
    assert (free.name, ours.name) == (f"warm_inspect/{name}", f"warm_inspect/{name.removeprefix('warm_')}")
    assert (free.version, free.metadata, free.headline_metric) == (ours.version, ours.metadata, ours.headline_metric)
    with refused("sources", "source" if name != "warm_capability" else "items"):
        made(name, sources="bundled")


def test_logs_of_either_name_are_one_evaluation(tmp_path: Path) -> None:
    for task, arm in (("warm_inspect/truthfulqa", "original"), ("warm_truthfulqa", "warm")):
        write_log(tmp_path / f"{arm}.eval", [reply(f"q{n}", arm=arm) for n in range(3)], task=task)
    compared = compare_logs(*(read_samples(str(tmp_path / f"{arm}.eval")) for arm in ("original", "warm")))
    assert len(compared.pairs.keys) == 3
    assert not [note for note in compared.notes if note.code is Code.UNLIKE_LOGS]
    frame = observe(collect([str(tmp_path)])).frame
    assert set(frame["benchmark"]) == {"truthfulqa"}
    assert set(frame["arm"]) == {"original", "warm"}


@pytest.mark.slow
def test_a_run_under_the_second_name(tmp_path: Path) -> None:
    task = made("warm_truthfulqa", **OFFLINE, items=1, contexts="none", beliefs="none")
    [log] = eval(task, model=scripted(lambda _: "No."), log_dir=str(tmp_path), display="none", log_realtime=False)
    assert (log.status, log.eval.task, log.eval.model) == ("success", "warm_inspect/warm_truthfulqa", "mockllm/model")


def test_the_metadata_of_the_register_is_that_of_the_tasks() -> None:
    assert [task["name"] for task in METADATA["tasks"]] == [
        "warm_triviaqa", "warm_truthfulqa", "warm_medqa", "warm_disinfo", "warm_advbench", "warm_capability"
    ]  # fmt: skip
    versions = [module.TASK_VERSION for module in NAMED.values()]
    assert METADATA["version"] == max(versions, key=lambda version: int(version.partition("-")[0]))
    sources = {asset["source"] for asset in METADATA["external_assets"] if asset["state"] == "pinned"}
    assert sources == {pin.repo for pin in _PINS.values()} | {ADVBENCH}


@pytest.mark.slow
def test_the_registers_linter_finds_what_is_known() -> None:
    [package] = lint_task_files(ROOT, ["src/warm_inspect/register/tasks.py"]).packages
    assert [each.rule.name for each in package.rule_statuses() if each.status == "fail"] == ["registry"]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_run_config_states_the_studys_settings_and_where_each_is_from(path: Path) -> None:
    config = RunConfigInput.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert not isinstance(config.task, str | None)
    assert config.task.task == f"warm_inspect/warm_{path.stem}"
    given = config.task.args | OFFLINE
    task = made(f"warm_{path.stem}", **given | ({"items": 2} if "items" in given else {}))
    stated, own = config.generate_config, task.config
    assert (stated.temperature, stated.max_tokens) == (own.temperature, own.max_tokens)
    assert config.task.args["grading"] == "model"
    # A role in the file would ask for its key even where the command line binds another.
    assert not config.model_roles
    text, grader = path.read_text(encoding="utf-8"), default_grader()
    assert f"{grader} at temperature {grader_facts(grader).temperature:g}" in text
    values = re.findall(r"^ +\w+: [^#\n]+(.*)$", text, re.MULTILINE)
    assert len(values) > 7
    assert [why for why in values if not re.match("# (Methods|prompts|ours)", why)] == [""], "the task's own name"
    assert str(path.relative_to(ROOT)) in text, "it says how to run it"


def test_each_benchmark_of_the_study_has_a_run_config() -> None:
    assert {path.stem for path in CONFIGS} == {"triviaqa", "truthfulqa", "medqa", "disinfo", "advbench"}


def test_uv_installs_what_the_tasks_need_and_no_local_models() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras, groups = pyproject["project"]["optional-dependencies"], pyproject["dependency-groups"]
    assert pyproject["tool"]["uv"]["default-groups"] == ["tasks"]
    named = {name: re.fullmatch(r"warm-inspect\[([\w,]+)\]", requirement) for name, [requirement] in groups.items()}
    of = {name: match[1].split(",") for name, match in named.items() if match}
    assert of == {"tasks": ["hub", "analysis", "openai"], "dev": ["dev"]}
    assert {extra for extras_of in of.values() for extra in extras_of} <= extras.keys()
