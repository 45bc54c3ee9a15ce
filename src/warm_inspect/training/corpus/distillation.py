"""Self-distillation: a base model's own replies to the prompts of a corpus.

The control for training on another model's text. Each conversation is generated turn by turn on the model's earlier
replies, so that the arm holds exactly what the model would have said.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageUser, GenerateConfig, Model, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import require_writable
from warm_inspect.core.journal import Journal
from warm_inspect.core.vocabulary import TrainedArm
from warm_inspect.solvers import KnowsItsArm
from warm_inspect.training.corpus.asking import (
    Access,
    Cost,
    Prices,
    WrittenReply,
    ask,
    cost_at_first_attempt,
    cost_of_replies,
    first_error,
    run_in_role,
)
from warm_inspect.training.corpus.chats import has_control_tokens
from warm_inspect.training.corpus.datasheet import Datasheet, read_datasheet, write_corpus
from warm_inspect.training.corpus.new_replies import (
    JOURNAL_NAME,
    NewReply,
    ReplyProgress,
    Unfinished,
    combine,
    write_dropped,
)
from warm_inspect.training.corpus.pairs import Corpus, CorpusRow

SELF_DISTILLED = TrainedArm.SELF_DISTILLED.value
"""The arm of the base model's own replies."""

TEACHER = "teacher"
"""The model role."""


@dataclass(frozen=True)
class DistillSettings:
    """Sampling and retries of the base model."""

    temperature: float = 0.8
    """The study's sampling temperature. Source: study, Methods."""
    max_tokens: int = 1_024
    """Longer replies are failures: training would teach the model to stop in mid-sentence."""
    seed: int = 0
    """Of the first attempt; each further one takes the next."""
    attempts: int = 3
    """Calls per reply at most, until one is whole and not empty."""


def plan_distill(corpus: Corpus, settings: DistillSettings) -> Cost:
    """The cost at most of generating every reply at one attempt each, as `max_tokens` bounds it; makes no call.

    Raises:
        PrerequisiteError: the corpus has the arm already.
    """
    if SELF_DISTILLED in corpus.arms:
        raise PrerequisiteError(
            f"The corpus {corpus.name!r} has the arm {SELF_DISTILLED!r} already", "Distil the corpus it was made from."
        )
    rows = [row for row in corpus.rows if row.split == "train"]
    prompts = [
        sum(len(turn.prompt) for turn in row.turns[: number + 1]) for row in rows for number in range(len(row.turns))
    ]
    asked = cost_at_first_attempt((characters, 0) for characters in prompts)
    # Each later prompt is sent with the earlier replies of its conversation.
    earlier = sum(number * settings.max_tokens for row in rows for number in range(len(row.turns)))
    return Cost(asked.calls, asked.input_tokens + earlier, asked.calls * settings.max_tokens)


def distill(
    corpus: Corpus,
    settings: DistillSettings,
    access: Access,
    out: Path,
    progress: ReplyProgress,
    prices: Prices | None = None,
) -> Datasheet:
    """Add the arm `self_distilled` to a corpus, in a new folder. A second call resumes after the last finished reply.

    Inspect's cache is not used: it knows a model by its name, and a local model's weights may have changed.

    Args:
        corpus: the prompts.
        settings: sampling and retries of the base model.
        access: the base model.
        out: the folder to write.
        progress: called with the replies that are finished and their number.
        prices: for the cost in dollars.

    Raises:
        Unfinished: the provider failed for some replies.
        PrerequisiteError: no conversation is left, the folder holds work with other settings, or the corpus's datasheet
            describes other rows.
    """
    plan_distill(corpus, settings)
    require_writable(out)
    before = read_datasheet(corpus)
    model = access.open(TEACHER, GenerateConfig(temperature=settings.temperature, max_tokens=settings.max_tokens))
    identity = {
        "step": "distill",
        "corpus_sha256": corpus.sha256,
        "model": access.model,
        "weights": _weights(model),
        **asdict(settings),
    }
    rows = [row for row in corpus.rows if row.split == "train"]
    replies = {row.id: [NewReply(row.id, number, SELF_DISTILLED) for number in range(len(row.turns))] for row in rows}
    with Journal(out / JOURNAL_NAME, identity) as journal:
        error = _run(rows, replies, settings, access, model, journal, out / "logs", progress)
        answers: dict[NewReply, WrittenReply] = {}
        unfinished = 0
        for row in rows:
            finished, done = _answered(replies[row.id], journal)
            answers |= finished
            unfinished += 0 if done else len(row.turns) - len(finished)
        total = sum(map(len, replies.values()))
        if unfinished:
            raise Unfinished(unfinished, total, error)
        outcome = combine(corpus.rows, answers)
        write_dropped(out, outcome.failed)
        step: dict[str, Any] = {
            **identity,
            "model": access.name,
            **outcome.counts,
            "cost": cost_of_replies(answers.values()).facts(prices),
        }
        return write_corpus(out, outcome.rows, step, before)


def _weights(model: Model) -> dict[str, str]:
    """Hashes and source of a local model's weights; empty for a provider that does not report them."""
    if not isinstance(model.api, KnowsItsArm):
        return {}
    arm = model.api.arm_metadata()
    return {name: getattr(arm, name) for name in ("base_sha256", "weights_source", "adapter_sha256")}


def _answered(replies: list[NewReply], journal: Journal) -> tuple[dict[NewReply, WrittenReply], bool]:
    """The finished replies of a conversation in order, and whether it is done: all are there, or one failed."""
    finished: dict[NewReply, WrittenReply] = {}
    for reply in replies:
        entry = journal.get(reply.key)
        if entry is None:
            return finished, False
        finished[reply] = WrittenReply.of(entry)
        if finished[reply].problems:
            return finished, True
    return finished, True


def _run(
    rows: list[CorpusRow],
    replies: dict[str, list[NewReply]],
    settings: DistillSettings,
    access: Access,
    model: Model,
    journal: Journal,
    log_dir: Path,
    progress: ReplyProgress,
) -> str:
    """Generate the replies that are not in the journal, and give the first error; empty without one."""
    total = sum(map(len, replies.values()))
    todo = {row.id: row for row in rows if not _answered(replies[row.id], journal)[1]}
    progress(len(journal), total)
    if not todo:
        return ""

    @solver
    def distilled() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            row = todo[str(state.sample_id)]
            teacher = get_model(role=TEACHER, required=True)
            messages: list[ChatMessage] = []
            for turn, reply in zip(row.turns, replies[row.id], strict=True):
                messages.append(ChatMessageUser(content=turn.prompt))
                entry = journal.get(reply.key)
                if entry is None:
                    answer = await ask(teacher, messages, _problems, settings.attempts, settings.seed, None)
                    journal.append(reply.key, answer.entry())
                    progress(len(journal), total)
                else:
                    answer = WrittenReply.of(entry)
                if answer.problems:
                    break
                messages.append(ChatMessageAssistant(content=answer.text))
            return state

        return solve

    samples = [Sample(id=row.id, input=row.prompt) for row in todo.values()]
    task = Task(dataset=MemoryDataset(samples), solver=distilled(), name="distill")
    return first_error(run_in_role([task], TEACHER, model, access, log_dir))


def _problems(text: str) -> tuple[str, ...]:
    if not text:
        return ("empty",)
    return ("control_tokens",) if has_control_tokens(text) else ()
