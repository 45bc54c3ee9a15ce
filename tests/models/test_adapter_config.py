"""What a LoRA configuration means, as PEFT has it, and which configurations and tensors are refused."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.errors import refused
from tests.hanging import ends_within
from tests.models.lora_maker import add_manifest, edit_config, make_adapter
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.models import Adapter, ModelString, find_adapter, find_base
from warm_inspect.models.adapter_config import LoraSettings, base_tensor, lora_modules, lora_tensor

pytestmark = [
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:Model has `tie_word_embeddings=True`:UserWarning"),
    pytest.mark.filterwarnings("ignore:Setting `save_embedding_layers`:UserWarning"),
]


def resolved(adapter: Path, base: Path) -> Adapter:
    adapter_found = find_adapter(ModelString(str(base), str(adapter)), find_base(str(base)))
    assert adapter_found is not None
    return adapter_found


@pytest.fixture
def adapter(tiny_base: Path, tmp_path: Path) -> Path:
    return make_adapter(tmp_path / "warm", tiny_base, seed=1)


@pytest.mark.parametrize(
    "lora",
    [
        {"target_modules": ["q_proj", "mlp.up_proj"]},
        {"target_modules": r".*\.1\.(self_attn\.[qk]|mlp\.up)_proj"},
        {"target_modules": "all-linear", "exclude_modules": ["down_proj", "layers.0.mlp.up_proj"]},
        {"target_modules": ["q_proj", "v_proj"], "exclude_modules": r".*\.0\..*v_proj"},
        {"target_modules": ["q_proj"], "layers_to_transform": 1},
        {"target_modules": ["q_proj", "v_proj"], "layers_to_transform": [0], "layers_pattern": "layers"},
        {"target_modules": ["q_proj", "v_proj"], "layers_to_transform": [1], "layers_pattern": ["h", "layers"]},
        {"target_modules": ["model.layers.0.self_attn.q_proj", "v_proj"], "layers_to_transform": [1]},
        {"target_modules": ["q_proj", "v_proj"], "rank_pattern": {"v_proj": 8}, "alpha_pattern": {"v_proj": 32}},
        {
            "target_modules": ["q_proj", "v_proj"],
            "rank_pattern": {"^model.layers.0.self_attn.q_proj": 2, r"layers\.\d\..*": 6},
            "alpha_pattern": {r"1\.self_attn\.v_proj": 5},
            "use_rslora": True,
        },
        {"target_modules": ["lm_head", "q_proj"]},
    ],
    ids=str,
)
def test_layers_ranks_and_scalings_are_those_of_peft(tiny_base: Path, tmp_path: Path, lora: dict[str, Any]) -> None:
    from peft import PeftModel
    from peft.tuners.lora import LoraLayer
    from transformers import AutoModelForCausalLM

    folder = make_adapter(tmp_path / "lora", tiny_base, seed=1, **lora)
    model: Any = AutoModelForCausalLM.from_pretrained(tiny_base)
    names = [name for name, _ in model.named_modules()]
    settings = resolved(folder, tiny_base).settings
    layers = {
        name.removeprefix("base_model.model."): layer
        for name, layer in PeftModel.from_pretrained(model, str(folder)).named_modules()
        if isinstance(layer, LoraLayer)
    }
    assert settings.targets(names) == layers.keys()
    assert settings.ranks(layers) == {name: layer.r["default"] for name, layer in layers.items()}
    assert settings.scalings(layers) == {name: layer.scaling["default"] for name, layer in layers.items()}


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"peft_type": "IA3"}, "'IA3'"),
        ({"use_dora": True}, "use_dora"),
        ({"bias": "all"}, "bias"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"trainable_token_indices": [5]}, "trainable_token_indices"),
        ({"layer_replication": [[0, 2], [1, 2]]}, "layer_replication"),
        ({"megatron_config": {"a": 1}}, "megatron_config"),
        ({"some_option_of_the_future": True}, "some_option_of_the_future"),
        ({"init_lora_weights": "pissa"}, "'pissa'"),
        ({"init_lora_weights": "pissa_niter_4"}, "'pissa_niter_4'"),
        ({"init_lora_weights": "olora"}, "'olora'"),
        ({"init_lora_weights": "loftq"}, "'loftq'"),
        ({"init_lora_weights": "corda"}, "'corda'"),
        ({"init_lora_weights": 1}, "init_lora_weights = 1"),
    ],
)
def test_beyond_plain_lora(adapter: Path, tiny_base: Path, fields: dict[str, Any], value: str) -> None:
    edit_config(adapter, **fields)
    with refused("adapter", value, "merge_and_unload"):
        resolved(adapter, tiny_base)


@pytest.mark.parametrize(
    "fields",
    [
        {"some_option_of_the_future": None},
        {"some_option_of_the_future": []},
        {"init_lora_weights": "gaussian"},
        {"init_lora_weights": None},
        {"lora_dropout": 0.5, "task_type": "CAUSAL_LM", "fan_in_fan_out": True},
    ],
)
def test_settings_that_are_off_or_change_nothing(adapter: Path, tiny_base: Path, fields: dict[str, Any]) -> None:
    before = resolved(adapter, tiny_base)
    edit_config(adapter, **fields)
    assert resolved(adapter, tiny_base) == before


def test_pissa_is_what_would_have_been_another_model(tiny_base: Path, tmp_path: Path) -> None:
    """PEFT takes the adapter's part out of the base when it loads it; the matrices alone are not the model."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    config = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj"], init_lora_weights="pissa")
    get_peft_model(AutoModelForCausalLM.from_pretrained(tiny_base), config).save_pretrained(tmp_path / "pissa")
    with refused("'pissa'", "path_initial_model_for_weight_conversion"):
        resolved(tmp_path / "pissa", tiny_base)


