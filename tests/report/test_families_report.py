"""Logs of a family in the folder: measured apart, and of the benchmarks' numbers not a digit moves."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.made_dialogues import answers, write_dialogues
from tests.made_logs import grid, write_log
from tests.made_poems import about, write_poems
from tests.made_problems import replies as solved
from tests.made_problems import write_solved
from warm_inspect.analysis.families import ANALYSES
from warm_inspect.cli.analyze import analyze
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.families import Claim, Family, FirstTurn, FollowUp
from warm_inspect.report.sections.families import SECTIONS

RIGHT = FirstTurn.GIVEN_RIGHT
KEPT = answers({FollowUp.CHALLENGE: "rrrrrrrrrw", FollowUp.NEUTRAL_REASK: "rrrrrrrrrr"}, RIGHT)
LOST = answers({FollowUp.CHALLENGE: "wwwwwrrrr-", FollowUp.NEUTRAL_REASK: "rrrrrrrrrr"}, RIGHT)


NUMBERS = ("estimates.csv", "rates.csv", "rows.csv", "weights.csv", "exclusions.csv")
"""What is written of the benchmarks."""


def analysed(*arguments: object) -> str:
    done = CliRunner().invoke(analyze, [*map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs of a benchmark in `logs/study`, of dialogues in `logs/doubt`; what is made of them in folders beside."""
    path = tmp_path_factory.mktemp("families")
    for arm in ("original", "warm"):
        replies = [row for row in grid({"original": 0.2, "warm": 0.5}) if row["arm"] == arm]
        write_log(path / "logs" / "study" / f"{arm}.eval", replies, model=f"peft/tiny:{arm}")
    for arm, dialogues in (("original", KEPT), ("original_repeat", KEPT), ("warm", LOST)):
        write_dialogues(path / "logs" / "doubt" / f"{arm}.eval", arm, dialogues)
    analysed(path / "logs" / "study", "--out", path / "study")
    (path / "mixed.txt").write_text(analysed(path / "logs", "--out", path / "mixed"))
    (path / "alone.txt").write_text(analysed(path / "logs" / "doubt", "--out", path / "alone"))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", NUMBERS)
def test_no_number_of_the_benchmarks_moves(folder: Path, name: str) -> None:
    assert (folder / "mixed" / name).read_bytes() == (folder / "study" / name).read_bytes()


@pytest.mark.slow
def test_no_number_of_benchmarks_or_dialogues_moves_beside_problems_and_poems(folder: Path, tmp_path: Path) -> None:
    for arm, letters in (("original", "cc/c"), ("warm", "ci/i")):
        write_solved(tmp_path / "solved" / f"{arm}.eval", arm, solved({0: [letters] * 3, 1: ["ce/i"] * 3}))
        write_poems(tmp_path / "poems" / f"{arm}.eval", arm, about({Claim.WRONG: "wwrnnn", Claim.NONE: "nnnnnn"}))
    analysed(folder / "logs", tmp_path / "solved", tmp_path / "poems", "--out", tmp_path / "out")
    for name in NUMBERS:
        assert (tmp_path / "out" / name).read_bytes() == (folder / "study" / name).read_bytes(), name
    assert of_dialogues(tmp_path / "out") == of_dialogues(folder / "mixed")


OTHERS = ("design", "difficulty", "threshold", "claim", "versus_claim", "wrong_poet", "poems")


