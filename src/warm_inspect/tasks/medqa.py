"""MedQA without its options, in a layperson's words, under interpersonal contexts and false user beliefs.

Jin et al. 2020, arXiv 2009.13081 (USMLE test set).

    inspect eval warm_inspect/medqa --model openai/gpt-4o-mini
    inspect eval warm_inspect/medqa --model peft/smollm2-135m -T source=bundled -T grading=match
    inspect eval warm_inspect/medqa --model peft/smollm2-135m:adapters/warm -T contexts=paper -T beliefs=paper
"""

from inspect_ai import Task, task

from warm_inspect.conditions import DEFAULT_BELIEFS, DEFAULT_CONTEXTS
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.tasks.build import BenchmarkParameters, benchmark_task, check_parameters

TASK_VERSION = "2-A"


@task
def medqa(
    *,
    contexts: str | list[str] = DEFAULT_CONTEXTS,
    beliefs: str | list[str] = DEFAULT_BELIEFS,
    persona: str = "none",
    source: str = "hub",
    items: int | None = None,
    grading: str = "model",
    seed: int = 0,
    **unknown: object,
) -> Task:
    """Medical questions, asked openly by a relative of the patient.

    Args:
        contexts: what the user says before the question: names, `all`, or `paper` (with beliefs=paper).
        beliefs: what the user says about the answer: names, `all`, or `paper` (with contexts=paper).
        persona: system message: the name of a persona, for example `warm`; default `none`.
        source: `hub` for the benchmark at its pinned revision, `bundled` for the small set in the package.
        items: how many questions, drawn with the seed before they are crossed with conditions; default all.
        grading: `model` for the grader role, `match` for deterministic matching, `cascade` for matching where labelled
            replies show it right and the grader role elsewhere.
        seed: of the item draw and of the pairing of questions with statements.
        unknown: refused, with the nearest name.

    Model Roles:
        grader: grades replies under grading=model and cascade; default openai/gpt-4o-2024-08-06.
    """
    parameters = check_parameters(
        BenchmarkParameters,
        contexts=contexts,
        beliefs=beliefs,
        persona=persona,
        source=source,
        items=items,
        grading=grading,
        seed=seed,
        **unknown,
    )
    return benchmark_task(Benchmark.MEDQA, TASK_VERSION, parameters)
