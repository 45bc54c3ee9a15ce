"""Worlds of paired replies: how the harm and the noise of an arm lie over questions, prompts and benchmarks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
_AT_ONCE = 4_000_000
_INDEX = 1.1
"""Of the heavy tail: below 1 it would have no mean."""


@dataclass(frozen=True)
class World:
    """One kind of study. Every rate is in percent."""

    questions: tuple[int, ...]
    """Of each benchmark; benchmarks weigh equally."""
    prompts: int
    """Of each question, in three contexts that take turns."""
    limit: float
    noise: float = 0.0
    """Chance of a difference either way that is no harm on balance."""
    dependence: str = "none"
    """Whether the prompts of a question differ alike: `none`, `full`, `half` (each with chance .7 as the question does,
    which correlates two prompts by .5), `mixed` (all prompts of half of the questions, and one by one in the others) or
    `opposed` (correlated negatively: of so many prompts the expected number differs, up to one).
    """
    harm: str = "spread"
    """Where it lies: `spread`, `5 % of questions`, `one context`, `one benchmark` (the last), `skewed` (rates of the
    questions that vary as a gamma variable of shape 0.2), `heavy-tailed` (as a Lomax variable of index 1.1, cut at 1),
    `at the ceiling` (in the first half of the questions; in the others the arm does less harm by 10 %), `largest
    clusters` (all in them) or `against size` (in them; in all others the arm does less harm by 5 %)."""
    epochs: int = 1
    """Replies to each prompt; in half of the prompts all of them differ alike."""
    clusters: tuple[tuple[int, int], ...] = ()
    """Declared clusters, so many of such a size, whose questions differ alike; instead of `questions`."""
    missing: float = 0.0
    """Of the replies of each arm. If the arm does harm its harmful replies are missing first; all others are any."""

    @property
    def label(self) -> str:
        """Its row's name."""
        size = " + ".join(f"{n} x {size}" for n, size in self.clusters) or " + ".join(map(str, self.questions))
        epochs = f", {self.epochs} epochs" if self.epochs > 1 else ""
        harm = f"{self.harm}, {self.missing:g} % missing" if self.missing else self.harm
        return f"{size} | {self.prompts}{epochs} | {self.limit:g} | {self.noise:g} | {self.dependence} | {harm}"

    @property
    def sizes(self) -> npt.NDArray[np.intp]:
        """The questions of each cluster; shape (cluster,)."""
        if not self.clusters:
            return np.ones(sum(self.questions), dtype=np.intp)
        return np.repeat([size for _, size in self.clusters], [n for n, _ in self.clusters])

    @property
    def benchmark(self) -> npt.NDArray[np.intp]:
        """The benchmark of each cluster; shape (cluster,)."""
        return np.repeat(np.arange(len(self.questions)), self.questions) if self.questions else 0 * self.sizes

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """What each cluster weighs; shape (cluster,), sum 1."""
        of_benchmark = np.bincount(self.benchmark, self.sizes)
        return np.asarray(self.sizes / of_benchmark[self.benchmark] / len(of_benchmark))


def of_base_rate(world: World, base: float) -> World:
    """The world with the noise of arms that answer independently, `base` percent of the reference's replies harmful."""
    return replace(world, noise=round(base / 100 * (100 - base - world.limit), 2))


def without_copies(world: World) -> World:
    """The world with one prompt of each question, where all are alike."""
    alike = world.dependence == "full" and not world.missing and world.harm != "one context"
    return replace(world, prompts=1) if alike else world


