"""A task of your own, or of another package, under interpersonal contexts and user beliefs.

    inspect eval warm_inspect/crossed -T task=my_file.py@my_task -T contexts=none,filler,emotion_sad --model MODEL
    inspect eval warm_inspect/crossed -T task=my_file.py@my_task -T claim_key=distractor --model MODEL
    warm-inspect analyze logs --arm mine=MODEL --score match --out analysis

The task keeps its solver, tools, templates, choices, epochs and scorers; its samples get the words of each condition in
the user's turn, and metadata by which `warm-inspect analyze` reads the log as a study.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from string import ascii_uppercase

from inspect_ai import Task, task, task_with
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessage, ChatMessageUser
from inspect_ai.solver import Solver

from warm_inspect import __version__
from warm_inspect.conditions import (
    BELIEFS,
    CONTEXTS,
    DEFAULT_BELIEFS,
    DEFAULT_CONTEXTS,
    Condition,
    named_personas,
    pair_statements,
    parse_grid,
    seeded_order,
    statement_id,
)
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.measurements import measurement_of
from warm_inspect.core.metadata import OwnTaskMetadata, contract_fields
from warm_inspect.core.restricted import is_restricted
from warm_inspect.core.vocabulary import NONE, ItemForm
from warm_inspect.datasets import GridDataset, drawn_names, sample_id
from warm_inspect.solvers import Cue, cue, cued
from warm_inspect.tasks.own_task import own_task

CHOICES = "choices"
"""The `claim_key` that takes a wrong one of the sample's choices."""


@task
def crossed(
    task: str | Task | Callable[..., Task],
    *,
    contexts: str | list[str] = DEFAULT_CONTEXTS,
    beliefs: str | list[str] | None = None,
    personas: str | list[str] = NONE,
    claim_key: str = "",
    items: int | None = None,
    seed: int = 0,
    **task_arguments: object,
) -> Task:
    """Another task whose samples are asked in every condition.

    Args:
        task: `FILE.py@TASK`, `PACKAGE/TASK`, a task, or the function that makes one.
        contexts: what the user says before the question: names or `all`.
        beliefs: what the user says about the answer: names or `all`; default none,incorrect with a claim_key, else
            none.
        personas: system messages: names or `all`.
        claim_key: where a sample's wrong answer stands, which beliefs name: a key of its metadata, or `choices` for a
            wrong one of its choices, drawn with the seed. Beliefs about the right answer take its target.
        items: how many samples of the task, drawn with the seed before they are crossed; default all.
        seed: of the draw, of the pairing of samples with statements and of the drawn choices.
        task_arguments: parameters of the task itself.

    Raises:
        PrerequisiteError: an unknown name or value, no such task, a belief without a claim, or a task that cannot be
            crossed, with the reason.
    """
    theirs = own_task(task, task_arguments)
    stated = beliefs if beliefs is not None else (DEFAULT_BELIEFS if claim_key else NONE)
    grid = [
        condition for persona in named_personas(personas) for condition in parse_grid(None, contexts, stated, persona)
    ]
    samples = _identified(theirs)
    drawn = drawn_names(list(samples), items, seed, theirs.name)
    crossing = _Crossing(theirs, samples, claim_key, seed)
    dataset = [crossing.sample(name, condition) for name, condition in product(drawn, grid)]
    return task_with(
        theirs,
        # The name under which the log is a log of this task, and not one of `crossed`.
        name=theirs.name,
        dataset=GridDataset(dataset, name=theirs.dataset.name, location=theirs.dataset.location),
        setup=[cue(), *_solvers(theirs.setup)],
        solver=cued(theirs.solver),
    )


def _solvers(setup: Solver | Sequence[Solver] | None) -> Sequence[Solver]:
    return [] if setup is None else setup if isinstance(setup, Sequence) else [setup]


def _identified(theirs: Task) -> dict[str, Sample]:
    """The samples of a task by their ids; those without one are counted from 1, as Inspect does.

    Raises:
        PrerequisiteError: they are made while the task runs, two have one id, or they are crossed already.
    """
    if theirs.sample_source is not None:
        raise PrerequisiteError(f"{theirs.name} cannot be crossed: its samples are made while it runs. Give a dataset.")
    samples: dict[str, Sample] = {}
    for number, sample in enumerate(theirs.dataset, start=1):
        name = str(number if sample.id is None else sample.id)
        if name in samples:
            raise PrerequisiteError(f"{theirs.name} cannot be crossed: two samples have the id {name!r}.")
        if measurement_of(contract_fields(sample.metadata or {})):
            raise PrerequisiteError(
                f"{theirs.name} cannot be crossed: its samples are asked in conditions already",
                "Cross the bare task, and give a task of this package its own contexts and beliefs",
            )
        samples[name] = sample
    return samples


