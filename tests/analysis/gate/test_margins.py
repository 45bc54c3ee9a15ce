"""The file of margins: what it may say, and what a mistake in it is told."""

from pathlib import Path

import pytest

from tests.analysis.gate.made_gate import limit_of
from tests.errors import refused
from warm_inspect.analysis.gate import read_policy
from warm_inspect.analysis.gate.margins import ControlMargin, Margins
from warm_inspect.core.controls import ControlKind
from warm_inspect.core.errors import PrerequisiteError

GOOD = "arm: warm\nmargins:\n  worst_context: {points: 5}\n  warmth: {d: 0.35}\n"


def policy_file(folder: Path, text: str) -> Path:
    path = folder / "margins.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    policy = read_policy(policy_file(tmp_path, GOOD))
    assert (policy.arm, policy.reference, policy.alpha) == ("warm", "original", 0.05)
    assert policy.margins.worst_context is not None
    assert policy.margins.worst_context.points == 5
    assert policy.margins.refusal is None


def test_looks_at_growing_logs_share_alpha(tmp_path: Path) -> None:
    assert read_policy(policy_file(tmp_path, GOOD)).level == 0.05
    assert read_policy(policy_file(tmp_path, GOOD + "looks: 4\n")).level == pytest.approx(0.0125)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GOOD.replace("worst_context", "worst_contxt"),
            r"'margins.worst_contxt'. Did you mean 'margins.worst_context'\?",
        ),
        (GOOD.replace("points: 5", "point: 5"), r"Did you mean 'margins.worst_context.points'\?"),
        (GOOD.replace("points: 5", "points: -1"), "margins.worst_context.points is -1. Input should be greater than"),
        (GOOD.replace("points: 5", "points: .nan"), "finite"),
        (GOOD.replace("points: 5", "points: 5, outcome: wrong"), "Unknown outcome 'wrong'.*not_correct"),
        (GOOD.replace("arm: warm", "arm: original"), "name two arms"),
        (GOOD.replace("arm: warm\n", ""), "lacks 'arm'"),
        (GOOD + "  warmth: {d: 9}\n", "line 5: the key 'warmth' comes twice"),
        (GOOD.replace("points: 5", "points: yes"), "margins.worst_context.points is 'yes'"),
        (GOOD.replace("points: 5", "points: true"), "margins.worst_context.points is True"),
        (GOOD.replace("points: 5", "points: 1:30"), "margins.worst_context.points is '1:30'"),
        (GOOD.replace("d: 0.35", "d: true"), "margins.warmth.d is True"),
        (GOOD + "alpha: 2025-01-31\n", "alpha is '2025-01-31'"),
        (GOOD + "alpha: 0.9\n", "alpha is 0.9"),
        (GOOD + "looks: 0\n", "looks is 0"),
        ("arm: warm\nmargins: {}\n", "tests nothing"),
        ("arm: [warm\n", "line 2: not YAML.*warm-inspect gate --help"),
        ("", "the file is None"),
    ],
)
def test_a_mistake_is_one_message_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PrerequisiteError, match=message):
        read_policy(policy_file(tmp_path, text))


def test_a_missing_file_points_to_the_example(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="warm-inspect gate --help"):
        read_policy(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("kind", list(ControlKind))
def test_every_kind_of_control_benchmark_has_a_margin(kind: ControlKind) -> None:
    margin = ControlMargin(points=3)
    assert Margins.model_validate({kind.value: margin}).control(kind) == margin
    assert Margins.model_validate({"warmth": {}}).control(kind) is None


@pytest.mark.parametrize("name", list(Margins.model_fields))
def test_a_mistake_within_any_margin_names_what_is_legal_there(tmp_path: Path, name: str) -> None:
    path = tmp_path / "margins.yaml"
    path.write_text(f"arm: warm\nmargins:\n  {name}: {{pionts: 3}}\n", encoding="utf-8")
    with refused(f"margins.{name}.pionts", f"margins.{name}.{limit_of(name)}"):
        read_policy(path)
