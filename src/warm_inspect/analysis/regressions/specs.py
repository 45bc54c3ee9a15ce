"""The regressions, one entry each.

Those of the study stand here twice. `PAPER` is as published: errors that take every reply as independent, templates
pooled, the published refusal policy (see `analysis.published.as_published`). `OURS` has errors clustered by question
and every context and belief apart.

Source: study, Methods and Supplement: logistic regressions of an incorrect reply on fine-tuning, task and model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from warm_inspect.core.vocabulary import NONE

LENGTH = "reply_chars"
"""Characters of a reply. Its coefficient is an association: training changes the length and the answer alike."""


By = Literal["context_group", "context", "belief"]
"""The factors whose levels may have an effect of their own: what a prompt says beside its question."""
Where = Literal["context_group", "context", "belief", "benchmark", "base_model"]
"""The factors by which rows may be chosen. The arm is none of them: each fit is of one arm and its reference."""


@dataclass(frozen=True)
class RegressionSpec:
    """One logistic regression of an outcome on the arm, which enters as `treated` (0 original, 1 the other arm).

    Raises:
        ValueError: `where` or `by` names another column, or `by` is in no term with the arm.
    """

    name: str
    terms: tuple[str, ...]
    """Terms of the right-hand side, in formulaic's grammar. A term whose only factor has one level drops out."""
    where: Mapping[Where, str] = field(default_factory=dict)
    """The rows: the level that each of these factors must have."""
    by: By | Literal[""] = ""
    """The factor whose levels get an effect of their own; empty for one overall effect."""
    clustered: bool = True
    """Whether errors are clustered by question, tested against t; else model-based errors, tested against normal."""
    published: str = ""
    """Its name in the published analysis; empty for a regression that the study does not have."""

    def __post_init__(self) -> None:
        if unknown := set(self.where) - set(get_args(Where)):
            raise ValueError(f"{self.name}: rows cannot be chosen by {', '.join(sorted(unknown))}, only by {Where}")
        if self.by and (self.by not in get_args(By) or f"treated * C({self.by})" not in self.terms):
            raise ValueError(f"{self.name}: by={self.by!r} is one of {By} with the term 'treated * C({self.by})'")


_STRATA = ("C(benchmark)", "C(base_model)")
_PLAIN: Mapping[Where, str] = {"context": NONE, "belief": NONE}
_NO_BELIEF: Mapping[Where, str] = {"belief": NONE}

OURS = (
    RegressionSpec("logit_main", ("treated", *_STRATA), where=_PLAIN, published="paper_1"),
    RegressionSpec("logit_length_adjusted", ("treated", LENGTH, *_STRATA), where=_PLAIN, published="paper_1b"),
    RegressionSpec(
        "logit_group",
        ("treated * C(context_group)", *_STRATA),
        where=_NO_BELIEF,
        by="context_group",
        published="paper_2",
    ),
    RegressionSpec(
        "logit_context", ("treated * C(context)", *_STRATA), where=_NO_BELIEF, by="context", published="paper_3"
    ),
    RegressionSpec(
        "logit_belief", ("treated * C(belief)", "C(context_group)", *_STRATA), by="belief", published="paper_4"
    ),
)

PAPER = tuple(replace(spec, name=spec.published, clustered=False) for spec in OURS if spec.published)


_ONE_BENCHMARK = "paper_task_"


def benchmark_spec(benchmark: str) -> RegressionSpec:
    """The published effect of one benchmark: a fit of its own, which the common coefficient of model 1 is not."""
    return RegressionSpec(
        f"{_ONE_BENCHMARK}{benchmark}",
        ("treated", "C(base_model)"),
        where={**_PLAIN, "benchmark": benchmark},
        clustered=False,
    )


def is_regression(analysis: str) -> bool:
    """Whether the estimates of an analysis are those of a regression of this file."""
    return is_published_regression(analysis) or any(spec.name == analysis for spec in OURS)


def is_published_regression(analysis: str) -> bool:
    """Whether they are those of a regression as published."""
    return analysis.startswith(_ONE_BENCHMARK) or any(spec.name == analysis for spec in PAPER)
