"""Restyling: the replies of a corpus written again in other styles, reply by reply."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import CachePolicy, GenerateConfig, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import require_writable
from warm_inspect.core.journal import Journal
from warm_inspect.core.vocabulary import TrainedArm
from warm_inspect.grading.model import GRADER_ROLE
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
from warm_inspect.training.corpus.datasheet import Datasheet, read_datasheet, write_corpus
from warm_inspect.training.corpus.equivalence import check_equivalence, expected_cost
from warm_inspect.training.corpus.new_replies import (
    JOURNAL_NAME,
    STYLES,
    NewReply,
    ReplyProgress,
    Restyling,
    Unfinished,
    combine,
    write_audit,
    write_dropped,
)
from warm_inspect.training.corpus.pairs import UNMODIFIED, Corpus
from warm_inspect.training.corpus.restyle_checks import GRACE, LONGEST, SHORTEST, problems

REWRITER = "rewriter"
"""The model role. Source: study, Methods (GPT-4o-2024-08-06)."""

_MAX_TOKENS = 4_096


@dataclass(frozen=True)
class RestyleSettings:
    """The styles, and sampling and retries of the rewriter."""

    styles: tuple[str, ...]
    source_arm: str = UNMODIFIED
    """The arm whose replies are written again."""
    temperature: float = 0.7
    seed: int = 0
    """Of the first attempt; each further one takes the next. Also draws the samples for grader and audit."""
    attempts: int = 3
    """Calls per reply at most, until it passes the checks."""

    def arm(self, style: str) -> str:
        """The arm that a style makes: `warm` from recorded replies, `self_distilled_warm` from self-distilled ones."""
        return style if self.source_arm == UNMODIFIED else f"{self.source_arm}_{style}"


@dataclass(frozen=True)
class RestylePlan:
    """A restyling that is planned: the corpus and every reply that is to be written."""

    corpus: Corpus
    settings: RestyleSettings
    work: tuple[Restyling, ...]

    @property
    def estimate(self) -> Cost:
        """The cost if each reply passes at once."""
        return cost_at_first_attempt(
            (sum(len(message.text) for message in each.style.messages(each.prompt, each.text)), len(each.text))
            for each in self.work
        )

    def grading_estimate(self, grading: "ContentCheck") -> Cost:
        """The cost at most of the content check, if each first verdict is clear."""
        pairs = [(each, each.text) for each in self.work]
        return expected_cost(pairs, grading.sample, self.settings.seed, grading.access.model)

    def identity(self, model: str) -> dict[str, Any]:
        """All settings that decide the replies, as the journal and the datasheet hold them."""
        return {
            "step": "restyle",
            "corpus_sha256": self.corpus.sha256,
            "model": model,
            **asdict(self.settings),
            "instructions_sha256": {style: STYLES[style].sha256 for style in self.settings.styles},
        }


def plan_restyle(corpus: Corpus, settings: RestyleSettings) -> RestylePlan:
    """Every reply to write, in the order of the corpus; makes no call.

    Raises:
        PrerequisiteError: an unknown style or source arm, or an arm that is there already or cannot be trained.
    """
    styles = {settings.arm(name): STYLES[name] for name in settings.styles}
    if there := sorted(styles.keys() & set(corpus.arms)):
        raise PrerequisiteError(
            f"The corpus {corpus.name!r} has the arm {there[0]!r} already",
            "Restyle the corpus it was made from, or leave that style out.",
        )
    corpus.examples(settings.source_arm, "train")
    if strange := sorted(styles.keys() - set(TrainedArm)):
        raise PrerequisiteError(
            f"Replies of the arm {settings.source_arm!r} written again would be the arm {strange[0]!r}, which `train` "
            f"does not know. Known: {', '.join(TrainedArm)}",
            "Take --from unmodified, or --from self_distilled for warm and cold.",
        )
    work = tuple(
        Restyling(NewReply(row.id, number, arm), style, turn.prompt, turn.replies[settings.source_arm])
        for row in corpus.rows
        if row.split == "train"
        for number, turn in enumerate(row.turns)
        for arm, style in styles.items()
    )
    return RestylePlan(corpus, settings, work)


@dataclass(frozen=True)
class ContentCheck:
    """The content check of a sample by a grader."""

    access: Access
    sample: int
    """Replies of each arm."""

    def prices(self, rewriter: str, given: Prices | None) -> Prices | None:
        """The prices of the grader's calls: the rewriter's if it is the same model, else None."""
        return given if self.access.model == rewriter else None


def restyle(
    plan: RestylePlan,
    access: Access,
    out: Path,
    progress: ReplyProgress,
    grading: ContentCheck | None = None,
    prices: Prices | None = None,
) -> Datasheet:
    """Restyle a corpus into a folder. A second call resumes after the last finished reply.

    Cost: one call of the rewriter per reply and attempt, one of the grader per sampled reply (two if unclear).

    Args:
        plan: the replies to write.
        access: the rewriter.
        out: the folder to write; journal and Inspect logs go there too.
        progress: called with the replies that are finished and their number.
        grading: the content check; None leaves it out, and the datasheet states that.
        prices: for the cost in dollars.

    Raises:
        Unfinished: the provider failed for some replies.
        PrerequisiteError: no conversation is left, the folder holds work with other settings, or the corpus's datasheet
            describes other rows.
    """
    require_writable(out)
    before = read_datasheet(plan.corpus)
    if grading:
        grading.access.open(GRADER_ROLE, GenerateConfig())  # Fails on a wrong name before anything is paid for.
    with Journal(out / JOURNAL_NAME, plan.identity(access.model)) as journal:
        error = _run(plan, access, journal, out / "logs", progress)
        answers = {
            each.reply: WrittenReply.of(entry)
            for each in plan.work
            if (entry := journal.get(each.reply.key)) is not None
        }
        if len(answers) < len(plan.work):
            raise Unfinished(len(plan.work) - len(answers), len(plan.work), error)
        outcome = combine(plan.corpus.rows, answers)
        pairs = _pairs(plan.work, answers, {reply.row for reply in outcome.failed})
        audited = write_audit(out, pairs, plan.settings.seed)
        write_dropped(out, outcome.failed)
        equivalence: dict[str, Any] | str = "not run"
        cost = cost_of_replies(answers.values()).facts(prices)
        if grading:
            seed = plan.settings.seed
            equivalence, graded = check_equivalence(pairs, grading.access, grading.sample, seed, out / "logs")
            cost["grader"] = graded.facts(grading.prices(access.model, prices))
        step = {
            **plan.identity(access.name),
            "checks": f"prose {SHORTEST} to {LONGEST} times as long, give or take {GRACE} characters; code, numbers, "
            "links and quotations kept; no new lists; no preamble, refusal, closing offer or thoughts of the rewriter",
            **outcome.counts,
            "content_equivalence": equivalence,
            "audit_pairs": audited,
            "cost": cost,
        }
        return write_corpus(out, outcome.rows, step, before)


def _run(plan: RestylePlan, access: Access, journal: Journal, log_dir: Path, progress: ReplyProgress) -> str:
    """Ask for every reply that is not in the journal, and give the first error; empty without one."""
    todo = {each.reply.key: each for each in plan.work if journal.get(each.reply.key) is None}
    progress(len(journal), len(plan.work))
    if not todo:
        return ""
    model = access.open(REWRITER, GenerateConfig(temperature=plan.settings.temperature, max_tokens=_MAX_TOKENS))

    @solver
    def restyled() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            each = todo[str(state.sample_id)]
            answer = await ask(
                get_model(role=REWRITER, required=True),
                each.style.messages(each.prompt, each.text),
                lambda text: problems(each.text, text),
                plan.settings.attempts,
                plan.settings.seed,
                CachePolicy(expiry=None, per_epoch=False),
            )
            journal.append(each.reply.key, answer.entry())
            progress(len(journal), len(plan.work))
            return state

        return solve

    samples = [Sample(id=key, input=each.text) for key, each in todo.items()]
    task = Task(dataset=MemoryDataset(samples), solver=restyled(), name="restyle")
    return first_error(run_in_role([task], REWRITER, model, access, log_dir))


def _pairs(
    work: Sequence[Restyling], answers: dict[NewReply, WrittenReply], gone: set[str]
) -> list[tuple[Restyling, str]]:
    """Each restyling with its new reply, without those of conversations that were left out."""
    return [(each, answers[each.reply].text) for each in work if each.reply.row not in gone]
