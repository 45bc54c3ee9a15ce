"""Pages with hostile replies, names and ids in a real browser: nothing runs, nothing is loaded, all of it is text."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from inspect_ai.log import EvalSample
from inspect_ai.model import ModelOutput

from tests.browser import CHROMIUM, Tab, tab
from tests.e2e.test_label_page import serving
from tests.hanging import ends_within
from tests.made_logs import grid, sample_of, write_samples
from warm_inspect.cli import main
from warm_inspect.core.lines import as_lines
from warm_inspect.core.shown_text import shown
from warm_inspect.labelling.files import SheetRow

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]

HOSTILE = (
    "<script>owned=1;alert(1)</script></script></style></title></textarea><img src=//evil.invalid/a onerror=owned=2>"
    "<svg onload=owned=3><iframe srcdoc='<script>parent.owned=4</script>'></iframe><base href=//evil.invalid>"
    "\" onmouseover=owned=5 autofocus onfocus='owned=6' style=\"background:url(//evil.invalid/b)\" '"
    "<meta http-equiv=refresh content='600;url=//evil.invalid'><link rel=stylesheet href=//evil.invalid/c>"
    "{{ 7 * 7 }} javascript:owned=7 <!-- --> ]]> \u202egpj.exe\u2066 \x1b[31m \x00 &lt;b&gt; end"
)
ARM = "<img src=//evil.invalid/d onerror=owned=8>\"'"
"""A name has no characters that are not printed: others are refused."""
PLAIN, PLAIN_ARM = "plain", "treated arm"

OWNED = "typeof owned === 'undefined' && !location.href.includes('evil')"
TAGS = """(() => { const count = {};
  for (const each of document.querySelectorAll('*')) count[each.localName] = (count[each.localName] || 0) + 1;
  return count; })()"""
HANDLERS = """[...document.querySelectorAll('*')].flatMap(each => [...each.attributes])
  .filter(each => each.name.startsWith('on') || /^\\s*javascript:/i.test(each.value)).map(each => each.name)"""
MOVE_OVER_ALL = """document.querySelectorAll('details').forEach(each => each.open = true);
  for (const each of document.querySelectorAll('*'))
    for (const name of ['mouseover', 'focus', 'click'])
      if (each.localName !== 'a' && each.localName !== 'button') each.dispatchEvent(new Event(name))"""


def sample(row: dict[str, Any], text: str) -> EvalSample:
    made = sample_of(row)
    return made.model_copy(
        update={
            "input": text,
            "target": [text],
            "metadata": {**made.metadata, "category": text, "statement_id": "", "claim": text, text[:60]: text},
            "output": ModelOutput.from_content("mockllm/model", f"{text} {row['sample_id']}"),
        }
    )


def logs(folder: Path, text: str, treated: str) -> Path:
    """Logs of two arms whose questions, replies, ids and models are the text."""
    rows = grid({"original": 0.2, treated: 0.8}, questions=8, base_model=text)
    for number, arm in enumerate(("original", treated)):
        own = [
            row | {"question_id": f"{row['question_id']}{text}", "sample_id": f"{row['sample_id']}{text}"}
            for row in rows
            if row["arm"] == arm
        ]
        write_samples(folder / f"{number}.eval", [sample(row, text) for row in own], model=f"m/{number}{text}")
    return folder


def pages(folder: Path, text: str, treated: str) -> dict[str, Path]:
    """The report and the comparison of such logs."""
    made = logs(folder / "logs", text, treated)
    out = folder / "out"
    commands = {
        "report.html": ("analyze", made, "--out", out, "--treated", treated),
        "compare.html": ("compare", made / "0.eval", made / "1.eval", "--out", out, "--include-text"),
    }
    for arguments in commands.values():
        done = CliRunner().invoke(main.group, [str(each) for each in arguments])
        assert done.exit_code == 0, (done.output, done.exception)
    return {name: out / name for name in commands}


def looked_at(page: Tab, address: str, ready: str = "true") -> dict[str, int]:
    """The elements of a page that was opened and moved over; nothing of the text became one, or ran."""
    page.open(address)
    page.wait(ready)
    page.value(MOVE_OVER_ALL)
    assert page.value(OWNED)
    assert page.value(HANDLERS) == []
    assert page.dialogs == []
    assert [url for url in page.requests if "evil" in url] == []
    return dict(page.value(TAGS))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with tab(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def page(browser: Tab) -> Iterator[Tab]:
    for seen in (browser.dialogs, browser.requests, browser.complaints):
        seen.clear()
    with ends_within(300):
        yield browser


def test_a_page_that_is_owned_would_be_seen(page: Tab, tmp_path: Path) -> None:
    """What the other tests look for is there on a page that shows the text as markup."""
    path = tmp_path / "owned.html"
    path.write_text(f"<!doctype html><body>{HOSTILE}", encoding="utf-8")
    page.open(path.as_uri())
    page.wait("true")
    assert not page.value(OWNED)
    assert page.value(HANDLERS)
    assert page.dialogs == ["1"]
    assert [url for url in page.requests if "evil" in url]


def test_report_and_comparison(page: Tab, tmp_path: Path) -> None:
    hostile, plain = pages(tmp_path / "hostile", HOSTILE, ARM), pages(tmp_path / "plain", PLAIN, PLAIN_ARM)
    for name, path in hostile.items():
        assert looked_at(page, path.as_uri()) == looked_at(page, plain[name].as_uri()), name
        page.open(path.as_uri())
        text = page.value("document.body.textContent")
        for part in ("<script>owned=1;alert(1)</script>", *([ARM] if name == "report.html" else [])):
            assert part in text, name
        assert "\u202e" not in text
    complaints = [each for each in page.complaints if "evil" in each]
    assert complaints == []


def test_label_page(page: Tab, tmp_path: Path) -> None:
    def sheet(name: str, text: str) -> Path:
        row = SheetRow.named(question=text, references=(text, text), claim=text, stated=text, reply=text)
        path = tmp_path / f"{name}.jsonl"
        path.write_text(as_lines([row]), encoding="utf-8")
        return path

    tags = []
    for name, text in (("hostile", HOSTILE), ("plain", PLAIN)):
        with serving(sheet(name, text)) as address:
            tags.append(looked_at(page, address, "document.getElementById('count').textContent === '0 of 1'"))
            assert page.text("reply") == shown(text), "what steers a page is no text"
    assert tags[0] == tags[1], json.dumps(tags)
