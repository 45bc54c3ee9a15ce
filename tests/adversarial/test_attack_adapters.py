"""Adapters and bases made to deceive: refused by the value that is wrong, or run as PEFT runs the same folder.

Each spoils a small folder and goes through the provider as a user's model would: what never happens is a reply of
another model.
"""

import asyncio
import json
import math
import random
import shutil
import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from inspect_ai.model import ChatMessageUser, GenerateConfig
from safetensors.torch import load_file, save_file

from tests.adversarial.hostile import TIMES, with_hostile
from tests.adversarial.test_mutated_logs import mutated
from tests.errors import refused
from tests.hanging import ends_within
from tests.models.families import make_family
from tests.models.lora_maker import add_manifest, edit_config, make_adapter
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import MANIFEST_NAME, WEIGHTS_NAME
from warm_inspect.engine.engine import Engine
from warm_inspect.engine.loading import load_model
from warm_inspect.engine.peft_provider import PeftAPI
from warm_inspect.engine.requests import Continuation, NonFiniteLogits
from warm_inspect.models import CONFIG_NAME, ModelString, find_adapter, find_base
from warm_inspect.models.adapter_config import LoraSettings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:fan_in_fan_out is set to:UserWarning"),
]

BASE_WEIGHTS = "model.safetensors"
LAYER = "model.layers.1.mlp.down_proj.weight"
"""A tensor of the base that the adapters leave alone."""

