"""The compare page: stands alone, filters, escapes, and shows no text unless asked."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from tests.analysis.foreign_logs import evaluate
from tests.errors import refused
from tests.made_logs import write_samples
from tests.report.test_study_page import Outline
from warm_inspect.analysis.compare import Comparison, compare_logs
from warm_inspect.analysis.logs.log import read_samples
from warm_inspect.report.comparison_report import (
    comparison_record,
    differences,
    group_words,
    items_frame,
    render_comparison,
)

EVIL = "q3/<script>alert('x')</script>"
VIEWER = "http://127.0.0.1:7575"


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("logs")
    names = ["q0", "q1", "q2", EVIL, "gated"]

    def values(wrong: list[str]) -> dict[str, Any]:
        return {name: {"correct": name not in wrong, "odd|name'": 1} for name in names}

    def gated(name: str) -> dict[str, Any]:
        return {"gated": name == "gated"}

    wrong = {"a": ["q0", "gated"], "b": [EVIL, "gated"]}
    logs = [evaluate(folder / side, values(wrong[side]), metadata=gated) for side in wrong]
    return compare_logs(*map(read_samples, logs))


def test_the_page_stands_alone_and_runs_only_its_own_script(comparison: Comparison) -> None:
    page = render_comparison(comparison, VIEWER, include_text=True)
    outline = Outline(page)
    assert outline.tags.count("script") == 1
    assert not {"link", "img", "iframe", "object", "form"} & set(outline.tags)
    assert all(target.startswith(f"{VIEWER}/#/logs/") for target in outline.loads)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in page
    assert page == render_comparison(comparison, VIEWER, include_text=True)
    assert len(page) < 100_000


def test_samples_that_differ_come_first_with_their_group(comparison: Comparison) -> None:
    page = render_comparison(comparison, VIEWER, include_text=False)
    rows = re.findall(r'<th scope="row"><code>(.*?)</code>.*?data-group="(\w+)"', page, re.DOTALL)
    assert [group for _, group in rows] == ["only_b", "only_a", "both", "both", "neither"]
    words = group_words(comparison.metrics[0])
    assert (words["only_a"], words["only_b"]) == ("only B wrong", "only A wrong")
    assert "alert(&#39;x&#39;)" in rows[1][0]


def test_links_lead_to_the_sample_in_each_log(comparison: Comparison) -> None:
    links = [
        target
        for target in Outline(render_comparison(comparison, f"{VIEWER}/", include_text=False)).loads
        if "q0" in target
    ]
    assert links == [
        f"{VIEWER}/#/logs/{side}/{Path(log.path).name}/samples/sample/q0/1"
        for side, log in (("a", comparison.pairs.a), ("b", comparison.pairs.b))
    ]
    with refused("'javascript:alert(1)'", "inspect view start"):
        render_comparison(comparison, "javascript:alert(1)", include_text=False)


def test_text_is_shown_only_when_asked(comparison: Comparison) -> None:
    redacted = render_comparison(comparison, VIEWER, include_text=False)
    assert "Question" not in redacted
    assert "reply to" not in redacted
    page = render_comparison(comparison, VIEWER, include_text=True)
    assert "<p>Question q0?</p>" in page
    assert "<b>B</b> reply to Question q0?" in page
    assert "<p>Question gated?</p>" in page
    assert "pass it on only where their data may go" in page


def test_the_record_and_the_table_hold_no_text(comparison: Comparison) -> None:
    record = comparison_record(comparison)
    assert "Question" not in str(record)
    assert record["metrics"][0]["discordant"] == {"only_a": [EVIL], "only_b": ["q0"]}
    assert record["metrics"][1]["permutation"]["p_value"] is None
    frame = items_frame(comparison)
    assert list(frame.columns) == ["metric", "sample_id", "epoch", "epochs", "cluster", "a", "b", "group"]
    assert len(frame) == 10


@pytest.mark.parametrize(("wrong", "p", "contradicted"), [(5, "0.062", True), (6, "0.031", False)])
def test_an_interval_whose_test_contradicts_the_one_that_decides_is_marked(
    tmp_path: Path, wrong: int, p: str, contradicted: bool
) -> None:
    # All that differ of 40 lean one way: 2 / 2**wrong by permutation, .0235 by the t test of 5, .012 by that of 6.
    logs = [
        write_samples(
            tmp_path / f"{name}.eval",
            [
                EvalSample(id=i, epoch=1, input=f"{i}?", target="!", scores={"s": Score(value="CI"[i < n])})
                for i in range(40)
            ],
        )
        for name, n in (("a", wrong), ("b", 0))
    ]
    table = differences(compare_logs(*(read_samples(str(log)) for log in logs)))
    row = dict(zip((column.heading for column in table.columns), map(str, table.rows[0]), strict=True))
    assert row["95% interval"].endswith("†") == contradicted
    assert {row["P"], row["P Holm"], row["P BH"]} == {p}
    assert "does not decide" in table.caption
