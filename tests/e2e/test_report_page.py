"""The report's page in a real browser: nothing of a table lies outside its box, on a phone, a tablet and a screen."""

from pathlib import Path

import pytest

from tests.browser import CHROMIUM, Tab, tab
from tests.hanging import ends_within
from tests.made_logs import collected_of, grid, study_of
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import AnalysedStudy, analyse, read_traffic
from warm_inspect.core.roles import Role
from warm_inspect.report.study_report import write_report

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]

CONTEXTS = ("none", "filler", "emotion_sad")
BELIEFS = ("none", "incorrect", "third_party")
HOSTED = {"adapter_sha256": "", "training_seed": -1, "warmth_check": ""}
WIDTHS = (390, 800, 1200)

OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"
OUTSIDE = """[...document.querySelectorAll('table')].flatMap(table => {
  const box = table.parentElement.getBoundingClientRect();
  const cells = [...table.rows].flatMap(row => [...row.cells]).filter(cell => cell.offsetParent);
  const right = Math.max(...cells.map(cell => cell.getBoundingClientRect().right));
  return right > box.right + 1 ? [table.parentElement.ariaLabel + ': ' + Math.round(right - box.right) + ' px'] : [];
})"""


def demo() -> AnalysedStudy:
    """Every arm of the demo, with notes below many rows."""
    arms = dict.fromkeys(("original", "original_repeat", "neutral", "answering"), 0.3) | {"warm": 0.5, "agreeing": 0.9}
    return study_of(grid(arms, 6, CONTEXTS, BELIEFS, truncated=1.0))


def one_model() -> AnalysedStudy:
    """A hosted model with a long name, alone."""
    rows = grid({"a-hosted-model-of-2026-11-29-preview": 0.4}, 8, CONTEXTS, BELIEFS, ("triviaqa", "truthfulqa"))
    return study_of([row | HOSTED for row in rows])


def before_and_after() -> AnalysedStudy:
    """Two hosted models and a rerun, with a stated traffic."""
    rows = [row | HOSTED for row in grid({"before": 0.2, "again": 0.2, "after": 0.6}, 8, CONTEXTS, BELIEFS)]
    roles = {"before": Role.REFERENCE, "again": Role.RERUN, "after": Role.TREATED}
    collected = collected_of(rows)
    return analyse(observe(collected, roles=roles), collected, traffic=read_traffic("belief=0.1,emotion_sad=0.02"))


def check(page: Tab, path: Path) -> None:
    page.open(path.as_uri())
    for width in WIDTHS:
        page.size(width, 900)
        assert page.value("document.querySelectorAll('details[open]').length") == 0
        # The answer is the first thing below the title, and its table the first that is seen.
        assert page.value("document.querySelector('main').firstElementChild.id") == "headline"
        assert page.value("document.querySelector('#headline').getBoundingClientRect().top + scrollY") < 350
        assert page.value(
            "[...document.querySelectorAll('table')].find(t => t.checkVisibility()).closest('section').id"
        ) == ("claims")
        page.value(OPEN_ALL)
        assert page.value("document.querySelectorAll('table').length") > 5
        assert page.value(OUTSIDE) == [], (path.name, width)
        assert page.value("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), width
        page.value(OPEN_ALL.replace("true", "false"))
    assert page.complaints == []


def test_no_table_is_clipped_at_any_width(tmp_path: Path) -> None:
    with ends_within(300), tab(tmp_path / "profile") as page:
        for made in (demo, one_model, before_and_after):
            path = tmp_path / f"{made.__name__}.html"
            write_report(made(), path)
            check(page, path)
