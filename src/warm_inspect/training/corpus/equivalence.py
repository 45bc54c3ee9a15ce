"""The content check of restyled replies: a grader compares a random sample with their originals.

The grader does not see which reply is the original, nor the style. Intervals are Wilson's; a conversation gives at most
one reply per arm, so that the draws of an arm are independent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalLog
from inspect_ai.model import CachePolicy, GenerateConfig
from inspect_ai.scorer import Score, Scorer, Target, accuracy, ci_wilson, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.log_file import read_whole
from warm_inspect.grading.model import (
    GRADER_ROLE,
    RUBRICS,
    Answers,
    GraderFailure,
    ask_grader,
    bound_graders,
    grader_facts,
    with_ending,
)
from warm_inspect.training.corpus.asking import (
    Access,
    Cost,
    cost_at_first_attempt,
    cost_of_calls,
    first_error,
    run_in_role,
)
from warm_inspect.training.corpus.new_replies import Restyling

_RUBRIC = "equivalence"
_ARM = "arm"


def check_equivalence(
    pairs: Sequence[tuple[Restyling, str]], access: Access, sample: int, seed: int, log_dir: Path
) -> tuple[dict[str, Any], Cost]:
    """Per arm the share of sampled replies that say the same as the original, with its 95 % interval; and the cost.

    Cost: one grader call per sampled reply, two if the first has no verdict; cached by Inspect.

    Args:
        pairs: each restyling with its new reply.
        access: the grader.
        sample: replies per arm, at most one of each conversation.
        seed: of the draw.
        log_dir: folder of the logs.

    Raises:
        PrerequisiteError: the grader failed; the restyled replies are kept.
    """
    tasks = [
        Task(
            dataset=MemoryDataset(samples),
            solver=without_generation(),
            scorer=content_equivalence(),
            name=f"equivalence_{arm}",
            metadata={_ARM: arm},
        )
        for arm, samples in _samples(pairs, sample, seed).items()
    ]
    model = access.open(GRADER_ROLE, GenerateConfig())
    logs = run_in_role(tasks, GRADER_ROLE, model, access, log_dir)
    error = first_error(logs)
    if error or len(logs) < len(tasks) or any(log.status == "cancelled" for log in logs):
        raise PrerequisiteError(
            f"The content check failed: {error or 'it was interrupted'}",
            "The restyled replies are kept; the same command goes on from there, or finishes without the check if "
            "--grader is left out.",
        )
    facts = {
        "grader": access.name,
        "rubric_sha256": RUBRICS[_RUBRIC].sha256,
        "arms": {(log.eval.metadata or {})[_ARM]: _rate(log) for log in logs},
    }
    return facts, cost_of_calls(call for log in logs for call in _calls(log))


def expected_cost(pairs: Sequence[tuple[Restyling, str]], sample: int, seed: int, grader: str) -> Cost:
    """The cost of the check if each first verdict is clear and of the greatest length; makes no call.

    Args:
        pairs: each restyling with a text of about the length of its new reply.
        sample: replies per arm.
        seed: of the draw.
        grader: Inspect's name of the model.
    """
    facts, form = grader_facts(grader), RUBRICS[_RUBRIC].form
    asked = cost_at_first_attempt(
        (len(with_ending(str(each.input), form, facts)), 0)
        for samples in _samples(pairs, sample, seed).values()
        for each in samples
    )
    return replace(asked, output_tokens=asked.calls * facts.max_tokens)


def is_equivalent(answers: Answers) -> bool:
    """Whether a grader's answers say that both replies say the same."""
    return answers["VERDICT"] == "EQUIVALENT"


@scorer(metrics=[accuracy(), ci_wilson()])
def content_equivalence() -> Scorer:
    """1 when the grader finds that both replies say the same, 0 when it does not; unscored without a verdict."""
    cache = CachePolicy(expiry=None, per_epoch=False)

    async def score(state: TaskState, target: Target) -> Score:
        form = RUBRICS[_RUBRIC].form
        asked = await ask_grader(bound_graders(), state.input_text, form, is_equivalent, cache)
        if asked.failure is GraderFailure.UNREACHABLE:
            raise RuntimeError(asked.said)  # So that the same command asks again.
        if asked.verdict is None:
            return Score.unscored(reason=str(asked.failure), explanation=asked.said)
        return Score(value=float(asked.verdict), explanation=asked.said)

    return score


@solver
def without_generation() -> Solver:
    """Generate nothing: the replies are written."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        return state

    return solve


def _samples(pairs: Sequence[tuple[Restyling, str]], sample: int, seed: int) -> dict[str, list[Sample]]:
    """The grader's prompts, by arm."""
    arms = dict.fromkeys(each.reply.arm for each, _ in pairs)
    return {arm: [_sample(each, after) for each, after in _drawn(pairs, arm, sample, seed)] for arm in arms}


def _drawn(pairs: Sequence[tuple[Restyling, str]], arm: str, sample: int, seed: int) -> list[tuple[Restyling, str]]:
    random = Random(seed)
    by_row: dict[str, list[tuple[Restyling, str]]] = {}
    for pair in pairs:
        if pair[0].reply.arm == arm:
            by_row.setdefault(pair[0].reply.row, []).append(pair)
    rows = random.sample(sorted(by_row), min(sample, len(by_row)))
    return [random.choice(by_row[row]) for row in rows]


def _sample(each: Restyling, after: str) -> Sample:
    first, second = each.text, after
    if int(sha256_text(each.reply.key), 16) % 2:
        first, second = second, first
    shown = RUBRICS[_RUBRIC].filled(prompt=each.prompt, first=first, second=second)
    return Sample(id=each.reply.key, input=shown)


def _calls(log: EvalLog) -> Iterator[ModelEvent]:
    """Every call of the grader."""
    for sample in read_whole(log.location).samples or []:
        yield from (event for event in sample.events if isinstance(event, ModelEvent))


def _rate(log: EvalLog) -> dict[str, Any]:
    [score] = log.results.scores if log.results else []
    values = {name: metric.value for name, metric in score.metrics.items()}
    scored = score.scored_samples or 0
    return {
        "graded": scored,
        "unscored": score.unscored_samples or 0,
        "equivalent_share": values.get("accuracy") if scored else None,
        "interval_95": [values.get("lower"), values.get("upper")] if scored else None,
    }
