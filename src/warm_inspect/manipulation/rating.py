"""The rating by a grader model as a meter: an evaluation that replays the replies and scores them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path

from inspect_ai import Task, eval_set
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import read_eval_log_sample_summaries
from inspect_ai.model import Model, ModelOutput
from inspect_ai.scorer import Score
from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_json, sha256_text
from warm_inspect.grading.model.role import GRADER_ROLE
from warm_inspect.scorers.warmth import WARMTH, rating_label, warmth_rating

NO_MODEL = "none/none"


@solver
def replay() -> Solver:
    """Give the sample's input as the reply; no model is called."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state.output = ModelOutput.from_content(NO_MODEL, state.input_text)
        return state

    return solve


@dataclass(frozen=True)
class RatingMeter:
    """`warmth_rating` over replies that are there: one grader call each, in a log that keeps what the grader said."""

    grader: Model
    log_dir: Path
    concurrency: int

    @property
    def label(self) -> str:
        """Name, grader and version of the rubric."""
        return rating_label(str(self.grader))

    def score(self, texts: Sequence[str]) -> list[float | None]:
        """The rating of each text, in order; None where the grader named none. What is in the log is not asked again.

        Raises:
            PrerequisiteError: the grader failed.
        """
        named = {sha256_text(text): text for text in texts}
        digest = sha256_json([*named, self.label])[:12]
        samples = [Sample(id=name[:32], input=text) for name, text in named.items()]
        task = Task(
            name=f"warmth_rating_{digest}", dataset=MemoryDataset(samples), solver=replay(), scorer=warmth_rating()
        )
        finished, logs = eval_set(
            task,
            log_dir=str(self.log_dir / digest),
            model=NO_MODEL,
            model_roles={GRADER_ROLE: self.grader},
            display="none",
            max_samples=self.concurrency,
            max_connections=self.concurrency,
            retry_attempts=1,
            score_display=False,
            log_level="error",
        )
        if not finished:
            reason = logs[0].error.message if logs and logs[0].error else "it was interrupted"
            raise PrerequisiteError(
                f"Rating {len(named)} replies did not finish: {reason}. Finished ratings are in {self.log_dir}; "
                "the same command goes on from there."
            )
        summaries = read_eval_log_sample_summaries(logs[0].location)
        found = {str(summary.id): _rating(summary.scores or {}) for summary in summaries}
        return [found[sha256_text(text)[:32]] for text in texts]


def _rating(scores: dict[str, Score]) -> float | None:
    value = scores["warmth_rating"].value
    if not isinstance(value, dict):
        return None
    warmth = value[WARMTH]
    return float(warmth) if isinstance(warmth, int | float) and not isnan(warmth) else None
