"""`warm-inspect analyze`: what it writes, prints and returns."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from tests.made_logs import label_of, reply, write_log
from warm_inspect.analysis.contrasts import Design
from warm_inspect.analysis.estimates.estimate import COLUMNS
from warm_inspect.analysis.hierarchical import FIT_COLUMNS, FitPlan, Forecast, HierarchicalResults, Tell
from warm_inspect.analysis.observations import Observations
from warm_inspect.cli.analyze import analyze
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.installation import install_command
from warm_inspect.core.lines import as_lines
from warm_inspect.core.vocabulary import CONTEXT_LEVELS

FILES = [
    "estimates.csv", "estimates.json", "excluded_rows.csv", "exclusions.csv", "families.csv", "observations.parquet",
    "rates.csv", "report.html", "rows.csv", "tables.md", "tables.tex", "weights.csv",
]  # fmt: skip


def run(*arguments: object) -> Result:
    return CliRunner().invoke(analyze, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs that no test changes; the folders of the fixtures below stand beside them."""
    folder = tmp_path_factory.mktemp("analyze")
    for arm, wrong in (("original", 2), ("warm", 5)):
        rows = [
            reply(f"q{i}", "incorrect" if i < wrong else "correct", arm=arm, belief=belief, endorses_claim=i < wrong)
            for i in range(8)
            for belief in ("none", "incorrect")
        ]
        write_log(folder / "logs" / f"{arm}.eval", rows)
    return folder / "logs"


@pytest.fixture(scope="module")
def plain(logs: Path) -> tuple[Result, Path]:
    """What `analyze` prints of the logs, and the folder of its files."""
    return run(logs, "--out", logs.parent / "plain"), logs.parent / "plain"


@pytest.fixture(scope="module")
def paper(logs: Path) -> tuple[Result, Path]:
    """The same with the published analysis."""
    return run(logs, "--out", logs.parent / "paper", "--paper"), logs.parent / "paper"


def test_it_writes_every_table_and_the_report(plain: tuple[Result, Path]) -> None:
    result, out = plain
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir()) == FILES
    assert tuple(pd.read_csv(out / "estimates.csv").columns) == COLUMNS
    assert len(pd.read_parquet(out / "observations.parquet")) == 32
    for text in ("+37.5", "Headline, not adjusted", "32 replies of 2 logs"):
        assert text in result.output