Spoil = Callable[[Path, Path], Any]
"""Changes the folder of a base, or that of its adapter."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_family(tmp_path_factory.mktemp("base") / "llama", "llama")


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_adapter(tmp_path_factory.mktemp("adapter") / "warm", base, seed=1)


def tensors(change: Callable[[dict[str, Any]], Any], of_base: bool = False) -> Spoil:
    """A change of the stored tensors by their names."""

    def spoil(base: Path, adapter: Path) -> None:
        file = base / BASE_WEIGHTS if of_base else adapter / WEIGHTS_NAME
        stored = load_file(file)
        change(stored)
        save_file(stored, file, metadata={"format": "pt"})

    return spoil


def one(part: str, value: float) -> Callable[[dict[str, Any]], None]:
    def change(stored: dict[str, Any]) -> None:
        next(tensor for name, tensor in stored.items() if part in name)[0, 0] = value

    return change


def config(**fields: Any) -> Spoil:
    return lambda base, adapter: edit_config(adapter, **fields)


def manifest(**fields: Any) -> Spoil:
    return lambda base, adapter: _manifest(base, adapter, fields)


def _manifest(base: Path, adapter: Path, fields: dict[str, Any]) -> None:
    add_manifest(adapter, base)
    path = adapter / MANIFEST_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | fields), encoding="utf-8")


def written(name: str, text: str) -> Spoil:
    return lambda base, adapter: ((base if name.startswith("tokenizer") else adapter) / name).write_text(text)


def as_pickle(base: Path, adapter: Path) -> None:
    torch.save(load_file(adapter / WEIGHTS_NAME), adapter / "adapter_model.bin")
    (adapter / WEIGHTS_NAME).unlink()


def rewriting_init(kind: str) -> Spoil:
    """An adapter whose training took a part of the base into its matrices, as PEFT makes it."""
    return lambda base, adapter: _rewriting(base, adapter, kind)


def _rewriting(base: Path, adapter: Path, kind: str) -> None:
    shutil.rmtree(adapter)
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    settings = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj"], init_lora_weights=kind)
    get_peft_model(AutoModelForCausalLM.from_pretrained(base), settings).save_pretrained(adapter)


@dataclass(frozen=True)
class Attack:
    """What is spoilt, what the refusal names, and how the model is asked for."""

    spoil: Spoil
    named: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)


ATTACKS = {
    **{
        f"{part} of {value}": Attack(tensors(one(part, value)), ("adapter", "finite"))
        for part in ("lora_A", "lora_B")
        for value in (math.nan, math.inf, -math.inf, 1e30)
    },
    **{
        f"base of {value}": Attack(tensors(one(LAYER, value), of_base=True), ("base", LAYER))
        for value in (math.nan, math.inf, 1e30)
    },
    **{
        f"lora_alpha {value}": Attack(config(lora_alpha=value), (CONFIG_NAME, named))
        for value, named in ((math.nan, "NaN"), (-math.inf, "-Infinity"), ("NaN", "'NaN'"), (None, "lora_alpha"))
    },
    "lora_alpha too large": Attack(config(lora_alpha=1e38), ("adapter", "float32")),
    "adapter beyond float16": Attack(tensors(one("lora_B", 1e5)), ("adapter", "float16"), {"dtype": "float16"}),
    "base beyond float16": Attack(
        tensors(one(LAYER, 1e6), of_base=True), (LAYER, "float16", "float32"), {"dtype": "float16"}
    ),
    "base lacks a tensor": Attack(tensors(lambda stored: stored.pop(LAYER), of_base=True), ("missing", LAYER)),
    "base has one more": Attack(
        tensors(lambda stored: stored.update({"extra.weight": stored[LAYER].clone()}), of_base=True),
        ("unexpected", "extra.weight"),
    ),
    "tensor for no layer": Attack(
        tensors(lambda stored: stored.update({"base_model.model.extra.weight": torch.ones(3)})), ("extra.weight",)
    ),
    "matrices of none": Attack(tensors(lambda stored: stored.clear()), ("adapter", "matrices")),
    "no effect": Attack(
        tensors(lambda stored: [tensor.zero_() for name, tensor in stored.items() if "lora_B" in name]),
        ("adapter", "effect"),
    ),
    "pissa": Attack(rewriting_init("pissa"), ("'pissa'", "path_initial_model_for_weight_conversion")),
    "olora": Attack(rewriting_init("olora"), ("'olora'", "path_initial_model_for_weight_conversion")),
    "loftq": Attack(config(init_lora_weights="loftq"), ("'loftq'",)),
    "dora": Attack(config(use_dora=True), ("use_dora",)),
    "weights as a pickle": Attack(as_pickle, (WEIGHTS_NAME, ".bin")),
    "arm original": Attack(config(), ("'original'", "-M arm="), {"arm": "original"}),
    "manifest of the original": Attack(manifest(arm="original"), ("'original'", MANIFEST_NAME)),
    "manifest of other weights": Attack(manifest(adapter_sha256="0" * 64), ("adapter", "sha256")),
    "manifest with NaN": Attack(manifest(final_loss=math.nan), (MANIFEST_NAME, "NaN")),
    "manifest with a list": Attack(manifest(arm=["warm"]), (MANIFEST_NAME, "arm")),
    "an empty tokenizer": Attack(written("tokenizer.json", "{}"), ("base",)),
    "rank of a billion": Attack(config(r=10**9), (CONFIG_NAME, str(10**9))),
    "rank in a pattern": Attack(config(rank_pattern={"q_proj": 10**9}), (CONFIG_NAME, str(10**9))),
    "a pattern that does not end": Attack(config(target_modules=r"(.|.|.)*[^a-z._0-9]"), (CONFIG_NAME, "list")),
    "a pattern that is none": Attack(config(target_modules="("), ("'('", CONFIG_NAME)),
    "another base": Attack(config(base_model_name_or_path="~nobody/other"), ("'~nobody/other'",)),
    "a base with NUL": Attack(config(base_model_name_or_path="ba\0se"), (repr("ba\0se"),)),
}


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_by_what_is_wrong(base: Path, adapter: Path, tmp_path: Path, name: str) -> None:
    attack = ATTACKS[name]
    own_base, own_adapter = tmp_path / "base", tmp_path / "adapter"
    shutil.copytree(base, own_base)
    shutil.copytree(adapter, own_adapter)
    edit_config(own_adapter, base_model_name_or_path="base")
    attack.spoil(own_base, own_adapter)
    with refused(*attack.named), ends_within(60):
        api = PeftAPI(f"{own_base}:{own_adapter}", **{"dtype": "float32", "device": "cpu"} | attack.options)
        asyncio.run(api.generate([ChatMessageUser(content="Hi there")], [], "none", GenerateConfig(max_tokens=4)))


@pytest.mark.parametrize("name", ["~nobody/warm", "war\0m", "x" * 5_000, "\udc80", "..", "/", "/dev/zero", ""])
def test_a_name_that_is_no_adapter(base: Path, name: str) -> None:
    with refused(repr(name) if name else "grammar"):
        PeftAPI(f"{base}:{name}", dtype="float32", device="cpu")


PLAIN = (
    {"lora_alpha": 3}, {"use_rslora": True}, {"alpha_pattern": {"q_proj": 2}}, {"lora_alpha": -8}, {"r": 8},
    {"target_modules": ["q_proj", "v_proj"]}, {"target_modules": r".*(q|v|up)_proj"}, {"target_modules": "all-linear"},
    {"layers_to_transform": [0]}, {"exclude_modules": ["q_proj"]}, {"rank_pattern": {"v_proj": 2}}, {"lora_alpha": 0},
    {"alpha_pattern": {"(": 1}}, {"layers_pattern": "layers", "layers_to_transform": 1}, {"lora_bias": True},
)  # fmt: skip
"""Changes that somebody could make by hand, each of which PEFT reads as something else."""


def spoil(base: Path, adapter: Path, dice: random.Random) -> None:
    """One change of one file: bytes, a hostile value, a setting, or numbers of another size."""
    path = adapter / CONFIG_NAME
    match dice.randrange(6):
        case 0:
            path.write_text(json.dumps(with_hostile(json.loads(path.read_text()), dice)), encoding="utf-8")
        case 1:
            edit_config(adapter, **dice.choice(PLAIN))
        case 2:
            file = adapter / dice.choice([WEIGHTS_NAME, WEIGHTS_NAME, CONFIG_NAME])
            file.write_bytes(mutated(file.read_bytes(), dice))
        case 3:
            tensors(one(dice.choice(["lora_A", "lora_B"]), 10.0 ** dice.randint(-45, 38)))(base, adapter)
        case 4:
            scale = 10.0 ** dice.randint(-30, 30)
            tensors(lambda stored: [tensor.mul_(scale) for tensor in stored.values()])(base, adapter)
        case 5:
            add_manifest(adapter, base)
            facts = json.loads((adapter / MANIFEST_NAME).read_text())
            (adapter / MANIFEST_NAME).write_text(json.dumps(with_hostile(facts, dice)), encoding="utf-8")


PROMPT, TEXT = (5, 6, 20, 31), (9, 40, 41, 60, 12)


def judged(model: Any, adapter: Path, good: dict[str, Any]) -> list[float]:
    """What PEFT makes of the folder; settings that say nothing about its matrices are those of a good one."""
    from peft import PeftModel

    path = adapter / CONFIG_NAME
    stated, meaning = json.loads(path.read_text()), LoraSettings.model_fields.keys()
    kept = {name: value for name, value in stated.items() if name in meaning}
    others = {name: value for name, value in good.items() if name not in meaning}
    path.write_text(json.dumps(others | kept), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tuned = PeftModel.from_pretrained(deepcopy(model), str(adapter)).eval()
    with torch.inference_mode():
        logits = tuned(torch.tensor([[*PROMPT, *TEXT]])).logits[0, len(PROMPT) - 1 : -1]
    return list(logits.log_softmax(-1).gather(-1, torch.tensor(TEXT)[:, None])[:, 0].tolist())


@pytest.mark.parametrize("part", range(TIMES))
def test_a_spoilt_adapter_is_refused_or_runs_as_peft_runs_it(
    base: Path, adapter: Path, tmp_path: Path, part: int
) -> None:
    from transformers import AutoModelForCausalLM

    tokenizer, ours = load_model(base, "float32", "cpu")
    theirs = AutoModelForCausalLM.from_pretrained(base, dtype="float32").eval()
    good = json.loads((adapter / CONFIG_NAME).read_text())
    reference, own = find_base(str(base)), tmp_path / "warm"
    ends = {"refused": 0, "not finite": 0, "as PEFT": 0}
    for seed in range(88 * part, 88 * (part + 1)):
        shutil.rmtree(own, ignore_errors=True)
        shutil.copytree(adapter, own)
        spoil(base, own, random.Random(seed))
        engine = Engine(tokenizer, deepcopy(ours), slots=2)
        try:
            with ends_within(60):
                located = find_adapter(ModelString(str(base), str(own)), reference)
                value = engine.logprobs(Continuation(PROMPT, TEXT, located)).result(timeout=60)
        except PrerequisiteError as error:
            ends["refused"] += 1
            if str(own) not in str(error) and CONFIG_NAME not in str(error):
                raise AssertionError(f"seed {seed}: which adapter? {error}") from error
        except NonFiniteLogits:
            ends["not finite"] += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}: {type(error).__name__}: {error}") from error
        else:
            ends["as PEFT"] += 1
            try:
                expected = judged(theirs, own, good)
            except Exception as error:
                raise AssertionError(f"seed {seed}: PEFT refuses what is run: {error}") from error
            assert list(value) == pytest.approx(expected, abs=2e-3, rel=1e-3), f"seed {seed}"
        finally:
            engine.close()
    print(ends)
    assert ends["refused"] > 20
    assert ends["as PEFT"] > 10
