"""Rows of pinned Hub data sets: fetched with one clear error for each failure, read by column, and named by content."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.hub import Repository, check_access, read_repository
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets.item import Exclusion, Item, ItemSet

_BUNDLED = "use the small set in the package: -T source=bundled"

T = TypeVar("T")
ItemT = TypeVar("ItemT", bound=Item)

REPEATED = "repeats an earlier row"
"""Exclusion rule of every data set: the same question and answers, or the same open question, came before."""

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Pin:
    """A Hub data set at a commit."""

    repo: str
    revision: str


class HubUnreachable(PrerequisiteError):
    """The Hub does not answer, and its cache on this machine does not hold what is asked for."""


class Selection(Generic[ItemT]):
    """The rows of a data set in two parts: the items that are used, and the rows that are not, with the reason."""

    def __init__(self) -> None:
        self.items: list[ItemT] = []
        self._exclusions: list[Exclusion] = []
        self._keys: set[str] = set()

    def exclude(self, question_id: str, reason: str) -> None:
        """Leave a row out by a stated rule."""
        self._exclusions.append(Exclusion(question_id, reason))

    def repeats(self, key: str) -> bool:
        """Whether a row of this key came before; the key counts from now on."""
        known = key in self._keys
        self._keys.add(key)
        return known

    def item_set(self, name: str, revision: str) -> ItemSet[ItemT]:
        """The item set of all the rows."""
        return ItemSet(name=name, items=tuple(self.items), exclusions=tuple(self._exclusions), revision=revision)


def fetch_lines(pin: Pin, file: str) -> list[dict[str, Any]]:
    """The rows of one JSON Lines file, in its order.

    Raises:
        PrerequisiteError: as `explained` says.
    """

    def read(folder: Path) -> list[dict[str, Any]]:
        lines = (folder / file).read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines if line.strip()]

    return _read(pin, read, probe=file, only=file)


def fetch_file(pin: Pin, file: str, instead: str) -> Path:
    """One file of a data set, in the Hub's cache: for what is too large to be read at once.

    Args:
        pin: the data set.
        file: its path there.
        instead: what else the user can do when the Hub fails, as in "give a file of your own".

    Raises:
        PrerequisiteError: as `explained` says.
    """

    def read(folder: Path) -> Path:
        (folder / file).stat()  # The folder may be there without the file.
        return folder / file

    return _read(pin, read, probe=file, only=file, instead=instead)


def fetch_split(pin: Pin, config: str, split: str) -> list[dict[str, Any]]:
    """The rows of one split of a configuration, in its order.

    Raises:
        PrerequisiteError: as `explained` says.
    """

    def read(folder: Path) -> list[dict[str, Any]]:
        import datasets

        datasets.disable_progress_bars()
        return [dict(row) for row in datasets.load_dataset(str(folder), config, split=split)]

    return _read(pin, read, probe="README.md", only=None)


def fetch_parquet(pin: Pin, file: str, instead: str) -> list[dict[str, Any]]:
    """The rows of one Parquet file, in its order: one split of a data set that holds much else.

    Args:
        pin: the data set.
        file: its path there.
        instead: what else the user can do when the Hub fails.

    Raises:
        PrerequisiteError: as `explained` says.
    """

    def read(folder: Path) -> list[dict[str, Any]]:
        from pyarrow.parquet import ParquetFile

        with ParquetFile(folder / file) as table:
            return list(table.read().to_pylist())

    return _read(pin, read, probe=file, only=file, instead=instead)


def _read(pin: Pin, read: Callable[[Path], T], probe: str, only: str | None, instead: str = _BUNDLED) -> T:
    """The result of `read` on the data set's folder, from the cache if that holds it, else from the Hub.

    `load_dataset` by the data set's name would not find again, without a network, what it loaded by file.
    """
    repository = Repository(
        pin.repo, "dataset", probe=probe, revision=pin.revision, files=None if only is None else [only]
    )
    try:
        return read_repository(repository, read)
    except ImportError as error:
        raise missing_extra("source=hub", "hub", error) from None
    except PrerequisiteError:
        raise
    except Exception as error:
        raise explained(error, pin, instead) from error


def ask_for(pin: Pin) -> None:
    """Ask the Hub whether it gives the data set to this user.

    Raises:
        PrerequisiteError: as `explained` says.
    """
    try:
        check_access(pin.repo, "dataset")
    except ImportError as error:
        raise missing_extra("source=hub", "hub", error) from None
    except Exception as error:
        raise explained(error, pin) from error


def explained(error: Exception, pin: Pin, instead: str = _BUNDLED) -> PrerequisiteError:
    """The one message for a failure of the Hub client, by the cause that says what happened.

    These are: the data set is gated and the token does not open it; its pinned revision is gone; the Hub lacks it; or
    the Hub cannot be reached and its cache does not hold it.
    """
    causes = list(_causes(error))
    kinds = {type(cause).__name__ for cause in causes}
    if "GatedRepoError" in kinds or any("gated dataset" in str(cause) for cause in causes):
        return PrerequisiteError(
            f"The data set {pin.repo} is gated, and the Hub refused {_token_state()}",
            f"Accept its terms on https://huggingface.co/datasets/{pin.repo}, set HF_TOKEN to a token of that account, "
            f"or {instead}",
        )
    if "RevisionNotFoundError" in kinds:
        return PrerequisiteError(
            f"The pinned revision {pin.revision} of the data set {pin.repo} is gone from the Hub",
            f"Update warm-inspect, or {instead}",
        )
    if kinds & {"RepositoryNotFoundError", "RemoteEntryNotFoundError"}:
        return PrerequisiteError(
            f"The Hub does not have the data set {pin.repo} or a file of it",
            f"Check HF_ENDPOINT and update warm-inspect, or {instead}",
        )
    return HubUnreachable(
        f"Could not read the data set {pin.repo}: the Hub cannot be reached and its cache does not hold revision "
        f"{pin.revision} ({type(causes[-1]).__name__})",
        f"Load it once with a network (HF_HUB_OFFLINE=1 then keeps to the cache in HF_HOME), or {instead}",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _token_state() -> str:
    from huggingface_hub import get_token

    return "the token it was given" if get_token() else "a request without a token"


def column(row: Mapping[str, Any], path: str, dataset: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a column, or of a field in one (`base.question`).

    Raises:
        PrerequisiteError: there is no such column; names it, the data set and the columns there are.
    """
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            known = ", ".join(value) if isinstance(value, Mapping) else "none"
            raise PrerequisiteError(
                f"The data set {dataset} has no column {path!r} (it has: {known})",
                "It is not the version this package reads: empty its folder in the Hub cache and try again, or use "
                "-T source=bundled.",
            )
        value = value[name]
    return value


def text(row: Mapping[str, Any], path: str, dataset: str) -> str:
    """The stripped text of a column; empty when the cell is empty.

    Raises:
        PrerequisiteError: there is no such column, or it does not hold text.
    """
    value = column(row, path, dataset)
    if value is not None and not isinstance(value, str):
        raise PrerequisiteError(
            f"Column {path!r} of the data set {dataset} holds {type(value).__name__}, not text",
            "It is not the version this package reads: empty its folder in the Hub cache and try again, or use "
            "-T source=bundled.",
        )
    return (value or "").strip()


def question_id(benchmark: Benchmark, question: str, right: Sequence[str], wrong: Sequence[str]) -> str:
    """The benchmark's name and 12 hexadecimal digits of the hash over the source's question and answers."""
    return f"{benchmark}-{sha256_json([question, list(right), list(wrong)])[:_DIGITS]}"


def plain(text: str) -> str:
    """The text for comparison: lower case, single spaces, no full stop at the end."""
    return " ".join(text.lower().split()).rstrip(". ")
