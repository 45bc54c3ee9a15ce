"""Logs are found, recognised by their samples, and counted when they are left out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_ai.model import GenerateConfig

from tests.analysis.made_logs import reply, sample_of, write_log, write_samples
from warm_inspect.analysis.logs.collect import collect
from warm_inspect.analysis.logs.find import find_logs
from warm_inspect.core.errors import PrerequisiteError

ONE = [reply("q1"), reply("q2", "incorrect", endorses_claim=1)]


def test_folders_files_and_patterns_name_each_log_once(tmp_path: Path) -> None:
    deep = write_log(tmp_path / "a" / "b" / "one.eval", ONE)
    flat = write_log(tmp_path / "two.eval", ONE)
    assert find_logs([str(tmp_path)]) == find_logs([str(flat), str(tmp_path / "**" / "*.eval"), str(deep)])[::-1]


@pytest.mark.parametrize(
    ("path", "message"),
    [("nowhere", "No file or folder"), ("empty", "inspect eval warm_inspect"), ("notes.txt", "ends in .eval or .json")],
)
def test_paths_without_logs_are_errors_with_the_next_step(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").touch()
    with pytest.raises(PrerequisiteError, match=message):
        collect([str(tmp_path / path)])


def test_a_sample_becomes_one_flat_record(tmp_path: Path) -> None:
    collected = collect([str(write_log(tmp_path / "one.eval", ONE, model="peft/tiny"))])
    first, second = collected.samples.to_dict("records")
    assert (first["correct"], first["endorses_claim"], first["reply_chars"]) == (1.0, 0.0, 100)
    assert (second["incorrect"], second["endorses_claim"], second["model"]) == (1.0, 1.0, "peft/tiny")
    assert collected.complete


def test_json_logs_are_read_and_other_json_in_their_folder_is_not(tmp_path: Path) -> None:
    write_log(tmp_path / "2025-01-01T00-00-00+00-00_truthfulqa_abc.json", ONE)
    (tmp_path / "logs.json").write_text("{}")
    found = collect([str(tmp_path)])
    assert found.complete
    assert found.samples.equals(collect([str(tmp_path / "*_abc.json")]).samples)
    assert list(found.samples["incorrect"]) == [0.0, 1.0]
    with pytest.raises(PrerequisiteError, match="0 unfinished and 1 unreadable"):
        collect([str(tmp_path / "logs.json")])


def test_a_log_record_holds_settings_and_excluded_rows(tmp_path: Path) -> None:
    log = write_log(
        tmp_path / "one.eval",
        ONE,
        config=GenerateConfig(temperature=0.8, seed=3),
        model_generate_config=GenerateConfig(temperature=0.1, max_tokens=50),
        metadata={"excluded": {"no wrong answer": 4}},
    )
    (record,) = collect([str(log)]).logs
    wanted = {"temperature": 0.8, "max_tokens": 50, "model_seed": 3, "excluded_rows": {"no wrong answer": 4}}
    assert record | wanted == record


def break_file(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda path: break_file(write_log(path, ONE)), "unreadable"),
        (lambda path: path.write_bytes(b""), "unreadable"),
        (lambda path: write_log(path, ONE, status="started"), "unfinished"),
        (lambda path: write_log(path, ONE, status="error"), "unfinished"),
        (lambda path: write_log(path, []), "other_tasks"),
    ],
)
def test_logs_that_are_left_out_are_named(tmp_path: Path, make: Callable[[Path], object], kind: str) -> None:
    write_log(tmp_path / "good.eval", ONE)
    make(tmp_path / "bad.eval")
    collected = collect([str(tmp_path)])
    assert len(collected.samples) == 2
    assert getattr(collected, kind) == ("bad.eval",)
    assert collected.complete == (kind == "other_tasks")


def test_a_finished_retry_replaces_the_broken_run(tmp_path: Path) -> None:
    write_log(tmp_path / "1.eval", ONE[:1], status="error", task_id="same")
    write_log(tmp_path / "2.eval", ONE, task_id="same")
    assert collect([str(tmp_path)]).complete


def test_foreign_tasks_are_counted_not_read(tmp_path: Path) -> None:
    foreign = sample_of(ONE[0]).model_copy(update={"metadata": {"benchmark": "arithmetic"}})
    write_samples(tmp_path / "foreign.eval", [foreign])
    with pytest.raises(PrerequisiteError, match="found 1 logs of other tasks, 0 unfinished and 0 unreadable"):
        collect([str(tmp_path)])
    write_log(tmp_path / "ours.eval", ONE)
    assert len(collect([str(tmp_path)]).other_tasks) == 1


def test_a_score_outside_the_contract_is_an_error(tmp_path: Path) -> None:
    log = write_log(tmp_path / "odd.eval", [reply("q1", truncated=0.5)])
    with pytest.raises(PrerequisiteError, match=r"odd\.eval, sample q1:none:none: the score 'correctness'"):
        collect([str(log)])


def test_two_grades_at_once_are_an_error(tmp_path: Path) -> None:
    log = write_log(tmp_path / "odd.eval", [reply("q1", "correct", incorrect=1)])
    with pytest.raises(PrerequisiteError, match="exactly one"):
        collect([str(log)])


def test_metadata_of_a_later_schema_is_an_error(tmp_path: Path) -> None:
    log = write_log(tmp_path / "new.eval", [reply("q1", schema_version=99)])
    with pytest.raises(PrerequisiteError, match="schema 99"):
        collect([str(log)])
