"""Logs are found, recognised by their samples, and counted when they are left out."""

from collections import Counter
from collections.abc import Callable
from math import nan
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import EvalError, EvalSample
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import Score

from tests.analysis.control_logs import ARMS, letters, mmlu, run, write_study
from tests.analysis.foreign_logs import evaluate
from tests.made_logs import reply, sample_of, write_log, write_samples
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.gate import run_gate
from warm_inspect.analysis.gate.margins import GatePolicy
from warm_inspect.analysis.logs import collect, find_logs
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import analyse
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.log_file import read_contents
from warm_inspect.core.measurements import MEASUREMENTS, Measurement
from warm_inspect.core.metadata import ItemMetadata

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
    collected = collect([str(tmp_path)])
    assert collected.complete
    assert collected.samples.equals(collect([str(tmp_path / "*_abc.json")]).samples)
    assert list(collected.samples["incorrect"]) == [0.0, 1.0]
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
    (read,) = collect([str(log)]).logs
    wanted = {"temperature": 0.8, "max_tokens": 50, "model_seed": 3, "excluded_rows": {"no wrong answer": 4}}
    assert read.record | wanted == read.record


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
    with pytest.raises(PrerequisiteError, match=r"odd\.eval, sample none/none · q1: the score 'correctness'"):
        collect([str(log)])


def test_two_grades_at_once_are_an_error(tmp_path: Path) -> None:
    log = write_log(tmp_path / "odd.eval", [reply("q1", "correct", incorrect=1)])
    with pytest.raises(PrerequisiteError, match="exactly one"):
        collect([str(log)])


def test_metadata_of_a_later_schema_is_an_error(tmp_path: Path) -> None:
    log = write_log(tmp_path / "new.eval", [reply("q1", schema_version=99)])
    with pytest.raises(PrerequisiteError, match="schema 99"):
        collect([str(log)])


@pytest.mark.slow
def test_each_log_is_opened_once_whatever_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_study(tmp_path)
    evaluate(tmp_path, {"q1": "C"})
    for model, arm in ARMS.items():
        run(mmlu(), tmp_path, model, letters(lambda i, arm=arm: arm == "warm" and i < 10))  # type: ignore[misc]
    opened: Counter[str] = Counter()

    def counted(path: str) -> Any:
        opened[path] += 1
        return read_contents(path)

    monkeypatch.setattr("warm_inspect.analysis.logs.log.read_contents", counted)
    collected = collect([str(tmp_path)])
    observations = observe(collected)
    assert len(analyse(observations, collected).controls.rows) == 3
    policy = GatePolicy.model_validate({"arm": "warm", "margins": {"capability": {"points": 5}}})
    assert [test.harm for test in run_gate(policy, observations, collected).tests] == [25]
    assert set(opened) == set(map(str, tmp_path.glob("*.eval")))
    assert set(opened.values()) == {1}


def test_shards_that_a_finished_merged_log_covers_are_not_read(tmp_path: Path) -> None:
    for shard, row in enumerate(ONE):
        write_log(tmp_path / "study.shards" / str(shard) / "part.eval", [row], eval_id=f"part {shard}")
    assert len(collect([str(tmp_path)]).logs) == 2
    write_log(tmp_path / "study.eval", ONE[:1], status="started")
    running = collect([str(tmp_path)])
    assert (len(running.logs), running.unfinished) == (2, ("study.eval",))
    write_log(tmp_path / "study.eval", ONE)
    merged = collect([str(tmp_path)])
    assert ([log.name for log in merged.logs], len(merged.samples)) == (["study.eval"], 2)
    (tmp_path / "study.shards" / "0" / "part.eval").write_bytes(b"")
    assert collect([str(tmp_path)]).complete
    assert len(collect([str(tmp_path / "study.shards")]).samples) == 1


class MadeMetadata(ItemMetadata):
    family: str
    item_id: str
    text: str


MADE = Measurement(
    name="made",
    key="family",
    value="made",
    marks=frozenset({"family", "prompt_sha256"}),
    metadata=MadeMetadata,
    texts=frozenset({"text"}),
    score="made",
    one_of=("right", "wrong"),
    optional=("asked_back",),
    numbers=("turns",),
)


def write_family(path: Path, *values: Any, model: str = "mockllm/model", **metadata: Any) -> Path:
    made = {"family": "made", "item_id": "i", "text": "an item", "other": [1]}
    given = {name: value for name, value in ONE[0].items() if name in ItemMetadata.model_fields} | made | metadata
    return write_samples(
        path,
        [
            EvalSample(
                id=place, epoch=1, input="?", target="!", metadata=given,
                scores={"made": Score(value=value, metadata={"reply_chars": 7})},
            )
            for place, value in enumerate(values)
        ],
        model=model,
    )  # fmt: skip


