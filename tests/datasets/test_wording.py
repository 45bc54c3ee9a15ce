"""The sentences of errors about data sets, each in one place: other tests see only values and ways out."""

from collections.abc import Callable

import pytest
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

from tests.datasets.test_hub_fetch import Response
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.datasets import ItemSet, draw_items
from warm_inspect.datasets.hub.rows import Pin, column, explained, text

PIN = Pin("org/set", "c0ffee")
BUNDLED = "use the small set in the package: -T source=bundled"
VERSION = (
    "It is not the version this package reads: empty its folder in the Hub cache and try again, or use "
    "-T source=bundled."
)


def hub(kind: type[Exception]) -> None:
    raise explained(kind("no", response=Response()), PIN)  # type: ignore[call-arg]


def offline() -> None:
    raise explained(ConnectionError("no"), PIN)


ERRORS: dict[str, tuple[Callable[[], object], str]] = {
    "gated": (
        lambda: hub(GatedRepoError),
        "The data set org/set is gated, and the Hub refused a request without a token. Accept its terms on "
        f"https://huggingface.co/datasets/org/set, set HF_TOKEN to a token of that account, or {BUNDLED}",
    ),
    "revision": (
        lambda: hub(RevisionNotFoundError),
        "The pinned revision c0ffee of the data set org/set is gone from the Hub. Update warm-inspect, or " + BUNDLED,
    ),
    "unknown": (
        lambda: hub(RepositoryNotFoundError),
        "The Hub does not have the data set org/set or a file of it. Check HF_ENDPOINT and update warm-inspect, or "
        + BUNDLED,
    ),
    "offline": (
        offline,
        "Could not read the data set org/set: the Hub cannot be reached and its cache does not hold revision c0ffee "
        "(ConnectionError). Load it once with a network (HF_HUB_OFFLINE=1 then keeps to the cache in HF_HOME), or "
        + BUNDLED,
    ),
    "column": (
        lambda: column({"answer": {}}, "answer.text", "org/set"),
        f"The data set org/set has no column 'answer.text' (it has: ). {VERSION}",
    ),
    "type": (
        lambda: text({"answer": [1]}, "answer", "org/set"),
        f"Column 'answer' of the data set org/set holds list, not text. {VERSION}",
    ),
    "items": (
        lambda: draw_items(ItemSet(name="medqa", items=(), revision="c0ffee"), 9, 0),
        "items=9, but medqa has 0 usable items here (0 rows excluded). Give -T items=0 or leave it out for all.",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_reads_as_it_should(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    cause, sentence = ERRORS[name]
    with pytest.raises(PrerequisiteError) as caught:
        cause()
    assert str(caught.value) == sentence
