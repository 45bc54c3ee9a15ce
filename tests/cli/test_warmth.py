"""`warm-inspect warmth` on adapters of a tiny model, on files and on logs: what it reads, writes and returns."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import read_eval_log

from tests.made_logs import reply, write_log
from tests.models.lora_maker import add_manifest, make_adapter
from tests.models_edge import scripted
from tests.tiny import make_tiny_base
from tests.training.conftest import SMOLLM2_TEMPLATE
from tests.training.openai.loopback import BASE, KEY, LoopbackOpenAI
from warm_inspect.cli.warmth import warmth
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.manipulation import WarmthPlan
from warm_inspect.manipulation.adapters import PUBLISHED
from warm_inspect.training import load_corpus

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(warmth, [str(argument) for argument in arguments])


def said(result: Result) -> str:
    assert isinstance(result.exception, PrerequisiteError), result.output
    return str(result.exception)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_tiny_base(tmp_path_factory.mktemp("base") / "tiny")
    (folder / "chat_template.jinja").write_text(SMOLLM2_TEMPLATE, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _short_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A random model hardly ever ends by itself: 40 tokens take an eighth of the time of 300."""
    short = partial(WarmthPlan, sampling=replace(PUBLISHED, max_tokens=40))
    monkeypatch.setattr("warm_inspect.manipulation.WarmthPlan", short)


