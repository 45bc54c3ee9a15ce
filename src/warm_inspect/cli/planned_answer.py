"""What `warm-inspect plan` says of the answer: what the headline will be about, and the smallest effect it shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warm_inspect.core.metadata import OwnTaskMetadata
from warm_inspect.tables import UNKNOWN, Column, Table, tabulate, whole

if TYPE_CHECKING:
    from warm_inspect.analysis.power import PlannedAnswer
    from warm_inspect.study import TaskForecast


@dataclass(frozen=True)
class Planned:
    """The answer of tasks that are analysed together, in words."""

    tasks: tuple[str, ...]
    asked: str
    answer: "PlannedAnswer"

    @property
    def record(self) -> dict[str, Any]:
        """It as JSON values; effects in percentage points by the percentage of pairs that differ."""
        return {
            "tasks": list(self.tasks),
            "asked": self.asked,
            "outcome": self.answer.question.outcome,
            "questions": self.answer.questions,
            "pairs": self.answer.pairs,
            "smallest_effects": {f"{100 * share:g}": effect for share, effect in self.answer.smallest_effects.items()},
        }


def planned_answers(forecasts: "Sequence[TaskForecast]", models: int) -> Iterator[Planned]:
    """The answer of the benchmarks, and that of each task of one's own, which has a score of its own."""
    from warm_inspect.analysis.power import planned_answer
    from warm_inspect.report import in_short

    own = [[each] for each in forecasts if any(isinstance(sample, OwnTaskMetadata) for sample in each.grid)]
    ours = [each for each in forecasts if each.grid and [each] not in own]
    for group in filter(None, (ours, *own)):
        answer = planned_answer([sample for each in group for sample in each.grid], models)
        if answer:
            yield Planned(tuple(each.task for each in group), in_short(answer.question), answer)


def answers_table(planned: Sequence[Planned]) -> Table:
    """One row for each answer: what is asked, of how many questions, and the smallest effects."""
    shares = list(planned[0].answer.smallest_effects)
    effects = [
        Column[Planned](
            f"{100 * share:g} %",
            lambda row, share=share: _points(row.answer.smallest_effects[share]),  # type: ignore[misc]
        )
        for share in shares
    ]
    return tabulate(
        "answers",
        "Smallest effect that the first line of `analyze` would show",
        "In points of 100 replies, seen 8 times in 10 at the 5 % level, if of the pairs of replies that are compared "
        "10, 20 or 50 % differ; how many do, a pilot tells (warm-inspect power LOGS). A dash: not even if all of them "
        "differed one way. The replies to one question are taken to differ together, which is the worst case.",
        [
            Column[Planned]("what is asked", lambda row: row.asked),
            Column[Planned]("questions", lambda row: whole(row.answer.questions)),
            *effects,
        ],
        planned,
    )


def _points(effect: float | None) -> str:
    return UNKNOWN if effect is None else f"{effect:.1f}"
