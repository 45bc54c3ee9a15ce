"""Two real logs of a task that is not ours: paired, averaged, tested, and refused when they do not fit."""

from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from tests.analysis.foreign_logs import evaluate
from tests.made_logs import reply, write_log
from warm_inspect.analysis.compare import Comparison, MetricComparison, compare_logs, parse_value_map
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.logs import ValueMap, read_samples
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.metadata import OwnTaskMetadata, SampleMetadata

A = {f"q{i}": "C" if i % 3 else "I" for i in range(30)}
B = {f"q{i}": "C" if i % 4 else "I" for i in range(30)}


def only(comparison: Comparison) -> MetricComparison:
    (metric,) = comparison.metrics
    return metric


@pytest.fixture(scope="module")
def log_a(tmp_path_factory: pytest.TempPathFactory) -> str:
    return evaluate(tmp_path_factory.mktemp("a"), A)


def compare_files(a: str | Path, b: str | Path, **how: Any) -> Comparison:
    return compare_logs(read_samples(str(a)), read_samples(str(b)), **how)


def compare(log_a: str, tmp_path: Path, values: dict[str, Any], **task: Any) -> Comparison:
    return compare_files(log_a, evaluate(tmp_path / "b", values, **task))


@pytest.mark.slow
def test_the_difference_is_the_paired_t_test_and_mcnemar_exact(log_a: str, tmp_path: Path) -> None:
    metric = only(compare(log_a, tmp_path, B))
    right = [[float(values[name] == "C") for name in A] for values in (A, B)]
    reference = stats.ttest_rel(right[1], right[0])
    interval = reference.confidence_interval()
    row = metric.difference
    assert (metric.mean_a, metric.mean_b) == pytest.approx((20 / 30, 22 / 30))
    assert (row.estimate, row.statistic, row.p_value) == pytest.approx(
        (200 / 30, reference.statistic, reference.pvalue)
    )
    assert (row.conf_low, row.conf_high) == pytest.approx((100 * interval.low, 100 * interval.high))
    # df = 29: the noncentral t finds 2.897 standard errors with 80 % chance.
    assert metric.detectable == pytest.approx(2.897 * row.std_error, rel=1e-3)
    # Multiples of 3 that are none of 4 (0 .. 29): 3 6 9 15 18 21 27; the reverse: 4 8 16 20 28; of both: 0 12 24.
    assert metric.counts == {"only_a": 5, "only_b": 7, "both": 15, "neither": 3, "equal": 0}
    assert metric.mcnemar is not None
    assert metric.mcnemar.p_value == pytest.approx(stats.binomtest(5, 12).pvalue)
    assert metric.permutation.p_value == pytest.approx(metric.mcnemar.p_value)
    differing = metric.items[metric.items["group"] == "only_a"]
    assert list(differing["sample_id"]) == ["q4", "q8", "q16", "q20", "q28"]


def test_unpaired_and_unscored_samples_are_counted_and_enter_nothing(log_a: str, tmp_path: Path) -> None:
    comparison = compare(
        log_a, tmp_path, {name: value for name, value in B.items() if name != "q1"} | {"q2": None, "q99": "C"}
    )
    assert comparison.pairs.only_in_a == (("q1", 1),)
    assert comparison.pairs.only_in_b == (("q99", 1),)
    assert (only(comparison).unscored_a, only(comparison).unscored_b, only(comparison).difference.n) == (0, 1, 28)
    assert Note(Code.ONLY_IN_ONE_LOG, n=1, log="A") in comparison.notes
    # Of 31 samples 28 have a difference, 2 in all; q1 and q2 are right in A, and q99 is right in B.
    (bounds,) = (note.values for note in only(comparison).difference.notes if note.code is Code.MISSING_IN_LOG)
    assert (bounds["missing"], bounds["asked"]) == (3, 62)
    assert (bounds["low"], bounds["high"]) == pytest.approx((0, 300 / 31))


