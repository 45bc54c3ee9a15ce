"""What grading again costs: calls and tokens before anything is asked, and whose text goes where."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from inspect_ai.log import EvalSample
from inspect_ai.model import ModelCost, ModelName
from inspect_ai.scorer import Target
from inspect_ai.solver import TaskState

from warm_inspect.core.restricted import is_restricted, item_set_of, runs_here
from warm_inspect.grading.model import grader_facts
from warm_inspect.regrading.gradings import REGRADABLE
from warm_inspect.regrading.plan import RegradingPlan, replies

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb for English; other languages take more tokens."""


@dataclass(frozen=True, slots=True)
class GraderCost:
    """What one grader is asked, if each first reply of it can be used and none of its verdicts is in the journal."""

    calls: int = 0
    characters: int = 0
    """Of all prompts, without how to end a reply."""

    def input_tokens(self) -> int:
        """About how many tokens it is sent."""
        return round(self.characters / CHARACTERS_PER_TOKEN)

    def output_tokens(self, grader: str) -> int:
        """How many tokens it may write at most."""
        return self.calls * grader_facts(grader).max_tokens

    def usd(self, grader: str, prices: Mapping[str, ModelCost]) -> float | None:
        """Dollars at most, by prices per million tokens; None without a price for the grader."""
        if (price := prices.get(grader)) is None:
            return None
        return (self.input_tokens() * price.input + self.output_tokens(grader) * price.output) / 1_000_000


@dataclass(frozen=True, slots=True)
class RegradingCost:
    """The calls and tokens that a plan of regrading takes, by grader, and what it sends away."""

    graders: Mapping[str, GraderCost]
    """By the grader's name."""
    sent_away: Mapping[tuple[str, str], int]
    """Replies to gated or harmful rows that a grader elsewhere is sent, by grader and benchmark."""

    @property
    def calls(self) -> int:
        """Calls of all graders."""
        return sum(each.calls for each in self.graders.values())


def expected_cost(plan: RegradingPlan) -> RegradingCost:
    """What a plan costs: reads the replies, and counts each different prompt of a grader once."""
    prompts: dict[str, dict[str, int]] = {}
    sent: Counter[tuple[str, str]] = Counter()
    for log in plan.logs:
        for asking in log.askings:
            places = Counter(grader.model for grader in asking.graders)
            for sample in replies(log, asking.samples) if places else ():
                state, target = as_scored(sample)
                asked = REGRADABLE[log.scorer].prompts(state, target, asking.grading)
                for name, times in places.items() if asked else ():
                    for prompt in asked:
                        prompts.setdefault(name, {})[prompt] = max(times, prompts.get(name, {}).get(prompt, 0))
                    if is_restricted(state.metadata) and not runs_here(name):
                        sent[name, item_set_of(state.metadata)] += 1
    costs = {
        name: GraderCost(sum(known.values()), sum(len(prompt) * times for prompt, times in known.items()))
        for name, known in prompts.items()
    }
    return RegradingCost(costs, sent)


def as_scored(sample: EvalSample) -> tuple[TaskState, Target]:
    """A logged sample as a scorer sees it."""
    target = Target(sample.target)
    state = TaskState(
        model=ModelName("none/none"),
        sample_id=sample.id,
        epoch=sample.epoch,
        input=sample.input,
        messages=sample.messages,
        target=target,
        output=sample.output,
        metadata=sample.metadata,
        store=sample.store,
    )
    return state, target
