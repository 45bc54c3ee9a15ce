"""Both ways of reading give the same, every checksum is verified, and no file is unpacked without bounds."""

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import reduce
from math import isnan
from operator import getitem
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score
from inspect_ai.solver import Generate, Solver, TaskState, solver

from tests.analysis.foreign_logs import by_reply, evaluate, scripted
from tests.analysis.logs.test_broken_logs import rewritten
from tests.made_logs import reply, sample_of, write_log, write_samples
from warm_inspect.analysis.logs import Log, collect, read_samples
from warm_inspect.analysis.logs.log import read_log
from warm_inspect.core import log_file
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.log_file import UnreadableLog, read_chosen, read_contents, read_whole


@solver
def fails_on(name: str) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        if state.sample_id == name:
            raise RuntimeError("broken")
        return await generate(state)

    return solve


def with_epochs_and_failed_graders(folder: Path) -> str:
    return evaluate(
        folder, {}, epochs={"q1": ["C", None], "q2": [0.5, "I"]}, metadata=lambda name: {"deep": {"a": [1]}}
    )


def with_errors_and_messages(folder: Path) -> str:
    data = [
        Sample(id=name, input=[{"role": "user", "content": f"Question {name}"}], target=["yes", "no"])  # type: ignore[list-item]
        for name in ("good", "bad")
    ]
    (log,) = eval(
        Task(dataset=data, solver=fails_on("bad"), scorer=by_reply({"good": {"right": True, "odd": float("nan")}})),
        model=scripted(lambda text: "long " * 900),
        log_dir=str(folder),
        display="none",
        log_realtime=False,
        fail_on_error=False,
    )
    return str(log.location)


def with_samples_that_ran_again(folder: Path) -> str:
    whole = write_log(folder / "whole.eval", [reply("q1"), reply("q2", "")])
    return str(rewritten(whole, folder / "again.eval", lambda rows: [rows[0] | {"error": "lost"}, *rows, rows[0]]))


def with_texts_that_summaries_cut(folder: Path) -> str:
    sample = sample_of(reply("q1"))
    score = Score(
        value=1, answer="a\n" * 900, explanation="b" * 2000, metadata={"note": "c " * 900, "list": ["d"] * 900}
    )
    long = {"metadata": {**sample.metadata, "text": "e\n\n" * 900}, "scores": {"other": score}, "input": "f " * 4000}
    return str(write_samples(folder / "long.eval", [EvalSample.model_validate(sample.model_dump() | long)]))


def with_another_ending(folder: Path) -> str:
    return str(write_log(folder / "ended.eval", [reply("q1")], status="error"))


def without_nan(value: Any) -> Any:
    """The value with NaN, which equals nothing, as a word."""
    if isinstance(value, dict):
        return {name: without_nan(each) for name, each in value.items()}
    return "nan" if isinstance(value, float) and isnan(value) else value


def values(log: Log) -> Any:
    """Everything that the log says, by value."""
    return without_nan(asdict(replace(log, holds=None)) | {"holds": log.holds})


@pytest.mark.parametrize(
    "make",
    [
        with_epochs_and_failed_graders,
        with_errors_and_messages,
        with_samples_that_ran_again,
        with_texts_that_summaries_cut,
        with_another_ending,
    ],
)
def test_an_archive_read_directly_is_what_inspect_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], str]
) -> None:
    path = make(tmp_path)
    direct = read_log(path)
    with monkeypatch.context() as patched:
        for member in ("_HEADER", "_SUMMARIES"):
            patched.setattr(log_file, member, "named otherwise")
        public = read_log(path)
    assert values(direct) == values(public)
    assert direct.samples


def changed_bytes(log: Path, folder: Path, member: str, place: float) -> Path:
    """A copy of the log with one byte of a member's content changed."""
    with ZipFile(log) as source:
        info = source.getinfo(member)
        start = info.header_offset + 30 + len(member)
    content = bytearray(log.read_bytes())
    content[start + int(place * (info.compress_size - 1))] ^= 0x10
    folder.mkdir(exist_ok=True)
    changed = folder / log.name
    changed.write_bytes(content)
    return changed


