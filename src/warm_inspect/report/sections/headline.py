"""The answer: one sentence for each design, with its number, what chance gives beside it, and what it does not show."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isnan, nan

from warm_inspect.analysis.contrasts import (
    BASE_MODELS,
    BEST,
    EQUIVALENCE,
    PREDICTION,
    PRIMARY_OUTCOME,
    SEEDS,
    WORST,
    Asked,
    Design,
    DesignName,
    Question,
)
from warm_inspect.analysis.estimates import ALPHA, CONTRAST, Code, Identity, Kind, Note, arm_effect
from warm_inspect.analysis.observations import is_large
from warm_inspect.analysis.published import CountStudy
from warm_inspect.analysis.study import MINIMUM_DETECTABLE, AnalysedStudy
from warm_inspect.core.vocabulary import STATED_WRONG, TrainedArm
from warm_inspect.report.estimate_rows import Record, row_of
from warm_inspect.tables import p_equation


class Conclusion(StrEnum):
    """What the interval of a number allows to say."""

    ABSENT = "absent"
    """There is no such number."""
    NOT_ESTIMABLE = "not_estimable"
    """It has no interval."""
    MORE = "more"
    """Its interval lies above zero."""
    LESS = "less"
    NO_DIFFERENCE = "no_difference"
    """Its interval holds zero."""


_PASSED = "passed"
"""The status of a warmth check that the adapter passed."""
_SAID = {
    Asked.ADOPTS: "{arm} adopts a wrong answer that its user states {how} than {reference}",
    Asked.WRONG: "{arm} fails to give the right answer {how} than {reference} when nothing is stated",
    Asked.WRONG_WHERE_STATED: "{arm} fails to give the right answer {how} than {reference} when its user states a "
    "wrong one",
    Asked.GIVES_WAY: "{arm} gives way to its user, rather than to any claim, {how} than {reference}",
    Asked.SADNESS: "sadness makes {arm} fail to give the right answer {how} than it does {reference}",
    Asked.ADOPTS_STATED: "{arm} adopts a wrong answer {how} when its user states it than when nobody does",
    Asked.ADOPTS_OF_USER: "{arm} adopts a wrong answer {how} when its user states it than when somebody else does",
    Asked.CONTEXT: "{arm} fails to give the right answer {how} in the context {level} than in {versus}",
    Asked.WRONG_STATED: "{arm} fails to give the right answer {how} when its user states a wrong one than when nobody "
    "does",
    Asked.COMPOUND: "a stated wrong answer makes {arm} adopt it {how} in the context {level} than in {versus}",
}
"""The words of each question; `how` is the direction."""
_HOW = {Conclusion.MORE: "more often", Conclusion.LESS: "less often"}
_EITHER = "more or less often"
_ON_RECORD = dict.fromkeys(("", "not_run"), "is not in these logs (warm-inspect warmth, then --warmth)")
"""What is said of a check that the logs do not hold: it may have been run."""
_LIMITS = {
    DesignName.ONE_MODEL: (
        "whether an earlier or another model is better",
        "run the model that you would compare with: two arms",
    ),
    DesignName.BEFORE_AND_AFTER: (
        "which of the changes did it: a retrained model differs in more than its tone",
        "train or prompt a control on the same data without the change of tone",
    ),
    DesignName.PERSONA: ("what fine-tuning would do", "train the arm: warm-inspect train"),
    DesignName.TRAINED: ("other bases and seeds", "more seeds, then another base"),
    DesignName.SEVERAL: ("other questions than these benchmarks ask", "questions from other sources"),
}
"""What each design does not show, and what would show more."""


def focus_arm(study: AnalysedStudy | CountStudy) -> str:
    """The arm that the figures and samples are about: the treated one, else the first compared; empty without any."""
    compared = study.observations.compared_arms
    first = (study.observations.roles.treated, TrainedArm.WARM)
    return next((arm for arm in first if arm in compared), next(iter(compared), ""))


@dataclass(frozen=True)
class Headline:
    """The answer about one arm. A row is a row of the estimates, None when absent."""

    design: Design
    conclusion: Conclusion
    effect: Record | None = None
    noise: Record | None = None
    """The same number between two runs of one model."""
    flips: Record | None = None
    """Share of grades that changed between those two runs, in points."""
    detectable: Record | None = None
    """The smallest effect this study would have found."""
    best: Record | None = None
    """The number with every missing reply at its best; None where none is missing."""
    worst: Record | None = None
    """... and at its worst."""
    equivalence: Record | None = None
    """The test that the number lies within the margin; None where none was named."""
    margin: float = nan
    """Points within which it counts as no effect."""
    cautions: tuple[Note, ...] = ()
    """What must be said first: missing replies that differ from arm to arm, and gradings that are known to move much
    with the style of a reply."""
    not_compared: Note | None = None
    """Why the arm and its reference are not compared; None where they are."""
    predicted: Record | None = None
    """The interval for one more base model or seed."""
    positive_control: str = ""
    """The arm that is the positive control; empty without one."""
    positive_reference: str = ""
    """The arm that it is compared with."""
    positive: Record | None = None
    """The positive control's own number."""
    positive_detectable: Record | None = None
    """The smallest such number that this study would have found."""
    checks: tuple[str, ...] = ()
    """The statuses of the treated arm's warmth check, in words."""
    calls: int = 0
    """Calls of the model that a rerun would take."""

    @property
    def noise_is_as_large(self) -> bool:
        """Whether the rerun differs at least as much as the headline does."""
        return bool(self.effect and self.noise and abs(self.noise["estimate"]) >= abs(self.effect["estimate"]))

    @property
    def question(self) -> Question | None:
        """What the headline answers; None without a number."""
        return self.design.questions[0] if self.effect else None

    @property
    def lead(self) -> str:
        """The finding with its number and interval, without a full stop."""
        effect, question = self.effect, self.question
        if self.not_compared:
            return f"No answer about {self.design.arm}: {self.not_compared.words}"
        if effect is None or question is None:
            return (
                f"No answer about {self.design.arm}: its logs hold none of the conditions that are compared. "
                "Run it with a stated wrong answer: -T beliefs=none,incorrect"
            )
        number = question.identity
        said = _SAID[question.asked].format(
            arm=self.design.arm,
            reference=self.design.reference,
            how=_HOW.get(self.conclusion, _EITHER),
            level=number.level,
            versus=number.versus,
        )
        if self.conclusion is Conclusion.NOT_ESTIMABLE:
            return f"Whether {said} is not estimable ({_why_not(effect)}); the difference is {_points(effect)}"
        if self.conclusion is Conclusion.NO_DIFFERENCE:
            return f"Not shown: that {said}: {_points(effect)} {_interval(effect, '95 % interval ')}"
        if question.asked in _NOT_OF_ARM:
            said = said[0].upper() + said[1:]
        return f"{said}: {_points(effect)} {_interval(effect, '95 % interval ')}"

    @property
    def positive_seen(self) -> bool:
        """Whether the positive control's own number has an interval above zero."""
        return self.positive is not None and conclusion(self.positive) is Conclusion.MORE

    @property
    def before(self) -> str:
        """What has to be read before any finding of the study: its positive control; empty without one."""
        if not self.positive_control:
            return ""
        blind = "what is not shown here says nothing about warmth"
        said = _SAID[Asked.ADOPTS].format(
            arm=self.positive_control, how=_HOW[Conclusion.MORE], reference=self.positive_reference
        )
        if self.positive is None:
            return f"Positive control not measured: no stated wrong answer shows whether {said}; {blind}."
        number = f"{said}: {_points(self.positive)} {_interval(self.positive, '95 % interval ')}"
        if conclusion(self.positive) is Conclusion.NOT_ESTIMABLE:
            return f"Positive control not estimable ({_why_not(self.positive)}): {number}; {blind}."
        if self.positive_detectable:
            number += f"; {self.positive_detectable['estimate']:.1f} would be seen 8 times in 10"
        if self.positive_seen:
            return f"Positive control seen: {number}."
        return f"Positive control not seen: {number}; {blind}."

    @property
    def after(self) -> tuple[str, ...]:
        """The sentences that belong to the finding: chance, what could be seen, warmth, limits and the next step."""
        return tuple(self._after()) if self.effect else ()

    def _after(self) -> Iterator[str]:
        design = self.design
        if self.best and self.worst:
            yield f"Missing replies may move it: {self._cases(self.best, self.worst)}."
        if self.equivalence:
            yield self._equivalence(self.equivalence)
        if self.conclusion is Conclusion.NO_DIFFERENCE and self.detectable:
            yield f"A difference of {self.detectable['estimate']:.1f} points would have been seen 8 times in 10."
        if self.noise:
            yield (
                f"Chance: the same number between {design.rerun_of} and its rerun {design.rerun} is "
                f"{self.noise['estimate']:+.1f} {_interval(self.noise)}."
            )
        else:
            yield (
                f"Chance was not measured: running {design.reference or design.arm} once more takes {self.calls:,} "
                "calls (--metadata arm=NAME, then --rerun NAME)."
            )
        if self.predicted:
            yield f"One more base model or seed is expected between {_ends(self.predicted)}."
        if design.reference and self.checks != (_PASSED,):
            said = " and ".join(_ON_RECORD.get(check, check) for check in self.checks or ("",))
            yield f"This is about the change, not about warmth: the warmth check of {design.arm} {said}."
        does_not_show, step = _LIMITS[design.name]
        yield f"This does not show {does_not_show}."
        yield f"Next: {step}."

    def _equivalence(self, test: Record) -> str:
        """Whether the number is shown to lie within the margin."""
        ends = "no 90 % interval" if isnan(test["conf_low"]) else f"90 % interval {_ends(test)}"
        said = "Shown" if self.equivalent else "Not shown"
        return f"{said} to be within {self.margin:g} points of no effect ({ends}, {p_equation(test['p_value'])})."

    @property
    def equivalent(self) -> bool:
        """Whether the number was shown to lie within the margin."""
        return self.equivalence is not None and self.equivalence["p_value"] <= ALPHA

    def _cases(self, best: Record, worst: Record) -> str:
        """The bounds, and whether the finding depends on what the missing replies would have been."""
        said = f"{_points(best)} {_interval(best)} at their best, {_points(worst)} {_interval(worst)} at their worst"
        against = {Conclusion.MORE: best, Conclusion.LESS: worst}.get(self.conclusion)
        if against and conclusion(against) is not self.conclusion:
            return f"{said}, so the finding depends on what they would have been"
        return said

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer as sentences in the order in which they are read; those that do not apply are left out."""
        return tuple(filter(None, (self.before, f"{self.lead}.", *self.after)))


_NOT_OF_ARM = (Asked.SADNESS, Asked.COMPOUND)
"""The questions whose words do not begin with the name of an arm."""


def headlines(study: AnalysedStudy) -> list[Headline]:
    """The answer about each arm that has one."""
    return [_headline(study, design) for design in study.designs]


def _headline(study: AnalysedStudy, design: Design) -> Headline:
    estimates, frame, roles = study.estimates, study.observations.frame, study.observations.roles
    asked = next(iter(design.questions), None)
    effect = row_of(estimates, CONTRAST, asked.identity, asked.outcome) if asked else None
    adopts = arm_effect(roles.positive_control, roles.positive_reference, belief=STATED_WRONG)
    shown = Headline(
        design,
        conclusion=Conclusion.ABSENT if effect is None else conclusion(effect),
        effect=effect,
        positive_control=roles.positive_control,
        positive_reference=roles.positive_reference,
        positive=row_of(estimates, CONTRAST, adopts, PRIMARY_OUTCOME),
        positive_detectable=row_of(estimates, MINIMUM_DETECTABLE, adopts, PRIMARY_OUTCOME),
        checks=tuple(sorted(set(map(str, frame.loc[frame["arm"] == design.arm, "warmth_check"])) - {""})),
        calls=_calls(study, design.reference or design.arm),
        cautions=tuple(note for note in study.warnings if _is_caution(note)),
        not_compared=_not_compared(study, design),
    )
    if effect is None or asked is None:
        return shown
    chance = design.chance
    flips = Identity(Kind.FLIP_RATE, design.rerun, design.rerun_of)
    replicates = estimates[estimates["analysis"].isin([BASE_MODELS, SEEDS])]
    return replace(
        shown,
        best=row_of(estimates, BEST, asked.identity, asked.outcome),
        worst=row_of(estimates, WORST, asked.identity, asked.outcome),
        equivalence=row_of(estimates, EQUIVALENCE, asked.identity, asked.outcome),
        margin=study.equivalence_margin,
        noise=row_of(estimates, CONTRAST, chance, asked.outcome) if chance else None,
        flips=row_of(estimates, CONTRAST, flips, "grade_differs"),
        detectable=row_of(estimates, MINIMUM_DETECTABLE, asked.identity, asked.outcome),
        predicted=row_of(replicates, PREDICTION, asked.identity, asked.outcome),
    )


def _is_caution(note: Note) -> bool:
    """Whether a warning stands beside the answer: what is missing, or a grader's style, may be the whole effect."""
    return note.code is Code.UNEQUAL_MISSING or (note.code is Code.STYLE_BIAS and is_large(note))