def draws(world: World, repetitions: int, harm: float, rng: np.random.Generator) -> Iterator[tuple[Floats, Floats]]:
    """The clusters' mean differences with missing replies at their worst, in parts of the repetitions; their weights.

    Shapes: (repetition, cluster), (cluster,). `harm` is the true one, in percent.
    """
    replies = len(world.sizes) * world.prompts * world.epochs
    part = max(1, _AT_ONCE // replies)
    for start in range(0, repetitions, part):
        difference, of_arm, of_reference = drawn(world, min(part, repetitions - start), harm, rng)
        if world.missing:
            # A reply of the arm counts as harm, one of the reference as none.
            difference = np.where(of_reference, np.maximum(difference, 0), difference)
            difference = np.where(of_arm, 1 - (difference < 0), difference).astype(np.float32)
        yield difference.mean(axis=(2, 3)), world.weights.astype(np.float32)


def drawn(world: World, repetitions: int, harm: float, rng: np.random.Generator) -> tuple[Floats, Mask, Mask]:
    """How much more harm each reply of the arm does than the reference's, and which of either arm are missing.

    Shapes: (repetition, cluster, prompt, epoch). Where both do the same they do none.
    """
    shape = repetitions, len(world.sizes), world.prompts
    rates = _rates(world, harm / 100, shape, rng)[..., None]
    u = _uniform(world, shape, rng)
    noise = world.noise / 100
    if world.harm != "skewed" and np.abs(rates).max() + noise > 1:
        raise ValueError(f"{world.label}: no room for the harm, which would lie below its limit")
    more = u < np.maximum(rates, 0) + noise
    difference = more.astype(np.float32) - (u > 1 - noise - np.maximum(-rates, 0))
    if not world.missing:
        return difference, np.zeros(1, dtype=bool), np.zeros(1, dtype=bool)
    share = world.missing / 100
    hidden, harmful = np.float64(share), harm / 100 + noise
    if harm:
        hidden = np.where(more, share / max(harmful, share), max(share - harmful, 0) / (1 - harmful))
    of_arm, of_reference = rng.random((2, *u.shape), dtype=np.float32)
    return difference, of_arm < hidden, of_reference < share


def _rates(world: World, harm: float, shape: tuple[int, int, int], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """The chance of harm of each prompt; its mean over prompts, questions and benchmarks is `harm`."""
    repetitions, n, k = shape
    if world.harm == "5 % of questions":
        return np.asarray((rng.random((repetitions, n, 1)) < 0.05) * harm / 0.05)
    if world.harm == "one context":
        return np.broadcast_to((np.arange(k) % 3 == 0) * harm * 3, (1, 1, k))
    if world.harm == "skewed":
        return np.asarray(rng.gamma(0.2, harm / 0.2, (repetitions, n, 1)))
    if world.harm == "heavy-tailed":
        return np.asarray(np.minimum(1, _scale(harm) * rng.pareto(_INDEX, (repetitions, n, 1))))
    rates = np.full(n, harm)
    if world.harm == "one benchmark":
        last = world.benchmark == world.benchmark.max()
        rates = last * harm / world.weights[last].sum()
    if world.harm == "at the ceiling":
        rates = np.where(np.arange(n) < n // 2, 2 * harm + 0.1, -0.1)
    if world.harm in ("largest clusters", "against size"):
        gain = 0.05 * (world.harm == "against size")
        largest = world.sizes == world.sizes.max()
        share = world.weights[largest].sum()
        rates = np.where(largest, (harm + gain * (1 - share)) / share, -gain)
    return rates[None, :, None]


def _scale(harm: float) -> float:
    """By what a Lomax variable is multiplied so that its mean, cut at 1, is `harm`."""

    def mean(scale: float) -> float:
        return scale / (_INDEX - 1) * (1 - (1 + 1 / scale) ** (1 - _INDEX))

    return float(brentq(lambda scale: mean(scale) - harm, 1e-9, 1)) if harm else 0.0


def _uniform(world: World, shape: tuple[int, int, int], rng: np.random.Generator) -> Floats:
    """Uniform numbers that decide how a reply differs; shape (repetition, cluster, prompt, epoch)."""
    repetitions, n, k = shape
    u = rng.random((*shape, world.epochs), dtype=np.float32)
    if world.dependence == "opposed":
        place = rng.random((*shape, 1), dtype=np.float32).argsort(axis=2)
        return np.asarray((place + u) / k, dtype=np.float32)
    if world.epochs > 1:
        alike = rng.random((*shape, 1), dtype=np.float32) < 0.5
        u = np.where(alike, u[..., :1], u)
    own = rng.random((repetitions, n, 1, 1), dtype=np.float32)
    chance = {"none": 0.0, "full": 1.0, "half": 0.5**0.5}.get(world.dependence)
    if chance is None:
        return np.where(rng.random((repetitions, n, 1, 1)) < 0.5, own, u)
    return np.where(rng.random((*shape, 1)) < chance, own, u)


def _grid() -> Iterator[World]:
    for n, k, limit in ((100, 6, 3), (100, 9, 3), (200, 9, 3), (100, 18, 3), (500, 27, 1), (50, 9, 5)):
        for dependence in ("none", "full", "half", "mixed"):
            yield World((n,), k, limit, 0 if dependence != "half" else 2, dependence)
    for n, k, limit in ((200, 9, 3), (500, 27, 1)):
        yield World((n,), k, limit, 2, "mixed")
        for harm in ("5 % of questions", "one context", "skewed"):
            yield World((n,), k, limit, 0, "mixed", harm)
            yield World((n,), k, limit, 2, "half", harm)
    for base in (1, 10, 30, 60, 97):
        yield of_base_rate(World((200,), 9, 3, 0, "mixed"), base)
    for sizes in ((300, 6), (300, 40), (500, 125)):
        yield World(sizes, 6, 5, 0, "mixed")
        yield World(sizes, 6, 5, 0, "full", "one benchmark")
        yield World(sizes, 6, 5, 5, "mixed", "one benchmark")
    yield World((200,), 6, 3, 0, "mixed", epochs=5)
    yield World((100,), 6, 5, 5, "half", epochs=5)
    for clusters in (((150, 1), (10, 5)), ((300, 1), (20, 10)), ((140, 1), (1, 60))):
        yield World((), 6, 5, 0, "full", clusters=clusters)
        yield World((), 6, 5, 2, "mixed", clusters=clusters)
    for n, limit, noise in ((100, 5, 0), (200, 5, 0), (400, 2, 1), (60, 10, 5)):
        yield World((n,), 1, limit, noise, "full")
    # As few questions as the test can allow with.
    for n, limit in ((59, 5), (99, 3), (299, 1)):
        yield World((n,), 9, limit, 0, "full")
        yield World((n,), 9, limit, 0, "mixed")
    yield World((800, 500, 200, 100), 6, 3, 0, "mixed")
    yield World((800, 500, 200, 100), 6, 3, 5, "half", "one benchmark")
    for noise, dependence, missing in ((0, "mixed", 0.5), (0, "full", 1), (2, "half", 1), (2, "half", 3)):
        yield World((200,), 9, 3, noise, dependence, missing=missing)
    yield World((500,), 27, 1, 0, "mixed", missing=0.5)
    yield World((500,), 9, 3, 5, "half", "5 % of questions", missing=1)
    yield from _attacks()


def _attacks() -> Iterator[World]:
    """Worlds that were thought out against this test."""
    for n, limit in ((100, 3), (200, 3), (500, 1)):
        yield World((n,), 9, limit, 0, "opposed", "heavy-tailed")
        yield World((n,), 9, limit, 0, "full", "heavy-tailed")
    for clusters in (((200, 1), (2, 10)), ((580, 1), (4, 10)), ((600, 1), (60, 10))):
        yield World((), 6, 5, 0, "full", "largest clusters", clusters=clusters)
    for clusters in (((300, 1), (20, 10)), ((600, 1), (60, 10)), ((100, 1), (100, 2))):
        yield World((), 6, 5, 0, "full", "against size", clusters=clusters)
    for n, limit in ((100, 3), (200, 3), (500, 1)):
        yield World((n,), 9, limit, 0, "full", "at the ceiling")


WORLDS = tuple(_grid())
