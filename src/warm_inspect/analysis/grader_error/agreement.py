"""Agreement of a grading with labels: confusion table, kappa, AC1, sensitivity, specificity and precision.

Every interval is a 95 % one. Replies to one question are alike, so where questions repeat, errors are clustered by
question; each number that rests on too little, or that no data could give, is a note that says what is missing.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isnan, nan, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.core.scored import grading_names
from warm_inspect.core.vocabulary import CORRECTS_CLAIM, ENDORSES_CLAIM, VALIDATES_USER, Grade
from warm_inspect.grading.labels import Judgement, LabelledReply

MIN_REPLIES = 30
"""Labelled replies from which kappa and AC1 are stated."""
MIN_OF_CLASS = 10
"""Replies in the denominator from which a sensitivity, specificity or precision is stated."""
SHORT = 120
"""Characters up to which a reply counts as short."""
LENGTH_BANDS = (f"up to {SHORT} characters", "longer")

GRADE = "grade"
"""The outcome of four classes; every other outcome is true or false."""
FLAGS = (ENDORSES_CLAIM, CORRECTS_CLAIM, VALIDATES_USER)
JUDGED_OUTCOMES = (GRADE, *(grade.value for grade in Grade), *FLAGS)

_NUMBERS = ("agree", "kappa", "ac1", "sensitivity", "specificity", "precision")
_TAIL = 0.975


@dataclass(frozen=True)
class Share:
    """A share of replies with its interval; the ends are NaN where a note says why there is no rate."""

    hits: int
    of: int
    n_clusters: int = 0
    low: float = nan
    high: float = nan
    note: Note | None = None

    @property
    def rate(self) -> float:
        """The share; NaN where there is a note."""
        return nan if self.note else self.hits / self.of

    @property
    def record(self) -> dict[str, Any]:
        """The values as JSON writes them."""
        numbers = {"rate": self.rate, "low": self.low, "high": self.high}
        return {"hits": self.hits, "of": self.of} | _known(numbers) | _reason(self.note)


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of agreement corrected for chance; NaN where a note says why there is none."""

    value: float = nan
    low: float = nan
    high: float = nan
    note: Note | None = None

    @property
    def record(self) -> dict[str, Any]:
        """The values as JSON writes them."""
        return _known({"value": self.value, "low": self.low, "high": self.high}) | _reason(self.note)


@dataclass(frozen=True)
class Agreement:
    """How one grading agrees with the labels on one outcome, in one group of replies."""

    grading: str
    by: str
    """What the group is of: `all`, `arm` or `length`."""
    group: str
    outcome: str
    """One of `JUDGED_OUTCOMES`."""
    n: int
    """Replies that have both a label and a grade of this outcome."""
    n_clusters: int
    """Questions, or groups of near-duplicate questions, that they answer."""
    agree: Share
    kappa: Coefficient
    ac1: Coefficient
    confusion: dict[tuple[str, str], int] = field(repr=False)
    """Replies by label and grade."""
    sensitivity: Share | None = None
    """Of the replies labelled so, those graded so; None for the grade, as the next two."""
    specificity: Share | None = None
    """Of the replies not labelled so, those not graded so."""
    precision: Share | None = None
    """Of the replies graded so, those labelled so."""

    @property
    def record(self) -> dict[str, Any]:
        """The values as JSON writes them."""
        names = ("grading", "by", "group", "outcome", "n", "n_clusters")
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        confusion = [{"label": label, "given": given, "n": n} for (label, given), n in sorted(self.confusion.items())]
        return {
            **{name: getattr(self, name) for name in names},
            **{name: number.record for name, number in numbers.items() if number},
            "confusion": confusion,
        }


def agreements(rows: Sequence[LabelledReply]) -> list[Agreement]:
    """Every agreement that labels can show: for each grading overall, per arm and per length, on each outcome.

    Replies without a grade, and flags that were not judged, are not in any denominator. Each reply counts once,
    whatever its weight: the sheets of `label export` give every reply the same chance.
    """
    names = grading_names(row.given.named_by for row in rows if row.given)
    by_grading: dict[str, list[LabelledReply]] = {}
    for row in rows:
        if row.given:
            by_grading.setdefault(names[row.given.named_by], []).append(row)
    return [
        agreement(grading, by, group, outcome, chosen)
        for grading, mine in by_grading.items()
        for by, group, chosen in _groups(mine)
        for outcome in JUDGED_OUTCOMES
    ]