@pytest.mark.parametrize("rank", [10**9, 8, 3, 0, -1, "4", 4.5, True, None, 10**400])
def test_a_rank_that_the_matrices_do_not_have(adapter: Path, tiny_base: Path, rank: Any) -> None:
    edit_config(adapter, r=rank)
    with refused(str(adapter), "adapter_config.json"):
        resolved(adapter, tiny_base)
    edit_config(adapter, r=4, rank_pattern={"q_proj": rank})
    if rank is not None:
        with refused(str(adapter), "adapter_config.json"):
            resolved(adapter, tiny_base)


@pytest.mark.parametrize(
    "fields",
    [
        {"target_modules": ".*q_proj", "layers_to_transform": [0]},
        {"target_modules": ".*q_proj", "layers_pattern": "layers"},
        {"layers_pattern": ["layers"]},
    ],
)
def test_layers_that_nothing_would_be_done_with(adapter: Path, tiny_base: Path, fields: dict[str, Any]) -> None:
    """PEFT refuses them too; without a word the adapter would be in other layers than its configuration says."""
    edit_config(adapter, **fields)
    with refused(str(adapter), "adapter_config.json", sorted(fields)[0]):
        resolved(adapter, tiny_base)


EVIL = [r"(.|.|.)*[^a-z._0-9]", r"(?:(.)|(..))*(?=#)", r"(([a-z._0-9])+)+\d#"]


@pytest.mark.parametrize("pattern", EVIL)
@pytest.mark.parametrize("field", ["target_modules", "exclude_modules", "layers_pattern", "rank_pattern"])
@pytest.mark.slow
def test_a_pattern_that_does_not_end(pattern: str, field: str) -> None:
    """It is cut off by the clock, or the package finds that it cannot match."""
    values = {"rank_pattern": {pattern: 4}} | ({"layers_to_transform": (1,)} if field == "layers_pattern" else {})
    settings = LoraSettings.model_validate(
        {"r": 4, "lora_alpha": 8, "target_modules": ("q_proj",), field: pattern} | values
    )
    names = [f"model.layers.{layer}.self_attn.{part}_proj" for layer in range(40) for part in "qkvo"]
    with ends_within(60):
        with suppress(PrerequisiteError):
            settings.targets(names)
        with suppress(PrerequisiteError):
            settings.ranks(names)