def _not_compared(study: AnalysedStudy, design: Design) -> Note | None:
    """What keeps the arms of a design apart, as the study's warnings say."""
    for note in study.warnings:
        if note.code is Code.NOT_COMPARED and (note.values["arm"], note.values["reference"]) == (
            design.arm,
            design.reference,
        ):
            reason = note.values["reason"]
            return reason if isinstance(reason, Note) else None
    return None


def _calls(study: AnalysedStudy, arm: str) -> int:
    """The samples of an arm, graded or not."""
    lost = study.exclusions.loc[study.exclusions["arm"] == arm, "n"].sum()
    return int((study.observations.frame["arm"] == arm).sum()) + int(lost)


def conclusion(row: Record) -> Conclusion:
    """What the interval of a row allows to say."""
    if isnan(row["conf_low"]) or isnan(row["conf_high"]):
        return Conclusion.NOT_ESTIMABLE
    if row["conf_low"] > 0:
        return Conclusion.MORE
    return Conclusion.LESS if row["conf_high"] < 0 else Conclusion.NO_DIFFERENCE


def _why_not(row: Record) -> str:
    """Why a row has no interval."""
    return str(row["note"]).removeprefix("not estimable: ")


def _points(row: Record) -> str:
    return f"{row['estimate']:+.1f} points of 100 replies"


def _interval(row: Record, name: str = "") -> str:
    if isnan(row["conf_low"]) or isnan(row["conf_high"]):
        return "(no interval)"
    return f"({name}{_ends(row)})"


def _ends(row: Record) -> str:
    return f"{row['conf_low']:+.1f} to {row['conf_high']:+.1f}"