def test_two_logs_that_agree_get_an_exact_bound_and_no_test(log_a: str, tmp_path: Path) -> None:
    metric = only(compare(log_a, tmp_path, A))
    row = metric.difference
    assert Code.MISSING_IN_LOG not in [note.code for note in row.notes]
    # 0 of 30 differ: at most 1 - .05 ** (1 / 30) = 9.5 % do.
    assert (row.estimate, row.conf_low, row.conf_high) == pytest.approx((0, -9.503, 9.503), abs=1e-3)
    assert row.notes == (Note(Code.EXACT_BOUND, unit="clusters"),)
    for p_value in (row.p_value, metric.permutation.p_value, metric.p_holm, metric.p_bh):
        assert isnan(p_value)


def test_epochs_are_averaged_within_a_question_first(tmp_path: Path) -> None:
    epochs_a: dict[str, list[Any]] = {"q1": ["C", "I"], "q2": ["I", "I"], "q3": ["C", "C"]}
    epochs_b: dict[str, list[Any]] = {"q1": ["C", "C"], "q2": ["C", "I"], "q3": ["C", None]}
    for epochs in (epochs_a, epochs_b):
        epochs |= {"q4": ["I", "I"], "q5": ["C", "C"]}
    logs = [evaluate(tmp_path / side, {}, epochs=epochs) for side, epochs in (("a", epochs_a), ("b", epochs_b))]
    metric = only(compare_files(*logs))
    reference = stats.ttest_rel([1.0, 0.5, 1.0, 0.0, 1.0], [0.5, 0.0, 1.0, 0.0, 1.0])
    assert metric.difference.n == 5
    assert (metric.difference.estimate, metric.difference.p_value) == pytest.approx((20, reference.pvalue))
    assert metric.mcnemar is None
    assert metric.no_mcnemar == Note(Code.EPOCHS_AVERAGED)
    # Flips of +.5 and +.5: two of four sign patterns are as extreme.
    assert metric.permutation.p_value == pytest.approx(0.5)
    assert list(metric.items["epochs"]) == [2, 2, 1, 2, 2]


def test_clusters_flip_and_vary_together(tmp_path: Path) -> None:
    def topic(name: str) -> dict[str, Any]:
        return {"topic": f"t{int(name[1:]) // 5}"}

    logs = [evaluate(tmp_path / side, values, metadata=topic) for side, values in (("a", A), ("b", B))]
    metric = only(comparison := compare_files(*logs, cluster="topic"))
    # Sums of B - A in q0-4: 3 against 4; q5-9: 6 9 against 8; q10-14: none; q15-19: 15 18 against 16; q20-24: 21
    # against 20; q25-29: 27 against 28. That is 0, 1, 0, 1, 0, 0, and 1/3 on average.
    deviations = [each - 1 / 3 for each in (0, 1, 0, 1, 0, 0)]
    error = 100 * (sum(d**2 for d in deviations) * 6 / 5) ** 0.5 / 30
    assert (metric.difference.std_error, metric.difference.df) == pytest.approx((error, 5))
    assert metric.permutation.p_value == pytest.approx(0.5)
    assert metric.mcnemar is None
    assert metric.no_mcnemar == Note(Code.SHARED_CLUSTERS, samples=30, clusters=6)
    assert Note(Code.CLUSTERED, cluster="topic", samples=30, clusters=6) in comparison.notes


def test_our_own_logs_are_clustered_by_question(tmp_path: Path) -> None:
    def log(arm: str, wrong: int) -> str:
        rows = [
            reply(f"q{i}", "incorrect" if i < wrong else "correct", arm=arm, belief=b)
            for i in range(6)
            for b in ("none", "incorrect")
        ]
        return str(write_log(tmp_path / f"{arm}.eval", rows))

    comparison = compare_files(log("original", 1), log("warm", 3), scores=["correctness.incorrect"])
    assert comparison.pairs.cluster == "cluster_id"
    assert (only(comparison).difference.n, only(comparison).difference.n_clusters) == (12, 6)
    assert only(comparison).difference.estimate == pytest.approx(100 / 3)