@pytest.mark.parametrize("member", ["header.json", "summaries.json"])
@pytest.mark.parametrize("place", [0.0, 0.3, 0.6, 0.9, 1.0])
def test_a_changed_byte_makes_a_log_unreadable_for_every_command(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, member: str, place: float
) -> None:
    grades = ["correct", "incorrect"] * 30
    whole = write_log(tmp_path / "whole" / "a.eval", [reply(f"q{i}", grade) for i, grade in enumerate(grades)])
    other = write_log(tmp_path / "other" / "b.eval", [reply("q0", arm="warm")])
    damaged = changed_bytes(whole, tmp_path, member, place)
    with pytest.raises(UnreadableLog) as error:
        read_samples(str(damaged))
    assert str(damaged) in str(error.value)
    assert "inspect log recover" in str(error.value)
    collected = collect([str(damaged), str(other)])
    assert (collected.unreadable, collected.complete, len(collected.samples)) == (("a.eval",), False, 1)
    assert caplog.messages[-1].startswith("a.eval is left out: ")


def test_a_stored_number_that_was_changed_is_found(tmp_path: Path) -> None:
    whole = write_log(tmp_path / "whole.eval", [reply("q1", "incorrect")])
    stored = tmp_path / "stored.eval"
    with ZipFile(whole) as source, ZipFile(stored, "w") as copy:
        for name in source.namelist():
            copy.writestr(name, source.read(name))
    content = stored.read_bytes()
    # Still valid JSON with a grade: only the checksum tells.
    number = content.rindex(b'"incorrect":1.0,"refusal":0.0')
    stored.write_bytes(content[:number] + b'"incorrect":0.0,"refusal":1.0' + content[number + 29 :])
    with pytest.raises(UnreadableLog) as error:
        read_log(str(stored))
    assert error.value.reason == "BadZipFile: Bad CRC-32 for file 'summaries.json'"


def test_the_journal_of_an_unfinished_log_is_verified_too(tmp_path: Path) -> None:
    whole = write_log(tmp_path / "whole.eval", [reply("q1"), reply("q2")])
    running = tmp_path / "running.eval"
    with ZipFile(whole) as source, ZipFile(running, "w") as copy:
        for name in source.namelist():
            if name not in ("header.json", "summaries.json"):
                copy.writestr(name, source.read(name))
    log = read_log(str(running))
    assert (log.status, log.finished, len(log.samples)) == ("started", False, 2)
    damaged = changed_bytes(running, tmp_path / "damaged", "_journal/summaries/1.json", 0.5)
    with pytest.raises(UnreadableLog):
        read_log(str(damaged))


@pytest.mark.parametrize("lost", ["header.json", "summaries.json"])
def test_an_archive_that_lost_a_part_is_not_read_as_a_smaller_one(tmp_path: Path, lost: str) -> None:
    whole = write_log(tmp_path / "whole.eval", [reply("q1")])
    part = tmp_path / "part.eval"
    with ZipFile(whole) as source, ZipFile(part, "w") as copy:
        for name in source.namelist():
            if name != lost:
                copy.writestr(name, source.read(name))
    with pytest.raises(UnreadableLog) as error:
        read_log(str(part))
    assert lost in error.value.reason


def test_a_log_that_unpacks_to_too_much_is_refused_with_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "MAX_UNPACKED", 3 << 20)
    whole = write_log(tmp_path / "whole.eval", [reply("q1")])
    assert read_log(str(whole)).samples
    padded = rewritten(whole, tmp_path / "padded.eval", lambda rows: [rows[0] | {"description": "x" * (7 << 20)}])
    with pytest.raises(UnreadableLog) as error:
        read_log(str(padded))
    assert error.value.reason == "it unpacks to 7 MiB, and at most 3 are read"


class Boom(Exception):
    """An error that no list of types names."""


def test_whatever_a_file_raises_makes_it_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_log(tmp_path / "a.eval", [reply("q1")])
    write_log(tmp_path / "b.eval", [reply("q2")])

    def fails(path: str) -> Any:
        if path.endswith("a.eval"):
            raise Boom("a text of the log")
        return original(path)

    original = read_contents
    monkeypatch.setattr("warm_inspect.analysis.logs.log.read_contents", fails)
    assert collect([str(tmp_path)]).unreadable == ("a.eval",)
    with pytest.raises(UnreadableLog) as error:
        read_log(str(tmp_path / "a.eval"))
    assert error.value.reason == "Boom", "the message may quote the log"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_stop_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]) -> None:
    path = str(write_log(tmp_path / "a.eval", [reply("q1")]))
    monkeypatch.setattr("warm_inspect.analysis.logs.log.read_contents", lambda path: (_ for _ in ()).throw(stop()))
    with pytest.raises(stop):
        collect([path])