def test_a_family_of_measurement_is_one_entry_of_the_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_log(tmp_path / "benchmark.eval", ONE)
    before = collect([str(tmp_path)])
    right = {"right": 1, "wrong": 0, "turns": 12}
    write_family(
        tmp_path / "family" / "a.eval",
        right,
        right | {"asked_back": True, "turns": 0.5},
        nan,
        arm="",
        model="mockllm/warm",
    )
    write_family(tmp_path / "family" / "b.eval", right, family="another")
    assert collect([str(tmp_path)]).other_tasks == ("a.eval", "b.eval")
    monkeypatch.setitem(MEASUREMENTS, MADE.name, MADE)
    mixed = collect([str(tmp_path)])
    assert mixed.samples.equals(before.samples)
    assert mixed.other_tasks == ("b.eval",)
    frame = mixed.families["made"]
    assert frame[["right", "turns", "asked_back"]].fillna(-1).to_numpy().tolist() == [
        [1, 12, -1], [1, 0.5, 1], [-1, -1, -1],
    ]  # fmt: skip
    assert list(frame["excluded"]) == ["", "", "unscored: no reason given"]
    assert list(frame["reply_chars"]) == [7, 7, -1]
    assert "an item" not in frame.to_csv()
    alone = collect([str(tmp_path / "family")])
    assert (len(alone.samples), len(alone.families["made"])) == (0, 3)
    observations = observe(mixed, {"mockllm/warm": "warm"})
    assert set(observations.families["made"]["arm"]) == {"warm"}
    assert set(observations.families["made"]["cluster"]) == {"made:q1"}
    assert Note(Code.OTHER_FAMILY, family="made", n=3) in analyse(observations, mixed).warnings
    with pytest.raises(PrerequisiteError) as error:
        observe(alone)
    assert "3 samples of made" in str(error.value)
    assert "inspect eval warm_inspect/" in str(error.value)


@pytest.mark.parametrize(
    ("value", "metadata", "named"),
    [
        ({"right": 1, "wrong": 1, "turns": 1}, {}, ["made", "right, wrong", "turns"]),
        ({"right": 1, "wrong": 0, "turns": nan}, {}, ["made", "turns"]),
        ({"right": 1, "wrong": 0, "turns": "many"}, {}, ["made", "turns"]),
        ({"right": 1, "wrong": 0, "turns": 1, "asked_back": 0.5}, {}, ["made"]),
        ({"right": 1, "wrong": 0, "turns": 1}, {"item_id": None}, ["item_id"]),
    ],
)
def test_a_family_log_outside_its_contract_is_an_error_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: dict[str, Any], metadata: dict[str, Any], named: list[str]
) -> None:
    monkeypatch.setitem(MEASUREMENTS, MADE.name, MADE)
    write_log(tmp_path / "benchmark.eval", ONE)
    write_family(tmp_path / "broken.eval", value, **metadata)
    with pytest.raises(PrerequisiteError) as error:
        collect([str(tmp_path)])
    assert all(word in str(error.value) for word in ("broken.eval, sample 0", *named))


def test_logs_with_ids_of_earlier_versions_are_read_by_their_metadata() -> None:
    samples = collect([str(Path(__file__).parents[3] / "logs" / "example.eval")]).samples
    assert len(samples) == 36
    first = samples.iloc[0]
    assert first["sample_id"] == f"{first['question_id']}:{first['context']}:{first['belief']}"


def test_the_fullest_of_a_tasks_unfinished_logs_is_the_one_to_retry(tmp_path: Path) -> None:
    whole = [sample_of(row) for row in ONE]
    failed = whole[1].model_copy(update={"error": EvalError(message="no", traceback="", traceback_ansi="")})
    for name, samples in {"1.eval": whole[:1], "2.eval": whole, "3.eval": [whole[0], failed]}.items():
        write_samples(tmp_path / name, samples, status="error", task_id="killed")
    write_log(tmp_path / "4.eval", ONE[:1], status="error", task_id="other")
    with pytest.raises(PrerequisiteError, match=r"eval-retry \S+/2\.eval"):
        collect([str(tmp_path)])
    write_log(tmp_path / "good.eval", ONE, task_id="good")
    collected = collect([str(tmp_path)])
    assert collected.unfinished[0] == "2.eval"
    assert sorted(collected.unfinished) == ["1.eval", "2.eval", "3.eval", "4.eval"]
    assert collected.to_retry == (str(tmp_path / "2.eval"), str(tmp_path / "4.eval"))