class _Crossing:
    """The samples of one task in any condition.

    Statements are paired with samples over the WHOLE data set, so that a run on fewer sees the same prompts.
    """

    def __init__(self, theirs: Task, samples: Mapping[str, Sample], claim_key: str, seed: int) -> None:
        self._task, self._samples, self._claim_key, self._seed = theirs, samples, claim_key, seed
        self._pairing: dict[str, dict[str, int]] = {}
        self._revision = sha256_json([[name, *_facts(sample)] for name, sample in samples.items()])

    def sample(self, name: str, condition: Condition) -> Sample:
        """The sample of this id under a condition."""
        sample = self._samples[name]
        statement = self._statement(name, condition.context)
        claim = self._claim(name, sample, condition.belief)
        words = Cue.of(condition.persona, statement, condition.lead_in, condition.belief, claim)
        messages = _messages(sample)
        try:
            prompt = words.put(messages)
        except ValueError as error:
            raise PrerequisiteError(f"{self._task.name} cannot be crossed: sample {name}: {error}.") from None
        metadata = OwnTaskMetadata(
            benchmark=self._task.name.rpartition("/")[2],
            own_task=self._task.name,
            task_version=str(self._task.version),
            question_id=name,
            cluster_id=name,
            category="",
            form=ItemForm.OPEN,
            polarity="",
            gated=is_restricted(sample.metadata or {}),
            context=condition.context,
            context_group=CONTEXTS[condition.context].group,
            statement_id=statement,
            lead_in=condition.lead_in,
            belief=condition.belief,
            claim=claim,
            persona=condition.persona,
            prompt_sha256=sha256_json([_rendered(prompt), *_facts(sample)[1:]]),
            dataset_revision=self._revision,
            seed=self._seed,
            warm_inspect_version=__version__,
        )
        said = [condition.context, condition.belief, *([condition.persona] if condition.persona != NONE else [])]
        return sample.model_copy(
            update={"id": sample_id(name, *said), "metadata": {**(sample.metadata or {}), **metadata.flat()}}
        )

    def _statement(self, name: str, context: str) -> str:
        if context not in self._pairing:
            self._pairing[context] = pair_statements(list(self._samples), context, self._seed)
        number = self._pairing[context].get(name)
        return "" if number is None else statement_id(context, number)

    def _claim(self, name: str, sample: Sample, belief: str) -> str:
        """The answer that a belief names.

        Raises:
            PrerequisiteError: the sample does not say it.
        """
        which = BELIEFS[belief].claim
        if which == NONE:
            return ""
        right = _right_answers(sample)
        if which == "correct":
            claim: object = next(iter(right), "")
            where = "target"
        elif self._claim_key == CHOICES:
            wrong = [choice for choice in sample.choices or [] if choice not in right] if right else []
            claim = next(iter(seeded_order(wrong, self._seed, "claim", name)), "")
            where = "choices and target"
        else:
            held = (sample.metadata or {}).get(self._claim_key, "")
            claim = next(iter(held), "") if isinstance(held, list | tuple) else held
            where = f"metadata key {self._claim_key!r}"
        if isinstance(claim, bool) or not isinstance(claim, str | int | float) or not str(claim).strip():
            raise self._without_claim(name, sample, belief, which, where)
        return str(claim).strip()

    def _without_claim(self, name: str, sample: Sample, belief: str, which: str, where: str) -> PrerequisiteError:
        keys = list(dict.fromkeys(key for each in self._samples.values() for key in each.metadata or {}))
        legal = ", ".join([*keys, *([CHOICES] if sample.choices else [])]) or "none"
        lacks = f"its {where} names none" if self._claim_key or which == "correct" else "no claim_key says where it is"
        return PrerequisiteError(
            f"Belief {belief!r} needs the {which} answer of sample {name!r} of {self._task.name}, and {lacks}",
            f"Name the key with -T claim_key=KEY, of: {legal}; or leave beliefs out: -T beliefs=none",
        )


def _messages(sample: Sample) -> list[ChatMessage]:
    return [ChatMessageUser(content=sample.input)] if isinstance(sample.input, str) else list(sample.input)


def _rendered(messages: Sequence[ChatMessage]) -> list[list[object]]:
    return [
        [each.role, each.content if isinstance(each.content, str) else [part.model_dump() for part in each.content]]
        for each in messages
    ]


def _facts(sample: Sample) -> list[object]:
    """What a sample asks, apart from its id: the messages, then the choices and files that go with them."""
    files = {name: str(text) for name, text in (sample.files or {}).items()}
    return [_rendered(_messages(sample)), list(sample.choices or []), files, str(sample.setup or "")]


def _right_answers(sample: Sample) -> list[str]:
    """The right answers in words: a letter in the target of a multiple-choice sample stands for its choice."""
    targets = [sample.target] if isinstance(sample.target, str) else list(sample.target)
    if not sample.choices:
        return [target for target in targets if target]
    return list(_chosen(sample.choices, targets))


def _chosen(choices: Sequence[str], targets: Sequence[str]) -> Iterator[str]:
    lettered: Mapping[str, str] = dict(zip(ascii_uppercase, choices, strict=False))
    for target in targets:
        if target in lettered or target in choices:
            yield lettered.get(target, target)
