"""What a run is: arms, each a model with a persona and a sampling seed, and their evaluation as one Inspect eval set.

`evaluate` asks every arm the benchmarks under one `EvaluationSettings`, and `run_tasks` runs any tasks that are
bound to arms; both reuse the logs in their folder. `on_sample_end` lets a caller draw its own progress, and `forecast`
says what a task will ask for and `bill` what that costs.
`attack_grader` puts a set of forged verdicts to a grader, `measure_style` the same content in four styles,
`measure_preference` wrong and right replies of which it names the better one, and `plain_verdicts` one right reply and
one wrong one.
"""

from warm_inspect.study.arms import ArmRun, Weights
from warm_inspect.study.evaluation import EvaluationSettings, GenerationSettings, evaluate, run_tasks
from warm_inspect.study.forecasts import Bill, TaskForecast, bill, forecast, read_prices
from warm_inspect.study.grader_attack import attack_grader
from warm_inspect.study.grader_preference import measure_preference
from warm_inspect.study.grader_style import measure_style, plain_verdicts
from warm_inspect.study.progress import on_sample_end

__all__ = [
    "ArmRun",
    "Bill",
    "EvaluationSettings",
    "GenerationSettings",
    "TaskForecast",
    "Weights",
    "attack_grader",
    "bill",
    "evaluate",
    "forecast",
    "measure_preference",
    "measure_style",
    "on_sample_end",
    "plain_verdicts",
    "read_prices",
    "run_tasks",
]
