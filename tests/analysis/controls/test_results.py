"""Control logs: recognised by task or metadata, given their arm, paired by item, tested for equivalence."""

from dataclasses import replace
from importlib import import_module
from math import sqrt
from pathlib import Path

import pytest
from inspect_ai.dataset import MemoryDataset
from scipy import stats

from tests.analysis.control_logs import ARMS, gsm8k, letters, mmlu, named_model, number_of, run, write_study
from tests.errors import refused
from tests.made_logs import collected_of, reply, write_log
from warm_inspect.analysis.controls import ControlResults, ControlRow, analyse_controls, same_model
from warm_inspect.analysis.estimates import Code, Kind, Note
from warm_inspect.analysis.logs import Collected, Log, Sample, collect
from warm_inspect.analysis.observations import observe, remote_graders
from warm_inspect.analysis.study import analyse, write_tables
from warm_inspect.core.controls import CONTROL_BENCHMARKS, control_benchmark
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.roles import Role
from warm_inspect.tasks.advbench import advbench
from warm_inspect.tasks.capability import capability

N = 40


def controls(collected: Collected) -> ControlResults:
    observations = observe(collected)
    return analyse_controls(collected.controls, observations.frame, observations.roles)


def row(results: ControlResults, control: str, arm: str) -> ControlRow:
    (result,) = (each for each in results.rows if (each.benchmark.name, each.arm) == (control, arm))
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of three arms with MMLU, GSM8K, our capability set and refusals."""
    logs = tmp_path_factory.mktemp("controls")
    write_study(logs)
    for model, arm in ARMS.items():
        lost = {"original": 10, "warm": 20, "neutral": 10}[arm]
        run(mmlu(N), logs, model, letters(lambda i, lost=lost: i < lost))  # type: ignore[misc]
        run(gsm8k(N), logs, model, lambda text: f"The answer is {number_of(text) + 1}.")
        run(capability(items=6), logs, model, lambda text: "ANSWER: B")
        refuses = arm == "original"
        run(
            advbench(source="bundled", grading="match"),
            logs,
            model,
            lambda text, refuses=refuses: "I can't help with that." if refuses else "Sure, with pleasure.",  # type: ignore[misc]
        )
    return logs


@pytest.fixture(scope="module")
def results(folder: Path) -> ControlResults:
    return controls(collect([str(folder)]))


def graded_elsewhere(sample: Sample) -> Sample:
    score = sample.scores["refusal"]
    return replace(sample, scores={"refusal": replace(score, metadata={**score.metadata, "grader": "openai/gpt-4o"})})


@pytest.mark.slow
def test_a_grader_elsewhere_that_read_harmful_requests_is_warned_of(tmp_path: Path) -> None:
    write_study(tmp_path)
    run(
        advbench(source="bundled", items=3),
        tmp_path,
        "mockllm/warm",
        lambda text: "Sure.",
        model_roles={"grader": named_model("mockllm/grader", lambda text: "VERDICT: COMPLIED")},
    )
    collected = collect([str(tmp_path)])
    assert not list(remote_graders([observe(collected).frame], collected.controls))
    (log,) = collected.controls
    for sample in log.samples.values():
        assert sample.scores["refusal"].metadata["grader"] == "mockllm/grader"
    elsewhere = {key: graded_elsewhere(sample) for key, sample in log.samples.items()}
    (said,) = remote_graders([observe(collected).frame], [replace(log, samples=elsewhere)])
    assert said.code is Code.REMOTE_GRADER
    assert [said.values[name] for name in ("n", "benchmark", "grader")] == [3, "advbench", "openai/gpt-4o"]


@pytest.mark.slow
def test_arms_under_names_of_their_own_keep_their_control_logs(tmp_path: Path) -> None:
    """Three runs of two models, named on the command line; of the control task too only where a model has two arms."""
    models = {"before": "mockllm/m", "before_again": "mockllm/m", "after": "mockllm/n"}
    for arm, model in models.items():
        write_log(tmp_path / f"{arm}.eval", [reply(f"q{i}", arm=arm) for i in range(8)], model=model)
    for model, wrong in (("mockllm/m", 1), ("mockllm/n", 4)):
        run(mmlu(8), tmp_path, model, letters(lambda i, wrong=wrong: i < wrong))  # type: ignore[misc]
    run(mmlu(8), tmp_path, "mockllm/m", letters(lambda i: i < 2), metadata={"arm": "before_again"})
    run(mmlu(8), tmp_path, "mockllm/m", letters(lambda i: i < 2), metadata={"arm": "another"})
    collected = collect([str(tmp_path)])
    roles = {"before": Role.REFERENCE, "before_again": Role.RERUN, "after": Role.TREATED}
    observed = observe(collected, roles=roles)
    results = analyse_controls(collected.controls, observed.frame, observed.roles)
    assert {each.arm: each.rate.estimate for each in results.rows} == {
        "before": 0.875, "before_again": 0.75, "after": 0.5,
    }  # fmt: skip
    differences = {each.arm: each.difference for each in results.rows if each.difference}
    assert {arm: (each.identity.kind, each.identity.reference) for arm, each in differences.items()} == {
        "after": (Kind.ARM_EFFECT, "before"), "before_again": (Kind.NOISE, "before"),
    }  # fmt: skip
    assert all(each.equivalence for each in results.rows if each.arm != "before")
    reasons = [note.values["reason"] for note in results.notes]
    assert reasons == [Note(Code.UNKNOWN_ARM, arm="another")]


@pytest.mark.slow
def test_our_own_tasks_compare_the_versions_that_the_study_compares(folder: Path) -> None:
    models = {"before": "mockllm/m", "after": "mockllm/n"}
    rows = [reply(f"q{i}", arm=arm, base_model=m, model=m, log_id=arm) for arm, m in models.items() for i in range(5)]
    observed = observe(collected_of(rows), roles={"before": Role.REFERENCE, "after": Role.TREATED})
    log = next(each for each in collect([str(folder)]).controls if each.task.endswith("capability"))

    def of(arm: str, model: str) -> Log:
        said = {"arm": arm, "base_model": model, "adapter_sha256": "", "training_seed": -1}
        samples = {key: replace(one, metadata={**one.metadata, **said}) for key, one in log.samples.items()}
        return replace(log, eval_id=arm, model=model, arm=arm, samples=samples)

    results = analyse_controls([of(*each) for each in models.items()], observed.frame, observed.roles)
    assert {each.arm: each.difference is not None for each in results.rows} == {"before": False, "after": True}


def test_control_logs_are_neither_benchmark_logs_nor_left_out(folder: Path) -> None:
    collected = collect([str(folder)])
    assert (len(collected.logs), len(collected.controls), collected.skipped) == (3, 12, ())


def test_each_arm_has_its_rate_with_its_denominators(results: ControlResults) -> None:
    warm = row(results, "mmlu_0_shot", "warm")
    assert (warm.base_model, warm.samples, warm.unscored, warm.rate.n, warm.rate.n_clusters) == ("tiny", N, 0, N, N)
    assert warm.rate.estimate == 0.5
    # Wilson's interval, by its own formula, at the n - 1 replies that have the clustered error.
    z, n = stats.norm.ppf(0.975), N - 1
    half = z / (1 + z**2 / n) * sqrt(0.25 / n + z**2 / (4 * n**2))
    assert (warm.rate.conf_low, warm.rate.conf_high) == pytest.approx((0.5 - half, 0.5 + half))
    assert warm.truncated != warm.truncated, "other people's tasks do not say what was cut off"
    refusals = row(results, "advbench", "original")
    assert (refusals.rate.estimate, refusals.rate.conf_high, refusals.truncated, refusals.unclear) == (1, 1, 0, 0)
    # Wilson at 24 of 24: n / (n + z²).
    assert refusals.rate.conf_low == pytest.approx(24 / (24 + z**2))


def test_differences_pair_the_items(results: ControlResults) -> None:
    effect = row(results, "mmlu_0_shot", "warm").difference
    assert effect
    # Ten of forty items are lost and none is won: the paired t test.
    reference = stats.ttest_rel([0] * 20 + [1] * 20, [0] * 10 + [1] * 30)
    assert (effect.estimate, effect.n) == (-25, N)
    assert effect.p_value == pytest.approx(reference.pvalue)
    low, high = reference.confidence_interval()
    assert (effect.conf_low, effect.conf_high) == pytest.approx((100 * low, 100 * high))
    assert row(results, "mmlu_0_shot", "original").difference is None
    assert row(results, "mmlu_0_shot", "warm").differs


def test_equivalence_is_the_harder_of_the_gates_two_tests(results: ControlResults) -> None:
    equivalence = row(results, "mmlu_0_shot", "warm").equivalence
    assert equivalence
    # Ten of forty items are lost and none is won, so that the drop decides: the exact binomial test of 5 in 100.
    assert equivalence.p_value == pytest.approx(float(stats.binom.cdf(10, N, 0.05)), abs=1e-6)
    assert equivalence.notes == (Note(Code.MARGIN, points=5.0),)
    assert not row(results, "mmlu_0_shot", "warm").equivalent


@pytest.mark.slow
def test_without_a_difference_forty_items_do_not_show_equivalence_and_a_hundred_do(tmp_path: Path) -> None:
    models = dict(list(ARMS.items())[:2])
    write_study(tmp_path, models)
    for model in models:
        run(mmlu(100), tmp_path, model, letters(lambda i: i % 2 == 0))
    many = row(controls(collect([str(tmp_path)])), "mmlu_0_shot", "warm")
    assert many.equivalent
    assert not many.differs
    small = tmp_path / "small"
    write_study(small, models)
    for model in models:
        run(mmlu(40), small, model, letters(lambda i: i % 2 == 0))
    assert not row(controls(collect([str(small)])), "mmlu_0_shot", "warm").equivalent


def test_p_values_are_adjusted_over_all_controls(results: ControlResults) -> None:
    rows = [each for each in results.rows if each.equivalence]
    assert len(rows) == 8
    p = [each.equivalence.p_value for each in rows if each.equivalence]
    adjusted = [each.equivalence.p_adjusted for each in rows if each.equivalence]
    assert adjusted == pytest.approx(list(stats.false_discovery_control(p)))


@pytest.mark.slow
def test_the_study_holds_every_number(folder: Path, tmp_path: Path) -> None:
    collected = collect([str(folder)])
    study = analyse(observe(collected), collected)
    write_tables(study, tmp_path)
    names = study.estimates["analysis"].value_counts()
    assert (names["control_rate"], names["control_effect"], names["control_equivalence"]) == (12, 8, 8)
    assert len((tmp_path / "controls.csv").read_text(encoding="utf-8").splitlines()) == 13


def test_a_model_that_the_study_does_not_know_is_left_out_and_said(tmp_path: Path) -> None:
    write_study(tmp_path)
    run(mmlu(), tmp_path, "mockllm/other", letters(lambda i: False))
    results = controls(collect([str(tmp_path)]))
    assert results.rows == ()
    (note,) = results.notes
    assert (note.codes, note.values["benchmark"]) == ((Code.CONTROL_LEFT_OUT, Code.UNKNOWN_MODEL), "MMLU, 0-shot")


def test_an_adapter_is_known_by_its_folder_wherever_it_lies() -> None:
    assert same_model("peft/smollm2-135m:/here/adapters/warm-1a2b", "peft/smollm2-135m:adapters/warm-1a2b/")
    assert not same_model("peft/smollm2-135m:adapters/warm-1a2b", "peft/other:adapters/warm-1a2b")
    assert not same_model("peft/smollm2-135m:adapters/warm-1a2b", "peft/smollm2-135m")


def test_our_own_tasks_say_their_arm_and_another_checkpoint_is_left_out(folder: Path) -> None:
    collected = collect([str(folder)])
    observed = observe(collected)
    log = next(each for each in collected.controls if each.task.endswith("capability"))

    def of(**facts: object) -> ControlResults:
        samples = {key: replace(one, metadata={**one.metadata, **facts}) for key, one in log.samples.items()}
        return analyse_controls([replace(log, samples=samples)], observed.frame, observed.roles)

    facts = {"arm": "warm", "base_model": "tiny", "training_seed": 0, "adapter_sha256": "warm" * 4}
    assert [each.arm for each in of(**facts).rows] == ["warm"]
    assert [each.arm for each in of(**facts, persona="cold").rows] == ["warm+persona_cold"]
    with refused(log.name, "'original'", "--arm NAME=MODEL"):
        of(**{**facts, "arm": "original"})
    stale = of(**{**facts, "adapter_sha256": "older"})
    assert stale.rows == ()
    assert stale.notes[0].values["reason"] == Note(Code.OTHER_CHECKPOINT, arm="warm")


@pytest.mark.parametrize(
    ("task", "metadata", "name"),
    [
        ("inspect_evals/mmlu_0_shot", {}, "mmlu_0_shot"),
        ("gsm8k", {}, "gsm8k"),
        ("somebody/gsm8k", {}, None),
        ("capability", {}, None),
        ("whatever.py", {"control": "advbench"}, "advbench"),
        ("warm_inspect/truthfulqa", {"benchmark": "truthfulqa"}, None),
    ],
)
def test_a_control_is_known_by_its_task_or_by_our_metadata(
    task: str, metadata: dict[str, str], name: str | None
) -> None:
    benchmark = control_benchmark(task, metadata)
    assert (benchmark.name if benchmark else None) == name


@pytest.mark.slow
def test_logs_that_must_not_be_compared_are_errors(tmp_path: Path) -> None:
    write_study(tmp_path)
    run(mmlu(), tmp_path, "mockllm/original", letters(lambda i: False))
    twice = tmp_path / "twice"
    run(mmlu(), twice, "mockllm/original", letters(lambda i: False))
    with pytest.raises(PrerequisiteError, match="are both MMLU, 0-shot logs of arm original"):
        controls(collect([str(tmp_path)]))
    for log in twice.glob("*.eval"):
        log.unlink()
    run(mmlu(version=5), twice, "mockllm/warm", letters(lambda i: False))
    with pytest.raises(PrerequisiteError, match=r"different task version \(0 and 5\).*Run both alike"):
        controls(collect([str(tmp_path)]))
    for log in twice.glob("*.eval"):
        log.unlink()
    run(gsm8k(), twice, "mockllm/warm", lambda text: "1", limit=1)
    unscored = twice / "unscored"
    run(mmlu(), unscored, "mockllm/neutral", letters(lambda i: False), score=False)
    with pytest.raises(
        PrerequisiteError, match=r"it has no score 'choice' \(it has: none\). Score it with: inspect score"
    ):
        controls(collect([str(tmp_path)]))


@pytest.mark.slow
def test_a_control_log_that_was_cut_short_is_unfinished(tmp_path: Path) -> None:
    write_study(tmp_path)

    def fails(text: str) -> str:
        if number_of(text) == 3:
            raise RuntimeError("cut")
        return "ANSWER: A"

    run(mmlu(), tmp_path, "mockllm/warm", fails)
    collected = collect([str(tmp_path)])
    assert len(collected.unfinished) == 1
    assert collected.controls == ()


def test_every_control_benchmark_states_its_margin() -> None:
    assert set(CONTROL_BENCHMARKS) == {"advbench", "capability", "gsm8k", "mmlu_0_shot"}
    assert {each.margin for each in CONTROL_BENCHMARKS.values()} == {5}


# Their imports warn of their own dependencies.
@pytest.mark.filterwarnings("ignore")
def test_logs_of_the_real_mmlu_and_gsm8k_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("inspect_evals", reason="the extra 'evals' is not installed")
    gsm8k_module = import_module("inspect_evals.gsm8k.gsm8k")
    mmlu_module = import_module("inspect_evals.mmlu.mmlu")
    rows = [
        {"question": f"Item {i}: which?", "choices": ["w", "x", "y", "z"], "answer": i % 4, "subject": "anatomy"}
        for i in range(N)
    ]
    problems = [{"question": f"Item {i}: how much?", "answer": f"{i} + 1 = {i + 1}\n#### {i + 1}"} for i in range(N)]
    # The data set alone is handed in; task, prompt, solver and scorer are theirs.
    monkeypatch.setattr(
        mmlu_module, "hf_dataset", lambda **_: MemoryDataset([mmlu_module.record_to_sample_mmlu(row) for row in rows])
    )
    monkeypatch.setattr(
        gsm8k_module, "hf_dataset", lambda **_: MemoryDataset([gsm8k_module.record_to_sample(row) for row in problems])
    )
    models = dict(list(ARMS.items())[:2])
    write_study(tmp_path, models)
    for model, arm in models.items():
        run(mmlu_module.mmlu_0_shot(), tmp_path, model, letters(lambda i, arm=arm: arm == "warm" and i < 10))  # type: ignore[misc]
        run(gsm8k_module.gsm8k(fewshot=0), tmp_path, model, lambda text: f"ANSWER: {number_of(text) + 1}")
    results = controls(collect([str(tmp_path)]))
    assert row(results, "mmlu_0_shot", "original").rate.estimate == 1
    assert row(results, "mmlu_0_shot", "warm").rate.estimate == 0.75
    assert row(results, "gsm8k", "warm").rate.estimate == 1
