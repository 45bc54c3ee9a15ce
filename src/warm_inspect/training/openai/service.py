"""OpenAI's files and fine-tuning endpoints, through its client, with failures as exceptions by what to do next."""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Final, TypeVar

from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AuthenticationError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    OpenAI,
    OpenAIError,
    RateLimitError,
)
from openai.pagination import SyncCursorPage
from openai.types import FileObject
from openai.types.fine_tuning import FineTuningJob
from openai.types.fine_tuning.jobs import FineTuningJobCheckpoint
from openai.types.fine_tuning.supervised_hyperparameters_param import SupervisedHyperparametersParam

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.training.openai.plan import JobSpec
from warm_inspect.training.openai.training_file import TrainingFile

T = TypeVar("T")

KEY_VARIABLE = "OPENAI_API_KEY"

WAITING = ("validating_files", "queued", "running", "paused")
"""The states of a job that is not finished."""
SUCCEEDED = "succeeded"
"""The state of a job that gave a model. In any other state than these it is dead: failed, cancelled, expired."""

METADATA_KEY = "warm_inspect_job"
"""The metadata under which a job carries its key."""

_PURPOSE: Final = "fine-tune"
_ANSWER_SECONDS = 30.0
_UPLOAD_SECONDS = 600.0
_PAGE = 100
_MESSAGE_CHARACTERS = 500


class Unreachable(Exception):
    """No answer came, or none that can be read: the request may have been carried out."""


class RateLimited(Exception):
    """The service did nothing because of a rate limit: ask later."""


class Service:
    """The endpoints as the trainer needs them. Each method is one request, or one per page; nothing is retried here.

    The client's own retries are off: it repeats a request whose answer was lost, and so would submit a job twice.
    """

    def __init__(self, client: OpenAI) -> None:
        self._client = client.with_options(max_retries=0, timeout=_ANSWER_SECONDS)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def find_file(self, file: TrainingFile, but: Collection[str]) -> str | None:
        """The id of an uploaded file of this content, but not one of `but`: by its name, a hash, and its size."""
        with self._answered("looking for the training file"):
            for listed in _listed(self._client.files.list(purpose=_PURPOSE)):
                same = (listed.filename, listed.bytes) == (file.name, len(file.data))
                if same and listed.status != "error" and listed.id not in but:
                    return listed.id
        return None

    def upload(self, file: TrainingFile) -> str:
        """Upload the training file and give its id."""
        with self._answered("uploading the training file"):
            made = self._client.files.create(
                file=(file.name, file.data, "application/jsonl"), purpose=_PURPOSE, timeout=_UPLOAD_SECONDS
            )
        return _is(made, FileObject).id

    def has_file(self, file_id: str) -> bool:
        """Whether the service still has an uploaded file."""
        with self._answered("looking for the training file"):
            try:
                return _is(self._client.files.retrieve(file_id), FileObject).status != "error"
            except NotFoundError:
                return False

    def find_jobs(self, spec: JobSpec) -> list[FineTuningJob]:
        """All jobs of this key, newest first."""
        wanted = {METADATA_KEY: spec.key}
        with self._answered("looking for the job"):
            pages = _listed(self._client.fine_tuning.jobs.list(limit=_PAGE, metadata=wanted))
            # A server that does not filter gives all jobs.
            jobs = [job for job in pages if wanted.items() <= (job.metadata or {}).items()]
        return sorted(jobs, key=lambda job: job.created_at, reverse=True)

    def create_job(self, spec: JobSpec, file_id: str) -> str:
        """Submit a job and give its id."""
        hyperparameters = SupervisedHyperparametersParam(
            n_epochs=spec.n_epochs,
            batch_size=spec.batch_size,
            learning_rate_multiplier=spec.learning_rate_multiplier,
        )
        with self._answered("submitting the job"):
            made = self._client.fine_tuning.jobs.create(
                model=spec.model,
                training_file=file_id,
                method={"type": "supervised", "supervised": {"hyperparameters": hyperparameters}},
                seed=spec.seed,
                suffix=spec.suffix,
                metadata={METADATA_KEY: spec.key},
            )
        return _is(made, FineTuningJob).id

    def job(self, job_id: str) -> FineTuningJob | None:
        """A job as it stands; None when the service does not know it (any more)."""
        with self._answered("looking at the job"):
            try:
                return _is(self._client.fine_tuning.jobs.retrieve(job_id), FineTuningJob)
            except NotFoundError:
                return None

    def checkpoints(self, job_id: str) -> list[FineTuningJobCheckpoint]:
        """The models that the service keeps of a job, in no particular order."""
        with self._answered("listing the checkpoints"):
            return list(_listed(self._client.fine_tuning.jobs.checkpoints.list(job_id, limit=_PAGE)))

    def last_event(self, job_id: str) -> str:
        """The message of a job's newest event, cleaned for display; empty without one."""
        with self._answered("reading the job's events"):
            events = self._client.fine_tuning.jobs.list_events(job_id, limit=1)
            return self.one_line(next((event.message for event in islice(events, 1)), "") or "")

    def one_line(self, text: str) -> str:
        """A message of the service for display: one printable line without the key, which a proxy might quote."""
        line = " ".join(text.replace(self._client.api_key, "[key]").split())
        return "".join(character for character in line if character.isprintable())[:_MESSAGE_CHARACTERS]

    @contextmanager
    def _answered(self, doing: str) -> Iterator[None]:
        """Turn the client's failures inside the block into our exceptions."""
        try:
            yield
        except AuthenticationError:
            # The service quotes a part of the key in its message.
            raise PrerequisiteError(
                f"OpenAI refused the API key while {doing}", f"Set {KEY_VARIABLE} to a valid key of your project."
            ) from None
        except RateLimitError as error:
            if error.code == "insufficient_quota":
                raise self._refused(doing, error) from None
            raise RateLimited(self._said(error)) from None
        except (APIConnectionError, ConflictError, InternalServerError) as error:
            raise Unreachable(self._said(error)) from None
        except APIStatusError as error:
            raise self._refused(doing, error) from None
        except (APIError, AttributeError, ValueError) as error:
            # The client fails in these ways on an answer that is not the API's, such as a network's login page.
            raise Unreachable(self.one_line(str(error))) from None

    def _refused(self, doing: str, error: APIStatusError) -> PrerequisiteError:
        return PrerequisiteError(f"OpenAI refused while {doing} (HTTP {error.status_code}): {self._said(error)}")

    def _said(self, error: APIError) -> str:
        body = error.body
        message = body.get("message") if isinstance(body, Mapping) else None
        return self.one_line(str(message or error.message))


def connect() -> Service:
    """The service, with the key and address that the environment names; sends nothing.

    Raises:
        PrerequisiteError: there is no key.
    """
    if not os.environ.get(KEY_VARIABLE):
        raise PrerequisiteError(
            f"Fine-tuning at OpenAI needs an API key: set {KEY_VARIABLE}",
            "See what it would cost without one: --dry-run",
        )
    try:
        return Service(OpenAI())
    except OpenAIError as error:
        raise PrerequisiteError(f"OpenAI's client cannot be set up: {error}") from None


def _is(answer: object, kind: type[T]) -> T:
    """The answer, if it is of this type: the client passes on anything a gateway answers instead."""
    if not isinstance(answer, kind):
        raise Unreachable(f"the answer was no {kind.__name__}")
    return answer


def _listed(page: SyncCursorPage[T]) -> SyncCursorPage[T]:
    """The list, if it is one: an answer without entries must not pass for an empty list."""
    if not isinstance(page.data, list):
        raise Unreachable("the answer was no list")
    return page