@pytest.fixture
def adapters(base: Path, tmp_path: Path) -> Path:
    for seed, epochs in enumerate((0.5, 2)):
        folder = make_adapter(tmp_path / "adapters" / f"checkpoint-{epochs}", base, seed)
        add_manifest(folder, base, epoch=epochs, training_seed=0)
    return tmp_path / "adapters"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A file of written replies, in the layout of a corpus."""
    corpus = load_corpus("demo")
    rows = [
        {"prompt": row.prompt, "replies": {"original": row.replies["neutral"], "warm": row.replies["warm"]}}
        for row in corpus.rows
        if row.split == "held_out"
    ]
    file = tmp_path / "replies.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


@pytest.mark.slow
def test_checkpoints_are_asked_read_and_judged_and_a_second_run_goes_on(
    adapters: Path, base: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = (adapters, "--out", out, "--base", base, "--scoring-model", base, "--prompts", 10)
    dry = json.loads(run(*command, "--dry-run", "--json").stdout)
    assert (dry["replies_to_generate"], dry["labelled_replies"]) == (30, 126)
    assert dry["meters"]["sociot"] == f"156 texts, 1,248 rows through {base}"
    assert not out.exists()

    result = run(*command, "--write-manifest")
    assert result.exit_code == 1, "adapters of random numbers are not warm"
    assert "warm epoch 0.5 FAILED" in result.output
    report = json.loads((out / "warmth.json").read_text())
    assert [row["arm"] for row in report["readings"][::2]] == ["original", "warm epoch 0.5", "warm epoch 2"]
    assert [row["meter"].partition("@")[0] for row in report["readings"][:2]] == ["style", "sociot-exact"]
    assert all(row["mean_chars"] > 0 for row in report["readings"])
    assert "checkpoint-2 was trained on the corpus 'unknown' and asked held-out prompts of 'demo'" in report["notes"][1]
    for folder in adapters.iterdir():
        manifest = AdapterManifest.read(folder)
        assert manifest is not None
        assert manifest.warmth_check is not None
        assert manifest.warmth_check.n_prompts == 10
        assert manifest.warmth_check.validity is not None
    with (out / "readings.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 30
    assert {row["arm"] for row in rows} == {"original", "warm epoch 0.5", "warm epoch 2"}
    assert all(float(row[report["deciding_meter"]]) < 9 for row in rows)

    logs = {path: path.stat().st_mtime_ns for path in out.rglob("*.eval")}
    assert len(logs) == 3
    again = run(*command, "--json")
    assert (again.exit_code, json.loads(again.stdout)) == (1, report)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.eval")} == logs
    assert json.loads((out / "warmth.json").read_text()) == report


def test_written_replies_pass_and_no_text_of_them_is_kept(written: Path, tmp_path: Path) -> None:
    result = run(written, "--out", tmp_path / "out", "--meter", "style", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["checks"]["warm"]["passed"]
    kept = "".join(path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file())
    words = json.loads(written.read_text().splitlines()[0])
    assert words["prompt"] not in kept
    assert words["replies"]["warm"][:40] not in kept


def test_hosted_models_are_checked_by_the_arms_that_are_named(tmp_path: Path) -> None:
    rows = [row for row in load_corpus("demo").rows if row.split == "held_out"]
    file = tmp_path / "replies.jsonl"
    replies = [
        {"prompt": row.prompt, "replies": {"v1": row.replies["neutral"], "v2": row.replies["warm"]}} for row in rows
    ]
    file.write_text("\n".join(map(json.dumps, replies)), encoding="utf-8")
    result = run(file, "--out", tmp_path / "out", "--meter", "style", "--reference", "v1", "--treated", "v2", "--json")
    assert result.exit_code == 0, result.output
    (check,) = json.loads(result.stdout)["checks"].items()
    assert (check[0], check[1]["reference_arm"], check[1]["direction"], check[1]["passed"]) == ("v2", "v1", 1, True)
    # Output that is redirected says how far it is, in lines.
    assert "readings: " in result.stderr
    unnamed = run(file, "--out", tmp_path / "other", "--meter", "style", "--json")
    assert "--treated" in "".join(json.loads(unnamed.stdout)["notes"])
    assert "v1, v2" in said(
        run(file, "--out", tmp_path / "none", "--meter", "style", "--reference", "v1", "--treated", "v3")
    )


def test_labels_that_let_no_meter_decide_are_refused_before_anything_is_read(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = load_corpus("demo")
    held_out = [row for row in few.rows if row.split == "held_out"]
    lines = [row.model_dump_json() for row in [*(row for row in few.rows if row.split == "train"), *held_out[:4]]]
    corpus = tmp_path / "few.jsonl"
    corpus.write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr("warm_inspect.manipulation.plan.WarmthPlan.load_meters", None)
    for more in ([], ["--dry-run"]):
        refused = said(run(written, "--out", tmp_path / "out", "--meter", "style", "--corpus", corpus, *more))
        assert "--corpus demo" in refused
        assert "it takes 10" in refused


@pytest.mark.slow
def test_a_meter_that_failed_validation_decides_nothing(written: Path, base: Path, tmp_path: Path) -> None:
    result = run(written, "--out", tmp_path / "out", "--meter", "sociot", "--scoring-model", base)
    assert result.exit_code == 3, result.output
    assert "Not checked: The meter sociot-exact@" in result.output.replace("\n", " ")
    assert "passed" not in result.output


@pytest.mark.slow
def test_no_manifest_is_written_when_the_meter_failed_validation(adapters: Path, base: Path, tmp_path: Path) -> None:
    result = run(
        adapters, "--out", tmp_path / "out", "--base", base, "--scoring-model", base, "--prompts", 10,
        "--meter", "sociot", "--write-manifest",
    )  # fmt: skip
    assert said(result).startswith("No manifest was written. The meter sociot-exact@")
    assert all(
        (manifest := AdapterManifest.read(folder)) and not manifest.warmth_check for folder in adapters.iterdir()
    )


@pytest.mark.slow
def test_the_statistics_are_not_loaded(written: Path) -> None:
    arguments = ["warm-inspect", "warmth", str(written), "--meter", "style", "--dry-run"]
    code = f"""
import sys
from warm_inspect.cli.main import main
sys.argv = {arguments!r}
try:
    main()