@pytest.mark.slow
def test_a_pattern_that_does_not_end_is_named() -> None:
    pattern = EVIL[0]
    settings = LoraSettings(r=4, lora_alpha=8, target_modules=pattern)
    with refused(repr(pattern), "list"):
        settings.targets(["model.layers.0.self_attn.q_proj"])


@pytest.mark.parametrize("pattern", ["(", "*q_proj", "[a"])
def test_a_pattern_that_is_none(pattern: str) -> None:
    settings = LoraSettings(r=4, lora_alpha=8, target_modules=pattern)
    with refused(repr(pattern)):
        settings.targets(["model.layers.0.self_attn.q_proj"])


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "{", "[" * 100_000, '{"peft_type": "LORA", "r": 1' + "0" * 5_000 + "}", "\udc80"]
)
def test_a_configuration_that_is_none(adapter: Path, tiny_base: Path, text: str) -> None:
    (adapter / "adapter_config.json").write_text(text, encoding="utf-8", errors="surrogatepass")
    with refused(str(adapter), "adapter_config.json"):
        resolved(adapter, tiny_base)


Q = "base_model.model.model.layers.0.self_attn.q_proj"


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        (f"{Q}.lora_A.weight", None),
        (f"{Q}.lora_B.weight", None),
        (f"{Q}.lora_A.weight", (5, 32)),
        (f"{Q}.lora_B.weight", (32, 5)),
        (f"{Q}.lora_A.weight", (4,)),
        (f"{Q}.lora_magnitude_vector", (32,)),
        (f"{Q}.lora_A.default.weight", (4, 32)),
        ("base_model.model.model.embed_tokens.lora_embedding_A", (4, 320)),
        ("model.layers.0.mlp.up_proj.lora_A.weight", (4, 32)),
    ],
)
def test_tensors_that_are_not_pairs_of_matrices(
    adapter: Path, tiny_base: Path, name: str, shape: tuple[int, ...] | None
) -> None:
    tensors = load_file(adapter / "adapter_model.safetensors")
    if shape is None:
        del tensors[name]
    else:
        tensors[name] = np.zeros(shape, dtype=np.float32)
    save_file(tensors, adapter / "adapter_model.safetensors")
    with refused(
        str(adapter),
        name.removesuffix(".lora_A.weight").removesuffix(".lora_B.weight").removeprefix("base_model.model."),
    ):
        resolved(adapter, tiny_base)


def test_no_matrices_at_all(adapter: Path, tiny_base: Path) -> None:
    save_file({}, adapter / "adapter_model.safetensors")
    with refused(str(adapter)):
        resolved(adapter, tiny_base)


@pytest.mark.parametrize(("field", "trained"), [("r", 8), ("alpha", 16)])
def test_settings_that_are_not_those_of_the_training(adapter: Path, tiny_base: Path, field: str, trained: int) -> None:
    """The manifest's hash is that of the weights; their scale is in the configuration."""
    add_manifest(adapter, tiny_base, training={"r": 4, "alpha": 64})
    resolved(adapter, tiny_base)
    add_manifest(adapter, tiny_base, training={"r": 4, "alpha": 64} | {field: trained})
    with refused(f"{field} = {trained}", "warm-inspect train"):
        resolved(adapter, tiny_base)


def test_a_later_configuration_is_another_adapter(adapter: Path, tiny_base: Path) -> None:
    before = resolved(adapter, tiny_base)
    edit_config(adapter, lora_alpha=65)
    after = resolved(adapter, tiny_base)
    assert before.sha256 == after.sha256
    assert before.key != after.key
    assert json.loads((adapter / "adapter_config.json").read_text())["lora_alpha"] == 65


def test_the_modules_of_an_adapter_are_read_from_its_tensors() -> None:
    tensors = [lora_tensor(module, part) for module in ("layers.0.q", "lm_head") for part in "AB"]
    assert tensors[0] == "base_model.model.layers.0.q.lora_A.weight"
    others = ["base_model.model.lm_head.weight", "layers.1.q.lora_A.weight", "base_model.model.e.lora_embedding_A"]
    assert lora_modules([*tensors, *others]) == {"layers.0.q", "lm_head"}
    assert base_tensor("base_model.model.lm_head.weight") == "lm_head.weight"