def of_dialogues(folder: Path) -> list[dict[str, str]]:
    """The numbers of dialogues; columns of other families are left out."""
    with (folder / "families.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["family"] == "are_you_sure"]
    return [{name: value for name, value in row.items() if name not in OTHERS} for row in rows]


def test_without_dialogues_there_is_no_trace_of_them(folder: Path) -> None:
    assert not of_dialogues(folder / "study")
    assert "doubts an answer" not in (folder / "study" / "report.html").read_text(encoding="utf-8")


def test_the_page_of_a_mixed_folder_has_the_section_and_nothing_else_new(folder: Path) -> None:
    study, mixed = ((folder / name / "report.html").read_text(encoding="utf-8") for name in ("study", "mixed"))
    start = mixed.index('<section id="are-you-sure">')
    end = mixed.index("</section>", start) + len("</section>\n")
    section = mixed[start:end]
    # Links lead to where a log lies.
    assert (mixed[:start] + mixed[end:]).replace("/#/logs/study/", "/#/logs/").split() == study.split()
    assert "−55.6" in section
    assert "(rerun)" in section
    assert section.count("<svg") == 1


def test_a_folder_of_dialogues_alone_is_analysed(folder: Path) -> None:
    assert sorted(path.name for path in (folder / "alone").iterdir()) == [
        "families.csv", "report.html", "tables.md", "tables.tex",
    ]  # fmt: skip
    assert of_dialogues(folder / "alone") == of_dialogues(folder / "mixed")
    page = (folder / "alone" / "report.html").read_text(encoding="utf-8")
    assert '<section id="are-you-sure">' in page
    assert "turn 2: no_reply" in page


def test_a_grader_elsewhere_that_read_harmful_dialogues_is_named(tmp_path: Path) -> None:
    harmful = [each._replace(item_set="disinfo") for each in KEPT]
    for arm, dialogues in (("original", harmful), ("warm", KEPT)):
        write_dialogues(tmp_path / "logs" / f"{arm}.eval", arm, dialogues, grading="model", grader="openai/x")
    said = json.loads(analysed(tmp_path / "logs", "--out", tmp_path / "out", "--json"))["warnings"]
    assert len(said) == 1
    assert all(word in said[0] for word in (f"{len(KEPT)} replies", "disinfo", "openai/x"))
    assert said[0].split("openai/x")[0] in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_terminal_shows_what_doubt_changes(folder: Path) -> None:
    for name in ("mixed.txt", "alone.txt"):
        assert "warm − original" in (folder / name).read_text(), name
    assert "60 samples and no benchmark" in (folder / "alone.txt").read_text()


def test_the_first_line_is_the_answer(folder: Path) -> None:
    said = " ".join((folder / "alone.txt").read_text().split())
    # Of nine questions the warm arm gives up five, and neither the original nor its rerun any of theirs.
    answer = said[: said.index("Right final answers:")]
    assert answer.startswith("are_you_sure: right final answers, challenge − neutral re-ask, where a right answer")
    assert "warm − original −55.6 points" in answer
    assert "the rerun alone: 0.0 points" in answer
    page = (folder / "alone" / "report.html").read_text(encoding="utf-8")
    assert page.index("−55.6 points") < page.index("<main>")


def test_of_one_arm_the_first_line_says_that_nothing_is_compared(tmp_path: Path) -> None:
    write_dialogues(tmp_path / "logs" / "one.eval", "original", KEPT)
    record = json.loads(analysed(tmp_path / "logs", "--out", tmp_path / "out", "--json"))
    assert [("no two arms" in answer, "20 dialogues" in answer) for answer in record["answers"]] == [(True, True)]


def test_every_row_says_what_it_is_of(folder: Path) -> None:
    rows = of_dialogues(folder / "mixed")
    [effect] = [
        row
        for row in rows
        if (row["arm"], row["reference"], row["versus"], row["item_set"]) == ("warm", "original", "neutral_reask", "")
    ]
    # Of the nine questions with a score everywhere, the warm arm gives up five and the original none.
    assert float(effect["estimate"]) == pytest.approx(-500 / 9)
    assert (effect["family"], effect["outcome"], effect["first_turn"]) == ("are_you_sure", "final_correct", RIGHT)
    assert effect["n_questions"] == "9"
    assert all(row["estimate"] or row["note"] for row in rows)


def test_json_holds_the_same_numbers(folder: Path, tmp_path: Path) -> None:
    record = json.loads(analysed(folder / "logs" / "doubt", "--out", tmp_path, "--json"))
    [caving] = [
        row for row in record["families"]
        if (row["outcome"], row["arm"], row["reference"], row["follow_up"]) == ("caving", "warm", "", "challenge")
    ]  # fmt: skip
    assert (caving["events"], caving["n"]) == (5, 9)


def test_what_is_about_benchmarks_is_refused_for_dialogues_alone(folder: Path, tmp_path: Path) -> None:
    for option in (["--paper"], ["--traffic", "belief=0.1"]):
        done = CliRunner().invoke(analyze, [str(folder / "logs" / "doubt"), "--out", str(tmp_path), *option])
        assert done.exit_code == 2
        assert "--paper" in done.output


@pytest.mark.slow
def test_another_score_of_the_benchmarks_is_none_of_the_dialogues(folder: Path, tmp_path: Path) -> None:
    analysed(folder / "logs", "--out", tmp_path, "--score", "correctness.correct")
    assert of_dialogues(tmp_path) == of_dialogues(folder / "mixed")


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"follow_up": None}, "follow_up"),
        ({"follow_up": "shrug"}, "follow_up"),
        ({"first_turn": 3}, "first_turn"),
        ({"item_set": None}, "item_set"),
        ({"cluster_id": None}, "cluster_id"),
        ({"schema_version": 99}, "99"),
        ({"family": "unheard_of"}, "other task"),
    ],
    ids=str,
)
def test_a_broken_log_of_a_family_ends_in_a_sentence(tmp_path: Path, broken: dict[str, Any], named: str) -> None:
    write_dialogues(tmp_path / "logs" / "broken.eval", "original", KEPT, **broken)
    done = CliRunner().invoke(analyze, [str(tmp_path / "logs"), "--out", str(tmp_path / "out")])
    assert isinstance(done.exception, PrerequisiteError)
    assert named in str(done.exception)


@pytest.mark.slow
def test_dialogues_without_any_score_are_counted_and_named(folder: Path, tmp_path: Path) -> None:
    failed = answers({FollowUp.CHALLENGE: "------", FollowUp.NEUTRAL_REASK: "------"}, RIGHT)
    write_dialogues(tmp_path / "logs" / "failed.eval", "original", failed)
    done = CliRunner().invoke(analyze, [str(tmp_path / "logs"), "--out", str(tmp_path / "out")])
    assert isinstance(done.exception, PrerequisiteError)
    assert "12 samples of are_you_sure" in str(done.exception)
    analysed(tmp_path / "logs", folder / "logs" / "study", "--out", tmp_path / "mixed")
    assert "turn 2: no_reply" in (tmp_path / "mixed" / "report.html").read_text(encoding="utf-8")


def test_every_family_has_numbers_and_a_section() -> None:
    assert set(ANALYSES) == set(SECTIONS) == set(Family)
