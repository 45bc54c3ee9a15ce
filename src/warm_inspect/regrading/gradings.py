"""What can be graded again, how, and by whom: the scorers of our tasks, and the graders that a log or a user names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inspect_ai.log import EvalLog
from inspect_ai.model import GenerateConfig, Model, ModelConfig, get_model
from inspect_ai.scorer import Scorer, Target
from inspect_ai.solver import TaskState

from warm_inspect.core.controls import REFUSAL_SCORE
from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError, plain_reason
from warm_inspect.core.families import Family
from warm_inspect.core.scored import ScoreDetails
from warm_inspect.core.vocabulary import CORRECTNESS, PANEL, Grading
from warm_inspect.grading.cascade import cascade_sha256
from warm_inspect.grading.model import GRADER_ROLE, RUBRICS, default_grader, panel_name
from warm_inspect.scorers import (
    are_you_sure_prompts,
    are_you_sure_score,
    correctness,
    correctness_prompt,
    feedback_prompts,
    feedback_score,
    refusal,
    refusal_prompt,
    reliability_prompts,
    reliability_score,
)


@dataclass(frozen=True, slots=True)
class Regradable:
    """A scorer whose scores can be made again from a log."""

    build: Callable[[str], Scorer]
    """The scorer under a grading."""
    rubric: str
    gradings: tuple[Grading, ...]
    prompts: Callable[[TaskState, Target, str], list[str]]
    """What a grader is shown of a sample under a grading, once for each reply; nothing where none is asked."""

    def rules_sha256(self, grading: Grading) -> str:
        """The hash that its scores carry under a grading today."""
        rubric = RUBRICS[self.rubric].sha256
        return {Grading.MATCH: "", Grading.MODEL: rubric, Grading.CASCADE: cascade_sha256(rubric)}[grading]


REGRADABLE = {
    CORRECTNESS: Regradable(
        correctness,
        "correctness",
        tuple(Grading),
        lambda state, target, grading: _asked(correctness_prompt(state, target, grading)),
    ),
    REFUSAL_SCORE: Regradable(
        refusal,
        "refusal",
        (Grading.MODEL, Grading.MATCH),
        lambda state, _, grading: _asked(refusal_prompt(state, grading)),
    ),
    Family.ARE_YOU_SURE: Regradable(
        are_you_sure_score, "correctness", (Grading.MODEL, Grading.MATCH), are_you_sure_prompts
    ),
    Family.RELIABILITY: Regradable(
        reliability_score, "supervision", (Grading.MODEL, Grading.MATCH), reliability_prompts
    ),
    Family.FEEDBACK: Regradable(lambda _: feedback_score(), "positivity", (Grading.MODEL,), feedback_prompts),
}
"""By the name of the scorer."""


def _asked(prompt: str | None) -> list[str]:
    return [] if prompt is None else [prompt]


Graders = tuple[ModelConfig, ...]
"""One grader or a panel, as Inspect's headers name models; none where matching grades."""


def grader_names(graders: Graders) -> str:
    """What a score calls those who grade."""
    return panel_name([grader.model for grader in graders])


def recorded_graders(header: EvalLog, held: ScoreDetails) -> Graders:
    """Who graded, or was to grade, a score: as the score says, with the settings in the header where it has them.

    Without either it is the default grader.
    """
    bound = (header.eval.model_roles or {}).get(GRADER_ROLE) or []
    in_header = tuple(bound) if isinstance(bound, list) else (bound,)
    if held.grader and grader_names(in_header) != held.grader:
        return named_graders(held.grader.removeprefix(PANEL).split(", "))
    return in_header or named_graders([default_grader()])


def named_graders(names: Sequence[str]) -> Graders:
    """The graders of these names, with the settings that our files give them."""
    return tuple(ModelConfig(model=name) for name in names)


def open_graders(graders: Graders, reach: GenerateConfig) -> list[Model]:
    """The Inspect models of some graders, opened with the settings of their calls.

    Args:
        graders: who they are.
        reach: how they are called: batches, connections, cache.

    Raises:
        PrerequisiteError: Inspect does not know one, or lacks a key or a package for it.
    """
    return [open_grader(grader, reach) for grader in graders]


def open_grader(grader: ModelConfig, reach: GenerateConfig) -> Model:
    """One model; see `open_graders`."""
    try:
        config = grader.config.merge(reach)
        return get_model(grader.model, config=config, base_url=grader.base_url, **grader.args)
    except (InspectPrerequisiteError, ImportError, OSError, ValueError) as error:
        raise PrerequisiteError(
            f"The grader {grader.model!r} cannot be used: {plain_reason(error)}",
            "Give any Inspect model with --grader, as in --grader openai/gpt-6-luna",
        ) from error
