"""The first answer of a study that is only planned, and the smallest effect that it would show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from warm_inspect.analysis.contrasts import PRIMARY_OUTCOME, Contrast, Question, all_contrasts, designs_of, grid_of
from warm_inspect.analysis.observations import ordered_levels, roles_of
from warm_inspect.analysis.power.power import Spread, StudySize, plan_study
from warm_inspect.core.metadata import OwnTaskMetadata, SampleMetadata
from warm_inspect.core.roles import Role
from warm_inspect.core.vocabulary import NONE, NOT_CORRECT

DISCORDANCES = (0.1, 0.2, 0.5)
"""Shares of pairs that may differ; one half, where the outcome's rate is one half and pairing gains nothing."""
_REFERENCE, _TREATED = "reference", "treated"


@dataclass(frozen=True)
class PlannedAnswer:
    """The headline of a planned study and what it would show."""

    question: Question
    questions: int
    """Questions that enter it, of all benchmarks."""
    pairs: int
    """Pairs of replies that enter it."""
    smallest_effects: Mapping[float, float | None]
    """The smallest effect that would be seen 8 times in 10, in percentage points, by the share of pairs that differ;
    None where even a difference in all of these pairs would not be seen so often."""


def planned_answer(samples: Sequence[SampleMetadata], models: int = 1) -> PlannedAnswer | None:
    """The headline of these samples, answered by so many models; None where they answer nothing that is compared.

    The headline is found as for logs, so it is that which `analyze` will give. Several models, or personas, are two
    arms of which one is compared with the other. The replies to one question, and to all of its cluster, are taken to
    differ together in all conditions, which is the worst case; a sample is taken to be answered once.

    Args:
        samples: metadata of every sample of one model, all of the benchmarks or all of own tasks.
        models: how many models are asked.
    """
    frame = _frame(samples, models)
    arms = list(frame["arm"].cat.categories)
    roles = roles_of(arms, {_TREATED: Role.TREATED, _REFERENCE: Role.REFERENCE} if len(arms) > 1 else {})
    questions = designs_of(frame, roles)[0].questions
    if not questions:
        return None
    contrasts = all_contrasts(grid_of(frame, roles))
    contrast = next(each for each in contrasts if each.identity == questions[0].identity)
    counts = _paired_questions(frame, contrast)
    # Benchmarks weigh equally, so a small one adds most of the error: what so many equal ones would be worth.
    worth = len(counts) ** 2 / (1 / counts["clusters"]).sum()
    size = StudySize(items=max(2, round(worth)), conditions=len(contrast.blocks))
    return PlannedAnswer(
        questions[0],
        questions=int(counts["questions"].sum()),
        pairs=int(counts["pairs"].sum()),
        smallest_effects={share: _smallest_effect(share, size) for share in DISCORDANCES},
    )


def _frame(samples: Sequence[SampleMetadata], models: int) -> pd.DataFrame:
    """The samples as observations of two arms, or of one, with outcomes that say only what will be measured."""
    own = any(isinstance(sample, OwnTaskMetadata) for sample in samples)
    rows = [
        {
            "arm": arm, "model": arm, "base_model": "", "adapter_sha256": "", "training_seed": -1,
            "benchmark": sample.benchmark, "question_id": sample.question_id, "cluster": sample.cluster_id,
            "context": sample.context, "belief": sample.belief, "persona": sample.persona,
            PRIMARY_OUTCOME: float("nan") if own else 0.0, NOT_CORRECT: 0.0,
        }
        for sample in samples
        for arm in _arms(sample.persona, models)
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    for factor in ("arm", "context", "belief", "benchmark"):
        frame[factor] = pd.Categorical(frame[factor], ordered_levels(factor, frame[factor]), ordered=True)
    return frame


def _arms(persona: str, models: int) -> tuple[str, ...]:
    """The arms that answer a sample: both of two models, else without a persona the one and with it the other."""
    if models > 1:
        return (_REFERENCE, _TREATED)
    return (_REFERENCE,) if persona == NONE else (_TREATED,)


def _paired_questions(frame: pd.DataFrame, contrast: Contrast) -> pd.DataFrame:
    """For each benchmark its questions in any complete pair, their clusters, and its pairs."""
    question = ["benchmark", "cluster", "question_id"]
    asked = {
        cell: set(rows[question].itertuples(index=False, name=None))
        for cell, rows in frame.groupby(["arm", "context", "belief"], observed=True)
    }
    paired = [
        (*each, block)
        for block, cells in enumerate(contrast.blocks)
        for each in set.intersection(*(asked.get(tuple(cell), set()) for cell in cells))
    ]
    pairs = pd.DataFrame(paired, columns=[*question, "block"]).groupby("benchmark", observed=True)
    return pd.DataFrame(
        {"questions": pairs["question_id"].nunique(), "clusters": pairs["cluster"].nunique(), "pairs": pairs.size()}
    )


def _smallest_effect(discordance: float, size: StudySize) -> float | None:
    """In percentage points; no effect is larger than the share of pairs that differ."""
    smallest = plan_study(None, Spread(discordance), size)[0].smallest_effect
    return smallest if smallest <= 100 * discordance else None
