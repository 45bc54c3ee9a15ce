"""Asking for the grades of a plan, and writing them: each sample's failure its own, no verdict paid for lost."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import rich
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset
from inspect_ai.dataset import Sample as DatasetSample
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import GenerateConfig, Model, ModelCost, ModelUsage
from inspect_ai.scorer import Score
from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.analysis.logs import SampleKey
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import require_writable
from warm_inspect.core.journal import Journal
from warm_inspect.grading.model import GRADER_ROLE, keeping_verdicts
from warm_inspect.regrading.gradings import REGRADABLE, open_graders
from warm_inspect.regrading.plan import Asking, PlannedLog, RegradingPlan, replies
from warm_inspect.regrading.writing import copy_log, write_graded
from warm_inspect.solvers import NO_MODEL
from warm_inspect.study import on_sample_end

JOURNAL_NAME = "verdicts.jsonl"
"""The graders' verdicts, as they came. It stays: a later run with this folder asks for none of them again."""

_IN_FLIGHT, _IN_BATCHES = 200, 10_000
"""Samples at once, without and with batches: more than there are connections, and as many as a batch should hold."""

Place = tuple[int, int]
"""The number of a log in the plan, and the number of one of its askings."""
Scores = dict[Place, dict[SampleKey, Score]]
"""The scores of each asking, by sample."""


@dataclass
class Regraded:
    """The result of carrying out a plan of regrading: counts, written logs, problems and tokens used."""

    graded: int = 0
    unscored: Counter[str] = field(default_factory=Counter)
    """Samples that are still without a grade, by the reason."""
    written: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """What went wrong with single samples and logs, in words."""
    usage: dict[str, ModelUsage] = field(default_factory=dict)
    """Tokens of this run, and their cost where prices are known, by grader."""
    interrupted: bool = False
    """The user stopped it: the verdicts are in the journal, and no log was written."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How Inspect calls the graders: batches, connections, cache. None of it changes a verdict."""

    batch: bool = False
    """Use the providers' batch APIs."""
    max_connections: int | None = None
    """Calls in flight of each grader; None leaves it to Inspect."""
    cache: bool = False
    """Use Inspect's cache of replies."""
    prices: Mapping[str, ModelCost] = field(default_factory=dict)
    """Dollars per million tokens, by the model's name."""

    @property
    def config(self) -> GenerateConfig:
        """The settings of each grader."""
        return GenerateConfig(batch=self.batch or None, max_connections=self.max_connections, cache=self.cache or None)

    @property
    def samples(self) -> int:
        """How many samples are graded at a time; each of them takes a moment to stop when the user stops the run."""
        if self.batch:
            return _IN_BATCHES
        return 2 * self.max_connections if self.max_connections else _IN_FLIGHT


def regrade(plan: RegradingPlan, reach: Reach, progress: Callable[[], None] = lambda: None) -> Regraded:
    """Ask for the grades of a plan and write the logs.

    A log that lacks nothing is copied to its target. What fails leaves its sample unscored, with the reason; a run that
    is killed goes on with what is in the journal.

    Cost: one call of each grader per different question, claim and reply that is not in the journal, two when the first
    reply cannot be used.

    Args:
        plan: what there is to ask.
        reach: how graders are called.
        progress: called after each sample.

    Raises:
        PrerequisiteError: the folder cannot be written or another run is at work in it, or a grader cannot be used.
    """
    passes: dict[str, list[tuple[int, int, Asking]]] = defaultdict(list)
    for number, log in enumerate(plan.logs):
        for turn, asking in enumerate(log.askings):
            who = json.dumps([grader.model_dump(mode="json") for grader in asking.graders])
            passes[f"{log.scorer} {asking.grading} {who}"].append((number, turn, asking))
    opened = [open_graders(askings[0][2].graders, reach.config) for askings in passes.values()]
    require_writable(plan.folder)
    regraded = Regraded()
    scores: Scores = {}
    with Journal(plan.folder / JOURNAL_NAME, {"step": "regrade"}) as journal, keeping_verdicts(journal):
        for askings, graders in zip(passes.values(), opened, strict=True):
            scores |= _ask(plan, askings, graders, reach, progress, regraded)
            if regraded.interrupted:
                return regraded
        for number, log in enumerate(plan.logs):
            _write(log, [scores.get((number, turn), {}) for turn in range(len(log.askings))], regraded)
    return regraded