@pytest.mark.slow
def test_the_first_screen_is_the_answer_and_at_most_eight_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One model under nine contexts has far more rows than a screen."""
    contexts = sorted(CONTEXT_LEVELS)
    rows = [
        reply(f"q{i}", "incorrect" if i % 2 else "correct", arm="mine", belief=belief, context=context)
        for i in range(6)
        for context in contexts
        for belief in ("none", "incorrect")
    ]
    write_log(tmp_path / "logs" / "mine.eval", rows)
    monkeypatch.setenv("COLUMNS", "80")
    result = run(tmp_path / "logs", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    heading = next(number for number, line in enumerate(lines) if "what is asked" in line)
    table = lines[heading + 2 :]
    assert next(number for number, line in enumerate(table) if line.startswith("Differences")) == 8
    assert "more rows are in report.html" in result.stdout
    assert lines[0].startswith("Not shown: that mine adopts")
    assert len(lines) < 60


@pytest.mark.slow
def test_a_later_warmth_check_counts(logs: Path, tmp_path: Path) -> None:
    check = {
        "meter": "style@1", "reference_arm": "original", "lift": 0.5, "d": 0.9, "d_low": 0.5, "d_high": 1.3,
        "n_prompts": 42, "direction": 1, "threshold": 0.35, "passed": True,
    }  # fmt: skip
    (tmp_path / "warmth.json").write_text(json.dumps({"checks": {"warm": check}}))
    result = run(logs, "--out", tmp_path / "out", "--warmth", tmp_path / "warmth.json", "--json")
    assert result.exit_code == 0, result.output
    (answer,) = json.loads(result.stdout)["answers"]
    assert answer["warmth_check"] == ["passed"]
    assert "not about warmth" not in answer["answer"]
    page = (tmp_path / "out" / "report.html").read_text()
    assert "✓ passed" in page


@pytest.mark.slow
def test_the_first_line_is_the_positive_control(tmp_path: Path) -> None:
    for arm, wrong in (("original", 2), ("warm", 2), ("answering", 1), ("agreeing", 7)):
        rows = [
            reply(
                f"q{i}", "incorrect" if i < wrong else "correct", arm=arm, belief="incorrect", endorses_claim=i < wrong
            )
            for i in range(8)
        ]
        write_log(tmp_path / "logs" / f"{arm}.eval", rows)
    result = run(tmp_path / "logs", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("Positive control seen: agreeing")
    assert result.output.count("Positive control") == 1
    assert result.output.index("+75.0") < result.output.index("that warm adopts")


@pytest.mark.slow
def test_a_traffic_says_what_1000_conversations_hold(logs: Path, tmp_path: Path) -> None:
    """Warm is wrong on 5 of 8 questions and the original on 2, whatever is stated: 375 in 1,000 in any traffic."""
    result = run(logs, "--out", tmp_path / "out", "--traffic", "belief=0.1")
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "In 1,000 conversations with belief=0.1 warm gives 375.0 more wrong replies than original (95 %" in said
    table = pd.read_csv(tmp_path / "out" / "traffic.csv")
    assert table.groupby("arm")["incorrect_per_1000"].sum().to_dict() == {"original": 250, "warm": 625}
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "375.0 more wrong replies" in page
    record = json.loads(run(logs, "--out", tmp_path / "out", "--traffic", "belief=0.1", "--json").stdout)
    wrong = record["traffic"][0]
    assert wrong["conf_low"] < 0 < wrong["conf_high"]
    assert "The interval holds 0" in said
    assert [(row["outcome"], row["estimate"]) for row in record["traffic"]] == [
        ("incorrect", pytest.approx(375)),
        ("not_correct", pytest.approx(375)),
        ("endorses_claim", pytest.approx(37.5)),
    ]


def test_a_traffic_of_what_was_not_run_writes_nothing(logs: Path, tmp_path: Path) -> None:
    result = run(logs, "--out", tmp_path / "out", "--traffic", "emotion_sad=0.1")
    assert isinstance(result.exception, PrerequisiteError)
    assert "emotion_sad" in str(result.exception)
    assert not list((tmp_path / "out").glob("*"))


@pytest.mark.slow
def test_labels_correct_rates_and_differences(tmp_path: Path) -> None:
    rows = [
        reply(f"q{i}", "incorrect" if i < wrong else "correct", arm=arm, uuid=f"{arm}-{i}", endorses_claim=i < wrong)
        for arm, wrong in (("original", 10), ("warm", 30))
        for i in range(40)
    ]
    for arm in ("original", "warm"):
        write_log(tmp_path / "logs" / f"{arm}.eval", [row for row in rows if row["arm"] == arm])
    # Every second reply of warm that is graded wrong is right, all others are graded rightly.
    labels = [
        label_of(row, row["incorrect"] == 1 and (row["arm"] == "original" or i % 2 == 0)) for i, row in enumerate(rows)
    ]
    (tmp_path / "labels.jsonl").write_text(as_lines(labels), encoding="utf-8")
    result = run(tmp_path / "logs", "--out", tmp_path / "out", "--labels", tmp_path / "labels.jsonl", "--json")
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)["corrected"]
    assert {row["term"] for row in printed} == {"prediction_powered", "rogan_gladen"}
    rates = pd.read_csv(tmp_path / "out" / "corrected_rates.csv").query("length == 'all' and belief == 'all'")
    warm = rates.query("arm == 'warm' and outcome == 'incorrect'").iloc[0]
    assert warm[["graded", "prediction_powered", "rogan_gladen"]].tolist() == pytest.approx([0.75, 0.375, 0.375])
    estimates = pd.read_csv(tmp_path / "out" / "estimates.csv").query("outcome == 'incorrect' and belief.isna()")
    row = estimates.query("analysis == 'grader_error' and term == 'prediction_powered'").iloc[0]
    assert row["estimate"] == pytest.approx(12.5)


def test_cell_counts_take_no_labels(tmp_path: Path) -> None:
    result = run(tmp_path / "cells.csv", "--out", tmp_path / "out", "--labels", tmp_path / "labels.jsonl")
    assert result.exit_code == 2
    assert "labels" in result.output


@pytest.mark.slow
def test_text_of_gated_rows_is_redacted_unless_asked_for(tmp_path: Path) -> None:
    for arm, wrong in (("original", 0), ("warm", 3)):
        rows = [
            reply(f"q{i}", "incorrect" if i < wrong else "correct", arm=arm, belief="incorrect", gated=True)
            | {"endorses_claim": i < wrong}
            for i in range(4)
        ]
        write_log(tmp_path / "logs" / f"{arm}.eval", rows)
    for flags, redacted in (((), 3), (("--include-text",), 0)):
        assert run(tmp_path / "logs", "--out", tmp_path / "out", *flags).exit_code == 0
        page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
        assert page.count("[redacted") == redacted


@pytest.mark.slow
def test_paper_mode_adds_the_published_models(paper: tuple[Result, Path]) -> None:
    result, out = paper
    assert result.exit_code == 0, result.output
    analyses = set(pd.read_csv(out / "estimates.csv")["analysis"])
    assert {"paper_1", "paper_4", "paper_task_truthfulqa", "paper_mcnemar", "logit_main", "arm_effect"} <= analyses
    assert "errors as published" in result.output
    assert '<figure id="figure-2">' in (out / "report.html").read_text()


@pytest.mark.slow
def test_the_counts_behind_the_figures_can_be_analysed_again(paper: tuple[Result, Path], tmp_path: Path) -> None:
    _, out = paper
    result = run(out / "paper_cells.csv", "--out", tmp_path, "--paper")
    assert result.exit_code == 0, result.output
    one, other = (pd.read_csv(folder / "estimates.csv") for folder in (out, tmp_path))
    effects = [
        rows.loc[(rows["analysis"] == "paper_4") & (rows["term"] == "marginal_effect"), "estimate"].tolist()
        for rows in (one, other)
    ]
    assert len(effects[0]) == 2
    assert effects[0] == pytest.approx(effects[1])


def cells(path: Path) -> Path:
    rows = [
        f"m,{arm},own,{context},{belief},100,{wrong}"
        for arm, wrong in (("original", 20), ("warm", 30))
        for context in ("none", "emotion_sad")
        for belief in ("none", "any")
    ]
    path.write_text("\n".join(["base_model,arm,benchmark,context,belief,n,n_incorrect", *rows]))
    return path


@pytest.mark.slow
def test_a_table_of_counts_is_analysed_without_logs(tmp_path: Path) -> None:
    result = run(cells(tmp_path / "cells.csv"), "--out", tmp_path / "out", "--paper")
    assert result.exit_code == 0, result.output
    estimates = pd.read_csv(tmp_path / "out" / "estimates.csv")
    assert tuple(estimates.columns) == COLUMNS
    (effect,) = estimates[(estimates["analysis"] == "paper_1") & (estimates["term"] == "marginal_effect")]["estimate"]
    assert effect == pytest.approx(10)
    assert "Not estimable from cell counts" in result.output
    files = ["estimates.csv", "estimates.json", "exclusions.csv", "paper_cells.csv", "report.html"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == files
    assert "What counts cannot give" in (tmp_path / "out" / "report.html").read_text()
    summary = json.loads(run(cells(tmp_path / "cells.csv"), "--out", tmp_path / "out", "--json").stdout)
    assert "clustered_errors" in summary["not_estimable"]


def test_counts_and_logs_are_not_mixed(logs: Path, tmp_path: Path) -> None:
    result = run(cells(tmp_path / "cells.csv"), logs, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "analysed alone" in result.output


@pytest.mark.slow
def test_json_is_the_same_headline(logs: Path, tmp_path: Path) -> None:
    summary = json.loads(run(logs, "--out", tmp_path / "out", "--json").stdout)
    rates = {(row["arm"], row["belief"]): row["endorses_claim"] for row in summary["rates"]}
    assert rates[("original", "incorrect")] == pytest.approx(0.25)
    assert rates[("warm", "incorrect")] == pytest.approx(0.625)
    assert [row["estimate"] for row in summary["effects"]] == pytest.approx([37.5] * 3)
    assert summary["effects"][0]["p_value"] > 0


@pytest.mark.slow
def test_logs_that_were_left_out_exit_with_3(logs: Path, tmp_path: Path) -> None:
    copy = copytree(logs, tmp_path / "logs")
    (copy / "cut.eval").write_bytes(b"PK")
    result = run(copy, "--out", tmp_path / "out")
    assert result.exit_code == 3
    assert "Left out logs: 1 unreadable." in result.output
    assert (tmp_path / "out" / "report.html").exists()


def test_an_output_folder_that_cannot_be_written_fails_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("no logs here", "--out", tmp_path / "file")
    assert isinstance(result.exception, PrerequisiteError)
    assert "--out FOLDER" in str(result.exception)


def test_a_failed_analysis_leaves_the_old_files(logs: Path, plain: tuple[Result, Path], tmp_path: Path) -> None:
    copy, out = copytree(logs, tmp_path / "logs"), copytree(plain[1], tmp_path / "out")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    write_log(copy / "again.eval", [reply("q0")])
    assert isinstance(run(copy, "--out", out).exception, PrerequisiteError)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.slow
def test_equal_logs_give_equal_tables(logs: Path, plain: tuple[Result, Path], tmp_path: Path) -> None:
    run(logs, "--out", tmp_path)
    for file in FILES:
        assert (plain[1] / file).read_bytes() == (tmp_path / file).read_bytes()


@pytest.mark.parametrize(
    ("arms", "code", "message"),
    [
        (["--arm", "original"], 2, "is not NAME=MODEL"),
        (["--arm", "original=m", "--arm", "warm=m"], 1, "two arms: original and warm"),
    ],
)
def test_arms_are_checked(logs: Path, tmp_path: Path, arms: list[str], code: int, message: str) -> None:
    result = run(logs, "--out", tmp_path / "out", *arms)
    assert result.exit_code == code
    assert message in result.output + str(result.exception)


@pytest.mark.slow
def test_hierarchical_models_are_announced_and_shown(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What each takes stands on the error stream before it is drawn, and whether its chains agree in the answer."""

    def made(
        observations: Observations, designs: Sequence[Design], outcomes: Sequence[str], tell: Tell
    ) -> HierarchicalResults:
        for again in (False, True):
            assert not tell(FitPlan(1, 1, ("warm", "original"), outcomes[0], Forecast(32, 48, 150.0, 640.0), again))
        row = ("warm", "original", outcomes[0], 32, 8, 48, 4, 500, 1500, 1.003, 812.0, 901.0, 0, True)
        return HierarchicalResults(fits=pd.DataFrame([row], columns=list(FIT_COLUMNS)))

    monkeypatch.setattr("warm_inspect.analysis.study.analysis.analyse_hierarchically", made)
    monkeypatch.setattr("warm_inspect.analysis.hierarchical.require_hierarchical", lambda: None)
    result = run(logs, "--out", tmp_path / "out", "--hierarchical")
    assert result.exit_code == 0, result.output
    said = " ".join(result.stderr.split())
    assert "Hierarchical model 1 of 1, endorses_claim of warm and original: 32 replies, 48 effects, about 2 min" in said
    assert "0.6 GB" in said
    assert "again" in said
    assert "812" in result.stdout
    assert (tmp_path / "out" / "hierarchical_fits.csv").exists()


def test_hierarchical_models_without_their_extra(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpyro", None)
    result = run(logs, "--out", tmp_path / "out", "--hierarchical")
    assert isinstance(result.exception, PrerequisiteError)
    assert install_command("hierarchical") in str(result.exception)
    assert not (tmp_path / "out").exists()
