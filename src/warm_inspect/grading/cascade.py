"""The cascade: matching's grade where labelled replies show it right, else a grader model's.

Which grades are kept is data, `content/cascade/admitted.yaml`: how often each kind of grade was right on the package's
labels, and the rule that admits one. `python -m bench.grading.cascade` writes the file anew after a change of rules or
labels; a test holds it to them.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import yaml
from pydantic import BaseModel, ConfigDict

from warm_inspect.core.content import content_folder
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.vocabulary import Grade, ItemForm
from warm_inspect.grading.labels import LabelledReply
from warm_inspect.grading.matching import Match

GradeKind = tuple[str, ItemForm, Grade]
"""A benchmark, a form of item, and what matching graded."""


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Facts):
    """When a kind of grade is kept."""

    replies: int
    """Labelled replies of the kind, at least."""
    questions: int
    """Different questions among them, at least: replies to one question are alike."""
    lower: float
    """The lower end of the interval of the precision, at least."""
    confidence: float
    """Of the two-sided Clopper-Pearson interval, which takes replies as independent."""


class MeasuredKind(_Facts):
    """The measured precision of matching on one kind of grade."""

    benchmark: str
    form: ItemForm
    grade: Grade
    replies: int
    questions: int
    right: int
    """Replies on which the grade and every labelled flag are the label's."""
    lower: float
    """The lower end of the interval of right / replies, cut to three decimals."""


class Cascade(_Facts):
    """The content of `admitted.yaml`: the rule, and the measured kinds that it is applied to."""

    rule: Rule
    measured: tuple[MeasuredKind, ...]

    @property
    def admitted(self) -> frozenset[GradeKind]:
        """The kinds of grade that are kept."""
        rule = self.rule
        return frozenset(
            (each.benchmark, each.form, each.grade)
            for each in self.measured
            if each.replies >= rule.replies and each.questions >= rule.questions and each.lower >= rule.lower
        )


@cache
def cascade() -> Cascade:
    """The rule of the cascade and its numbers."""
    text = content_folder("cascade").joinpath("admitted.yaml").read_text(encoding="utf-8")
    return Cascade.model_validate(yaml.safe_load(text))


def keeps(match: Match, benchmark: str, form: ItemForm) -> bool:
    """Whether the cascade keeps the grade of matching; never where matching abstained."""
    return match.abstained is None and (benchmark, form, match.outcome.grade) in admitted()


def cascade_sha256(rubric_sha256: str) -> str:
    """Hash of all that decides a grade of the cascade beside the grader: the rubric and the kinds that are kept."""
    return sha256_json([rubric_sha256, sorted(map(list, admitted()))])


@cache
def admitted() -> frozenset[GradeKind]:
    """The kinds of grade that are kept; empty when no kind meets the rule."""
    return cascade().admitted


def measured_kinds(rows: Sequence[LabelledReply], confidence: float) -> list[MeasuredKind]:
    """The precision of each kind of grade on labelled replies that matching graded, in alphabetical order."""
    from statsmodels.stats.proportion import proportion_confint

    kinds: dict[GradeKind, list[LabelledReply]] = defaultdict(list)
    for row in rows:
        if row.given is not None and not row.given.abstained:
            kinds[row.benchmark, row.form, row.given.grade].append(row)
    measured = []
    for (benchmark, form, grade), graded in sorted(kinds.items()):
        right = sum(map(_is_right, graded))
        low, _ = proportion_confint(right, len(graded), alpha=1 - confidence, method="beta")
        measured.append(
            MeasuredKind(
                benchmark=benchmark,
                form=form,
                grade=grade,
                replies=len(graded),
                questions=len({row.cluster for row in graded}),
                right=right,
                lower=int(low * 1_000) / 1_000,
            )
        )
    return measured


def _is_right(row: LabelledReply) -> bool:
    given = row.given
    assert given is not None
    label = row.label.model_dump(exclude_none=True)
    return all(given.model_dump()[name] == value for name, value in label.items())
