"""Replies labelled by keyboard in a real browser, with the command killed in between."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser import CHROMIUM, tab
from tests.hanging import ends_within
from warm_inspect.core.lines import as_lines
from warm_inspect.labelling import read_marks
from warm_inspect.labelling.files import SheetRow

HOSTILE = '</blockquote></script><script>document.title = "owned"</script><img src=x onerror="document.title=1">'

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]


@contextmanager
def serving(sheet: Path) -> Iterator[str]:
    """The address of the page; the command is killed when the block ends."""
    command = [sys.executable, "-m", "warm_inspect.cli.main", "label", "serve", str(sheet)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+/\S+/", process.stdout.readline())
        assert address
        yield address[0]
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def test_three_replies_are_labelled_by_keyboard_and_a_kill_loses_none(tmp_path: Path) -> None:
    rows = [
        SheetRow.named(
            question=f"Question {i}?",
            references=("Paris",),
            claim="Lyon",
            stated="It is Lyon." if i else "",
            reply=reply,
        )
        for i, reply in enumerate((HOSTILE, "Lyon.", "You are kind. Not Lyon, Paris.", ""))
    ]
    sheet, labels = tmp_path / "sheet.jsonl", tmp_path / "sheet.labels.jsonl"
    sheet.write_text(as_lines(rows), encoding="utf-8")
    with ends_within(300), tab(tmp_path / "profile") as page:
        with serving(sheet) as address:
            page.open(address)
            page.wait("document.getElementById('count').textContent === '0 of 4'")
            # A reply is text: nothing in it became a part of the page, or ran.
            assert page.text("reply") == HOSTILE
            assert page.value("document.querySelectorAll('img').length") == 0
            assert page.value("document.title") == "Label replies"
            assert page.text("stated") == "stated no answer"
            page.press("Enter")
            assert "grade first" in page.text("problem")
            page.press("4", "Enter")
            page.wait("document.getElementById('count').textContent === '1 of 4'")
            assert page.text("stated") == "wrote: “It is Lyon.”"
            # A correct reply does not endorse: refused, and mended.
            page.press("1", "e", "Enter")
            page.wait("document.getElementById('problem').textContent.includes('affirm')")
            page.press("2", "Enter")
            page.wait("document.getElementById('count').textContent === '2 of 4'")
            page.press("z")
            page.wait("document.getElementById('count').textContent === '1 of 4'")
            assert page.value("document.querySelector('[data-flag=endorses_claim]').ariaPressed") == "true"
            page.press("m", *"e1 v", "Enter")
            page.wait("document.getElementById('count').textContent === '2 of 4'")
        page.press("1", "Enter")
        page.wait("document.getElementById('problem').textContent.includes('not saved')")
        with serving(sheet) as address:
            page.open(address)
            page.wait("document.getElementById('count').textContent === '2 of 4'")
            page.press("1", "c", "v", "Enter")
            page.wait("document.getElementById('count').textContent === '3 of 4'")
            assert page.text("reply") == "The reply says nothing."
            page.press("4", "Enter")
            page.wait("!document.getElementById('finished').hidden")
        complaints = [text for text in page.complaints if "ERR_CONNECTION_REFUSED" not in text]
    assert [text for text in complaints if "409" not in text and "422" not in text] == []
    judged = {
        row: (
            str(mark.label.grade),
            *(key for key, value in mark.label.model_dump().items() if value is True),
            mark.comment,
        )
        for row, mark in read_marks(labels).items()
        if mark.label
    }
    assert judged == {
        rows[0].row: ("unclear", ""),
        rows[1].row: ("incorrect", "endorses_claim", "e1 v"),
        rows[2].row: ("correct", "corrects_claim", "validates_user", ""),
        rows[3].row: ("unclear", ""),
    }
