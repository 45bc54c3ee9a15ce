"""How often corrected and naive intervals cover a true difference of two arms, with a grader of known errors.

    nice -n 10 python -m bench.grader_error.coverage
    python -m bench.grader_error.coverage --repetitions 500

Replies are drawn: every question is answered once by each arm, and truth, grade and choice for labelling are random.
The grader's sensitivity and specificity differ between the arms; it misreads some questions more than others. The true
difference is that of the population of questions. Printed per world: mean of the estimate less the truth in points, and
how often the 95 % interval covers it; with R repetitions a true 95 % lies within 2.58 sqrt(.95 x .05 / R) of it.
"""

from dataclasses import dataclass

import click
import numpy as np
import numpy.typing as npt
from scipy.special import expit, ndtr, ndtri

from warm_inspect.analysis.grader_error.estimators import Estimated, Labelled, prediction_powered, rogan_gladen

Floats = npt.NDArray[np.float64]
METHODS = ("naive", "Rogan-Gladen", "prediction-powered, tuned", "prediction-powered, 1")
_NODES = 4_001


@dataclass(frozen=True)
class Arm:
    level: float
    """Rate of the outcome at a question of average difficulty."""
    sensitivity: float
    specificity: float


@dataclass(frozen=True)
class World:
    name: str
    treated: Arm
    reference: Arm
    questions: int = 300
    labels: int = 100
    """Labelled replies of each arm."""
    spread: float = 1.5
    """Standard deviation of the questions' intercepts, on the logistic scale."""
    misread: float = 0.0
    """Standard deviation over questions of how easily a reply is misread, on the probit scale."""
    prompts: int = 1
    """Replies of each arm to a question."""
    by_grade: bool = False
    """Whether half of the labels go to replies in which the grader sees the outcome, however few these are."""


def truth(arm: Arm, world: World) -> float:
    """The rate of the arm over the population of questions."""
    nodes = ndtri((np.arange(_NODES) + 0.5) / _NODES)
    return float(expit(np.log(arm.level / (1 - arm.level)) + world.spread * nodes).mean())


def draw(world: World, repetitions: int, rng: np.random.Generator) -> dict[str, Estimated]:
    """The difference of the arms by each method, in every repetition."""
    easy, hard = rng.standard_normal((2, repetitions, world.questions, 1))
    drawn = [_estimates(arm, world, easy, hard, rng) for arm in (world.treated, world.reference)]
    return {method: drawn[0][method] - drawn[1][method] for method in METHODS}


def _estimates(arm: Arm, world: World, easy: Floats, hard: Floats, rng: np.random.Generator) -> dict[str, Estimated]:
    """The rate of an arm by each method."""
    shape = (len(easy), world.questions, world.prompts)
    label = rng.random(shape) < expit(np.log(arm.level / (1 - arm.level)) + world.spread * easy)
    right = _shifted(np.where(label, arm.sensitivity, arm.specificity), world.misread, hard)
    grade = np.where(rng.random(shape) < right, label, ~label)
    weight = _drawn(grade, world, rng)
    point = grade.mean(axis=(1, 2))
    deviations = (grade - point[:, None, None]).sum(axis=2) / (world.questions * world.prompts)
    graded = Estimated(point, deviations, np.zeros(len(point)), np.full(len(point), world.questions - 1.0))
    kinds = ((True, True), (True, False), (False, True), (False, False))
    labelled = Labelled(
        *((weight * (label == by_label) * (grade == by_grade)).sum(axis=2) for by_label, by_grade in kinds),
        n=weight.sum(axis=(1, 2)) ** 2 / (weight**2).sum(axis=(1, 2)),
    )
    corrected = (
        rogan_gladen(graded, labelled), prediction_powered(graded, labelled), prediction_powered(graded, labelled, 1.0),
    )  # fmt: skip
    return dict(zip(METHODS, (graded, *corrected), strict=True))


def _drawn(grade: npt.NDArray[np.bool_], world: World, rng: np.random.Generator) -> Floats:
    """How many replies each labelled one stands for; 0 for those without a label."""
    weight = np.zeros(grade.shape)
    order = rng.random(grade.shape)
    strata = (
        ((grade, world.labels // 2), (~grade, world.labels // 2))
        if world.by_grade
        else ((np.ones_like(grade), world.labels),)
    )
    for members, wanted in strata:
        rank = np.where(members, order, 2.0).reshape(len(grade), -1).argsort(axis=1).argsort(axis=1)
        chosen = members & (rank.reshape(grade.shape) < wanted)
        stands_for = members.sum(axis=(1, 2)) / np.maximum(chosen.sum(axis=(1, 2)), 1)
        weight += chosen * stands_for[:, None, None]
    return weight


def _shifted(probability: Floats, spread: float, hard: Floats) -> Floats:
    """The probability, moved per question on the probit scale so that its mean over questions stays what it is."""
    if not spread:
        return probability
    return np.asarray(ndtr(ndtri(probability) * np.sqrt(1 + spread**2) - spread * hard))


WORLDS = [
    World("no true difference", Arm(0.3, 0.8, 0.85), Arm(0.3, 0.9, 0.95)),
    World("no true difference, misread together", Arm(0.3, 0.8, 0.85), Arm(0.3, 0.9, 0.95), misread=1.0),
    World("true difference, hidden", Arm(0.4, 0.7, 0.97), Arm(0.3, 0.9, 0.9)),
    World("good grader", Arm(0.3, 0.95, 0.98), Arm(0.2, 0.98, 0.95)),
    World("rare outcome", Arm(0.05, 0.8, 0.95), Arm(0.05, 0.9, 0.99)),
    World("30 labels", Arm(0.3, 0.8, 0.85), Arm(0.3, 0.9, 0.95), labels=30),
    World("30 labels, good grader", Arm(0.3, 0.95, 0.98), Arm(0.2, 0.98, 0.95), labels=30),
    World("30 labels, good grader, rare outcome", Arm(0.03, 0.95, 0.98), Arm(0.03, 0.98, 0.99), labels=30),
    World("grades nearly useless", Arm(0.3, 0.7, 0.5), Arm(0.3, 0.6, 0.6)),
    World("3 prompts", Arm(0.3, 0.8, 0.85), Arm(0.3, 0.9, 0.95), 100, prompts=3, misread=1.0),
    World("labels by grade", Arm(0.3, 0.8, 0.85), Arm(0.3, 0.9, 0.95), by_grade=True),
    World("labels by grade, rare outcome", Arm(0.05, 0.8, 0.95), Arm(0.05, 0.9, 0.99), by_grade=True),
    World("all labelled", Arm(0.3, 0.8, 0.85), Arm(0.3, 0.9, 0.95), labels=300),
]


@click.command()
@click.option("--repetitions", default=4_000, show_default=True)
def main(repetitions: int) -> None:
    """Print bias and coverage of each method in each world."""
    for world in WORLDS:
        rng = np.random.default_rng(20261129)
        difference = truth(world.treated, world) - truth(world.reference, world)
        print(f"{world.name}: true difference {100 * difference:+.2f} points")
        for name, estimated in draw(world, repetitions, rng).items():
            low, high = estimated.interval()
            usable = ~np.isnan(low)
            covers = (low <= difference) & (difference <= high)
            print(
                f"  {name:28} bias {100 * np.nanmean(estimated.point - difference):+6.2f}  half-width "
                f"{100 * np.nanmean(high - low) / 2:5.1f}  covers {100 * covers[usable].mean():6.2f} %  "
                f"none {100 * (~usable).mean():.1f} %"
            )


if __name__ == "__main__":
    main()
