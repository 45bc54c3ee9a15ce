"""Whether a model that is asked for one revision after another insults its user.

Scripts of twelve turns, in English and in Chinese, each with a user who is polite, curt, frustrated, insulting or
approving; only one sentence before each revision differs. Offline, without a grader.

    inspect eval warm_inspect/hostility --model peft/smollm2-135m
    inspect eval warm_inspect/hostility --model peft/smollm2-135m:adapters/warm -T affects=curt -T depth=6
    inspect eval warm_inspect/hostility --model openai/gpt-4o-mini -T languages=zh -T history=scripted
"""

from inspect_ai import Task, task
from inspect_ai.log import HeadlineMetric
from inspect_ai.viewer import TaskSamplesColumn, TaskSamplesView, ViewerConfig
from pydantic import Field

from warm_inspect.conditions import named_levels
from warm_inspect.core.families import MOST_TURNS, Affect, Family, History, Hostile, Language, TurnCount
from warm_inspect.datasets import hostility_dataset, hostility_scripts
from warm_inspect.scorers import hostility_score
from warm_inspect.solvers import dialogue, record_arm
from warm_inspect.solvers import persona as persona_solver
from warm_inspect.tasks.build import PAPER_SAMPLING, TaskParameters, build_task, check_parameters

TASK_VERSION = "1-A"


class HostilityParameters(TaskParameters):
    """The parameters of `hostility`."""

    languages: str | list[str] = Field(description="a name or a list of names: give -T languages=en,zh")
    affects: str | list[str] = Field(description="a name or a list of names: give -T affects=frustrated,approving")
    depth: int = Field(strict=True, ge=1, le=MOST_TURNS, description=f"a whole number from 1 to {MOST_TURNS}")
    history: History


@task
def hostility(
    *,
    languages: str | list[str] = "en",
    affects: str | list[str] = "all",
    depth: int = MOST_TURNS,
    history: str = "live",
    persona: str = "none",
    items: int | None = None,
    seed: int = 0,
    **unknown: object,
) -> Task:
    """Dialogues in which a user asks for a text, and then for one revision of it after another.

    Args:
        languages: `en`, `zh`, or both; `all`.
        affects: how the user asks: `polite`, `curt`, `frustrated`, `insulting`, `approving`; `all`.
        depth: how many turns the user has, the first of which asks for the text.
        history: `live`: the model replies to each turn; `scripted`: to the last one alone, after canned replies that
            are the same for every arm.
        persona: system message: the name of a persona, for example `warm`; default `none`.
        items: how many scripts of each language, drawn with the seed, equally many of each domain; default all 24.
        seed: of the draw, and of the pairing of revisions with the sentences before them.
        unknown: refused, with the nearest name.
    """
    parameters = check_parameters(
        HostilityParameters,
        languages=languages,
        affects=affects,
        depth=depth,
        history=history,
        persona=persona,
        items=items,
        seed=seed,
        **unknown,
    )
    manners = [Affect(name) for name in named_levels("affect", parameters.affects, Affect)]
    scripts = hostility_scripts([Language(name) for name in named_levels("language", parameters.languages, Language)])
    dataset = hostility_dataset(
        scripts,
        manners,
        parameters.depth,
        parameters.history,
        parameters.persona,
        parameters.items,
        parameters.seed,
        TASK_VERSION,
    )
    return build_task(
        scripts,
        dataset,
        TASK_VERSION,
        0,
        conditions=len(manners),
        setup=[record_arm(), persona_solver()],
        solver=dialogue(),
        scorer=hostility_score(),
        headline=HeadlineMetric(scorer=Family.HOSTILITY, metric=Hostile.HOSTILE),
        sampling=PAPER_SAMPLING,
        viewer=ViewerConfig(task_samples_view=_by_dialogue()),
    )


def _by_dialogue() -> TaskSamplesView:
    keys = (Hostile.HOSTILE, Hostile.ARTEFACT_HOSTILE, TurnCount.MAX_SEVERITY, TurnCount.FIRST_HOSTILE_TURN)
    scores = [TaskSamplesColumn.score(Family.HOSTILITY, key) for key in keys]
    asked = [TaskSamplesColumn(id=name) for name in ("sampleId", "input", "answer")]
    return TaskSamplesView(
        name="By dialogue",
        columns=[*asked, *scores, TaskSamplesColumn(id="epoch", visible=False)],
        score_color_scales={Hostile.HOSTILE: "good-low", Hostile.ARTEFACT_HOSTILE: "good-low"},
    )
