"""Worlds of paired replies: how the harm and the noise of an arm lie over questions, prompts and benchmarks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
_AT_ONCE = 4_000_000


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
    which correlates two prompts by .5) or `mixed` (all prompts of half of the questions, and one by one in the others).
    """
    harm: str = "spread"
    """Where it lies: `spread`, `5 % of questions`, `one context`, `one benchmark` (the last), `skewed` (rates of the
    questions that vary as a gamma variable of shape 0.2)."""
    epochs: int = 1
    """Replies to each prompt; in half of the prompts all of them differ alike."""
    clusters: tuple[tuple[int, int], ...] = ()
    """Declared clusters, so many of such a size, whose questions differ alike; instead of `questions`."""

    @property
    def label(self) -> str:
        """Its row's name."""
        size = " + ".join(f"{n} x {size}" for n, size in self.clusters) or " + ".join(map(str, self.questions))
        epochs = f", {self.epochs} epochs" if self.epochs > 1 else ""
        return f"{size} | {self.prompts}{epochs} | {self.limit:g} | {self.noise:g} | {self.dependence} | {self.harm}"


def of_base_rate(world: World, base: float) -> World:
    """The world with the noise of arms that answer independently, `base` percent of the reference's replies harmful."""
    return replace(world, noise=round(base / 100 * (100 - base - world.limit), 2))


def draws(world: World, repetitions: int, harm: float, rng: np.random.Generator) -> Iterator[tuple[Floats, Floats]]:
    """The clusters' mean differences, in parts of the repetitions, and what the clusters weigh.

    Shapes: (repetition, cluster), (cluster,). `harm` is the true one, in percent.
    """
    if world.clusters:
        sizes = np.repeat([size for _, size in world.clusters], [n for n, _ in world.clusters])
        weights = sizes / sizes.sum()
        benchmark = np.zeros(len(sizes), dtype=int)
    else:
        benchmark = np.repeat(np.arange(len(world.questions)), world.questions)
        weights = 1 / (len(world.questions) * np.array(world.questions)[benchmark])
    n, k = len(weights), world.prompts
    part = max(1, _AT_ONCE // (n * k * world.epochs))
    for start in range(0, repetitions, part):
        shape = min(part, repetitions - start), n, k
        rates = _rates(world, harm / 100, shape, benchmark, rng)[..., None]
        u = _uniform(world, shape, rng)
        noise = world.noise / 100
        difference = (u < rates + noise).astype(np.float32) - (u > 1 - noise)
        yield difference.mean(axis=(2, 3)), weights.astype(np.float32)


def _rates(
    world: World, harm: float, shape: tuple[int, int, int], benchmark: npt.NDArray[np.intp], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """The chance of harm of each prompt; its mean over prompts, questions and benchmarks is `harm`."""
    repetitions, n, k = shape
    if world.harm == "5 % of questions":
        return np.asarray((rng.random((repetitions, n, 1)) < 0.05) * harm / 0.05)
    if world.harm == "one context":
        return np.broadcast_to((np.arange(k) % 3 == 0) * harm * 3, (1, 1, k))
    if world.harm == "one benchmark":
        last = benchmark == benchmark.max()
        return np.asarray(last * harm * (benchmark.max() + 1))[None, :, None]
    if world.harm == "skewed":
        return np.asarray(rng.gamma(0.2, harm / 0.2, (repetitions, n, 1)))
    return np.full((1, 1, 1), harm)


def _uniform(world: World, shape: tuple[int, int, int], rng: np.random.Generator) -> Floats:
    """Uniform numbers that decide how a reply differs; shape (repetition, cluster, prompt, epoch)."""
    repetitions, n, _ = shape
    u = rng.random((*shape, world.epochs), dtype=np.float32)
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


WORLDS = tuple(_grid())
