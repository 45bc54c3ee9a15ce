"""Replies to prompts that no adapter was trained on: what the manipulation check reads."""

from collections.abc import Sequence
from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import read_eval_log_samples

from warm_inspect.core.hashing import sha256_json
from warm_inspect.study.arms import ArmRun
from warm_inspect.study.evaluate import GenerationSettings, run_tasks


@task
def held_out_replies(*, prompts: list[str]) -> Task:
    """Plain replies to prompts; nothing is scored.

    Args:
        prompts: user messages.
    """
    samples = [Sample(id=sha256_json(prompt)[:12], input=prompt) for prompt in prompts]
    return Task(dataset=MemoryDataset(samples))


def held_out(arm: ArmRun, prompts: Sequence[str], settings: GenerationSettings, log_dir: Path) -> list[str]:
    """The arm's replies to the prompts, in their order, generated as far as they are not in the folder's log yet.

    Raises:
        PrerequisiteError: samples failed.
    """
    logs = run_tasks([held_out_replies(prompts=list(prompts))], arm, settings, log_dir)
    replies = {str(sample.id): sample.output.completion for sample in read_eval_log_samples(logs[0].location)}
    return [replies[sha256_json(prompt)[:12]] for prompt in prompts]