def _ask(
    plan: RegradingPlan,
    askings: Sequence[tuple[int, int, Asking]],
    graders: Sequence[Model],
    reach: Reach,
    progress: Callable[[], None],
    regraded: Regraded,
) -> Scores:
    """The scores of the samples of askings that share scorer, grading and graders; none when the user stops it."""
    places: list[tuple[Place, SampleKey]] = []
    logged: list[EvalSample] = []
    dataset: list[DatasetSample] = []
    for number, turn, asking in askings:
        for sample in replies(plan.logs[number], asking.samples):
            places.append(((number, turn), (str(sample.id), sample.epoch)))
            logged.append(sample)
            dataset.append(
                DatasetSample(id=len(places), input=sample.input, target=sample.target, metadata=sample.metadata)
            )
    scorer, grading = plan.logs[askings[0][0]].scorer, askings[0][2].grading
    task = Task(
        name="regrade",
        dataset=MemoryDataset(dataset),
        solver=_replayed(logged),
        scorer=REGRADABLE[scorer].build(grading.value),
    )
    # Inspect announces the hook behind `on_sample_end` on standard output.
    rich.reconfigure(quiet=True)
    roles = {GRADER_ROLE: list(graders) if len(graders) > 1 else graders[0]} if graders else None
    with TemporaryDirectory(prefix="warm-inspect-regrade-") as folder, on_sample_end(lambda _: progress()):
        logs = inspect_eval(
            task,
            model=NO_MODEL,
            model_roles=roles,
            model_cost_config=dict(reach.prices) or None,
            log_dir=folder,
            display="none",
            max_samples=reach.samples,
            fail_on_error=False,
            score_display=False,
            log_realtime=False,
            log_level="error",
            ctl_server=False,
        )
        if not logs or logs[0].status == "cancelled":
            regraded.interrupted = True
            return {}
        _note(logs[0], regraded)
        finished = list(logs[0].samples or [])  # Read from the log's file, which goes with the folder.
    scores: Scores = {}
    for graded in finished:
        place, key = places[int(graded.id) - 1]
        if graded.error or not graded.scores:
            regraded.unscored["sample error"] += 1
            name, message = plan.logs[place[0]].log.name, graded.error.message if graded.error else "no score"
            regraded.problems.append(f"{name}, sample {key[0]}: {message}")
            continue
        score = graded.scores[scorer]
        scores.setdefault(place, {})[key] = score
        if isinstance(score.value, Mapping):
            regraded.graded += 1
        else:
            regraded.unscored[str(score.reason)] += 1
    return scores


def _note(log: EvalLog, regraded: Regraded) -> None:
    """Add what the pass used.

    Raises:
        PrerequisiteError: it failed as a whole.
    """
    for name, usage in log.stats.model_usage.items():
        regraded.usage[name] = regraded.usage.get(name, ModelUsage()) + usage
    if log.status != "success":
        raise PrerequisiteError(f"Grading did not finish: {log.error.message if log.error else log.status}")


def _replayed(logged: Sequence[EvalSample]) -> Solver:
    """A solver that gives each sample, by its number, the output, the messages and the store it had."""

    @solver(name="regrade_replay")
    def replayed() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            sample = logged[int(state.sample_id) - 1]
            state.output, state.messages = sample.output, sample.messages
            for name, value in sample.store.items():
                state.store.set(name, value)
            return state

        return solve

    return replayed()


def _write(log: PlannedLog, scores: Sequence[Mapping[SampleKey, Score]], regraded: Regraded) -> None:
    try:
        if write_graded(log, scores) or copy_log(log):
            regraded.written.append(log.target)
    except Exception as error:  # Whatever a log of another version holds: the others are written.
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        regraded.problems.append(f"{log.log.name} was not written, its verdicts are in the journal: {reason}")
