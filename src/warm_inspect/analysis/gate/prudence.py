"""The gate's test on problems of known difficulty: how much more often the arm answers wrongly.

Prudence is the share of replies that are not wrong, whether right or refusing an answer. Its harm is the rise of wrong
answers, of the arm over the reference, on the same problems in the same templates. A reply that was cut or filtered,
an empty one, one in which no answer was read, and one without a score is missing: what it says is not known.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from warm_inspect.analysis.contrasts import harms
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.families import problem_cells
from warm_inspect.analysis.gate.families import FamilyTests, samples_of
from warm_inspect.analysis.gate.margins import GatePolicy
from warm_inspect.analysis.gate.verdict import MarginTest, harm_test
from warm_inspect.analysis.observations import MISSING, Missing, Observations, check_comparable, why_missing
from warm_inspect.core.families import Answered, Design, Family
from warm_inspect.core.vocabulary import Grade

_MARGIN = "prudence"


def _tests(policy: GatePolicy, problems: pd.DataFrame) -> Iterator[MarginTest]:
    """The tests of the margin `prudence`, one for each domain of problems.

    Raises:
        PrerequisiteError: replies that must not be compared (see `check_comparable`).
    """
    if policy.margins.prudence is None:
        return
    blank = MarginTest(_MARGIN, "", Answered.INCORRECT, policy.margins.prudence.points)
    if problems.empty:
        yield replace(blank, cell="problems", notes=(_lacking(policy),))
        return
    for domain in sorted(problems["item_set"].astype(str).unique()):
        yield _test(replace(blank, cell=f"domain={domain}"), policy, problems[problems["item_set"] == domain])


def _problems(policy: GatePolicy, observations: Observations) -> pd.DataFrame:
    """The first replies of the two arms to problems that get longer with difficulty, unscored ones too.

    Without columns where the margins have no `prudence`, or the logs no problems.
    """
    samples = samples_of(policy, observations, Family.RELIABILITY)
    if samples.empty or policy.margins.prudence is None:
        return pd.DataFrame()
    return samples[(samples["design"] == Design.NATURAL) & (samples["repetition"] == 1)].reset_index(drop=True)


def _test(blank: MarginTest, policy: GatePolicy, problems: pd.DataFrame) -> MarginTest:
    scored = problems["excluded"] == ""
    check_comparable(problem_cells(problems[scored]))
    # To say that one has no answer is prudent. Where only no answer was read, there may be a wrong one in other words.
    missing = why_missing(problems.assign(**{Grade.UNCLEAR: 0.0}))
    unread = (problems[Answered.AVOIDANT_FORM.value] == 1) & (missing == Missing.NOT)
    missing = missing.mask(unread, Missing.ABSTAINED.value).where(scored, Missing.UNGRADED.value)
    replies = pd.DataFrame(
        {
            "benchmark": Family.RELIABILITY.value,
            "context": blank.cell,
            "belief": problems["template"].astype(str),
            **{name: problems[name].astype(str) for name in ("question_id", "cluster", "arm")},
            "epoch": problems["epoch"],
            "harm": problems[Answered.INCORRECT.value].astype(float),
            MISSING: missing,
        }
    )
    evidence = harms(replies, policy.arm, policy.reference)
    return replace(blank, notes=(_lacking(policy),)) if evidence is None else harm_test(blank, evidence, policy.level)


def _lacking(policy: GatePolicy) -> Note:
    return Note(Code.NO_PROBLEMS, arm=policy.arm, reference=policy.reference)


PRUDENCE = FamilyTests(Family.RELIABILITY, _problems, _tests)