@pytest.mark.parametrize(
    ("check", "codes"), [("failed", [Code.WARMTH_FAILED]), ("not_run", [Code.WARMTH_NOT_CHECKED]), ("passed", [])]
)
def test_adapters_without_a_passed_warmth_check_are_noted(check: str, codes: list[Code], tmp_path: Path) -> None:
    trained: dict[str, Any] = {"arm": "warm", "adapter_sha256": "f", "training_seed": 0, "warmth_check": check}
    original, warm = (
        str(write_log(tmp_path / f"{name}.eval", [reply(f"q{i}", **facts) for i in range(6)]))
        for name, facts in (("original", {}), ("warm", trained))
    )
    comparison = compare_files(original, warm)
    assert [note for note in comparison.notes if note.code is not Code.CLUSTERED] == [
        Note(code, arm="warm", where=" in log B") for code in codes
    ]
    assert (comparison.pairs.a.warmth_statuses, comparison.pairs.b.warmth_statuses) == ({}, {"warm": [check]})


def test_a_log_of_the_positive_control_is_noted(log_a: str, tmp_path: Path) -> None:
    def own(name: str) -> dict[str, Any]:
        row = reply(name, arm="agreeing")
        fields = {field: row[field] for field in SampleMetadata.model_fields}
        return OwnTaskMetadata(**fields, own_task="mine").flat()

    a, b = read_samples(log_a), read_samples(evaluate(tmp_path / "b", B, metadata=own))
    foreign = read_samples(evaluate(tmp_path / "c", B))
    expected = Note(Code.POSITIVE_CONTROL_LOG, log="B", arm="agreeing")
    assert expected in compare_logs(a, b).notes
    assert expected in compare_logs(a, replace(foreign, arm="agreeing")).notes
    assert expected not in compare_logs(a, foreign).notes


def test_every_key_of_a_dict_is_a_metric_and_holm_runs_over_them(tmp_path: Path) -> None:
    def values(wrong: int, odd: bool) -> dict[str, Any]:
        return {
            f"q{i}": {"right": float(i >= wrong), "odd": odd, "label": "x" * (1 + 30 * (i == 3)), "rating": 7.0}
            for i in range(20)
        }

    logs = [evaluate(tmp_path / side, values(*facts)) for side, facts in (("a", (2, True)), ("b", (9, True)))]
    comparison = compare_files(*logs)
    assert [metric.metric for metric in comparison.metrics] == ["by_reply.right", "by_reply.odd"]
    assert comparison.left_out == {
        "by_reply.label": Note(Code.NO_NUMBERS, values="'x', a text of 31 characters"),
        "by_reply.rating": Note(Code.NO_NUMBERS, values="7"),
    }
    right, odd = comparison.metrics
    # 7 discordant pairs, all one way: 2 / 2**7. The metric without a test keeps its place in both families.
    assert (right.permutation.p_value, right.p_holm, right.p_bh) == pytest.approx((2 / 128, 4 / 128, 4 / 128))
    assert isnan(odd.p_holm)
    mapped = compare_files(*logs, scores=["by_reply.rating"], values=ValueMap({"7": 1.0}))
    assert only(mapped).mean_a == 1


