"""The replies on which two arms differ; expectations by hand."""

from tests.made_logs import grid, study_of, study_reply
from warm_inspect.report.sections.differing_replies import MAX_SAMPLES, differing

STATED = ("none", "incorrect")


def test_differing_replies_are_counted_by_direction() -> None:
    grades = {"original": "iicc", "warm": "icic"}
    words = {"i": "incorrect", "c": "correct"}
    study = study_of(
        study_reply(arm, "triviaqa", question, STATED, words[letter])
        for arm, letters in grades.items()
        for question, letter in enumerate(letters)
    )
    apart = differing(study, "warm")
    assert (apart.pairs, apart.only_arm, apart.only_reference) == (4, 1, 1)
    assert {row["sample_id"] for row in apart.shown} == {"none/incorrect · triviaqa-1", "none/incorrect · triviaqa-2"}


def test_the_list_is_short_and_mixes_benchmarks() -> None:
    benchmarks = ("triviaqa", "medqa")
    study = study_of(grid({"original": 0.0, "warm": 1.0}, questions=30, contexts=("none",), benchmarks=benchmarks))
    apart = differing(study, "warm")
    assert apart.only_arm == 60
    assert len(apart.shown) == MAX_SAMPLES
    assert {row["benchmark"] for row in apart.shown} == set(benchmarks)


def test_adapters_of_one_seed_are_paired_where_the_baseline_was_trained_too() -> None:
    # Of seed 0 only the arm adopts the answer, of seed 1 only the baseline; across seeds nothing would differ.
    grades = {("neutral", 0): "correct", ("warm", 0): "incorrect", ("neutral", 1): "incorrect", ("warm", 1): "correct"}
    study = study_of(
        study_reply(arm, "triviaqa", 0, STATED, grade, training_seed=seed, log_id=f"{arm}-{seed}")
        for (arm, seed), grade in grades.items()
    )
    assert study.observations.baseline == "neutral"
    apart = differing(study, "warm")
    assert (apart.pairs, apart.only_arm, apart.only_reference) == (2, 1, 1)
    assert [row["log_id_reference"] for row in apart.shown] == ["neutral-0", "neutral-1"]
