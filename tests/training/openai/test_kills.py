"""A process that is killed at any moment loses nothing, submits nothing twice, and leaves no manifest that lies."""

import multiprocessing
import random
import time
from collections.abc import Callable
from itertools import islice, permutations
from pathlib import Path
from typing import Any

import pytest

from tests.adversarial.hostile import FEW
from tests.adversarial.hostile import KILLS as ALL_KILLS
from tests.training.openai.conftest import arm_of, plan
from tests.training.openai.loopback import LoopbackOpenAI
from tests.training.openai.worker import EPOCHS, work
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.training.corpus.pairs import Corpus
from warm_inspect.training.openai import train_hosted
from warm_inspect.training.openai.run import Pace
from warm_inspect.training.openai.service import Service
from warm_inspect.training.openai.submission import SubmissionFile

KILLS = 30 if ALL_KILLS > FEW else 10


def check(server: LoopbackOpenAI, out: Path) -> set[str]:
    """Every manifest tells the truth and nothing was asked for twice; gives the models that have a manifest."""
    keys = [job["metadata"]["warm_inspect_job"] for job in server.jobs.values()]
    assert len(keys) == len(set(keys)), "a job was submitted twice"
    assert len(set(server.contents.values())) == len(server.contents), "a file was uploaded twice"
    truth = server.truth(arm_of)
    models = set()
    for folder in out.glob("[!.]*"):
        manifest = AdapterManifest.read(folder)
        assert manifest is not None, "a folder appears when it is complete"
        told = (manifest.arm, manifest.training["epochs"])
        assert truth[manifest.hosted_model] == told
        job = server.jobs[manifest.training["job"]]
        assert (job["status"], job["seed"]) == ("succeeded", manifest.training_seed)
        models.add(manifest.hosted_model)
    return models


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours may catch it."""


BOUNDARIES: list[tuple[type, str]] = [
    *((Service, name) for name in ("find_file", "upload", "has_file", "find_jobs", "create_job", "job", "checkpoints")),
    (SubmissionFile, "write"),
    (AdapterManifest, "write"),
    (Path, "replace"),
]


@pytest.mark.slow
def test_a_kill_before_or_after_any_request_or_write(
    pairs: Corpus, openai_server: LoopbackOpenAI, service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    countdown = [-1]

    def tick() -> None:
        countdown[0] -= 1
        if countdown[0] == 0:
            raise Killed

    def deadly(done: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            tick()
            answer = done(*args, **kwargs)
            tick()
            return answer

        return call

    for owner, name in BOUNDARIES:
        monkeypatch.setattr(owner, name, deadly(getattr(owner, name)))
    openai_server.looks = 1
    pace = Pace(0.0, 0.0, settle=0.0)
    out, kills = tmp_path / "out", 0
    for moment, rows in enumerate(islice(permutations(pairs.rows), 200), start=1):
        wanted = plan(Corpus("another order is another file", rows))
        countdown[0] = moment
        try:
            train_hosted([wanted], out, service, pace=pace)
        except Killed:
            kills += 1
        else:
            assert countdown[0] > 0
            break
        check(openai_server, out)
        countdown[0] = -1
        [folder] = train_hosted([wanted], out, service, pace=pace)
        assert folder.is_dir()
        assert len(openai_server.jobs) == moment
        assert not list(out.rglob(".*.partial"))
    assert kills >= 20
    assert len(check(openai_server, out)) == kills + 1
    assert len(openai_server.contents) == kills + 1


@pytest.mark.slow
def test_random_kills(openai_server: LoopbackOpenAI, pairs: Corpus, tmp_path: Path) -> None:
    """SIGKILL at moments that follow the service's request counter, so that they fall into the work on any machine."""
    rng = random.Random(20260410)
    openai_server.looks = 40
    openai_server.delay = lambda: rng.random() / 200
    out = tmp_path / "out"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.training.openai.worker"])

    def start() -> Any:
        process = context.Process(target=work, args=(openai_server.url, tmp_path / "pairs.jsonl", out))
        process.start()
        return process

    finished: set[str] = set()
    for _ in range(KILLS):
        before, process = len(openai_server.requests), start()
        wanted = before + rng.randint(1, 9)
        while process.is_alive() and len(openai_server.requests) < wanted:
            time.sleep(0.002)
        time.sleep(rng.random() / 50)
        assert process.is_alive(), "the work must outlast the kills"
        process.kill()
        process.join()
        now = check(openai_server, out)
        assert finished <= now, "finished work was lost"
        finished = now
    openai_server.looks = 1
    process = start()
    process.join()
    assert process.exitcode == 0
    assert len(check(openai_server, out)) == 2 * len(EPOCHS)
    assert len(openai_server.jobs) == 2 * len(EPOCHS)
    assert len(openai_server.contents) == 2