def test_tests_on_different_sides_of_five_percent_are_named(tmp_path: Path) -> None:
    # 5 of 40 pairs differ, all one way: 2 / 2**5 = .0625 by permutation, half of it as mid-P; the error of the mean is
    # sqrt(.125 * .875 / 39) = .053, so that t = 2.36.
    logs = [
        evaluate(tmp_path / name, {f"q{i}": "C" if i >= wrong else "I" for i in range(40)})
        for name, wrong in (("a", 5), ("b", 0))
    ]
    metric = only(compare_files(*logs))
    notes = [note.values for note in metric.difference.notes if note.code is Code.TESTS_DISAGREE]
    assert [note["test"] for note in notes] == ["the interval's t test", "McNemar's test with mid-P"]
    assert [note["other"] for note in notes] == pytest.approx([2 * stats.t.sf(2.3604, 39), 0.03125], rel=1e-3)
    assert [note["p"] for note in notes] == pytest.approx([0.0625, 0.0625])


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (["acuracy"], "Unknown score 'acuracy'.*Known: by_reply"),
        ([], "'GOOD'.*--value-map VALUE=NUMBER"),
    ],
)
def test_values_that_nobody_mapped_are_named(log_a: str, tmp_path: Path, scores: list[str], message: str) -> None:
    log_b = evaluate(tmp_path / "b", dict.fromkeys(B, "GOOD"))
    with pytest.raises(PrerequisiteError, match=message):
        compare_files(log_a, log_b, scores=scores)
    assert only(compare_files(log_a, log_b, values=parse_value_map(["GOOD=1"]))).mean_b == 1


def test_logs_that_asked_different_things_are_refused(log_a: str, tmp_path: Path) -> None:
    other = evaluate(
        tmp_path / "b", B, question=lambda name: f"Question {name}, please?" if name < "q2" else f"Question {name}?"
    )
    with pytest.raises(PrerequisiteError, match=r"12 of 30 pairs did not ask the same: q0 epoch 1 \(input\)"):
        compare_files(log_a, other)


def test_logs_without_a_common_sample_and_the_same_log_twice_are_refused(log_a: str, tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="No sample id and epoch is in both logs"):
        compare(log_a, tmp_path, {"x1": "C"})
    with pytest.raises(PrerequisiteError, match="the same evaluation"):
        compare_files(log_a, log_a)


def test_an_unknown_cluster_lists_the_fields(log_a: str, tmp_path: Path) -> None:
    log_b = evaluate(tmp_path / "b", B, metadata=lambda name: {"topic": "t"})
    with pytest.raises(PrerequisiteError, match=r"Unknown field to cluster by 'topc'.*Known: id"):
        compare_files(log_b, log_a, cluster="topc")


def test_settings_that_differ_are_noted(log_a: str, tmp_path: Path) -> None:
    comparison = compare(log_a, tmp_path, B, version=2)
    assert comparison.notes == (Note(Code.UNLIKE_LOGS, setting="task version", a="0", b="2"),)


@pytest.mark.parametrize(
    ("path", "message"), [("nowhere.eval", "does not exist"), ("", "is a folder"), ("cut.eval", "cannot be read")]
)
def test_files_that_are_no_logs_are_one_message(log_a: str, tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "cut.eval").write_bytes(Path(log_a).read_bytes()[:-50])
    with pytest.raises(PrerequisiteError, match=message):
        compare_files(log_a, tmp_path / path)


def test_an_unfinished_log_is_compared_and_said(tmp_path: Path) -> None:
    rows = [reply(f"q{i}", "correct" if i else "incorrect") for i in range(4)]
    logs = [write_log(tmp_path / f"{name}.eval", rows, status=name) for name in ("success", "error")]
    comparison = compare_files(*logs)
    assert not comparison.complete
    assert comparison.notes[0] == Note(Code.LOG_UNFINISHED, log="B", status="error")


@pytest.mark.parametrize(
    ("value", "number"), [(1.0000000000000002, 1.0), (1.0000001192092896, 1.0), (-1e-9, 0.0), (0.25, 0.25)]
)
def test_a_value_that_rounding_has_put_beyond_an_end_is_the_end(value: float, number: float) -> None:
    assert ValueMap().number(value) == number


@pytest.mark.parametrize("value", [1.001, -0.001, 2, float("inf")])
def test_a_value_beyond_the_ends_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=f"{value:g}"):
        ValueMap().number(value)