def test_too_little_memory_is_an_error_that_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(write_log(tmp_path / "a.eval", [reply("q1")]))
    monkeypatch.setattr("warm_inspect.analysis.logs.log.read_contents", lambda path: bytearray(1 << 62))
    with pytest.raises(PrerequisiteError, match=r"a\.eval") as error:
        collect([path])
    assert not isinstance(error.value, UnreadableLog)


def test_a_sample_that_was_changed_is_not_read(tmp_path: Path) -> None:
    place = ("none/none · q1", 1)
    whole = write_log(tmp_path / "whole" / "a.eval", [reply("q1")])
    assert [sample.id for sample in read_chosen(str(whole), [place])] == [place[0]]
    assert read_whole(str(whole)).samples
    damaged = changed_bytes(whole, tmp_path, "samples/none/none · q1_epoch_1.json", 0.5)
    assert read_log(str(damaged)).samples, "its summary is whole"
    readers: list[Callable[[str], Any]] = [read_whole, lambda path: read_chosen(path, [place])]
    for read in readers:
        with pytest.raises(UnreadableLog):
            read(str(damaged))
    with pytest.raises(UnreadableLog):
        read_chosen(str(whole), [("none/none · q2", 1)])


TEXT: list[Any] = [None, [], {}, 7, True, "x" * 70_000]
WHOLE: list[Any] = ["1", None, 1.5, True, 2**63, []]
TEXTS: list[Any] = [None, {}, [1]]
FIELDS: list[Any] = [[], "x", 7]
SCORE = ("scores", "correctness")


@pytest.mark.parametrize(
    ("place", "values"),
    [
        (("id",), [value for value in TEXT if value != 7]),
        (("epoch",), [*WHOLE, 0, -1]),
        (("uuid",), TEXT[1:]),
        (("error",), [[], {}, 7]),
        (("input",), [None, {}, 7]),
        (("choices",), [{"a": 1}, 7, "ab", [1]]),
        (("target",), [7, *TEXTS]),
        (("metadata",), FIELDS),
        (("metadata", "training_seed"), [2**63, -(2**64), 10**400]),
        (("metadata", "question_id"), ["x" * 70_000]),
        (("scores",), FIELDS),
        (SCORE, [None, [], "x", {}]),
        ((*SCORE, "value"), [[[1]], {"correct": [1]}, {"correct": {}}, 2**63, "x" * 70_000]),
        ((*SCORE, "answer"), TEXT[1:]),
        ((*SCORE, "explanation"), TEXT[1:]),
        ((*SCORE, "reason"), TEXT[1:]),
        ((*SCORE, "metadata"), FIELDS),
        ((*SCORE, "metadata", "reply_chars"), [2**63]),
        ((*SCORE, "metadata", "grader"), ["x" * 70_000]),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)
def test_a_field_of_another_type_than_inspect_writes_makes_the_log_unreadable(
    place: tuple[str, ...], values: list[Any], tmp_path: Path
) -> None:
    *outer, field = place
    whole = write_log(tmp_path / "whole.eval", [reply("q1"), reply("q2")])
    assert len(read_contents(str(whole))[1]) == 2
    for value in values:

        def with_value(rows: list[dict[str, Any]], value: Any = value) -> list[dict[str, Any]]:
            reduce(getitem, outer, rows[0])[field] = value
            return rows

        with pytest.raises(UnreadableLog) as error:
            read_contents(str(rewritten(whole, tmp_path / "changed.eval", with_value)))
        assert "summaries" in error.value.reason, value


def test_a_sample_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = write_log(tmp_path / "whole.eval", [reply("q1")])
    monkeypatch.setattr(log_file, "MAX_UNPACKED", 600)
    with pytest.raises(UnreadableLog) as error:
        read_chosen(str(whole), [("none/none · q1", 1)])
    assert "unpacks" in error.value.reason
