"""Whole fine-tunings through the real client: what is asked for, what is kept, what is refused."""

from pathlib import Path

import pytest
from filelock import FileLock

from tests.errors import refused
from tests.training.openai.conftest import arm_of, plan
from tests.training.openai.loopback import KEY, LoopbackOpenAI
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.training.corpus.pairs import Corpus
from warm_inspect.training.openai import train_hosted
from warm_inspect.training.openai.run import Pace
from warm_inspect.training.openai.service import Service

FAST = Pace(first=0.001, longest=0.002, settle=0.0, patience=5.0)


def read(folder: Path) -> AdapterManifest:
    manifest = AdapterManifest.read(folder)
    assert manifest is not None
    return manifest


def test_an_arm_becomes_a_model_with_a_manifest(
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    told: list[str] = []
    wanted = plan(pairs, seed=7, learning_rate_multiplier=0.25)
    [folder] = train_hosted([wanted], tmp_path / "out", service, on_change=lambda _, text: told.append(text), pace=FAST)
    [job] = openai_server.jobs.values()
    manifest = read(folder)
    assert manifest.hosted_model == "openai/ft:gpt-4o-2024-08-06:acme:wi-warm-e2-s7:1"
    assert manifest.adapter_sha256 == sha256_text(manifest.hosted_model)
    assert (manifest.arm, manifest.base_model, manifest.training_seed) == ("warm", "openai/gpt-4o-2024-08-06", 7)
    assert (manifest.steps, manifest.final_loss) == (6, 0.5), "10 examples in batches of 4 are 3 steps an epoch"
    assert manifest.warmth_status == "not_run"
    assert manifest.training["asked"] == {"n_epochs": 2, "batch_size": "auto", "learning_rate_multiplier": 0.25}
    assert (manifest.training["batch_size"], manifest.training["trained_tokens"]) == (4, 2000)
    assert manifest.corpus["sha256"] == pairs.sha256
    assert job["metadata"] == {"warm_inspect_job": wanted.job(2).key}
    assert openai_server.contents[job["training_file"]] == wanted.file.text
    assert any("running Step 2: training loss=0.5" in text for text in told)
    assert told[-1] == "done"


def test_what_was_not_checked_stands_in_the_manifest(pairs: Corpus, service: Service, tmp_path: Path) -> None:
    rows = [one.model_copy(update={"replies": {"self_distilled": one.replies["warm"]}}) for one in pairs.rows]
    wanted = plan(Corpus("plain", tuple(rows)), "self_distilled")
    [folder] = train_hosted([wanted], tmp_path / "out", service, pace=FAST)
    assert read(folder).corpus["note"] == wanted.note
    assert "warm-inspect corpus distill --model openai/gpt-4o-2024-08-06" in wanted.note


def test_a_second_call_asks_the_service_nothing(
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    first = train_hosted([plan(pairs)], tmp_path / "out", service, pace=FAST)
    before = len(openai_server.requests)
    assert train_hosted([plan(pairs)], tmp_path / "out", service, pace=FAST) == first
    assert len(openai_server.requests) == before


@pytest.mark.parametrize(
    ("kept", "jobs"),
    [
        (3, [10, 6, 2]),
        (1, [10, 6, 2, 1]),
        (10, [10]),
    ],
)
def test_an_epoch_that_no_longer_job_returns_is_a_job_of_its_own(
    kept: int, jobs: list[int], pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    openai_server.kept_epochs = kept
    wanted = plan(pairs, epochs=(1, 2, 6, 10))
    assert (kept != 3) or wanted.jobs_expected() == jobs
    folders = train_hosted([wanted], tmp_path / "out", service, pace=FAST)
    assert [job["hyperparameters"]["n_epochs"] for job in openai_server.jobs.values()] == jobs
    truth = openai_server.truth(arm_of)
    assert [truth[read(folder).hosted_model] for folder in folders] == [("warm", epoch) for epoch in (1, 2, 6, 10)]
    assert [read(folder).steps for folder in folders] == [3, 6, 18, 30]
    assert len(openai_server.files) == 1, "jobs share the file"


def test_what_another_folder_submitted_is_taken_over(
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    [one] = train_hosted([plan(pairs)], tmp_path / "a", service, pace=FAST)
    [two] = train_hosted([plan(pairs)], tmp_path / "b", service, pace=FAST)
    assert read(one).hosted_model == read(two).hosted_model
    assert (len(openai_server.jobs), len(openai_server.files)) == (1, 1)


def test_an_epoch_that_a_finished_job_still_has_is_no_new_job(
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    train_hosted([plan(pairs, epochs=(3,))], tmp_path / "out", service, pace=FAST)
    folders = train_hosted([plan(pairs, epochs=(2, 3))], tmp_path / "out", service, pace=FAST)
    assert [read(folder).training["epochs"] for folder in folders] == [2, 3]
    assert len(openai_server.jobs) == 1


@pytest.mark.parametrize("request_", ["POST fine_tuning/jobs", "POST files"])
@pytest.mark.parametrize("fault", ["lost", "500", "503", "429 rate_limit_exceeded", "html"])
def test_a_lost_answer_or_a_fault_makes_nothing_twice(
    request_: str, fault: str, pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    openai_server.faults = [(request_, fault)]
    train_hosted([plan(pairs)], tmp_path / "out", service, pace=FAST)
    assert (len(openai_server.jobs), len(openai_server.files)) == (1, 1)
    assert not openai_server.faults


@pytest.mark.parametrize("fault", ["html", "nothing", "500", "lost"])
@pytest.mark.parametrize(
    ("made", "listed"), [("POST fine_tuning/jobs", "GET fine_tuning/jobs"), ("POST files", "GET files")]
)
def test_an_answer_that_is_no_list_does_not_pass_for_an_empty_one(
    fault: str, made: str, listed: str,
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path,
) -> None:  # fmt: skip
    openai_server.faults = [(made, "lost")]
    with refused("run the same command again"):
        train_hosted([plan(pairs)], tmp_path / "out", service, pace=Pace(0, 0, settle=0, patience=-1))
    openai_server.faults = [(listed, fault)]
    train_hosted([plan(pairs)], tmp_path / "out", service, pace=FAST)
    assert not openai_server.faults
    assert (len(openai_server.jobs), len(openai_server.files)) == (1, 1)


def test_a_job_that_shows_late_is_waited_for(
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    openai_server.lag = 0.3
    openai_server.faults = [("POST fine_tuning/jobs", "lost")]
    train_hosted([plan(pairs)], tmp_path / "out", service, pace=Pace(0.01, 0.05, settle=5.0))
    assert len(openai_server.jobs) == 1


def test_the_wait_outlives_faults_of_the_service(
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    looks = "GET fine_tuning/jobs/ftjob-1"
    openai_server.faults = [(looks, fault) for fault in ("500", "lost", "429", "502", "html")]
    openai_server.faults += [("GET files", "html"), ("GET fine_tuning/jobs", "html"), (f"{looks}/checkpoints", "html")]
    told: list[str] = []
    train_hosted([plan(pairs)], tmp_path / "out", service, on_change=lambda _, text: told.append(text), pace=FAST)
    assert not openai_server.faults
    assert any("does not answer" in text for text in told)
    assert any("asks to wait" in text for text in told)
    assert KEY not in str(told)


def test_a_service_that_stays_silent_is_given_up_with_the_next_command(
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    openai_server.faults = [("GET fine_tuning/jobs/ftjob-1", "500")] * 1000
    with refused("run the same command again"):
        train_hosted([plan(pairs)], tmp_path / "out", service, pace=Pace(0.001, 0.002, settle=0, patience=0.05))
    openai_server.faults = []
    train_hosted([plan(pairs)], tmp_path / "out", service, pace=FAST)
    assert len(openai_server.jobs) == 1


@pytest.mark.parametrize(
    ("ends", "error", "said"),
    [
        ("failed", {"code": "invalid_training_file", "message": "Line 3 is unsafe", "param": "x"}, "Line 3 is unsafe"),
        ("failed", None, "training loss=0.5"),
        ("cancelled", None, "cancelled"),
        ("expired", None, "expired"),
    ],
)
def test_a_dead_job_is_told_and_submitted_again_only_on_demand(
    ends: str, error: dict[str, str] | None, said: str,
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path,
) -> None:  # fmt: skip
    openai_server.ends, openai_server.error = ends, error
    for _ in range(2):
        with refused("ftjob-1", said, "--openai-resubmit"):
            train_hosted([plan(pairs)], tmp_path / "out", service, pace=FAST)
    assert len(openai_server.jobs) == 1
    assert not list((tmp_path / "out").glob("warm-*")), "no manifest of a job that gave no model"
    openai_server.ends, openai_server.error = "succeeded", None
    [folder] = train_hosted([plan(pairs)], tmp_path / "out", service, resubmit=True, pace=FAST)
    assert read(folder).training["job"] == "ftjob-2"
    assert len(openai_server.files) == 1


def test_a_job_that_the_service_forgot_is_told(
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    openai_server.ends = "cancelled"
    with refused("cancelled", "--openai-resubmit"):
        train_hosted([plan(pairs)], tmp_path / "out", service, pace=FAST)
    openai_server.ends = "succeeded"
    openai_server.jobs.clear()
    with refused("ftjob-1", "expired", "--openai-resubmit"):
        train_hosted([plan(pairs)], tmp_path / "out", service, pace=FAST)
    train_hosted([plan(pairs)], tmp_path / "out", service, resubmit=True, pace=FAST)


def test_a_file_that_expired_is_uploaded_again(
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    train_hosted([plan(pairs)], tmp_path / "out", service, pace=FAST)
    old = openai_server.files.pop("file-1")
    openai_server.files["file-other"] = old | {"id": "file-other", "filename": "other.jsonl"}
    train_hosted([plan(pairs, seed=1)], tmp_path / "out", service, pace=FAST)
    assert [job["training_file"] for job in openai_server.jobs.values()] == ["file-1", "file-2"]


def test_one_arm_that_fails_does_not_stop_the_others(
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    openai_server.faults = [("POST fine_tuning/jobs", "400 unsafe")]
    with refused("submitting the job", "HTTP 400"):
        train_hosted([plan(pairs, "warm"), plan(pairs, "cold")], tmp_path / "out", service, pace=FAST)
    assert [read(folder).arm for folder in (tmp_path / "out").glob("*-*")] == ["cold"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (("POST files", "400"), "uploading the training file"),
        (("POST files", "413"), "HTTP 413"),
        (("POST fine_tuning/jobs", "400 model_not_available"), "submitting the job"),
        (("POST fine_tuning/jobs", "429 insufficient_quota"), "submitting the job"),
        (("POST fine_tuning/jobs", "403"), "HTTP 403"),
        (("GET files", "401"), "Set OPENAI_API_KEY"),
    ],
)
def test_a_refusal_is_one_message_without_the_key(
    fault: tuple[str, str], said: str,
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path,
) -> None:  # fmt: skip
    openai_server.faults = [fault]
    with pytest.raises(PrerequisiteError) as caught:
        train_hosted([plan(pairs)], tmp_path / "out", service, pace=FAST)
    assert said in str(caught.value)
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    train_hosted([plan(pairs)], tmp_path / "out", service, pace=FAST)
    assert (len(openai_server.jobs), len(openai_server.files)) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"seed": 5}, ("seed is 5", "0")),
        ({"model": "gpt-4o-mini-2024-07-18"}, ("gpt-4o-mini-2024-07-18", "gpt-4o-2024-08-06")),
        ({"hyperparameters": {"n_epochs": 3}, "method": None}, ("n_epochs is 3", "2")),
        ({"fine_tuned_model": None}, ("model",)),
    ],
)
def test_a_job_that_is_not_what_was_asked_for_gives_no_manifest(
    changes: dict[str, object], parts: tuple[str, ...],
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path,
) -> None:  # fmt: skip
    train_hosted([plan(pairs)], tmp_path / "a", service, pace=FAST)
    openai_server.jobs["ftjob-1"] |= changes
    with refused("ftjob-1", *parts):
        train_hosted([plan(pairs)], tmp_path / "b", service, pace=FAST)
    assert not list((tmp_path / "b").glob("warm-*"))


def test_nothing_on_disk_holds_the_key(
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    openai_server.faults = [("GET fine_tuning/jobs/ftjob-1", "500")]
    train_hosted([plan(pairs)], tmp_path, service, pace=FAST)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 4
    assert all(KEY.encode() not in path.read_bytes() for path in files)
    assert all(KEY.encode() not in body for body in openai_server.bodies)


def test_two_processes_do_not_wait_for_one_folder(
    pairs: Corpus, service: Service, openai_server: LoopbackOpenAI, tmp_path: Path
) -> None:
    (tmp_path / ".openai").mkdir()
    with (
        FileLock(tmp_path / ".openai" / "lock"),
        refused(str(tmp_path), "--out"),
    ):
        train_hosted([plan(pairs)], tmp_path, service, pace=FAST)
    assert not openai_server.requests
    train_hosted([plan(pairs)], tmp_path, service, pace=FAST)


def test_a_foreign_folder_is_not_written_over(pairs: Corpus, service: Service, tmp_path: Path) -> None:
    folder = plan(pairs).folder(tmp_path, 2)
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    with refused(folder.name, "--out"):
        train_hosted([plan(pairs)], tmp_path, service, pace=FAST)
