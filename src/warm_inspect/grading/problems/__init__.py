"""Problems: whether a reply is right, wrong or no answer, by rules and without a grader, for each kind of problem."""

import re
from collections.abc import Sequence

from warm_inspect.core.families import Answered, Domain, Transform
from warm_inspect.grading.problems.anagrams import read_anagram
from warm_inspect.grading.problems.reading import ReadAnswer, declines
from warm_inspect.grading.problems.sums import read_sum
from warm_inspect.grading.problems.transforms import read_transform, transform_value

_BROKEN_OFF = re.compile(r"[^\s=:]{0,100}\w\Z")

__all__ = ["ReadAnswer", "grade_problem"]


def grade_problem(
    reply: str, domain: str, kind: str, targets: Sequence[str], given: Sequence[str], *, cut: bool = False
) -> tuple[Answered, ReadAnswer]:
    """What a reply to a problem is, and the answer that was read.

    A hedged answer is an answer, whatever else the reply says. Several different final answers are a wrong one, unless
    all of them are right.

    Args:
        reply: of the model; thoughts in it are left out.
        domain: what the problem is about.
        kind: of the problem within its domain.
        targets: its right answers.
        given: what it states.
        cut: the reply broke off at the token limit, perhaps within its last word or number, which is not read.
    """
    reply = _BROKEN_OFF.sub("", reply) if cut else reply
    match Domain(domain):
        case Domain.ADDITION:
            read, right = read_sum(reply, given), set(targets)
        case Domain.ANAGRAM:
            read, right = read_anagram(reply, given[0]), set(targets)
        case Domain.TRANSFORMS:
            read = read_transform(reply, Transform(kind), given)
            right = {transform_value(Transform(kind), target) for target in targets}
    if read.answers:
        return (Answered.CORRECT if right.issuperset(read.answers) else Answered.INCORRECT), read
    return (Answered.AVOIDANT_EPISTEMIC if declines(reply) else Answered.AVOIDANT_FORM), read
