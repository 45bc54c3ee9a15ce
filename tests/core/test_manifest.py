import json
from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import MANIFEST_NAME, WEIGHTS_NAME, AdapterManifest, OriginalLift, WarmthCheck
from warm_inspect.core.metadata import ArmMetadata


def manifest(folder: Path) -> AdapterManifest:
    weights = folder / WEIGHTS_NAME
    weights.write_bytes(b"weights")
    return AdapterManifest(
        arm="warm", base_model="tiny", base_revision="", base_sha256="b", training={"r": 8}, training_seed=0,
        corpus={"name": "demo"}, chat_template_sha256="c", packages={}, git_commit="", warm_inspect_version="0",
        steps=1, final_loss=1.0, adapter_sha256=sha256_file(weights),
    )  # fmt: skip


def test_it_survives_a_round_trip_and_knows_its_check(tmp_path: Path) -> None:
    written = manifest(tmp_path)
    written.write(tmp_path)
    assert AdapterManifest.read(tmp_path) == written
    assert written.warmth_status == "not_run"
    check = WarmthCheck(
        meter="m", reference_arm="original", lift=0.1, d=0.6, d_low=0.3, d_high=0.9, n_prompts=42, direction=1,
        threshold=0.35, passed=True,
    )  # fmt: skip
    written.model_copy(update={"warmth_check": check}).write(tmp_path)
    read = AdapterManifest.read(tmp_path)
    assert read is not None
    assert read.warmth_status == "passed"
    assert sorted(path.name for path in tmp_path.iterdir()) == [WEIGHTS_NAME, MANIFEST_NAME]


def test_a_check_knows_its_lift_over_the_original_whichever_arm_decided(tmp_path: Path) -> None:
    recorded = OriginalLift(d=0.8, d_low=0.5, d_high=1.1, n_prompts=42)
    decided = WarmthCheck(
        meter="m", reference_arm="neutral", lift=0.1, d=0.2, d_low=-0.1, d_high=0.5, n_prompts=40, direction=1,
        threshold=0.35, passed=False, original=recorded,
    )  # fmt: skip
    written = manifest(tmp_path).model_copy(update={"warmth_check": decided})
    written.write(tmp_path)
    read = AdapterManifest.read(tmp_path)
    assert read == written
    facts = ArmMetadata.of(read)
    stated = (facts.warmth_check, facts.warmth_reference, facts.warmth_d, facts.warmth_n)
    assert stated == ("failed", "neutral", 0.2, 40)
    over = [facts.warmth_original_d, facts.warmth_original_d_low, facts.warmth_original_d_high, facts.warmth_original_n]
    assert over == [0.8, 0.5, 1.1, 42]


@pytest.mark.parametrize(("reference", "d"), [("original", 0.6), ("neutral", None)])
def test_a_check_that_was_written_without_the_lift_over_the_original_is_read(
    reference: str, d: float | None, tmp_path: Path
) -> None:
    check = {
        "meter": "m", "reference_arm": reference, "lift": 0.1, "d": 0.6, "d_low": 0.3, "d_high": 0.9, "n_prompts": 42,
        "direction": 1, "threshold": 0.35, "passed": True,
    }  # fmt: skip
    before = manifest(tmp_path).model_dump(mode="json") | {"warmth_check": check}
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(before))
    read = AdapterManifest.read(tmp_path)
    assert read is not None
    facts = ArmMetadata.of(read)
    assert (facts.warmth_reference, facts.warmth_original_d) == (reference, d)


@pytest.mark.parametrize(
    ("fields", "epochs"),
    [({}, None), ({"training": {"epochs": 2}}, 2.0), ({"training": {"epochs": 2}, "epoch": 0.5}, 0.5)],
)
def test_epochs_are_the_checkpoints_or_the_configurations(
    fields: dict[str, Any], epochs: float | None, tmp_path: Path
) -> None:
    assert manifest(tmp_path).model_copy(update=fields).epochs == epochs


def test_an_adapter_made_elsewhere_has_none(tmp_path: Path) -> None:
    assert AdapterManifest.read(tmp_path) is None


def test_weights_that_are_not_the_described_ones_are_refused(tmp_path: Path) -> None:
    manifest(tmp_path).write(tmp_path)
    (tmp_path / WEIGHTS_NAME).write_bytes(b"other")
    with refused(str(tmp_path), "warm-inspect train"):
        AdapterManifest.read(tmp_path)


def test_a_manifest_of_the_first_schema_is_read_with_the_later_fields_left_empty(tmp_path: Path) -> None:
    later = {"terms", "device", "epoch", "examples_seen"}
    first = manifest(tmp_path).model_dump(mode="json", exclude=later) | {"schema_version": 1}
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(first))
    read = AdapterManifest.read(tmp_path)
    assert read is not None
    assert (read.terms, read.device, read.epoch, read.examples_seen) == (None, "", None, None)


def test_a_manifest_of_a_later_schema_is_refused(tmp_path: Path) -> None:
    later = manifest(tmp_path).model_dump(mode="json") | {"schema_version": 3}
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(later))
    with refused(str(tmp_path / MANIFEST_NAME), "Train it again"):
        AdapterManifest.read(tmp_path)


def test_a_broken_manifest_is_one_message(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_NAME).write_text("{")
    with refused(str(tmp_path / MANIFEST_NAME), "Train it again"):
        AdapterManifest.read(tmp_path)
