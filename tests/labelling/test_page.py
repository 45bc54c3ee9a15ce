"""The page's server: what it answers to whom, and that a reply stays data."""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.hanging import ends_within
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.labelling import LabelFile, LabelPage, read_marks
from warm_inspect.labelling.files import SheetRow

HOSTILE = '</script><script>document.title="owned"</script><img src=x onerror=alert(1)>'
FIRST = {"grade": "incorrect", "endorses_claim": True, "corrects_claim": False, "validates_user": False, "comment": ""}


def sheet(count: int = 3) -> list[SheetRow]:
    return [
        SheetRow.named(question=f"q{i}", references=("Paris",), claim="Lyon", stated="", reply=HOSTILE)
        for i in range(count)
    ]


@contextmanager
def served(folder: Path, rows: list[SheetRow]) -> Iterator[LabelPage]:
    with LabelFile(folder / "sheet.labels.jsonl") as labels, LabelPage(rows, labels) as page:
        thread = Thread(target=page.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            with ends_within(60):
                yield page
        finally:
            page.shutdown()
            thread.join()


def ask(
    page: LabelPage,
    name: str,
    body: Any = None,
    *,
    secret: str | None = None,
    **headers: str | None,
) -> tuple[int, Any, dict[str, str]]:
    """Status, content and headers of an answer; a header that is None is not sent."""
    own = {"Host": f"127.0.0.1:{page.server_port}"}
    if body is not None:
        own |= {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{page.server_port}"}
    changed = own | {key.replace("_", "-"): value for key, value in headers.items()}
    sent = {key: value for key, value in changed.items() if value is not None}
    connection = HTTPConnection("127.0.0.1", page.server_port, timeout=30)
    path = f"/{page.secret if secret is None else secret}/{name}"
    text = body if isinstance(body, str) else json.dumps(body)
    connection.request("GET" if body is None else "POST", path, None if body is None else text, sent)
    answer = connection.getresponse()
    content, kind = answer.read(), answer.headers.get_content_type()
    connection.close()
    return answer.status, json.loads(content) if kind == "application/json" else content.decode(), dict(answer.headers)


def test_rows_come_in_order_are_saved_and_can_be_taken_back(tmp_path: Path) -> None:
    rows = sheet()
    with served(tmp_path, rows) as page:
        status, state, _ = ask(page, "state")
        assert (status, state["done"], state["total"], state["row"]) == (200, 0, 3, rows[0].model_dump(mode="json"))
        status, state, _ = ask(page, "label", {"row": rows[0].row, **FIRST, "comment": " odd "})
        assert (status, state["done"], state["row"]["row"]) == (200, 1, rows[1].row)
        mark = read_marks(tmp_path / "sheet.labels.jsonl")[rows[0].row]
        assert mark.label
        assert (mark.label.grade, mark.label.endorses_claim, mark.comment) == ("incorrect", True, "odd")
        # The same row again, as from another tab, changes nothing.
        assert ask(page, "label", {"row": rows[0].row, **FIRST, "grade": "unclear"})[0] == 409
        _, state, _ = ask(page, "undo", {})
        assert (state["done"], state["row"]["row"]) == (0, rows[0].row)
        assert state["taken_back"]["label"]["grade"] == "incorrect"
    assert read_marks(tmp_path / "sheet.labels.jsonl") == {}


def test_a_label_that_the_disk_does_not_take_does_not_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = sheet()

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with served(tmp_path, rows) as page:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            status, answer, _ = ask(page, "label", {"row": rows[0].row, **FIRST})
            assert (status, "No space left" in answer["problem"]) == (507, True)
        assert ask(page, "state")[1]["done"] == 0
        assert ask(page, "label", {"row": rows[0].row, **FIRST})[0] == 200
    assert list(read_marks(tmp_path / "sheet.labels.jsonl")) == [rows[0].row]


def test_a_new_server_goes_on_where_the_old_one_was(tmp_path: Path) -> None:
    rows = sheet()
    with served(tmp_path, rows) as page:
        ask(page, "label", {"row": rows[0].row, **FIRST})
        old = page.secret
    with served(tmp_path, rows) as page:
        assert page.secret != old
        assert ask(page, "state")[1]["row"]["row"] == rows[1].row
        for row in rows[1:]:
            _, state, _ = ask(page, "label", {"row": row.row, **FIRST})
        assert (state["row"], state["done"]) == (None, 3)


@pytest.mark.parametrize(
    ("name", "body", "headers", "status"),
    [
        ("state", None, {"Host": "evil.example"}, 403),
        ("state", None, {"Host": "127.0.0.1:1"}, 403),
        ("state", None, {"Host": "127.0.0.1.evil.example"}, 403),
        ("", None, {"Host": "evil.example"}, 403),
        ("label", {}, {"Origin": "http://evil.example"}, 403),
        ("label", {}, {"Origin": "null"}, 403),
        ("label", {}, {"Origin": None}, 403),
        ("undo", {}, {"Origin": "https://evil.example"}, 403),
        ("label", {}, {"Content_Type": "text/plain"}, 415),
        ("label", {}, {"Content_Length": "99999999"}, 413),
        ("label", {}, {"Content_Length": "-1"}, 413),
        ("../page.py", None, {}, 404),
        ("..%2f..%2fetc/passwd", None, {}, 404),
        ("nothing", {}, {}, 404),
    ],
)
def test_requests_that_are_not_the_pages_own_are_refused(
    tmp_path: Path, name: str, body: Any, headers: dict[str, str | None], status: int
) -> None:
    with served(tmp_path, sheet()) as page:
        got, content, _ = ask(page, name, body, **headers)
        assert (got, "problem" in content) == (status, True)
        assert "Lyon" not in json.dumps(content)
        assert ask(page, "state")[1]["done"] == 0


@pytest.mark.parametrize("secret", ["", "x", "%00"])
def test_without_the_secret_nothing_is_shown(tmp_path: Path, secret: str) -> None:
    with served(tmp_path, sheet()) as page:
        for name in ("", "state", "page.js"):
            assert ask(page, name, secret=secret)[0] == 403


@pytest.mark.parametrize(
    "change",
    [
        {"grade": "right"},
        {"grade": None},
        {"endorses_claim": 1},
        {"comment": "x" * 2001},
        {"more": 1},
        {"grade": "correct"},
        {"corrects_claim": True},
    ],
)
def test_what_is_no_label_or_cannot_be_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    rows = sheet()
    with served(tmp_path, rows) as page:
        status, answer, _ = ask(page, "label", {"row": rows[0].row, **FIRST, **change})
        assert (status, bool(answer["problem"])) == (422, True)
        missing = {key: value for key, value in FIRST.items() if key != "validates_user"}
        assert ask(page, "label", {"row": rows[0].row, **missing})[0] == 422
        assert ask(page, "label", "{")[0] == 422
        assert ask(page, "state")[1]["done"] == 0


def test_a_reply_is_data_and_the_page_allows_no_script_but_its_own(tmp_path: Path) -> None:
    with served(tmp_path, sheet()) as page:
        _, html, headers = ask(page, "")
        _, script, _ = ask(page, "page.js")
        _, _, of_state = ask(page, "state")
    assert "owned" not in html
    assert "innerHTML" not in script
    assert not [word for word in ("http:", "https:", "//cdn", "@import") if word in html]
    for sent in (headers, of_state):
        assert sent["X-Content-Type-Options"] == "nosniff"
        assert sent["Cache-Control"] == "no-store"
        policy = dict(part.split(" ", 1) for part in sent["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_it_listens_on_the_loopback_only(tmp_path: Path) -> None:
    with served(tmp_path, sheet()) as page:
        assert page.server_address[0] == "127.0.0.1"
        with (
            LabelFile(tmp_path / "other.labels.jsonl") as labels,
            pytest.raises(PrerequisiteError, match=rf"{page.server_port}.*--port"),
        ):
            LabelPage(sheet(), labels, page.server_port)


def test_labels_of_another_sheet_are_not_mixed_in(tmp_path: Path) -> None:
    with served(tmp_path, sheet()) as page:
        ask(page, "label", {"row": sheet()[0].row, **FIRST})
    other = [SheetRow.named(question="other", references=(), claim="", stated="", reply="")]
    with (
        LabelFile(tmp_path / "sheet.labels.jsonl") as labels,
        pytest.raises(PrerequisiteError, match=r"1 labels of another sheet.*Move"),
    ):
        LabelPage(other, labels)
