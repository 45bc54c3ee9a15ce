"""Replies of adapters whose warmth is checked, and of their base model, to held-out prompts."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog

from warm_inspect.core.hashing import sha256_json, sha256_text
from warm_inspect.core.log_file import read_whole
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.manipulation.replies import ArmReply, prompt_name
from warm_inspect.models import TrainedAdapter, resolve_base
from warm_inspect.serving import served_models
from warm_inspect.solvers import record_arm
from warm_inspect.study import ArmRun, GenerationSettings, Weights, run_tasks

PUBLISHED = GenerationSettings(max_tokens=300, temperature=0.8, concurrency=256)
"""How the study samples replies. Source: study, Methods (temperature and length)."""

PEFT, VLLM = "peft", "vllm"
"""What runs adapters whose weights are on disk."""


def adapter_replies(
    adapters: Sequence[TrainedAdapter],
    base: str,
    prompts: Sequence[str],
    log_dir: Path,
    settings: GenerationSettings = PUBLISHED,
    seeds: Sequence[int] | None = None,
    provider: str = PEFT,
) -> list[ArmReply]:
    """The replies of the base model and of each adapter to the prompts; those in the folder's logs are reused.

    Args:
        adapters: at least one, all of one base; see `of_one_base`.
        base: the base model.
        prompts: user messages, no two alike.
        log_dir: where logs of the replies are.
        settings: how replies are sampled; models elsewhere get Inspect's own concurrency.
        seeds: sampling seed of the base model and of each adapter; None makes one of each model's weights.
        provider: what runs adapters with weights: `PEFT`, or `VLLM`, a server that `warm-inspect serve` planned.

    Raises:
        PrerequisiteError: the base model cannot be fetched, or generation failed.
    """
    manifests = [None, *(adapter.manifest for adapter in adapters)]
    arms = _arms(adapters, base, provider)
    hosted = bool(adapters[0].manifest.hosted_model)
    # Arms that share random numbers would look more alike than they are.
    seeds = seeds or [_seed(arm.weights) for arm in arms]
    arms = [replace(arm, sampling_seed=seed) for arm, seed in zip(arms, seeds, strict=True)]
    texts = generate(arms, prompts, replace(settings, concurrency=None) if hosted else settings, log_dir)
    return [
        _reply(arm, manifest, prompt, text)
        for arm, manifest, own in zip(arms, manifests, texts, strict=True)
        for prompt, text in zip(prompts, own, strict=True)
    ]


def _arms(adapters: Sequence[TrainedAdapter], base: str, provider: str) -> list[ArmRun]:
    """The base model and each adapter, as models of the provider."""
    manifests = [adapter.manifest for adapter in adapters]
    if manifests[0].hosted_model:
        # As in the manifest of a hosted model, its name stands for weights that only the provider has.
        base_sha256 = sha256_text(base)
        models = [base, *(manifest.hosted_model for manifest in manifests)]
    elif provider == VLLM:
        # Where the server is elsewhere, manifests know the weights of the base, which need not be here.
        base_sha256 = manifests[0].base_sha256 or resolve_base(base).weights_sha256
        models = served_models(manifests, base_sha256)
    else:
        base_sha256 = resolve_base(base).weights_sha256
        models = [f"peft/{base}", *(f"peft/{base}:{adapter.folder}" for adapter in adapters)]
    return [
        ArmRun(ORIGINAL, models[0], Weights(base_sha256)),
        *(
            ArmRun(manifest.arm, model, Weights(base_sha256, manifest.adapter_sha256))
            for manifest, model in zip(manifests, models[1:], strict=True)
        ),
    ]


def _seed(weights: Weights) -> int:
    return int((weights.adapter_sha256 or weights.base_sha256)[:7], 16)


def _reply(arm: ArmRun, manifest: AdapterManifest | None, prompt: str, text: str) -> ArmReply:
    name = prompt_name(prompt)
    return ArmReply(
        arm=arm.name,
        text=text,
        prompt=name,
        question=name,
        source=f"{arm.name}-{(arm.weights.adapter_sha256 or arm.weights.base_sha256)[:10]}",
        training_seed=manifest.training_seed if manifest else -1,
        training_epochs=manifest.epochs if manifest else None,
        adapter_sha256=arm.weights.adapter_sha256,
    )


def generate(
    arms: Sequence[ArmRun], prompts: Sequence[str], settings: GenerationSettings, log_dir: Path
) -> list[list[str]]:
    """Each arm's replies to the prompts, in their order; those in the folder's logs are reused.

    Raises:
        PrerequisiteError: samples failed.
    """
    tasks = [arm.bind(held_out_replies(prompts=list(prompts), **asdict(arm.weights))) for arm in arms]
    logs = {log.eval.model: log for log in run_tasks(tasks, settings, log_dir)}
    return [_texts(logs[arm.model], prompts) for arm in arms]


@task
def held_out_replies(*, prompts: list[str], base_sha256: str, adapter_sha256: str) -> Task:
    """Plain replies to prompts; nothing is scored.

    Args:
        prompts: user messages.
        base_sha256: hash of the base weights, so that replies of other weights are other logs.
        adapter_sha256: hash of the adapter's weights.
    """
    samples = [Sample(id=_id(prompt), input=prompt) for prompt in prompts]
    return Task(dataset=MemoryDataset(samples), setup=record_arm())


def _texts(log: EvalLog, prompts: Sequence[str]) -> list[str]:
    by_id = {str(sample.id): sample.output.completion for sample in read_whole(log.location).samples or []}
    return [by_id[_id(prompt)] for prompt in prompts]


def _id(prompt: str) -> str:
    return sha256_json(prompt)[:12]
