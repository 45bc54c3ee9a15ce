"""ServerPlan: a vLLM server of one base model and its adapters, as a command line and the models it then has."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import require_writable, write_whole
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.models import (
    ModelString,
    ResolvedBase,
    TrainedAdapter,
    dated_template,
    distinct,
    find_adapter,
    find_base,
    load_tokenizer,
)
from warm_inspect.serving.names import base_label, served_name

TEMPLATE_NAME = "chat_template.jinja"
HOST = "127.0.0.1"
"""vLLM listens to this machine only: its server asks nobody who they are."""

_MODEL = "openai-api/vllm/"
"""How Inspect's names of served models begin: this provider keeps them, where `vllm/` calls a model by its base alone
once it has answered."""

_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""The values of --max-lora-rank. Source: vLLM 0.32, `vllm/config/lora.py`."""


@dataclass(frozen=True)
class ServedArm:
    """A model that the server has: the base or one of its adapters."""

    arm: str
    name: str
    """The name that the server has it under."""
    sha256: str
    """Hash of the weights: of the base, or of the adapter alone."""
    training_seed: int = -1
    epochs: float | None = None
    warmth: str = ""
    """`passed`, `failed` or `not_run`; empty for the base."""
    folder: Path | None = None
    """The adapter's; None for the base."""

    @property
    def model(self) -> str:
        """Inspect's name of it."""
        return _MODEL + self.name


@dataclass(frozen=True)
class ServerPlan:
    """One server: its base model, what it has beside it, and how it is started."""

    base: ResolvedBase
    arms: tuple[ServedArm, ...]
    """The base first."""
    rank: int
    """The largest rank of an adapter's matrices."""
    port: int
    tensor_parallel: int
    template: Path
    """Where the chat template is written that is the same on every day."""

    @property
    def command(self) -> list[str]:
        """The words that start the server."""
        original, *adapters = self.arms
        command = ["vllm", "serve", str(self.base.path), "--served-model-name", original.name]
        command += ["--host", HOST, "--port", str(self.port), "--chat-template", str(self.template)]
        command += ["--tensor-parallel-size", str(self.tensor_parallel)]
        # By default one adapter has a place in a batch, and requests of the others wait.
        command += ["--enable-lora", "--max-loras", str(len(adapters))]
        command += ["--max-lora-rank", str(next(rank for rank in _RANKS if rank >= self.rank))]
        return [*command, "--lora-modules", *(_lora_module(each) for each in adapters)]

    @property
    def environment(self) -> dict[str, str]:
        """What the evaluation's environment must have. The key is any text, since the server asks for none."""
        return {"VLLM_BASE_URL": f"http://{HOST}:{self.port}/v1", "VLLM_API_KEY": "none"}

    def write_template(self) -> None:
        """Write the chat template.

        Raises:
            PrerequisiteError: the base model has none, or the folder cannot be written.
        """
        text = dated_template(load_tokenizer(self.base.path))
        require_writable(self.template.parent)
        write_whole(self.template, text)


def _lora_module(adapter: ServedArm) -> str:
    """A value of --lora-modules: `name=path`, which vLLM takes for something else where the path has a `=` or a comma.

    Source: vLLM 0.32, `LoRAParserAction` in `vllm/entrypoints/openai/cli_args.py`.
    """
    path = str(adapter.folder)
    if "=" in path or "," in path:
        return json.dumps({"name": adapter.name, "path": path})
    return f"{adapter.name}={path}"


def served_models(manifests: Sequence[AdapterManifest], base_sha256: str) -> list[str]:
    """Inspect's names of the base model and of each adapter on the server that `plan_server` plans for them."""
    base = served_name(base_label(manifests[0].base_model), base_sha256)
    names = [base, *(served_name(manifest.arm, manifest.adapter_sha256) for manifest in manifests)]
    return [_MODEL + name for name in names]


def plan_server(
    adapters: Sequence[TrainedAdapter], base: str, out: Path, *, port: int = 8000, tensor_parallel: int = 1
) -> ServerPlan:
    """The server of these adapters.

    Args:
        adapters: at least one, all of one base; see `of_one_base`.
        base: the base model, as a model string names it.
        out: folder for the chat template.
        port: of this machine.
        tensor_parallel: accelerators that share the base model's matrices.

    Raises:
        PrerequisiteError: there is none, a provider keeps them, they are damaged or of other weights of the base, or
            the base cannot be fetched.
    """
    if not adapters:
        raise PrerequisiteError("No adapter to serve", "Give the folder that `warm-inspect train` wrote to: adapters")
    if adapters[0].manifest.hosted_model:
        raise PrerequisiteError(
            f"{adapters[0].manifest.hosted_model} is with its provider, which serves it",
            "Evaluate it under that name, and give only folders with weights here.",
        )
    reference = find_base(base)
    resolved = reference.fetch()
    ranks, arms = [], []
    for adapter in distinct(adapters):
        manifest = adapter.manifest
        if adapter.described and manifest.base_sha256 != resolved.weights_sha256:
            raise PrerequisiteError(
                f"The adapter in {adapter.folder} was trained on other weights of {resolved.name} than those in "
                f"{resolved.path} (sha256 differs)",
                "Give the folder of the ones it was trained on: --base FOLDER",
            )
        checked = find_adapter(ModelString(base, str(adapter.folder)), reference)
        assert checked is not None
        ranks.append(max([checked.settings.r, *checked.settings.rank_pattern.values()]))
        arms.append(
            ServedArm(
                manifest.arm,
                served_name(manifest.arm, manifest.adapter_sha256),
                manifest.adapter_sha256,
                manifest.training_seed,
                manifest.epochs,
                manifest.warmth_status,
                adapter.folder.resolve(),
            )
        )
    if max(ranks) > _RANKS[-1]:
        raise PrerequisiteError(
            f"An adapter has rank {max(ranks)}, and vLLM serves {_RANKS[-1]} at most",
            "Train one of a lower rank, or evaluate it as a peft/ model.",
        )
    name = base_label(adapters[0].manifest.base_model)
    original = ServedArm(ORIGINAL, served_name(name, resolved.weights_sha256), resolved.weights_sha256)
    template = (out / TEMPLATE_NAME).resolve()
    return ServerPlan(resolved, (original, *arms), max(ranks), port, tensor_parallel, template)