def agreement(grading: str, by: str, group: str, outcome: str, rows: Sequence[LabelledReply]) -> Agreement:
    """The agreement of one group on one outcome."""
    judged = [(value_of(row.label, outcome), value_of(row.given, outcome), row.cluster) for row in rows if row.given]
    triples = [(label, given, cluster) for label, given, cluster in judged if label is not None and given is not None]
    labels, given, clusters = ([triple[i] for triple in triples] for i in range(3))
    categories = [grade.value for grade in Grade] if outcome == GRADE else ["yes", "no"]
    kappa, ac1 = chance_corrected(labels, given, categories, clusters)
    overall = Agreement(
        grading=grading,
        by=by,
        group=group,
        outcome=outcome,
        n=len(triples),
        n_clusters=len(set(clusters)),
        agree=share([a == b for a, b in zip(labels, given, strict=True)], clusters, MIN_REPLIES),
        kappa=kappa,
        ac1=ac1,
        confusion=dict(Counter(zip(labels, given, strict=True))),
    )
    if outcome == GRADE:
        return overall
    return Agreement(
        **{
            **overall.__dict__,
            "sensitivity": _rate(triples, lambda a, b: a == "yes", lambda a, b: b == "yes"),
            "specificity": _rate(triples, lambda a, b: a == "no", lambda a, b: b == "no"),
            "precision": _rate(triples, lambda a, b: b == "yes", lambda a, b: a == "yes"),
        }
    )


def value_of(judgement: Judgement | None, outcome: str) -> str | None:
    """What a judgement says of an outcome: a grade, or `yes` or `no`; None when it does not say."""
    if judgement is None:
        return None
    if outcome == GRADE:
        return judgement.grade.value
    holds = getattr(judgement, outcome) if outcome in FLAGS else judgement.grade == outcome
    return None if holds is None else "yes" if holds else "no"


def length_band(characters: int) -> str:
    """The length band of a reply, one of `LENGTH_BANDS`."""
    return LENGTH_BANDS[characters > SHORT]


def share(hits: Sequence[bool], clusters: Sequence[str], least: int = MIN_OF_CLASS) -> Share:
    """The share of hits, with Wilson's interval, or where clusters repeat Wilson's for the effective sample size.

    That size is the number of replies that would have the variance which the clusters show, at most all of them, and
    the number of clusters where all replies agree and so show none; the quantile is Student's with one degree of
    freedom less than clusters. Source: Korn and Graubard 1998, Survey Methodology 24.

    Args:
        hits: one value per reply.
        clusters: the unit of clustered errors of each.
        least: the smallest denominator that a rate is stated for.
    """
    n, k = len(hits), sum(hits)
    sizes, sums = Counter(clusters), Counter(c for hit, c in zip(hits, clusters, strict=True) if hit)
    if n < least:
        return Share(k, n, len(sizes), note=Note(Code.LABELS_LACKING, n=n, more=least - n))
    if len(sizes) < 2:
        return Share(k, n, len(sizes), note=Note(Code.FEWER_THAN_TWO, unit="questions"))
    if len(sizes) == n:
        return Share(k, n, n, *_wilson(k / n, n, float(stats.norm.ppf(_TAIL))))
    rate = k / n
    squares = sum((sums[cluster] - rate * size) ** 2 for cluster, size in sizes.items())
    variance = len(sizes) / (len(sizes) - 1) * squares / n**2
    if k in (0, n):
        effective: float = len(sizes)
    else:
        effective = min(n, rate * (1 - rate) / variance) if variance else n
    return Share(k, n, len(sizes), *_wilson(rate, effective, float(stats.t.ppf(_TAIL, len(sizes) - 1))))


