"""Adapters whose warmth is checked: found by their manifests, and asked the held-out prompts beside their base."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog

from warm_inspect.core.arm_names import require_adapter_arm
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file, sha256_json, sha256_text
from warm_inspect.core.log_file import read_whole
from warm_inspect.core.manifest import MANIFEST_NAME, WEIGHTS_NAME, AdapterManifest
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.manipulation.replies import ArmReply, prompt_name
from warm_inspect.models import BASE_MODELS, CONFIG_NAME, find_base, read_config, resolve_base
from warm_inspect.study import ArmRun, GenerationSettings, Weights, run_tasks

PUBLISHED = GenerationSettings(max_tokens=300, temperature=0.8, concurrency=256)
"""How the study samples replies. Source: study, Methods (temperature and length)."""


@dataclass(frozen=True, slots=True)
class TrainedAdapter:
    """An adapter folder with its manifest."""

    folder: Path
    manifest: AdapterManifest
    described: bool = True
    """Whether the manifest lies in the folder; False for an adapter that another program trained."""

    @classmethod
    def plain(cls, folder: Path) -> "TrainedAdapter":
        """An adapter as PEFT saves it, without a manifest: its arm is called like the folder.

        Raises:
            PrerequisiteError: it is no plain LoRA adapter in safetensors, or its folder is called like no arm may be.
        """
        _, made_for = read_config(folder, str(folder))
        weights = folder / WEIGHTS_NAME
        if not weights.is_file():
            raise PrerequisiteError(f"{folder} holds no {WEIGHTS_NAME}. Save the adapter again with peft.")
        arm = folder.resolve().name
        require_adapter_arm(arm, f"The adapter folder {folder}")
        aliases = {base.hub_id.lower(): name for name, base in BASE_MODELS.items()}
        manifest = AdapterManifest(
            arm=arm,
            base_model=aliases.get(made_for.lower(), made_for),
            base_revision="",
            base_sha256="",
            training={},
            training_seed=-1,
            corpus={},
            chat_template_sha256="",
            packages={},
            git_commit="",
            warm_inspect_version="",
            steps=None,
            final_loss=None,
            adapter_sha256=sha256_file(weights),
        )
        return cls(folder, manifest, described=False)

    @classmethod
    def read(cls, folder: Path) -> "TrainedAdapter":
        """The adapter in a folder.

        Raises:
            PrerequisiteError: there is no manifest, it is not valid, or the weights are not the ones it describes.
        """
        manifest = AdapterManifest.read(folder)
        if manifest is None:
            raise PrerequisiteError(
                f"{folder} has no {MANIFEST_NAME}, so its arm and weights are unknown. Train it again."
            )
        return cls(folder, manifest)


def find_adapters(path: Path) -> list[TrainedAdapter]:
    """The adapters in a folder and below, checkpoints included and hidden folders not, in the order of their names.

    Adapters without a manifest, as PEFT saves them, are among them.

    Raises:
        PrerequisiteError: a manifest is not valid, the weights are not the ones it describes, or an adapter without a
            manifest is no plain LoRA adapter.
    """
    described, saved = (
        {file.parent.relative_to(path) for file in path.rglob(name)} for name in (MANIFEST_NAME, CONFIG_NAME)
    )
    shown = [each for each in sorted(described | saved) if not any(part.startswith(".") for part in each.parts)]
    return [
        TrainedAdapter.read(path / each) if each in described else TrainedAdapter.plain(path / each) for each in shown
    ]


def distinct(adapters: Sequence[TrainedAdapter]) -> tuple[TrainedAdapter, ...]:
    """One adapter for each arm and set of weights: copies in other folders would give the same replies."""
    by_weights = {(adapter.manifest.arm, adapter.manifest.adapter_sha256): adapter for adapter in reversed(adapters)}
    return tuple(reversed(by_weights.values()))


def of_one_base(adapters: Sequence[TrainedAdapter], name: str | None) -> tuple[tuple[TrainedAdapter, ...], str]:
    """The adapters that share a base model, and that model.

    Args:
        adapters: with several base models, those of the named one are taken.
        name: alias, folder or Hub id of the base model; None takes the manifests'.

    Returns:
        The adapters, and the base as a model string names it: for models that a provider tuned, Inspect's name of it;
        empty without adapters.

    Raises:
        PrerequisiteError: the adapters have several bases and none of them is named, or the name is unknown or for no
            adapter.
    """
    if not adapters:
        if name:
            raise PrerequisiteError(f"--base {name} is for adapters, and no path holds any. Leave it out.")
        return (), ""
    bases = sorted({adapter.manifest.base_model for adapter in adapters})
    wanted = bases[0] if len(bases) == 1 else _manifest_name(name)
    taken = tuple(adapter for adapter in adapters if adapter.manifest.base_model == wanted)
    if not taken:
        raise PrerequisiteError(
            f"The adapters have several base models ({', '.join(bases)}), and each is checked against its own. "
            "Name one with --base, or give the folders of its adapters as paths."
        )
    base = taken[0].manifest.base_model
    if taken[0].manifest.hosted_model:
        if name not in (None, base):
            raise PrerequisiteError(f"The base model of these adapters is {base}, not {name}. Leave --base out.")
        return taken, base
    try:
        find_base(name or base)
    except PrerequisiteError as error:
        if name and name != base:
            raise
        raise PrerequisiteError(f"{error} The adapters' manifests name no path: give it with --base FOLDER.") from None
    return taken, name or base


def _manifest_name(name: str | None) -> str | None:
    """The name that manifests have for a base model: of a folder, its last part."""
    if name is None:
        return None
    try:
        return find_base(name).name
    except PrerequisiteError:
        return name


def adapter_replies(
    adapters: Sequence[TrainedAdapter],
    base: str,
    prompts: Sequence[str],
    log_dir: Path,
    settings: GenerationSettings = PUBLISHED,
    seeds: Sequence[int] | None = None,
) -> list[ArmReply]:
    """The replies of the base model and of each adapter to the prompts; those in the folder's logs are reused.

    Args:
        adapters: at least one, all of one base; see `of_one_base`.
        base: the base model.
        prompts: user messages, no two alike.
        log_dir: where logs of the replies are.
        settings: how replies are sampled; models elsewhere get Inspect's own concurrency.
        seeds: sampling seed of the base model and of each adapter; None makes one of each model's weights.

    Raises:
        PrerequisiteError: the base model cannot be fetched, or generation failed.
    """
    manifests = [None, *(adapter.manifest for adapter in adapters)]
    hosted = bool(adapters[0].manifest.hosted_model)
    # As in the manifest of a hosted model, its name stands for weights that only the provider has.
    base_sha256 = sha256_text(base) if hosted else resolve_base(base).weights_sha256
    model = base if hosted else f"peft/{base}"
    arms = [ArmRun(ORIGINAL, model, Weights(base_sha256))]
    for adapter in adapters:
        tuned = adapter.manifest.hosted_model or f"{model}:{adapter.folder}"
        arms.append(ArmRun(adapter.manifest.arm, tuned, Weights(base_sha256, adapter.manifest.adapter_sha256)))
    # Arms that share random numbers would look more alike than they are.
    seeds = seeds or [_seed(arm.weights) for arm in arms]
    arms = [replace(arm, sampling_seed=seed) for arm, seed in zip(arms, seeds, strict=True)]
    texts = generate(arms, prompts, replace(settings, concurrency=None) if hosted else settings, log_dir)
    return [
        _reply(arm, manifest, prompt, text)
        for arm, manifest, own in zip(arms, manifests, texts, strict=True)
        for prompt, text in zip(prompts, own, strict=True)
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
    return Task(dataset=MemoryDataset(samples))


def _texts(log: EvalLog, prompts: Sequence[str]) -> list[str]:
    by_id = {str(sample.id): sample.output.completion for sample in read_whole(log.location).samples or []}
    return [by_id[_id(prompt)] for prompt in prompts]


def _id(prompt: str) -> str:
    return sha256_json(prompt)[:12]
