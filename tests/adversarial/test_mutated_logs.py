"""Logs with random bytes changed, and logs with hostile values: refused by name, or read as the same numbers.

Every file follows from its seed, which a failure names. More attacks are more parts, which processes share.
"""

import json
import random
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.adversarial.hostile import TIMES, with_hostile
from tests.made_logs import reply as made_reply
from tests.made_logs import write_log
from tests.regrading.graders import generated, trivia
from warm_inspect.analysis.compare import compare_logs
from warm_inspect.analysis.logs import collect, read_samples
from warm_inspect.analysis.observations import AssignedArm, observe
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import Grading
from warm_inspect.labelling import export, graded_replies
from warm_inspect.manipulation.replies import log_replies
from warm_inspect.regrading.plan import GradingWanted, plan_regrading, replies

ARM = {"mockllm/model": AssignedArm("original")}
pytestmark = [
    pytest.mark.slow,
    # Inspect's reader leaves the file of a log that it cannot read to the garbage collector.
    pytest.mark.filterwarnings(
        "ignore::pytest.PytestUnraisableExceptionWarning", "ignore:unclosed file:ResourceWarning"
    ),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generated(tmp_path_factory.mktemp("whole"), [], trivia(items=4, grading="match"))


def analysed(path: Path) -> Any:
    collected = collect([str(path)])
    return observe(collected, ARM).frame.to_csv(), [log.record for log in collected.logs], collected.controls


def read(path: Path) -> Any:
    return asdict(replace(read_samples(str(path)), path="", holds=None))


def warmth_read(path: Path) -> Any:
    return log_replies([str(path)], {})


def labelled(path: Path) -> Any:
    return export(graded_replies(collect([str(path)]), ARM, seed=0), n=2, seed=0)


def planned_again(path: Path) -> Any:
    """What is asked, which is what the graders then see of each reply."""
    plan = plan_regrading([str(path)], GradingWanted(Grading.MATCH), None)
    if faults := [each.reason for each in plan.left_out]:
        raise PrerequisiteError(f"{path.name}: {faults}")
    [log] = plan.logs
    samples = replies(log, log.askings[0].samples)
    return log.askings, [(each.id, each.epoch, each.input, each.output.completion, each.target) for each in samples]


READERS: dict[Callable[[Path], Any], int] = {
    analysed: 200,
    read: 40,
    warmth_read: 40,
    labelled: 40,
    planned_again: 40,
}


def mutated(content: bytes, dice: random.Random) -> bytes:
    """The bytes with one to four changes; one time in three near the end, where an archive keeps its table."""
    data = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        size = len(data)
        start = dice.randrange(size) if dice.random() < 2 / 3 else max(0, size - 1 - dice.randrange(1_000))
        length = min(dice.choice([1, 1, 2, 8, 200]), size - start)
        match dice.randrange(6):
            case 0 | 1:
                data[start] ^= 1 << dice.randrange(8)
            case 2:
                data[start : start + length] = dice.randbytes(length)
            case 3:
                del data[start : start + length]
            case 4:
                data[start:start] = dice.randbytes(length)
            case 5:
                data[start : start + length] = bytes(length)
        if dice.random() < 0.03:
            del data[dice.randrange(1, len(data)) :]
    return bytes(data)


@pytest.mark.parametrize("part", range(TIMES))
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_a_log_with_changed_bytes_is_refused_or_gives_the_same(
    whole: Path, tmp_path: Path, reader: Callable[[Path], Any], part: int
) -> None:
    content, path = whole.read_bytes(), tmp_path / whole.name
    path.write_bytes(content)
    expected = reader(path)
    refused = 0
    for seed in range(part * READERS[reader], (part + 1) * READERS[reader]):
        path.write_bytes(mutated(content, random.Random(seed)))
        try:
            value = reader(path)
        except PrerequisiteError:
            refused += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__}") from error
        else:
            assert value == expected, f"seed {seed}: another result"
    print(f"{reader.__name__}: {refused} of {READERS[reader]} refused")
    # No upper bound: the archive's checksums let a reader of the whole log refuse every change.
    assert refused / READERS[reader] > 0.2, "changes are noticed"


@pytest.mark.parametrize("part", range(TIMES))
@pytest.mark.parametrize("member", ["header.json", "summaries.json", "sample"])
def test_a_log_with_hostile_values_never_ends_in_a_traceback(
    whole: Path, tmp_path: Path, member: str, part: int
) -> None:
    path = tmp_path / whole.name
    with ZipFile(whole) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    chosen = next(name for name in contents if name.startswith("samples/") or name == member)
    if member != "sample":
        chosen = member
    readers: list[Callable[[Path], Any]] = [warmth_read, planned_again, labelled]
    if member != "sample":
        readers += [analysed, lambda path: compare_logs(read_samples(str(whole)), read_samples(str(path)))]
    value = json.loads(contents[chosen])
    for seed in range(part * 40, (part + 1) * 40):
        changed = json.dumps(with_hostile(value, random.Random(seed)))
        with ZipFile(path, "w") as archive:
            for name, content in contents.items():
                archive.writestr(name, changed if name == chosen else content)
        for reader in readers:
            try:
                reader(path)
            except PrerequisiteError:
                pass
            except Exception as error:
                raise AssertionError(f"seed {seed}: {type(error).__name__}") from error


def test_a_sample_without_what_its_task_writes_is_refused_by_the_name_of_its_log(tmp_path: Path) -> None:
    path = write_log(tmp_path / "bare.eval", [made_reply("q1"), made_reply("q2")])
    with pytest.raises(PrerequisiteError, match=r"bare\.eval"):
        labelled(path)
