"""Making something exactly once: what is written before and after, and what a later process makes of it."""

import time
from collections.abc import Collection
from pathlib import Path

import pytest

from tests.errors import refused
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.training.openai.service import RateLimited, Unreachable
from warm_inspect.training.openai.submission import Submission, SubmissionFile, submit_once


class Remote:
    """A service that makes things, and shows or hides them."""

    def __init__(self, *, shows: bool = True, fails: Exception | None = None) -> None:
        self.made: list[str] = []
        self.shows = shows
        self.fails = fails

    def find(self, but: Collection[str]) -> str | None:
        return next((one for one in self.made if self.shows and one not in but), None)

    def create(self, material: str) -> str:
        if isinstance(self.fails, RateLimited | PrerequisiteError):
            raise self.fails
        self.made.append(f"{material}-{len(self.made) + 1}")
        if self.fails:
            raise self.fails
        return self.made[-1]

    def submit(self, file: SubmissionFile, settle: float = 60.0) -> str | None:
        return submit_once(file, self.find, lambda: "thing", self.create, settle)


@pytest.fixture
def file(tmp_path: Path) -> SubmissionFile:
    return SubmissionFile(tmp_path / "state" / "job.json")


def test_it_is_made_once_and_then_known(file: SubmissionFile) -> None:
    remote = Remote()
    assert [remote.submit(file), remote.submit(file)] == ["thing-1", "thing-1"]
    assert remote.made == ["thing-1"]
    assert file.read() == Submission(id="thing-1")


def test_the_attempt_is_on_disk_before_the_request(file: SubmissionFile) -> None:
    seen: list[Submission] = []

    def create(material: str) -> str:
        seen.append(file.read())
        return material

    submit_once(file, lambda _: None, lambda: "thing", create, 60.0)
    assert seen[0].attempted_at == pytest.approx(time.time(), abs=60)
    assert seen[0].id == ""


def test_an_open_attempt_that_shows_is_taken_over(file: SubmissionFile) -> None:
    remote = Remote()
    remote.made = ["thing-of-a-killed-process"]
    file.write(Submission(attempted_at=time.time()))
    assert remote.submit(file) == "thing-of-a-killed-process"
    assert len(remote.made) == 1


@pytest.mark.parametrize(("age", "made"), [(10.0, 0), (-10.0, 0), (61.0, 1), (-9000.0, 1)])
def test_an_open_attempt_that_does_not_show_gets_time(file: SubmissionFile, age: float, made: int) -> None:
    remote = Remote()
    file.write(Submission(attempted_at=time.time() - age))
    assert (remote.submit(file) is None) == (not made)
    assert len(remote.made) == made


def test_a_lost_answer_leaves_the_attempt_open(file: SubmissionFile) -> None:
    remote = Remote(shows=False, fails=Unreachable("cut"))
    with pytest.raises(Unreachable):
        remote.submit(file)
    assert remote.submit(file) is None, "too early to ask again"
    assert len(remote.made) == 1
    remote.shows = True
    assert remote.submit(file) == "thing-1"


@pytest.mark.parametrize("refusal", [RateLimited("later"), PrerequisiteError("no")])
def test_a_refusal_closes_the_attempt(file: SubmissionFile, refusal: Exception) -> None:
    remote = Remote(fails=refusal)
    with pytest.raises(type(refusal)):
        remote.submit(file)
    assert file.read() == Submission()
    remote.fails = None
    assert remote.submit(file) == "thing-1"


def test_what_was_given_up_is_not_found_again(file: SubmissionFile) -> None:
    remote = Remote()
    remote.submit(file)
    file.give_up(["thing-1"])
    assert file.read() == Submission(abandoned=("thing-1",))
    assert remote.submit(file) == "thing-2"
    assert remote.submit(file) == "thing-2"


def test_a_broken_state_file_is_one_message(file: SubmissionFile) -> None:
    file.write(Submission(id="x"))
    file.path.write_text("{")
    with refused(str(file.path), "Delete it"):
        file.read()
