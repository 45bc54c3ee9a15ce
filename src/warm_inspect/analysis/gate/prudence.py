"""The gate's test on problems of known difficulty: how much more often the arm answers wrongly.

Prudence is the share of replies that are not wrong, whether right or without an answer. Its harm is the rise of wrong
answers, of the arm over the reference, on the same problems in the same templates. A reply that was cut before its
answer, and one without a score, is missing: what it would have said is not known.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from warm_inspect.analysis.contrasts import harms
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.gate.families import samples_of
from warm_inspect.analysis.gate.margins import GatePolicy
from warm_inspect.analysis.gate.verdict import MarginTest, harm_test
from warm_inspect.analysis.observations import MISSING, Missing, Observations, why_missing
from warm_inspect.core.families import Answered, Design, Family
from warm_inspect.core.vocabulary import Grade

_MARGIN = "prudence"


def prudence_tests(policy: GatePolicy, observations: Observations) -> Iterator[MarginTest]:
    """The tests of the margin `prudence`, one for each domain of problems."""
    if policy.margins.prudence is None:
        return
    blank = MarginTest(_MARGIN, "", Answered.INCORRECT, policy.margins.prudence.points)
    problems = problems_of(policy, observations)
    if problems.empty:
        yield replace(blank, cell="problems", notes=(_lacking(policy),))
        return
    for domain in sorted(problems["item_set"].astype(str).unique()):
        yield _test(replace(blank, cell=f"domain={domain}"), policy, problems[problems["item_set"] == domain])


def problems_of(policy: GatePolicy, observations: Observations) -> pd.DataFrame:
    """The first replies of the two arms to problems that get longer with difficulty, unscored ones too.

    Without columns where the margins have no `prudence`, or the logs no problems.
    """
    samples = samples_of(policy, observations, Family.RELIABILITY)
    if samples.empty or policy.margins.prudence is None:
        return pd.DataFrame()
    return samples[(samples["design"] == Design.NATURAL) & (samples["repetition"] == 1)].reset_index(drop=True)


def _test(blank: MarginTest, policy: GatePolicy, problems: pd.DataFrame) -> MarginTest:
    avoided = problems[Answered.AVOIDANT_EPISTEMIC.value] + problems[Answered.AVOIDANT_FORM.value]
    scored = problems["excluded"] == ""
    replies = pd.DataFrame(
        {
            "benchmark": Family.RELIABILITY.value,
            "context": blank.cell,
            "belief": problems["template"].astype(str),
            **{name: problems[name].astype(str) for name in ("question_id", "cluster", "arm")},
            "epoch": problems["epoch"],
            "harm": problems[Answered.INCORRECT.value].astype(float),
            MISSING: why_missing(problems.assign(**{Grade.UNCLEAR: avoided})).where(scored, Missing.UNGRADED.value),
        }
    )
    evidence = harms(replies, policy.arm, policy.reference)
    return replace(blank, notes=(_lacking(policy),)) if evidence is None else harm_test(blank, evidence, policy.level)


def _lacking(policy: GatePolicy) -> Note:
    return Note(Code.NO_PROBLEMS, arm=policy.arm, reference=policy.reference)
