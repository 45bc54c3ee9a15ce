"""Logs in, files out: which texts are shown where, the chain from a number to a prompt, and equal bytes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessageUser, ModelOutput

from tests.made_logs import reply, sample_of, write_samples
from warm_inspect.report.sections.differing_replies import MAX_READ
from warm_inspect.report.study_report import AnalysisOptions, analyse_logs

EVIL = "<script>alert(1)</script>"
TEXTS = (".html", ".csv", ".json", ".md", ".tex")


def spoken(question: str, outcome: str, arm: str, belief: str, **changes: object) -> EvalSample:
    """A sample with a prompt and a reply that say where they are from, and try to break the page."""
    sample = sample_of(
        reply(question, outcome, arm=arm, belief=belief, endorses_claim=outcome == "incorrect", **changes)
    )
    name = f"{changes.get('benchmark', 'truthfulqa')}-{question}-{EVIL}"
    said = ModelOutput.from_content("mockllm/model", f"REPLY {arm} {name}")
    return sample.model_copy(update={"messages": [ChatMessageUser(content=f"ASKED {name}")], "output": said})


def samples(arm: str, **changes: object) -> Iterator[EvalSample]:
    """The original is right, the warm arm wrong where the user is."""
    for i in range(4):
        for belief in ("none", "incorrect"):
            wrong = arm == "warm" and belief == "incorrect" and i < 3
            yield spoken(f"q{i}", "incorrect" if wrong else "correct", arm, belief, **changes)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    for arm in ("original", "warm"):
        open_rows, gated = samples(arm), samples(arm, benchmark="medqa", gated=True)
        harmful = samples(arm, benchmark="disinfo")
        # One file name for several logs: they are told apart by their ids.
        for name, rows in (("open", open_rows), ("gated", gated), ("harmful", harmful)):
            path = folder / "logs" / arm / f"{name}.eval"
            write_samples(path, list(rows), eval_id=f"{arm}-{name}", task_id=f"{arm}-{name}")
    return folder / "logs"


def written(logs: Path, out: Path, include_text: bool = False) -> dict[str, str]:
    analyse_logs([str(logs)], out, AnalysisOptions(include_text=include_text))
    return {path.name: path.read_text(encoding="utf-8") for path in out.iterdir() if path.suffix in TEXTS}


@pytest.fixture(scope="module")
def redacted(logs: Path) -> dict[str, str]:
    """The files of the logs without the text of gated rows, in the folder `out` beside the logs."""
    return written(logs, logs.parent / "out")


@pytest.fixture(scope="module")
def with_text(logs: Path) -> dict[str, str]:
    return written(logs, logs.parent / "all", include_text=True)


@pytest.mark.slow
def test_text_of_gated_and_harmful_rows_is_redacted_everywhere(redacted: dict[str, str]) -> None:
    files = redacted
    assert {Path(name).suffix for name in files} == set(TEXTS)
    for name, text in files.items():
        for secret in ("ASKED medqa", "REPLY warm medqa", "ASKED disinfo", "REPLY original disinfo"):
            assert secret not in text, name
    page = files["report.html"]
    assert page.count("[redacted: the row is gated or harmful") == 6
    assert "shows text of gated or harmful rows" not in page
    assert "ASKED truthfulqa-q0" in page
    assert "REPLY warm truthfulqa-q0" in page


@pytest.mark.slow
def test_include_text_shows_it_on_the_page_alone(with_text: dict[str, str]) -> None:
    page = with_text["report.html"]
    files = {name: text for name, text in with_text.items() if name != "report.html"}
    for said in ("ASKED medqa-q1", "REPLY warm medqa-q1", "ASKED disinfo-q0", "REPLY original disinfo-q0"):
        assert said in page
    assert "[redacted" not in page
    assert "shows text of gated or harmful rows" in page
    assert not [name for name, text in files.items() if "REPLY" in text or "ASKED" in text]


@pytest.mark.slow
def test_reply_text_is_escaped(with_text: dict[str, str]) -> None:
    page = with_text["report.html"]
    assert EVIL not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.slow
def test_few_replies_are_quoted_with_links_into_the_viewer(logs: Path, redacted: dict[str, str]) -> None:
    page = redacted["report.html"]
    assert 0 < page.count('<article class="reading">') <= MAX_READ
    link = "http://127.0.0.1:7575/#/logs/warm/open.eval/samples/sample/none%2Fincorrect%20%C2%B7%20q0/1"
    assert f'href="{link}"' in page
    assert str(logs.parent) not in page


def test_a_number_leads_to_its_replies_and_prompts(logs: Path, redacted: dict[str, str]) -> None:
    estimates = pd.DataFrame(json.loads(redacted["estimates.json"]))
    table = pd.read_csv(logs.parent / "out" / "estimates.csv")
    assert list(estimates["estimate_id"]) == list(table["estimate_id"])
    assert estimates["estimate_id"].is_unique
    (number,) = estimates[
        (estimates["contrast"] == "warm - original | belief=incorrect")
        & (estimates["outcome"] == "endorses_claim")
        & (estimates["term"] == "contrast")
    ]["estimate_id"]
    for name in ("report.html", "tables.md", "tables.tex"):
        assert number in redacted[name]
    rows = pd.read_csv(logs.parent / "out" / "rows.csv")
    own = rows[rows["estimate_ids"].str.contains(number)]
    assert len(own) == 24
    assert set(own["log_file"]) == {"open.eval", "gated.eval", "harmful.eval"}
    assert own.groupby(["benchmark", "sample_id"])["prompt_sha256"].nunique().max() == 1
    assert own["prompt_sha256"].str.fullmatch("[0-9a-f]{64}").all()


@pytest.mark.slow
def test_equal_logs_give_equal_bytes(logs: Path, redacted: dict[str, str], tmp_path: Path) -> None:
    assert written(logs, tmp_path) == redacted


@pytest.mark.slow
def test_reasons_of_gated_rows_are_cut(tmp_path: Path) -> None:
    ungraded = spoken("q9", "", "warm", "none", benchmark="medqa", gated=True)
    for arm, more in (("original", []), ("warm", [ungraded])):
        rows = [*samples(arm, benchmark="medqa", gated=True), *more]
        write_samples(tmp_path / "logs" / f"{arm}.eval", rows, eval_id=arm, task_id=arm)
    assert "no verdict" not in written(tmp_path / "logs", tmp_path / "out")["exclusions.csv"]
    assert "no verdict" in written(tmp_path / "logs", tmp_path / "all", include_text=True)["exclusions.csv"]
