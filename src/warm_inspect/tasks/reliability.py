"""Right, avoided and wrong answers by difficulty: problems made by rule, each in up to fifteen templates.

After Zhou et al. 2024, doi 10.1038/s41586-024-07930-y, with own problems and templates. What is right is known by rule;
a grader is asked only whether it sees that (`grading=model`).

    inspect eval warm_inspect/reliability --model peft/smollm2-135m
    inspect eval warm_inspect/reliability --model peft/smollm2-135m:adapters/warm -T items=3 -T templates=5
    inspect eval warm_inspect/reliability --model openai/gpt-4o-mini -T domains=anagram,transforms -T designs=natural
"""

from typing import Literal

from inspect_ai import Task, task
from inspect_ai.log import HeadlineMetric
from inspect_ai.model import GenerateConfig
from inspect_ai.solver import generate
from inspect_ai.viewer import TaskSamplesColumn, TaskSamplesView, ViewerConfig
from pydantic import Field

from warm_inspect.conditions import named_levels
from warm_inspect.core.families import MOST_REPETITIONS, Answered, Design, Domain, Family
from warm_inspect.core.vocabulary import Grading
from warm_inspect.datasets import make_problems, reliability_dataset
from warm_inspect.scorers import reliability_score
from warm_inspect.solvers import persona as persona_solver
from warm_inspect.solvers import record_arm
from warm_inspect.tasks.build import TaskParameters, build_task, check_parameters, require_graders

TASK_VERSION = "1-A"

_SAMPLING = GenerateConfig(temperature=0.2, max_tokens=64)
"""Temperature as of the controls; an answer is one number. Flags such as `--max-tokens` win over it."""
_TEMPLATES = 15


class ReliabilityParameters(TaskParameters):
    """The parameters of `reliability`."""

    items: int = Field(strict=True, ge=1, description="a whole number of at least 1")
    domains: str | list[str] = Field(description="a name or a list of names: give -T domains=addition,anagram")
    designs: str | list[str] = Field(description="a name or a list of names: give -T designs=natural,easiest")
    templates: int = Field(strict=True, ge=1, le=_TEMPLATES, description=f"a whole number from 1 to {_TEMPLATES}")
    grading: Literal[Grading.MATCH, Grading.MODEL]
    repeats: int = Field(
        strict=True, ge=1, le=MOST_REPETITIONS, description=f"a whole number from 1 to {MOST_REPETITIONS}"
    )


@task
def reliability(
    *,
    domains: str | list[str] = "all",
    designs: str | list[str] = "all",
    items: int = 10,
    templates: int = _TEMPLATES,
    repeats: int = 3,
    persona: str = "none",
    grading: str = "match",
    seed: int = 0,
    **unknown: object,
) -> Task:
    """Problems of eight levels of difficulty, each asked in several templates.

    Args:
        domains: `addition` (0 to 7 carries), `anagram` (3 to 10 letters) or `transforms` (texts in another form);
            `all`.
        designs: `natural` (harder problems are longer), `fixed_length` (sums of eight digits, of no other domain) or
            `easiest` (60 more of each of the three lowest levels, each asked once); `all`.
        items: how many problems of each level: up to 25, of sums 50.
        templates: how many of the fifteen templates, the first ones.
        repeats: how often the prompts of templates 01, 06 and 11 are asked, for what sampling alone changes.
        persona: system message: the name of a persona, for example `warm`; default `none`.
        grading: `match` for rules alone; `model` lets the grader role judge, without the answer, each reply that
            gives one.
        seed: of the problems.
        unknown: refused, with the nearest name.

    Model Roles:
        grader: judges replies under grading=model; default openai/gpt-4o-2024-08-06.
    """
    parameters = check_parameters(
        ReliabilityParameters,
        domains=domains,
        designs=designs,
        items=items,
        templates=templates,
        repeats=repeats,
        persona=persona,
        grading=grading,
        seed=seed,
        **unknown,
    )
    chosen = [Design(name) for name in named_levels("design", parameters.designs, Design)]
    about = [Domain(name) for name in named_levels("domain", parameters.domains, Domain)]
    problems = make_problems(about, chosen, parameters.items, parameters.seed)
    dataset = reliability_dataset(
        problems, parameters.templates, parameters.repeats, parameters.persona, parameters.seed, TASK_VERSION
    )
    return build_task(
        problems,
        dataset,
        TASK_VERSION,
        require_graders(parameters.grading),
        setup=[record_arm(), persona_solver()],
        solver=generate(),
        scorer=reliability_score(grading=parameters.grading.value),
        headline=HeadlineMetric(scorer=Family.RELIABILITY, metric=Answered.INCORRECT),
        sampling=_SAMPLING,
        viewer=ViewerConfig(task_samples_view=_by_problem()),
    )


def _by_problem() -> TaskSamplesView:
    asked = [TaskSamplesColumn(id=name) for name in ("sampleId", "input", "answer", "target")]
    scores = [TaskSamplesColumn.score(Family.RELIABILITY, answered) for answered in Answered]
    return TaskSamplesView(
        name="By problem",
        columns=[*asked, *scores, TaskSamplesColumn(id="epoch", visible=False)],
        score_color_scales={Answered.CORRECT: "good-high", Answered.INCORRECT: "good-low"},
    )