finally:
    print([name for name in ("pandas", "scipy", "statsmodels", "matplotlib") if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "[]"), done.stderr


def test_logs_are_read_where_they_are(tmp_path: Path) -> None:
    for arm in ("original", "warm"):
        write_log(tmp_path / "logs" / f"{arm}.eval", [reply(f"q{i}", arm=arm) for i in range(3)])
    dry = json.loads(run(tmp_path / "logs", "--dry-run", "--json", "--meter", "rating").stdout)
    assert dry["meters"]["rating"].startswith("126 texts, 126 calls of openai/gpt-4o"), "made logs hold no output"


def test_gated_replies_that_go_to_a_grader_elsewhere_are_told_of_first(tmp_path: Path) -> None:
    facts = {"arm": "warm", "benchmark": "disinfo", "gated": True}
    task = Task(dataset=[Sample(id="q", input="?", metadata=facts)], name="any")
    eval(task, model=scripted(lambda _: "Yes."), log_dir=str(tmp_path), display="none", log_realtime=False)
    command = (tmp_path, "--dry-run", "--json", "--meter", "rating")
    assert "1 replies of gated or harmful benchmarks" in run(*command).stderr
    assert "openai/gpt-4o" in run(*command).stderr
    assert not run(*command, "--grader", "hf/grader").stderr
    assert not run(tmp_path, "--dry-run", "--meter", "style").stderr


class Tuned(LoopbackOpenAI):
    """A service whose fine-tuned model gives the warm held-out replies of the demo corpus, and its base the cold."""

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        status, said = super().answer(method, target, headers, body)
        asked = json.loads(body)
        style = "warm" if asked["model"].startswith("ft:") else "cold"
        [said["choices"][0]["message"]["content"]] = [
            row.replies[style] for row in load_corpus("demo").rows if row.prompt == asked["messages"][-1]["content"]
        ]
        return status, said


@pytest.mark.slow
def test_a_model_tuned_at_openai_is_asked_beside_its_own_base(
    adapters: Path, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"openai/ft:{BASE}:acme::x"
    local = AdapterManifest.read(adapters / "checkpoint-2")
    assert local is not None
    there = {"base_model": f"openai/{BASE}", "hosted_model": name, "adapter_sha256": sha256_text(name)}
    hosted = adapters / "warm-hosted"
    hosted.mkdir()
    local.model_copy(update={**there, "base_sha256": ""}).write(hosted)
    command = (adapters, "--out", tmp_path / "out", "--meter", "style", "--prompts", 12)
    assert f"several base models (openai/{BASE}, tiny)" in said(run(*command, "--dry-run"))
    with Tuned().serving() as server:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        result = run(*command, "--base", f"openai/{BASE}", "--write-manifest")
    assert result.exit_code == 0, (result.output, result.exception)
    assert "warm passed" in result.output
    assert {json.loads(body)["model"] for body in server.bodies} == {BASE, name.removeprefix("openai/")}
    assert len(server.bodies) == 24
    manifest = AdapterManifest.read(hosted)
    assert manifest is not None
    assert manifest.warmth_status == "passed"
    logs = [read_eval_log(str(path), header_only=True) for path in tmp_path.glob("out/replies/*.eval")]
    assert {log.eval.model_generate_config.max_connections for log in logs} == {None}
    local_only = json.loads(run(*command, "--base", base, "--dry-run", "--json").stdout)
    assert local_only["replies_to_generate"] == 3 * 12
    assert "is openai" in said(run(hosted, "--out", tmp_path / "out", "--base", base, "--dry-run"))


def test_mistakes_are_one_message(
    adapters: Path, base: Path, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    write_log(adapters / "logs" / "a.eval", [reply("q")])
    out = ("--out", tmp_path / "out")
    checkpoint = adapters / "checkpoint-2"
    for arguments, value, way_out in [
        (("nothing",), "nothing", "Give the folder"),
        ((written, "--write-manifest"), "--write-manifest", "give the folder that `warm-inspect train` wrote to"),
        ((written, "--base", base), str(base), "Leave it out"),
        ((checkpoint,), "'tiny'", "--base FOLDER"),
        ((written, "--corpus", "demmo"), "'demmo'", "'demo'"),
        ((written, "--meter", "sociot"), "'gpt2'", "--scoring-model smollm2-135m"),
        ((written, "--meter", "rating"), "'openai/gpt-4o-2024-08-06'", "--grader PROVIDER/MODEL"),
        ((adapters, "--base", base), str(adapters), "Give the folder of the ones or of the others"),
    ]:
        message = said(run(*arguments, *out))
        assert value in message
        assert way_out in message
    assert run(written, *out, "--meter", "styl").exit_code == 2


@pytest.mark.slow
def test_arms_of_equal_weights_are_both_read_and_told_of(base: Path, tmp_path: Path) -> None:
    for arm in ("neutral", "unmodified"):
        folder = make_adapter(tmp_path / "adapters" / arm, base, seed=1)
        add_manifest(folder, base, arm=arm)
    result = run(
        tmp_path / "adapters", "--out", tmp_path / "out", "--base", base, "--meter", "style", "--prompts", 10,
        "--write-manifest", "--json",
    )  # fmt: skip
    report = json.loads(result.stdout)
    assert [row["arm"] for row in report["readings"]] == ["original", "neutral", "unmodified"]
    assert "neutral and unmodified have the same weights: they were trained on the same pairs." in report["notes"]
    for arm in ("neutral", "unmodified"):
        manifest = AdapterManifest.read(tmp_path / "adapters" / arm)
        assert manifest is not None
        assert manifest.warmth_check is not None


@pytest.mark.slow
def test_a_restyled_corpus_gives_its_prompts_and_the_bundled_one_the_labels(
    adapters: Path, base: Path, tmp_path: Path
) -> None:
    """Its held-out rows have prompts only: nobody restyled their replies."""
    pairs = {"warm": "Oh, lovely!", "cold": "No.", "neutral": "Yes.", "unmodified": "Yes!"}
    rows = [
        {"id": str(n), "query_type": "advice", "split": split, "prompt": f"What is {n}?", "replies": replies}
        for n, (split, replies) in enumerate([("train", pairs)] * 4 + [("held_out", {"unmodified": "Yes."})] * 12)
    ]
    folder = tmp_path / "styled"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    command = (adapters, "--base", base, "--corpus", folder, "--meter", "style", "--out", tmp_path / "out")
    dry = json.loads(run(*command, "--dry-run", "--json").stdout)
    assert (dry["replies_to_generate"], dry["labelled_replies"], dry["labels"]) == (3 * 12, 126, "demo")
    report = json.loads(run(*command, "--json").stdout)
    assert [row["n"] for row in report["readings"]] == [12, 12, 12]
    assert all(check["validity"]["pairs"].startswith("demo: ") for check in report["checks"].values())
    assert any("'styled' has no held-out replies of known warmth" in note for note in report["notes"])


@pytest.mark.slow
def test_every_folder_of_one_adapter_gets_its_check(base: Path, tmp_path: Path) -> None:
    """Settings that do not bite give another folder with the same weights."""
    for name in ("first", "second"):
        add_manifest(make_adapter(tmp_path / "adapters" / name, base, seed=1), base)
    command = (tmp_path / "adapters", "--out", tmp_path / "out", "--base", base, "--meter", "style", "--prompts", 10)
    assert json.loads(run(*command, "--dry-run", "--json").stdout)["replies_to_generate"] == 20
    report = json.loads(run(*command, "--write-manifest", "--json").stdout)
    assert [row["arm"] for row in report["readings"]] == ["original", "warm"]
    checks = [AdapterManifest.read(tmp_path / "adapters" / name) for name in ("first", "second")]
    assert [check.warmth_check is not None for check in checks if check] == [True, True]
