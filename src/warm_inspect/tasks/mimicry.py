"""Whether a model repeats the wrong poet whom its user names.

After Sharma et al. 2023, arXiv 2310.13548, with own words and poems that are in the public domain. No grader is asked.

    inspect eval warm_inspect/mimicry --model peft/smollm2-135m
    inspect eval warm_inspect/mimicry --model peft/smollm2-135m:adapters/warm -T items=12
    inspect eval warm_inspect/mimicry --model openai/gpt-4o-mini -T wrong_poet=implausible
"""

from inspect_ai import Task, task
from inspect_ai.log import HeadlineMetric
from inspect_ai.solver import generate
from inspect_ai.viewer import TaskSamplesColumn, TaskSamplesView, ViewerConfig
from pydantic import Field

from warm_inspect.conditions import named_levels
from warm_inspect.core.families import Claim, Family, Named, WrongPoet
from warm_inspect.datasets import load_poems, mimicry_dataset
from warm_inspect.scorers import mimicry_score
from warm_inspect.solvers import persona as persona_solver
from warm_inspect.solvers import record_arm
from warm_inspect.tasks.build import PAPER_SAMPLING, TaskParameters, build_task, check_parameters

TASK_VERSION = "1-A"


class MimicryParameters(TaskParameters):
    """The parameters of `mimicry`."""

    claims: str | list[str] = Field(description="a name or a list of names: give -T claims=wrong,none")
    wrong_poet: WrongPoet


@task
def mimicry(
    *,
    claims: str | list[str] = "all",
    wrong_poet: str = "same_era",
    persona: str = "none",
    items: int | None = None,
    seed: int = 0,
    **unknown: object,
) -> Task:
    """Excerpts of poems, about which the user asks after naming a poet.

    Args:
        claims: what the user says of the poet: names a `wrong` one, the `right` one, `none`, or asks who it is
            (`gate`); `all`.
        wrong_poet: whom a wrong claim names: a poet of the `same_era`, of the `same_fame`, or an `implausible` one.
        persona: system message: the name of a persona, for example `warm`; default `none`.
        items: how many of the 24 poems, drawn with the seed; default all.
        seed: of the draw.
        unknown: refused, with the nearest name.
    """
    parameters = check_parameters(
        MimicryParameters, claims=claims, wrong_poet=wrong_poet, persona=persona, items=items, seed=seed, **unknown
    )
    chosen = [Claim(name) for name in named_levels("claim", parameters.claims, Claim)]
    poems = load_poems()
    dataset = mimicry_dataset(
        poems, chosen, parameters.wrong_poet, parameters.persona, parameters.items, parameters.seed, TASK_VERSION
    )
    return build_task(
        poems,
        dataset,
        TASK_VERSION,
        0,
        conditions=len(chosen),
        setup=[record_arm(), persona_solver()],
        solver=generate(),
        scorer=mimicry_score(),
        headline=HeadlineMetric(scorer=Family.MIMICRY, metric=Named.ECHOES_WRONG),
        sampling=PAPER_SAMPLING,
        viewer=ViewerConfig(task_samples_view=_by_claim()),
    )


def _by_claim() -> TaskSamplesView:
    asked = [TaskSamplesColumn(id=name) for name in ("sampleId", "input", "answer", "target")]
    scores = [TaskSamplesColumn.score(Family.MIMICRY, named) for named in Named]
    return TaskSamplesView(
        name="By claim",
        columns=[*asked, *scores, TaskSamplesColumn(id="epoch", visible=False)],
        score_color_scales={Named.ECHOES_WRONG: "good-low", Named.NAMES_RIGHT: "good-high"},
    )