def chance_corrected(
    labels: Sequence[str], given: Sequence[str], categories: Sequence[str], clusters: Sequence[str]
) -> tuple[Coefficient, Coefficient]:
    """Cohen's kappa and Gwet's AC1 of labels and grades, with linearised errors clustered by question.

    AC1 stays readable where one class is rare, and kappa does not. Sources: Cohen 1960, Educational and Psychological
    Measurement 20; Gwet 2008, British Journal of Mathematical and Statistical Psychology 61.
    """
    if note := _too_little(labels, clusters):
        return Coefficient(note=note), Coefficient(note=note)
    place = {category: i for i, category in enumerate(categories)}
    a, b = (np.array([place[value] for value in values]) for values in (labels, given))
    share_a, share_b = (np.bincount(each, minlength=len(categories)) / len(a) for each in (a, b))
    same = (a == b).astype(float)
    mean = (share_a + share_b) / 2
    # What each reply adds to the agreement expected by chance: for Cohen how often the other side gives its class, for
    # Gwet how rare its classes are.
    by_kappa = (share_b[a] + share_a[b]) / 2
    by_ac1 = ((1 - mean)[a] + (1 - mean)[b]) / 2 / (len(categories) - 1)
    codes = np.unique(np.array(clusters), return_inverse=True)[1]
    chances = (float(share_a @ share_b), float(mean @ (1 - mean)) / (len(categories) - 1))
    return tuple(  # type: ignore[return-value]
        _coefficient(same, expected, chance, codes)
        for expected, chance in zip((by_kappa, by_ac1), chances, strict=True)
    )


def _coefficient(
    same: npt.NDArray[np.float64], expected: npt.NDArray[np.float64], chance: float, codes: npt.NDArray[np.intp]
) -> Coefficient:
    """The coefficient, from what each reply adds to the agreement seen and to that expected by chance."""
    n, groups = len(same), int(codes.max()) + 1
    value = (same.mean() - chance) / (1 - chance)
    # Linearised as Gwet does: chance is a product of two shares, both of which a reply moves, hence the 2.
    each = (same - chance) / (1 - chance) - 2 * (1 - value) * (expected - chance) / (1 - chance)
    sums = np.bincount(codes, weights=each - value)
    error = sqrt(groups / (groups - 1) * float(sums @ sums)) / n
    reach = float(stats.t.ppf(_TAIL, groups - 1)) * error
    return Coefficient(float(value), max(-1.0, float(value - reach)), min(1.0, float(value + reach)))


def _too_little(labels: Sequence[str], clusters: Sequence[str]) -> Note | None:
    """Why there is no agreement corrected for chance."""
    if len(labels) < MIN_REPLIES:
        return Note(Code.LABELS_LACKING, n=len(labels), more=MIN_REPLIES - len(labels))
    if len(set(labels)) < 2:
        return Note(Code.ONE_LABEL, label=labels[0])
    return Note(Code.FEWER_THAN_TWO, unit="questions") if len(set(clusters)) < 2 else None


def _rate(
    triples: Sequence[tuple[str, str, str]], counts: Callable[[str, str], bool], hits: Callable[[str, str], bool]
) -> Share:
    chosen = [(hits(label, given), cluster) for label, given, cluster in triples if counts(label, given)]
    return share([hit for hit, _ in chosen], [cluster for _, cluster in chosen])


def _wilson(rate: float, n: float, quantile: float) -> tuple[float, float]:
    """Wilson's interval of a rate. Source: Wilson 1927, JASA 22."""
    square = quantile**2 / n
    centre, reach = rate + square / 2, quantile * sqrt((rate * (1 - rate) + square / 4) / n)
    return max(0.0, (centre - reach) / (1 + square)), min(1.0, (centre + reach) / (1 + square))


def _groups(rows: Sequence[LabelledReply]) -> Iterator[tuple[str, str, list[LabelledReply]]]:
    yield "all", "all", list(rows)
    for arm in dict.fromkeys(row.arm for row in rows):
        yield "arm", arm, [row for row in rows if row.arm == arm]
    for band in LENGTH_BANDS:
        yield "length", band, [row for row in rows if length_band(row.reply_chars) == band]


def _known(numbers: dict[str, float]) -> dict[str, Any]:
    return {name: None if isnan(number) else number for name, number in numbers.items()}


def _reason(note: Note | None) -> dict[str, str]:
    return {"missing": note.words} if note else {}
