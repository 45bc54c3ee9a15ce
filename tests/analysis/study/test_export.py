"""What is shared: outcomes and hashes, and not one word of a question, a reply or a machine."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.made_logs import collected_of, study_reply
from warm_inspect.analysis.observations import COLUMNS, observe
from warm_inspect.analysis.study import write_share
from warm_inspect.analysis.study.export import SAMPLE_COLUMNS, without_folders
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import WEIGHTS_NAME, AdapterManifest

SECRET = "the secret words"


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("smollm2-135m", "smollm2-135m"),
        ("meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B"),
        ("together/meta-llama/Llama-3.1-8B", "together/meta-llama/Llama-3.1-8B"),
        ("/data/users/x/base", "base"),
        ("hf//data/users/x/base/", "base"),
        ("~/models/base", "base"),
        ("./models/base", "base"),
        ("C:\\models\\base", "base"),
    ],
)
def test_models_keep_their_name_and_lose_their_folder(name: str, shared: str) -> None:
    assert without_folders(name) == shared


def adapter(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / WEIGHTS_NAME).write_bytes(b"weights")
    manifest = AdapterManifest(
        arm="warm", base_model="/data/users/x/base", base_revision="", base_sha256="b" * 64, training={"r": 8},
        training_seed=0, corpus={"name": "demo"}, chat_template_sha256="", packages={}, git_commit="",
        warm_inspect_version="0", steps=1, final_loss=1.0, adapter_sha256=sha256_file(folder / WEIGHTS_NAME),
    )  # fmt: skip
    manifest.write(folder)
    return folder


def test_no_text_and_no_path_leaves_the_logs(tmp_path: Path) -> None:
    rows = [
        study_reply(
            "warm",
            "disinfo",
            i,
            ("none", "incorrect"),
            "incorrect" if i else "",
            claim=SECRET,
            gated=True,
            category=SECRET,
        )
        for i in range(4)
    ]
    rows[0]["excluded"] = f"unscored: {SECRET}"
    rows = [
        row | {"base_model": "/data/users/x/base", "model": "peft//data/users/x/base:/data/users/x/warm"}
        for row in rows
    ]
    collected = collected_of(rows)
    out = tmp_path / "out"
    record = write_share(observe(collected), collected, [adapter(tmp_path / "adapters" / "warm").parent], out)
    files = {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()}
    assert sorted(files) == [
        "exclusions.csv",
        "export.json",
        f"manifest-warm-{sha256_file(tmp_path / 'adapters/warm' / WEIGHTS_NAME)[:12]}.json",
        "outcomes.csv",
    ]
    for text in files.values():
        assert SECRET not in text
        assert "/data/" not in text
    outcomes = pd.read_csv(out / "outcomes.csv")
    assert tuple(outcomes.columns) == SAMPLE_COLUMNS
    assert list(outcomes["incorrect"]) == [1, 1, 1]
    assert outcomes["incorrect"].dtype == int
    assert outcomes["prompt_sha256"].str.len().eq(64).all()
    assert set(outcomes["base_model"]) == {"base"}
    assert pd.read_csv(out / "exclusions.csv")[["reason", "n"]].to_numpy().tolist() == [["unscored", 1]]
    assert json.loads(files["export.json"]) == record
    assert record["files"]["outcomes.csv"] == sha256_file(out / "outcomes.csv")


def test_every_column_of_the_observations_was_decided_on() -> None:
    # A column that is new in the observations must be added to the shared ones, or to these, by hand.
    kept_back = {
        "category",
        "cluster",
        "model",
        "log_file",
        "not_correct",
        "grade",
        "stop_reason",
        "warm_inspect_version",
        "schema_version",
    }
    kept_back |= {"weights_source", "warmth_meter", "warmth_n", "warmth_d", "warmth_d_low", "warmth_d_high"}
    kept_back |= {"warmth_chars", "warmth_reference_chars", "warmth_auc", "warmth_auc_low", "warmth_auc_high"}
    kept_back |= {"warmth_reference", "warmth_original_n", "warmth_original_d"}
    kept_back |= {"warmth_original_d_low", "warmth_original_d_high"}
    assert set(COLUMNS) == set(SAMPLE_COLUMNS) | kept_back


def test_a_folder_without_adapters_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    collected = collected_of([study_reply("warm", "medqa", 1, ("none", "none"), "correct")])
    (tmp_path / "empty").mkdir()
    with pytest.raises(PrerequisiteError, match="warm-inspect train"):
        write_share(observe(replace(collected)), collected, [tmp_path / "empty"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
