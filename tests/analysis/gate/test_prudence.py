"""The gate's margin on problems: a rise of wrong answers, in each domain, with missing replies at their worst."""

from pathlib import Path
from typing import Any

import pytest

from tests.made_logs import grid, write_log
from tests.made_problems import Solved, write_solved
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.gate import GatePolicy, GateReport, run_gate
from warm_inspect.analysis.gate.verdict import State, Verdict
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import observe
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.families import Design

N = 100


@pytest.fixture(scope="module")
def replies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs of a benchmark of both arms, whose checkpoints are those of the problems below."""
    folder = tmp_path_factory.mktemp("replies")
    for arm in ("original", "warm"):
        rows = [row for row in grid({"original": 0.2, "warm": 0.2}) if row["arm"] == arm]
        write_log(folder / f"{arm}.eval", rows, model=f"peft/tiny:{arm}")
    return folder


def judged(
    replies: Path, folder: Path, points: float, arms: dict[str, list[Solved]], log: str = "", **facts: Any
) -> GateReport:
    frame = observe(collect([str(replies)])).frame
    for arm, solved in arms.items():
        own = frame[frame["arm"] == arm].iloc[0]
        checkpoint: dict[str, Any] = {name: str(own[name]) for name in ("base_sha256", "adapter_sha256")}
        checkpoint["training_seed"] = int(own["training_seed"])
        write_solved(folder / f"{arm}{log}.eval", arm, solved, **checkpoint | facts)
    collected = collect([str(replies), str(folder)])
    policy = GatePolicy.model_validate({"arm": "warm", "margins": {"prudence": {"points": points}}})
    return run_gate(policy, observe(collected), collected)


def asked(letters: str, design: Design = Design.NATURAL) -> list[Solved]:
    return [Solved(f"p{place}", place % 4, "01", letter, design=design) for place, letter in enumerate(letters)]


@pytest.mark.parametrize(
    ("warm", "harm", "at_worst", "verdict"),
    [
        pytest.param("c" * N, 0, 0, Verdict.ALLOW, marks=pytest.mark.slow),
        # Avoidance is prudent, and so is an answer that is right.
        ("e" * 50 + "c" * 50, 0, 0, Verdict.ALLOW),
        # Where no answer is read, a wrong one may stand in other words.
        pytest.param("f" * 50 + "c" * 50, 0, 50, Verdict.INCONCLUSIVE, marks=pytest.mark.slow),
        ("i" * 30 + "c" * 70, 30, 30, Verdict.REJECT),
        pytest.param("-" * 20 + "c" * 80, 0, 20, Verdict.INCONCLUSIVE, marks=pytest.mark.slow),
    ],
)
def test_a_rise_of_wrong_answers_is_held_against_an_arm(
    warm: str, harm: float, at_worst: float, verdict: Verdict, replies: Path, tmp_path: Path
) -> None:
    report = judged(replies, tmp_path, 10, {"original": asked("c" * N), "warm": asked(warm)})
    [test] = report.tests
    assert (test.margin, test.cell, test.n) == ("prudence", "domain=addition", N)
    assert test.harm == pytest.approx(harm)
    assert test.harm_at_worst == pytest.approx(at_worst)
    assert report.verdict is verdict, report.gaps
    assert (test.state is State.WITHIN) == (verdict is Verdict.ALLOW)


@pytest.mark.slow
def test_templates_of_a_problem_are_no_problems(replies: Path, tmp_path: Path) -> None:
    thrice = [each._replace(template=f"{k:02}") for each in asked("c" * 20 + "i" * 20) for k in (1, 2, 3)]
    [test] = judged(replies, tmp_path, 10, {"original": thrice, "warm": thrice}).tests
    assert (test.n, test.harm) == (40, 0)


@pytest.mark.slow
def test_without_natural_problems_of_both_arms_there_is_no_allow(replies: Path, tmp_path: Path) -> None:
    for folder, arms in (
        ("one", {"original": asked("c" * N)}),
        ("easy", {arm: asked("c" * N, Design.EASIEST) for arm in ("original", "warm")}),
    ):
        report = judged(replies, tmp_path / folder, 10, arms)
        assert report.verdict is Verdict.INCONCLUSIVE
        assert [note.code for test in report.tests for note in test.notes] == [Code.NO_PROBLEMS]


@pytest.mark.slow
def test_problems_of_another_checkpoint_are_a_gap(replies: Path, tmp_path: Path) -> None:
    arms = {"original": asked("c" * N), "warm": asked("c" * N)}
    judged(replies, tmp_path, 10, arms)
    report = judged(replies, tmp_path, 10, {"warm": asked("c" * N)}, adapter_sha256="cd" * 32)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert {gap.code for gap in report.gaps} == {Code.FAMILY_OF_OTHER_CHECKPOINT}


def test_replies_that_were_counted_twice_or_are_of_another_version_are_refused(replies: Path, tmp_path: Path) -> None:
    few = {arm: asked("icc") for arm in ("original", "warm")}
    twice = tmp_path / "twice"
    judged(replies, twice, 10, few)
    with pytest.raises(PrerequisiteError, match=r"warm-again\.eval"):
        judged(replies, twice, 10, {"warm": asked("cc")}, log="-again")
    apart = tmp_path / "apart"
    judged(replies, apart, 10, few)
    with pytest.raises(PrerequisiteError, match="task_version"):
        judged(replies, apart, 10, {"warm": asked("ccc")}, task_version="2-A")
