"""Replies to prompts that no adapter was trained on: what the manipulation check reads."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog, read_eval_log_samples

from warm_inspect.core.hashing import sha256_json
from warm_inspect.study.arms import ArmRun
from warm_inspect.study.evaluate import GenerationSettings, run_tasks


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


def held_out(
    arms: Sequence[ArmRun], prompts: Sequence[str], settings: GenerationSettings, log_dir: Path
) -> list[list[str]]:
    """Each arm's replies to the prompts, in their order, generated as far as they are not in the folder's logs yet.

    Raises:
        PrerequisiteError: samples failed.
    """
    tasks = [arm.bind(held_out_replies(prompts=list(prompts), **asdict(arm.weights))) for arm in arms]
    logs = {log.eval.model: log for log in run_tasks(tasks, settings, log_dir)}
    return [_replies(logs[arm.model], prompts) for arm in arms]


def _replies(log: EvalLog, prompts: Sequence[str]) -> list[str]:
    replies = {str(sample.id): sample.output.completion for sample in read_eval_log_samples(log.location)}
    return [replies[_id(prompt)] for prompt in prompts]


def _id(prompt: str) -> str:
    return sha256_json(prompt)[:12]
