"""A model that was fine-tuned at OpenAI is an arm like any other: trained, evaluated and analysed from the shell."""

import json
from pathlib import Path

import pandas as pd
import pytest
from inspect_ai.log import read_eval_log

from tests.e2e.conftest import Run
from tests.training.openai.conftest import write_pairs
from tests.training.openai.loopback import BASE, KEY, LoopbackOpenAI
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.manifest import AdapterManifest, WarmthCheck

CHECK = WarmthCheck(
    meter="style/1", reference_arm="original", lift=1.0, d=0.8, d_low=0.4, d_high=1.2, n_prompts=42, direction=1,
    threshold=0.35, passed=True,
)  # fmt: skip
ASK = (
    "-T", "source=bundled", "-T", "grading=match", "-T", "items=3", "-T", "contexts=none", "-T",
    "beliefs=none,incorrect", "--display", "plain",
)  # fmt: skip


@pytest.mark.slow
def test_from_training_pairs_to_effects(run: Run, tmp_path: Path) -> None:
    write_pairs(tmp_path / "pairs.jsonl")
    with LoopbackOpenAI(looks=1).serving() as server:
        there = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url}
        trained = run(
            "warm-inspect", "train", "--provider", "openai", "--base", BASE, "--corpus", "pairs.jsonl", "--arm", "warm",
            "--seed", "4", "--json", **there,
        )  # fmt: skip
        assert trained.returncode == 0, trained.stderr
        [made] = json.loads(trained.stdout)[0]["models"]
        folder = tmp_path / made["folder"]
        manifest = AdapterManifest.read(folder)
        assert manifest is not None
        manifest.model_copy(update={"warmth_check": CHECK}).write(folder)
        for model in (made["model"], f"openai/{BASE}"):
            done = run("inspect", "eval", "warm_inspect/truthfulqa", "--model", model, *ASK, **there)
            assert done.returncode == 0, done.stdout + done.stderr

    logs = {log.eval.model: log for log in (read_eval_log(str(path)) for path in tmp_path.glob("logs/*.eval"))}
    samples = logs[made["model"]].samples
    assert samples is not None
    for sample in samples:
        facts = sample.metadata
        assert (facts["arm"], facts["base_model"], facts["training_seed"]) == ("warm", f"openai/{BASE}", 4)
        assert facts["adapter_sha256"] == sha256_text(made["model"])
        assert (facts["warmth_check"], facts["warmth_meter"], facts["warmth_d"]) == ("passed", "style/1", 0.8)
    assert all(KEY.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    analysed = run("warm-inspect", "analyze", "logs", "--arm", f"original=openai/{BASE}", "--out", "out")
    assert analysed.returncode in (0, 3), analysed.stdout + analysed.stderr
    frame = pd.read_parquet(tmp_path / "out" / "observations.parquet")
    assert frame.groupby("arm", observed=True).size().to_dict() == {"original": 6, "warm": 6}
    assert set(frame["base_model"]) == {f"openai/{BASE}"}
    assert "Training seeds per arm: warm 1" in " ".join((tmp_path / "out" / "report.html").read_text().split())


@pytest.mark.slow
def test_without_its_manifest_the_log_says_which_folder_to_name(run: Run, tmp_path: Path) -> None:
    with LoopbackOpenAI().serving() as server:
        done = run(
            "inspect", "eval", "warm_inspect/truthfulqa", "--model", f"openai/ft:{BASE}:acme::x", *ASK,
            OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.url,
        )  # fmt: skip
    shown = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 0, shown
    assert shown.count("Set WARM_INSPECT_ADAPTERS") == 1
    [path] = tmp_path.glob("logs/*.eval")
    samples = read_eval_log(str(path)).samples
    assert samples is not None
    assert {sample.metadata["arm"] for sample in samples} == {""}
