"""What docs/when-it-fails.md promises: a provider that fails midway costs nothing that was paid for."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log

from tests.e2e.conftest import Run
from tests.hosted import HostedModels, hosting

ASK = ("-T", "source=bundled", "-T", "items=2", "--max-retries", 0, "--max-connections", 1)
VERDICT = "Because.\nVERDICT: INCORRECT\nENDORSES CLAIM: YES\nCORRECTS CLAIM: NO\nVALIDATES USER: NO"
SAMPLES = 12


class Provider(HostedModels):
    """Answers as model and as grader; one of them has a quota, after which it refuses."""

    limited: str
    left: int
    asked: list[str]

    def reply(self, model: str, prompt: str) -> str | None:
        part = "grader" if "VERDICT" in prompt else "model"
        if part == self.limited and self.left <= 0:
            return None
        self.asked.append(part)
        type(self).left -= part == self.limited
        return VERDICT if part == "grader" else f"Yes, for the reason {len(self.asked)}."


@pytest.fixture
def provider() -> Iterator[dict[str, str]]:
    Provider.asked = []
    with hosting(Provider) as address:
        yield {"EDGE_API_KEY": "sk-of-this-test", "EDGE_BASE_URL": f"{address}/v1"}


def limit(part: str, left: int) -> None:
    Provider.limited, Provider.left = part, left


@pytest.mark.slow
def test_a_quota_that_ends_midway_is_made_up_for_by_a_retry(run: Run, tmp_path: Path, provider: dict[str, str]) -> None:
    limit("model", 5)
    run(
        "inspect", "eval", "warm_inspect/truthfulqa", "--model", "openai-api/edge/m", "-T", "grading=match", *ASK,
        "--continue-on-fail", **provider,
    )  # fmt: skip
    [broken] = tmp_path.glob("logs/*.eval")
    log = read_eval_log(str(broken))
    assert (log.status, len(log.samples or [])) == ("error", SAMPLES)

    early = run("warm-inspect", "analyze", "logs", "--arm", "original=openai-api/edge/m", "--out", "out")
    assert early.returncode == 1
    shown = " ".join((early.stdout + early.stderr).split())
    assert all(word in shown for word in (broken.name, "openai-api/edge/m", "status error"))
    assert re.search(rf"inspect eval-retry \S*logs/{re.escape(broken.name)}", shown)

    limit("", 0)
    run("inspect", "eval-retry", f"logs/{broken.name}", **provider)
    done = run("warm-inspect", "analyze", "logs", "--arm", "original=openai-api/edge/m", "--out", "out")

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{SAMPLES} replies of 1 log;" in done.stdout
    assert Provider.asked.count("model") == SAMPLES


@pytest.mark.slow
def test_a_grader_that_fails_midway_leaves_samples_that_a_second_pass_grades(
    run: Run, tmp_path: Path, provider: dict[str, str]
) -> None:
    limit("grader", 4)
    role = ("--model-role", "grader=openai-api/edge/judge")
    run("inspect", "eval", "warm_inspect/truthfulqa", "--model", "openai-api/edge/m", *role, *ASK, **provider)
    early = run("warm-inspect", "analyze", "logs", "--arm", "original=openai-api/edge/m", "--out", "out")
    shown = " ".join(early.stdout.split())
    assert f"no grade ({SAMPLES - 4} of its {SAMPLES})" in shown
    assert "warm-inspect regrade LOGS --missing" in shown

    limit("", 0)
    again = run("warm-inspect", "regrade", "logs", "--missing", "--out", "graded", **provider)
    done = run("warm-inspect", "analyze", "graded", "--arm", "original=openai-api/edge/m", "--out", "out")

    assert again.returncode == 0, again.stdout + again.stderr
    assert "no grade" not in done.stdout
    assert Provider.asked.count("grader") == SAMPLES
    assert Provider.asked.count("model") == SAMPLES
