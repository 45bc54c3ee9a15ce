"""Grading by models in the role `grader`: which models, what they are shown, and what counts in their replies.

A rubric asks for a form, `ask_grader` gets it filled by one grader or a panel or says why it is not, and `attack_set`
holds replies that want a verdict.
"""

from warm_inspect.grading.model.asking import (
    GraderFailure,
    GraderResult,
    Once,
    ask_grader,
    keeping_verdicts,
    with_ending,
)
from warm_inspect.grading.model.attacks import Attack, AttackReport, attack_set
from warm_inspect.grading.model.correctness import CORRECTNESS_RUBRIC, GradedQuestion, correctness_outcome
from warm_inspect.grading.model.graders import (
    BIND,
    GRADER_ROLE,
    bound_graders,
    check_graders,
    default_grader,
    grader_facts,
    grader_is_bound,
    graders_for,
    panel_name,
)
from warm_inspect.grading.model.rubric import RUBRICS, Answers, Rubric

__all__ = [
    "BIND",
    "CORRECTNESS_RUBRIC",
    "GRADER_ROLE",
    "RUBRICS",
    "Answers",
    "Attack",
    "AttackReport",
    "GradedQuestion",
    "GraderFailure",
    "GraderResult",
    "Once",
    "Rubric",
    "ask_grader",
    "attack_set",
    "bound_graders",
    "check_graders",
    "correctness_outcome",
    "default_grader",
    "grader_facts",
    "grader_is_bound",
    "graders_for",
    "keeping_verdicts",
    "panel_name",
    "with_ending",
]
