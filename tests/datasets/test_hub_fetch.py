from pathlib import Path
from typing import ClassVar

import pytest
from huggingface_hub import constants
from huggingface_hub.errors import GatedRepoError, OfflineModeIsEnabled, RepositoryNotFoundError, RevisionNotFoundError

from tests.errors import refused
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets.hub import load_hub
from warm_inspect.datasets.hub.rows import Pin, explained, fetch_lines, fetch_split
from warm_inspect.datasets.hub.sycophancy_eval import SYCOPHANCY_EVAL, SYCOPHANCY_EVAL_REVISION

PIN = Pin("some-org/some-set", "0123456789abcdef0123456789abcdef01234567")
FIXTURES = Path(__file__).parents[1] / "fixtures" / "hub"
README = """---
configs:
- config_name: odd
  data_files: [{split: test, path: "odd/test.jsonl"}]
---
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Hub cache, and a Hub that nobody answers at."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:1/{repo_id}/resolve/{revision}/{filename}"
    )
    return tmp_path


def cached(cache: Path, pin: Pin, file: str, text: str) -> None:
    path = cache / f"datasets--{pin.repo.replace('/', '--')}" / "snapshots" / pin.revision / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_lines_come_from_the_cache_at_the_pinned_revision(cache: Path) -> None:
    cached(cache, PIN, "some.jsonl", '{"word": "a\u2028b"}\n\n{"word": "None"}\n')

    assert fetch_lines(PIN, "some.jsonl") == [{"word": "a\u2028b"}, {"word": "None"}]


def test_another_revision_in_the_cache_does_not_serve(cache: Path) -> None:
    cached(cache, Pin(PIN.repo, "f" * 40), "some.jsonl", "{}")

    with refused(PIN.repo, PIN.revision, "HF_HUB_OFFLINE=1", "-T source=bundled"):
        fetch_lines(PIN, "some.jsonl")


def test_a_split_comes_from_the_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", cache / "prepared")
    cached(cache, PIN, "README.md", README)
    cached(cache, PIN, "odd/test.jsonl", '{"word": "tea"}\n')

    assert fetch_split(PIN, "odd", "test") == [{"word": "tea"}]


def test_load_hub_states_the_pin(cache: Path) -> None:
    pin = Pin(SYCOPHANCY_EVAL, SYCOPHANCY_EVAL_REVISION)
    cached(cache, pin, "answer.jsonl", (FIXTURES / "answer.jsonl").read_text(encoding="utf-8"))

    items = load_hub(Benchmark.TRUTHFULQA)

    assert items.revision == SYCOPHANCY_EVAL_REVISION
    assert len(items.items) == 1


class Response:
    """What the Hub client's errors keep of an HTTP reply."""

    headers: ClassVar[dict[str, str]] = {}
    request = None


@pytest.mark.parametrize(
    ("cause", "parts"),
    [
        (GatedRepoError, ("https://huggingface.co/datasets/some-org/some-set", "HF_TOKEN")),
        (RevisionNotFoundError, (PIN.revision, "Update warm-inspect")),
        (RepositoryNotFoundError, (PIN.repo, "HF_ENDPOINT")),
    ],
)
def test_each_refusal_has_its_way_out(cause: type[Exception], parts: tuple[str, ...]) -> None:
    refusal = cause("refused", response=Response())  # type: ignore[call-arg]
    wrapped = ConnectionError("wrapped by a client")
    wrapped.__cause__ = refusal

    for error in (refusal, wrapped):
        with refused(*parts, "-T source=bundled"):
            raise explained(error, PIN)


def test_being_offline_has_its_way_out() -> None:
    with refused("OfflineModeIsEnabled", "HF_HUB_OFFLINE=1", "-T source=bundled"):
        raise explained(OfflineModeIsEnabled("off"), PIN)
