"""Observations are ordered, counted, and refused when they must not be compared."""

from math import nan
from pathlib import Path
from typing import Any

import pytest

from tests.made_logs import observations, reply, write_log
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import COLUMNS, observe, read_arms
from warm_inspect.core.errors import PrerequisiteError


def test_levels_stand_in_study_order_with_unknown_ones_last(tmp_path: Path) -> None:
    facts = [("warm", "emotion_sad"), ("original", "none"), ("zeal", "filler"), ("neutral", "a_new_one")]
    rows = [reply("q", arm=arm, context=context) for arm, context in facts]
    observed = observations(write_log(tmp_path / "1.eval", rows))
    assert observed.arms == ["original", "neutral", "warm", "zeal"]
    assert observed.compared_arms == ["neutral", "warm", "zeal"]
    assert list(observed.frame["context"].cat.categories) == ["none", "filler", "emotion_sad", "a_new_one"]
    assert list(observed.frame.columns) == list(COLUMNS)


def test_words_of_items_stay_in_the_log(tmp_path: Path) -> None:
    frame = observations(write_log(tmp_path / "1.eval", [reply("q", belief="incorrect", claim="a gated claim")])).frame
    assert "a gated claim" not in frame.to_csv()


def test_outcomes_have_both_codings(tmp_path: Path) -> None:
    grades = ["correct", "incorrect", "unclear", "refusal"]
    frame = observations(write_log(tmp_path / "1.eval", [reply(grade, grade) for grade in grades])).frame
    assert list(frame["grade"]) == grades
    assert list(frame["incorrect"]) == [0, 1, 0, 0]
    assert list(frame["not_correct"]) == [0, 1, 1, 1]


def test_a_missing_grade_is_an_exclusion(tmp_path: Path) -> None:
    rows = [reply("a"), reply("b", ""), reply("c", ""), reply("d", "", belief="incorrect")]
    observed = observations(write_log(tmp_path / "1.eval", rows))
    assert len(observed.frame) == 1
    assert observed.exclusions.to_dict("records") == [
        {"reason": "unscored: no verdict", "arm": "original", "benchmark": "truthfulqa", "context": "none"}
        | {"belief": belief, "n": n}
        for belief, n in (("incorrect", 1), ("none", 2))
    ]


def test_a_persona_names_an_arm_of_its_own(tmp_path: Path) -> None:
    plain = write_log(tmp_path / "1.eval", [reply("q")])
    with_persona = write_log(tmp_path / "2.eval", [reply("q", persona="warm")])
    assert observations(plain, with_persona).arms == ["original", "original+persona_warm"]


def test_foreign_models_get_their_arms_and_share_a_base(tmp_path: Path) -> None:
    for name in ("plain", "tuned"):
        write_log(tmp_path / f"{name}.eval", [reply("q", arm="", base_model=f"api/{name}")], model=f"api/{name}")
    collected = collect([str(tmp_path)])
    with pytest.raises(PrerequisiteError, match="--arm original=api/plain"):
        observe(collected)
    with pytest.raises(PrerequisiteError, match="Did you mean 'api/plain'"):
        observe(collected, {"api/plane": "original"})
    frame = observe(collected, {"api/plain": "original", "api/tuned": "warm"}).frame
    assert sorted(zip(frame["arm"], frame["base_model"], strict=True)) == [
        ("original", "api/plain"),
        ("warm", "api/plain"),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, r"a\.eval and b\.eval.*leave one of them out"),
        # As earlier logs name it: what a sample is about stands in its metadata, not in its id.
        ({"sample_id": "q:none:none"}, r"a\.eval and b\.eval.*leave one of them out"),
        ({"arm": "warm", "sample_id": "q:none:none"}, None),
        ({"arm": "warm", "task_version": "2-A"}, "More than one task_version for truthfulqa: 1-A in a.eval; 2-A in b"),
        ({"arm": "warm", "grading": "model", "grader": "x"}, "More than one grading"),
        ({"arm": "warm", "grader_prompt_sha256": "f"}, None),
        ({"arm": "warm", "dataset_revision": "2"}, "More than one dataset_revision.*on one revision of the data"),
        ({"arm": "warm", "prompt_sha256": "other"}, "Pairs must see the same prompt"),
        ({"arm": "warm", "base_sha256": "other"}, "Arms must share their base weights"),
        (
            {"arm": "warm", "cluster_id": "other"},
            "More than one cluster_id for truthfulqa/q: .*one cluster_id in every",
        ),
        ({"arm": "warm"}, None),
        ({"training_seed": 1}, None),
        ({"epoch": 2}, None),
        ({"persona": "cold"}, None),
    ],
)
def test_replies_that_must_not_be_compared_are_refused(
    tmp_path: Path, change: dict[str, Any], message: str | None
) -> None:
    one = write_log(tmp_path / "a.eval", [reply("q", base_sha256="base")])
    other = write_log(tmp_path / "b.eval", [reply("q", **({"base_sha256": "base"} | change))])
    if message is None:
        assert len(observations(one, other).frame) == 2
    else:
        with pytest.raises(PrerequisiteError, match=message):
            observations(one, other)


