"""Submit uploads and jobs to the service exactly once, although this process may be killed at any moment.

Before a request that makes an object, the attempt is written down; after it, the id. A process that reads an attempt
without an id cannot know whether the request arrived. It looks for the object at the service, by a name or metadata
that the object carries, and asks for it again only when the service has had time to show it and does not.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import write_whole
from warm_inspect.training.openai.service import RateLimited, Unreachable

T = TypeVar("T")


class Submission(BaseModel):
    """The record of one object at the service. Holds no secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = 1
    id: str = ""
    """Its id there; empty while unknown."""
    attempted_at: float | None = None
    """When it was last asked for without an answer, in Unix seconds; None when no request is open."""
    abandoned: tuple[str, ...] = ()
    """Ids of earlier ones that failed and that the user gave up."""


@dataclass(frozen=True)
class SubmissionFile:
    """One `Submission` on disk, replaced in a single step."""

    path: Path

    def read(self) -> Submission:
        """The record last written; an empty one when there is none.

        Raises:
            PrerequisiteError: the file is not one of ours.
        """
        if not self.path.exists():
            return Submission()
        try:
            return Submission.model_validate_json(self.path.read_bytes())
        except ValidationError as error:
            raise PrerequisiteError(
                f"The state file {self.path} cannot be read ({error.error_count()} faults)",
                "Delete it: what was submitted is then looked for at OpenAI.",
            ) from None

    def write(self, submission: Submission) -> None:
        """Replace the record, on disk before this returns."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, submission.model_dump_json(indent=2) + "\n")

    def give_up(self, ids: Collection[str]) -> None:
        """Discard these ids for good, so that the object is submitted again."""
        state = self.read()
        if fresh := sorted(set(ids) - set(state.abandoned)):
            known = "" if state.id in fresh else state.id
            self.write(state.model_copy(update={"id": known, "abandoned": (*state.abandoned, *fresh)}))


def submit_once(
    file: SubmissionFile,
    find: Callable[[Collection[str]], str | None],
    prepare: Callable[[], T | None],
    create: Callable[[T], str],
    settle: float,
) -> str | None:
    """The id of the object at the service, asked for unless it is there; None when it is too early to know.

    Args:
        file: the record on disk.
        find: gives the id of the object if the service shows it, except the ids it is given.
        prepare: gives the material that the object is made from; None when it is too early.
        create: asks the service for the object and gives its id.
        settle: seconds after an attempt until the service must show what it made.

    Raises:
        PrerequisiteError: the service refused.
        RateLimited: the service asks to wait.
        Unreachable: the service did not answer.
    """
    state = file.read()
    if state.id:
        return state.id
    object_id = find(state.abandoned)
    if object_id is None:
        # Both ways, in case the clock was set back.
        if state.attempted_at is not None and abs(time.time() - state.attempted_at) < settle:
            return None
        material = prepare()
        if material is None:
            return None
        object_id = _attempt(file, state, lambda: create(material))
    file.write(state.model_copy(update={"id": object_id, "attempted_at": None}))
    return object_id


def _attempt(file: SubmissionFile, state: Submission, create: Callable[[], str]) -> str:
    file.write(state.model_copy(update={"attempted_at": time.time()}))
    try:
        return create()
    except Unreachable:
        # The request may have arrived late, so the time to settle starts now.
        file.write(state.model_copy(update={"attempted_at": time.time()}))
        raise
    except (RateLimited, PrerequisiteError):
        file.write(state.model_copy(update={"attempted_at": None}))
        raise
