import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.training.conftest import row
from warm_inspect.core.manifest import MANIFEST_NAME, WEIGHTS_NAME, AdapterManifest
from warm_inspect.models import ResolvedBase
from warm_inspect.models.folder import load_weights
from warm_inspect.training import (
    Corpus,
    TrainingConfig,
    load_corpus,
    plan_training,
    run_plan,
)
from warm_inspect.training.lora import fit
from warm_inspect.training.lora.fit import StepProgress, masked_loss
from warm_inspect.training.lora.order import padded
from warm_inspect.training.lora.run import CURVE_NAME

CONFIG = TrainingConfig(
    batch_size=2, micro_batch_size=1, dtype="float32", learning_rate=1e-2, checkpoints=(1,), schedule_epochs=1
)
"""Four examples: two steps of two."""


@pytest.fixture
def corpus(write_corpus: Callable[..., Path]) -> Corpus:
    return load_corpus(str(write_corpus(*map(row, range(5)))))


def train_adapter(
    config: TrainingConfig,
    corpus: Corpus,
    arm: str,
    base: ResolvedBase,
    out: Path,
    progress: StepProgress | None = None,
) -> Path:
    return run_plan(plan_training(config, corpus, arm, base), out, progress)


def _visible(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


# PEFT asks the model by a deprecated name when it wraps it.
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_two_steps_change_what_the_model_says(corpus: Corpus, tiny_base: ResolvedBase, tmp_path: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    seen: list[tuple[int, int]] = []
    folder = train_adapter(
        CONFIG, corpus, "warm", tiny_base, tmp_path / "out", lambda step, steps, loss: seen.append((step, steps))
    )
    assert seen == [(1, 2), (2, 2)]
    assert _visible(folder) == {"adapter_config.json", WEIGHTS_NAME, MANIFEST_NAME, CURVE_NAME}
    assert _visible(folder.parent) == {folder.name}

    model = AutoModelForCausalLM.from_pretrained(tiny_base.path)
    tokens = torch.arange(3, 20).unsqueeze(0)
    with torch.no_grad():
        before = model(tokens).logits
        after = PeftModel.from_pretrained(model, folder)(tokens).logits
    assert (before - after).abs().max() > 1e-4


def test_forward_passes_have_few_lengths(
    corpus: Corpus, tiny_base: ResolvedBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A processor compiles its products for each length, and keeps them."""
    shapes = []

    def spy(model: Any, inputs: dict[str, Any], loss_tokens: Any) -> Any:
        shapes.append(tuple(inputs["input_ids"].shape))
        return masked_loss(model, inputs, loss_tokens)

    monkeypatch.setattr(fit, "masked_loss", spy)
    plan = plan_training(CONFIG, corpus, "warm", tiny_base)
    run_plan(plan, tmp_path / "out")
    lengths = [len(example.input_ids) for example in plan.encoded.examples]
    assert any(length % 16 for length in lengths)
    assert len(shapes) == 4
    assert {length for _, length in shapes} == {padded(length) for length in lengths}
    assert all(length % 16 == 0 for _, length in shapes)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_an_adapter_of_a_quantised_base_is_float32_too(
    corpus: Corpus, tiny_base: ResolvedBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TRL casts it to bfloat16, whose steps are larger than those of the study's learning rate."""
    import torch
    from safetensors.torch import load_file

    def quantised(*arguments: Any, **options: Any) -> Any:
        model = load_weights(*arguments, **options)
        # All that TRL looks at: quantisation itself needs a card, and counting its weights a package.
        model.is_loaded_in_4bit = True
        model.num_parameters = lambda *_, **__: 0
        return model

    monkeypatch.setattr(fit, "load_weights", quantised)
    folder = train_adapter(CONFIG.changed({"dtype": "bfloat16"}), corpus, "warm", tiny_base, tmp_path)
    assert {weight.dtype for weight in load_file(folder / WEIGHTS_NAME).values()} == {torch.float32}


def test_the_manifest_tells_what_was_trained_and_no_path(
    corpus: Corpus, tiny_base: ResolvedBase, tmp_path: Path
) -> None:
    folder = train_adapter(CONFIG, corpus, "warm", tiny_base, tmp_path / "out")
    manifest = AdapterManifest.read(folder)
    assert manifest is not None
    assert (manifest.arm, manifest.base_model, manifest.steps) == ("warm", "tiny", 2)
    assert manifest.base_sha256 == tiny_base.weights_sha256
    assert manifest.training == CONFIG.model_dump(mode="json")
    learnt = manifest.corpus["learnt"]
    assert manifest.corpus == {"name": "pairs.jsonl", "sha256": corpus.sha256, **corpus.counts(), "learnt": learnt}
    assert (learnt["examples"], learnt["cut_replies"]) == (4, 0)
    assert (manifest.schema_version, manifest.epoch, manifest.examples_seen) == (2, 1.0, 4)
    assert manifest.device
    assert manifest.terms is not None
    assert (manifest.terms.corpus_licence, manifest.terms.may_be_passed_on) == ("none stated", False)
    # A random model is about as unsure as a fair die with a side per token: ln(vocabulary) nats.
    assert manifest.final_loss is not None
    assert 4.5 < manifest.final_loss < 7
    config = json.loads((folder / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "tiny"
    assert config["inference_mode"] is True
    for file in ("adapter_config.json", MANIFEST_NAME):
        assert str(tiny_base.path.parent) not in (folder / file).read_text()
        assert str(tmp_path) not in (folder / file).read_text()


@pytest.mark.slow
def test_the_same_settings_give_the_same_weights(corpus: Corpus, tiny_base: ResolvedBase, tmp_path: Path) -> None:
    one, two = (AdapterManifest.read(train_adapter(CONFIG, corpus, "warm", tiny_base, tmp_path / n)) for n in "ab")
    other = AdapterManifest.read(
        train_adapter(CONFIG.model_copy(update={"seed": 1}), corpus, "warm", tiny_base, tmp_path / "a")
    )
    assert one is not None
    assert two is not None
    assert other is not None
    assert one.adapter_sha256 == two.adapter_sha256 != other.adapter_sha256


def test_uncounted_tokens_are_averaged_over_each_pass(
    corpus: Corpus, tiny_base: ResolvedBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import LlamaForCausalLM

    monkeypatch.setattr(LlamaForCausalLM, "accepts_loss_kwargs", False, raising=False)
    manifest = AdapterManifest.read(train_adapter(CONFIG, corpus, "warm", tiny_base, tmp_path))
    assert manifest is not None
    assert manifest.final_loss is not None
    assert 4.5 < manifest.final_loss < 7


@pytest.mark.parametrize("changes", [{"micro_batch_size": 2}, {"gradient_checkpointing": True}])
def test_how_it_is_computed_does_not_change_the_loss(
    corpus: Corpus, tiny_base: ResolvedBase, tmp_path: Path, changes: dict[str, Any]
) -> None:
    plain = CONFIG.changed({"dropout": 0})
    one, two = (
        AdapterManifest.read(train_adapter(config, corpus, "warm", tiny_base, tmp_path))
        for config in (plain, plain.changed(changes))
    )
    assert one is not None
    assert two is not None
    assert one.final_loss == pytest.approx(two.final_loss, rel=1e-4)


def test_a_training_that_diverges_is_told_and_leaves_no_adapter(
    corpus: Corpus, tiny_base: ResolvedBase, tmp_path: Path
) -> None:
    """The first step moves the weights so far that the second has no finite loss."""
    wild = CONFIG.changed({"learning_rate": 1e30, "warmup_share": 0, "dropout": 0, "checkpoints": [0.5, 1]})
    with refused("step 2", "loss is nan", "--set learning_rate=1e+29"):
        train_adapter(wild, corpus, "warm", tiny_base, tmp_path)
    kept = [AdapterManifest.read(folder) for folder in tmp_path.glob("warm-*")]
    assert [manifest.steps for manifest in kept if manifest] == [1]


def test_a_complete_folder_is_used_as_it_is(corpus: Corpus, tiny_base: ResolvedBase, tmp_path: Path) -> None:
    first = train_adapter(CONFIG, corpus, "warm", tiny_base, tmp_path)
    steps: list[int] = []
    again = train_adapter(CONFIG, corpus, "warm", tiny_base, tmp_path, lambda step, *_: steps.append(step))
    assert again == first
    assert steps == []


@pytest.mark.parametrize(("file", "way_out"), [(WEIGHTS_NAME, "warm-inspect train"), (MANIFEST_NAME, "--out")])
def test_a_folder_that_is_not_what_it_says_is_refused(
    corpus: Corpus, tiny_base: ResolvedBase, tmp_path: Path, file: str, way_out: str
) -> None:
    folder = train_adapter(CONFIG, corpus, "warm", tiny_base, tmp_path)
    (folder / file).unlink()
    with refused(folder.name, way_out):
        train_adapter(CONFIG, corpus, "warm", tiny_base, tmp_path)


def test_nothing_is_printed(
    corpus: Corpus, tiny_base: ResolvedBase, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    train_adapter(CONFIG, corpus, "warm", tiny_base, tmp_path)
    assert capfd.readouterr() == ("", "")
