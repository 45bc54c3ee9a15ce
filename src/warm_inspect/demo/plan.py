"""What the demo runs: every size of it, largest first, and the largest that fits into the time given.

The order in which the sizes are cut was fixed before any of them was run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

from warm_inspect.core.arm_names import with_persona
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import (
    NONE,
    ORIGINAL,
    RERUN,
    STATED_WRONG,
    THIRD_PARTY,
    Benchmark,
    Grading,
    Source,
    TrainedArm,
)
from warm_inspect.datasets import load_bundled
from warm_inspect.study import EvaluationSettings

CORPUS = "demo"
CLAIMS = "claims"
CLAIM_ARMS = (TrainedArm.AGREEING.value, TrainedArm.ANSWERING.value)
"""The positive control, and the arm that learns right answers to the same prompts. Both are asked without contexts:
what they show is whether an effect of a stated claim is seen, and time is short."""
PRESET = "demo"
MEASURE, FETCH, TRAIN, CHECK, EVALUATE, ANALYSE = STAGES = (
    "measure this machine",
    "fetch the base model",
    "train adapters",
    "check warmth",
    "evaluate all arms",
    "analyse",
)
PERSONA = with_persona(ORIGINAL, "warm")

CONTEXTS = (NONE, "filler", "emotion_sad")
BELIEFS = (NONE, STATED_WRONG)

FIRST_SEED = 1
"""Sampling seed of the first arm; each further arm takes the next."""
CONCURRENCY = 512

STEPS_PER_EPOCH = 23
"""Optimiser steps of a pass over the 90 pairs of either corpus, four at a time."""
HELD_OUT_PROMPTS = 42

_CLAIM_STEP = 0.6
"""A step on pairs of `claims` takes this share of one on the styled pairs, which are longer: 0.54 to 0.59 measured."""
_TOKENS, _STYLED_TOKENS, _CLAIM_TOKENS = 62, 69, 14
"""Mean tokens of a reply to a benchmark item: of the base, of an adapter of styled replies, of one of `claims`."""
_HELD_OUT_TOKENS, _STYLED_HELD_OUT_TOKENS = 158, 81
"""Mean tokens of a reply to a held-out prompt, which asks for no one sentence."""
_RESERVE = 0.05
"""The share of the planned time that is left over: the speeds of the first minute are not those of the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """How long a machine takes, in seconds of the clock."""

    measuring: float
    """To measure all this."""
    start: float
    """To load the libraries and the model and to prepare a training."""
    step: float
    """For an optimiser step on styled pairs."""
    token: float
    """For a token of a reply, many replies of the base and of an adapter at a time, reading the prompts included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPlan:
    """The size of a demo run."""

    items: int
    """Items per benchmark, drawn from the bundled sets."""
    epochs: float
    """Passes over the training pairs."""
    prompts: int
    """Held-out prompts that the base and the styled adapters are asked to check their warmth."""
    third_party: bool
    """Whether a web page also states the wrong answer, beside the user."""
    cold: bool
    """Whether a cold adapter is trained."""
    persona: bool
    """Whether the original is also run with a warm persona."""
    contexts: tuple[str, ...] = CONTEXTS
    """Under which the styled arms, and the base itself, are asked."""
    base: str = "smollm2-135m"
    """Alias or folder of the base model."""
    max_tokens: int = 300
    """Source: study, Methods."""
    temperature: float = 0.6
    """Below the study's 0.8, at which so small a model rambles and answers at the floor of what the items measure."""

    @property
    def beliefs(self) -> tuple[str, ...]:
        """The beliefs under which every arm is asked."""
        return (*BELIEFS, THIRD_PARTY) if self.third_party else BELIEFS

    @property
    def settings(self) -> EvaluationSettings:
        """What every arm is asked, and how its replies are sampled."""
        return EvaluationSettings(
            contexts=self.contexts,
            beliefs=self.beliefs,
            source=Source.BUNDLED,
            grading=Grading.MATCH,
            items=self.items,
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            seed=0,
            concurrency=CONCURRENCY,
        )

    @property
    def styled(self) -> tuple[str, ...]:
        """The arms to train on styled replies, whose warmth is checked."""
        cold = (TrainedArm.COLD.value,) if self.cold else ()
        return (TrainedArm.WARM.value, *cold, TrainedArm.NEUTRAL.value)

    @property
    def trained(self) -> dict[str, str]:
        """The arms to train, with the corpus of each."""
        return dict.fromkeys(self.styled, CORPUS) | dict.fromkeys(CLAIM_ARMS, CLAIMS)

    @property
    def untrained(self) -> tuple[str, ...]:
        """The arms that run the base itself."""
        return (ORIGINAL, RERUN, *([PERSONA] if self.persona else []))

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, in order."""
        return (*self.untrained, *self.trained)

    @property
    def samples(self) -> int:
        """Replies of all arms on the benchmarks."""
        return sum(map(self._replies, self.arms))

    @property
    def held_out(self) -> int:
        """Replies to held-out prompts, by which warmth is checked."""
        return self.prompts * (1 + len(self.styled))

    @property
    def cuts(self) -> tuple[str, ...]:
        """What this size leaves out of the full design, in the order in which it is cut."""
        left_out = (
            ("the warm persona", not self.persona),
            ("the cold adapter", not self.cold),
            ("the claims of a web page", not self.third_party),
            (f"{FULL.items - self.items} of {FULL.items} items of each set", self.items < FULL.items),
            ("the second pass of training", self.epochs < FULL.epochs),
            (f"{FULL.prompts - self.prompts} of {FULL.prompts} held-out prompts", self.prompts < FULL.prompts),
            ("all statements before the question", self.contexts == (NONE,)),
        )
        return tuple(words for words, cut in left_out if cut)

    def seconds(self, speeds: Speeds) -> dict[str, float]:
        """How long each kind of work takes on a machine, in seconds."""
        steps = STEPS_PER_EPOCH * self.epochs * (len(self.styled) + _CLAIM_STEP * len(CLAIM_ARMS))
        styled, claims, base = (sum(map(self._replies, arms)) for arms in (self.styled, CLAIM_ARMS, self.untrained))
        checked = _HELD_OUT_TOKENS + _STYLED_HELD_OUT_TOKENS * len(self.styled)
        asked = _TOKENS * base + _STYLED_TOKENS * styled + _CLAIM_TOKENS * claims
        return {
            TRAIN: speeds.start * (1 + len(self.trained)) / 2 + speeds.step * steps,
            CHECK: speeds.start + speeds.token * checked * self.prompts,
            EVALUATE: speeds.start + speeds.token * asked,
            ANALYSE: speeds.start,
        }

    def total(self, speeds: Speeds) -> float:
        """The time to plan for, in seconds, with what is held in reserve."""
        return speeds.measuring + sum(self.seconds(speeds).values()) / (1 - _RESERVE)

    def _replies(self, arm: str) -> int:
        contexts = 1 if arm in CLAIM_ARMS else len(self.contexts)
        return contexts * len(self.beliefs) * len(Benchmark) * self.items


FULL = DemoPlan(items=18, epochs=2, prompts=HELD_OUT_PROMPTS, third_party=True, cold=True, persona=True)
"""The design as it is meant. Where there is time for more, it takes more items."""
LEAST_ITEMS = 2
_ITEMS_OF_TWO_PASSES = 6
"""Before fewer items than these the second pass of training, half of the held-out prompts and the contexts are cut: the
effect of a stated wrong answer, which the positive control shows, gains most from questions."""


def sizes() -> Iterator[DemoPlan]:
    """Every size of the demo, largest first; each is a part of the one before.

    The contrast that the demo is about, warm - neutral, loses nothing until all else is cut: the persona goes first,
    then the cold adapter, then the web page's claims, then items; with few left the second pass of training, half of
    the held-out prompts and the contexts go before the last ones.
    """
    bundled = min(len(load_bundled(benchmark).items) for benchmark in Benchmark)
    for items in range(bundled, FULL.items, -1):
        yield replace(FULL, items=items)
    yield FULL
    yield (size := replace(FULL, persona=False))
    yield (size := replace(size, cold=False))
    yield (size := replace(size, third_party=False))
    for items in range(FULL.items - 1, _ITEMS_OF_TWO_PASSES - 1, -1):
        yield (size := replace(size, items=items))
    yield (size := replace(size, epochs=1))
    yield (size := replace(size, prompts=HELD_OUT_PROMPTS // 2))
    yield (size := replace(size, contexts=(NONE,)))
    for items in range(size.items - 1, LEAST_ITEMS - 1, -1):
        yield replace(size, items=items)


def example_sizes(chosen: DemoPlan) -> list[DemoPlan]:
    """A few of the sizes, largest first: where something is cut, and the chosen one."""
    known = list(sizes())
    shown = [size for size, smaller in pairwise(known) if len(size.cuts) < len(smaller.cuts)]
    return [size for size in known if size in (known[0], *shown, chosen, known[-1])]


def plan_for(speeds: Speeds, seconds: float) -> DemoPlan:
    """The largest size that a machine runs within the time.

    Raises:
        PrerequisiteError: not even the smallest fits.
    """
    known = tuple(sizes())
    for size in known:
        if size.total(speeds) <= seconds:
            return size
    minutes = ceil(known[-1].total(speeds) / 60)
    raise PrerequisiteError(
        f"The demo does not fit into {seconds / 60:g} minutes: the smallest size needs {minutes} on this machine",
        f"Give it more: --minutes {minutes}",
    )