def test_no_grade_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="None of the 1 samples has a grade"):
        observations(write_log(tmp_path / "1.eval", [reply("q", "")]))


def test_a_file_gives_foreign_models_arms_of_several_base_models(tmp_path: Path) -> None:
    models = ("a/plain", "a/tuned", "b/plain", "b/tuned")
    for name in models:
        write_log(tmp_path / f"{name[0]}{name[2]}.eval", [reply("q", arm="", base_model=name)], model=name)
    file = tmp_path / "arms.yaml"
    file.write_text(
        "a/plain: {arm: original, base_model: a}\n"
        "a/tuned: {arm: warm, base_model: a, training_seed: 3}\n"
        "b/plain: {arm: original, base_model: b}\n"
        "b/tuned: {arm: warm, base_model: b}\n"
    )
    frame = observe(collect([str(tmp_path)]), read_arms(file)).frame
    arms = frame[["model", "arm", "base_model", "training_seed"]].astype(str).to_numpy().tolist()
    assert sorted(arms) == [
        ["a/plain", "original", "a", "-1"],
        ["a/tuned", "warm", "a", "3"],
        ["b/plain", "original", "b", "-1"],
        ["b/tuned", "warm", "b", "-1"],
    ]
    with pytest.raises(PrerequisiteError, match="--arms-file FILE"):
        observe(collect([str(tmp_path)]), {"a/plain": "original", "b/plain": "original"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- a", "does not map models to arms"),
        ("a: {base_model: b}", "a has no arm"),
        ("a: {arm: warm, seeds: 1}", "Unknown key of a in arms.yaml 'seeds'"),
        ("a: {arm: warm, training_seed: one}", "a whole number"),
        ("a: {arm: warm, training_seed: yes}", "a whole number"),
        ("a: {arm: warm, training_seed: 1:30}", "a whole number"),
        ("a: warm\na: cold", "arms.yaml, line 2: the key 'a' comes twice"),
        ("a: [", "not YAML.*openai/gpt-4o: original"),
    ],
)
def test_files_of_arms_that_say_something_else_are_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "arms.yaml").write_text(content)
    with pytest.raises(PrerequisiteError, match=message):
        read_arms(tmp_path / "arms.yaml")


def test_a_flag_that_a_log_lacks_is_not_measured(tmp_path: Path) -> None:
    old = write_log(
        tmp_path / "old.eval",
        [
            reply("q", corrects_claim=nan, validates_user=nan),
            reply("r", corrects_claim=1, validates_user=0),
        ],
    )
    frame = observations(old).frame.set_index("question_id")
    assert frame.loc["q", ["corrects_claim", "validates_user"]].isna().all()
    assert list(frame.loc["r", ["corrects_claim", "validates_user"]]) == [1, 0]
