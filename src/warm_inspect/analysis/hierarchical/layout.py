"""The replies of one or two arms as a table of questions by columns, and the effects that its cells share.

A column is one adapter (base model, arm, training seed) under one condition. Replies that repeat a question in a column
are counted, not averaged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from warm_inspect.analysis.estimates import Floats
from warm_inspect.analysis.observations import Cell

Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
COLUMN = ("base_model", "arm", "training_seed", "context", "belief")


class Source(StrEnum):
    """What replies may have in common, or not."""

    QUESTION = "question"
    CLUSTER = "cluster"
    """Questions that a task declares to belong together."""
    STATEMENT = "statement"
    """The wording of a context."""
    SEED = "seed"
    """The training of an adapter."""
    BASE_MODEL = "base model"
    SAMPLING = "sampling"
    """The same prompt asked of the same model again; of one reply to a prompt also what no effect here explains."""

    @property
    def repeats(self) -> bool:
        """Whether an average over these replies is about others of its kind: questions are drawn, the rest is given."""
        return self in (Source.QUESTION, Source.CLUSTER)


@dataclass(frozen=True)
class RandomEffects:
    """A set of random effects with one standard deviation: one for each level, shared by the replies of that level."""

    source: Source
    name: str
    """What the levels are made of, for example `question × arm`."""
    codes: Codes
    """The level of each cell, -1 for none; shape (question, column). Of an effect of the question the level is of the
    column alone, shape (column,): each question has levels of its own."""
    levels: int


@dataclass(frozen=True)
class Layout:
    """The replies, and which effects their cells share."""

    hits: Floats
    """How many replies show the outcome; shape (question, column)."""
    replies: Floats
    """How many there are; shape (question, column)."""
    benchmark: Codes
    """The code of each question's benchmark; shape (question,)."""
    benchmarks: tuple[str, ...]
    columns: pd.DataFrame
    """What each column is, `COLUMN`."""
    cells: tuple[Cell, ...]
    cell: Codes
    """The code of each column's cell; shape (column,)."""
    of_question: tuple[RandomEffects, ...]
    shared: tuple[RandomEffects, ...]
    """The effects of all other sources."""

    @property
    def effects(self) -> tuple[RandomEffects, ...]:
        """Every set of effects, in the order of their standard deviations."""
        return self.of_question + self.shared

    @property
    def latent(self) -> int:
        """How many single effects there are."""
        questions = len(self.hits)
        return sum(questions * each.levels for each in self.of_question) + sum(each.levels for each in self.shared)


def layout_of(frame: pd.DataFrame, outcome: str) -> Layout:
    """The layout of the replies in a frame of observations, which must not be empty.

    Args:
        frame: the rows of the arms to look at, from one observations frame.
        outcome: a column of 0 and 1.
    """
    rows = frame[["benchmark", "question_id", "cluster", "statement_id", *COLUMN, outcome]].copy()
    for name in rows.columns.difference(["training_seed", outcome]):
        rows[name] = rows[name].astype(str)
    question = rows.groupby(["benchmark", "question_id"], sort=True)
    column = rows.groupby(list(COLUMN), sort=True)
    place = (question.ngroup().to_numpy(), column.ngroup().to_numpy())
    columns = column.size().index.to_frame(index=False)
    shape = (question.ngroups, len(columns))
    hits, replies = np.zeros(shape), np.zeros(shape)
    np.add.at(hits, place, rows[outcome].to_numpy(dtype=np.float64))
    np.add.at(replies, place, 1.0)
    benchmark, names = pd.factorize(question["benchmark"].first(), sort=True)
    keys = [Cell(*key) for key in columns[list(Cell._fields)].itertuples(index=False, name=None)]
    cells = tuple(dict.fromkeys(keys))
    statement = np.full(shape, -1, dtype=np.intp)
    spoken = (rows["statement_id"] != "").to_numpy()
    statement[place[0][spoken], place[1][spoken]] = pd.factorize(rows["statement_id"][spoken], sort=True)[0]
    cluster = pd.factorize(question["cluster"].first(), sort=True)[0].astype(np.intp)
    return Layout(
        hits=hits,
        replies=replies,
        benchmark=benchmark.astype(np.intp),
        benchmarks=tuple(map(str, names)),
        columns=columns,
        cells=cells,
        cell=np.array([cells.index(key) for key in keys], dtype=np.intp),
        of_question=tuple(_of_question(columns, replies)),
        shared=tuple(_shared(columns, shape, benchmark.astype(np.intp), cluster, statement)),
    )


def _levels(columns: pd.DataFrame, factors: Sequence[str]) -> Codes:
    """The code of each column's levels of these factors together."""
    if not factors:
        return np.zeros(len(columns), dtype=np.intp)
    return columns.groupby(list(factors), sort=True).ngroup().to_numpy().astype(np.intp)


def _varying(columns: pd.DataFrame) -> list[tuple[str, tuple[str, ...]]]:
    """What can differ between columns of a level, by name: factors of which there is more than one level."""
    wanted: dict[str, tuple[str, ...]] = {
        "": (),
        "arm": ("arm",),
        "belief": ("belief",),
        "context": ("context",),
        "arm × belief": ("arm", "belief"),
        "arm × context": ("arm", "context"),
    }
    return [
        (name, factors) for name, factors in wanted.items() if all(columns[factor].nunique() > 1 for factor in factors)
    ]


def _of_question(columns: pd.DataFrame, replies: Floats) -> Iterator[RandomEffects]:
    """What makes replies to one question alike, in all columns or in those of some levels.

    A set whose levels have one reply each is left out: what such an effect does is sampling.
    """
    wanted = _varying(columns)
    if columns["base_model"].nunique() > 1:
        wanted.append(("base model", ("base_model",)))
        if columns["arm"].nunique() > 1:
            wanted.append(("arm × base model", ("arm", "base_model")))
    if _seeded(columns):
        wanted.append(("seed", ("base_model", "arm", "training_seed")))
    if (replies > 1).any():
        wanted.append(("arm × belief × context", COLUMN))
    for name, factors in wanted:
        codes = _levels(columns, factors)
        levels = int(codes.max()) + 1
        of_level = np.stack([replies[:, codes == level].sum(axis=1) for level in range(levels)])
        if not name or (of_level > 1).any():
            yield RandomEffects(Source.QUESTION, _named(Source.QUESTION, name), codes, levels)


def _shared(
    columns: pd.DataFrame, shape: tuple[int, int], benchmark: Codes, cluster: Codes, statement: Codes
) -> Iterator[RandomEffects]:
    """What makes replies to different questions alike: clusters, statements, adapters and base models."""
    arm = _levels(columns, ["arm"])
    if len(np.unique(cluster)) < len(cluster):
        yield from _crossed(Source.CLUSTER, np.broadcast_to(cluster[:, None], shape), arm)
    if len(np.unique(statement[statement >= 0])) > 1:
        yield from _crossed(Source.STATEMENT, statement, arm)
    for source, factors in _trained(columns):
        levels = _levels(columns, factors)
        if source is Source.SEED:
            # What was never trained is no draw of a training.
            levels = np.where(columns["training_seed"] < 0, -1, levels)
        level = np.broadcast_to(levels, shape)
        for name, others in _varying(columns):
            inside = "arm" in factors and "arm" in others
            if not inside:
                yield _effect(source, name, level, _levels(columns, others))
        if source is Source.BASE_MODEL and len(np.unique(benchmark)) > 1:
            yield _effect(source, "benchmark", level, benchmark[:, None])


def _trained(columns: pd.DataFrame) -> Iterator[tuple[Source, list[str]]]:
    """What the adapters of the columns differ in."""
    if columns["base_model"].nunique() > 1:
        yield Source.BASE_MODEL, ["base_model"]
    if _seeded(columns):
        yield Source.SEED, ["base_model", "arm", "training_seed"]


def _seeded(columns: pd.DataFrame) -> bool:
    """Whether some arm was trained more than once on one base model."""
    return bool((columns.groupby(["base_model", "arm"])["training_seed"].nunique() > 1).any())


def _crossed(source: Source, level: Codes, arm: Codes) -> Iterator[RandomEffects]:
    yield _effect(source, "", level, np.zeros_like(arm))
    if arm.max():
        yield _effect(source, "arm", level, arm)


def _effect(source: Source, name: str, level: Codes, other: Codes) -> RandomEffects:
    """The effects of each level of a source within each level of something else; codes without gaps."""
    joined = np.where(level < 0, -1, level * (int(other.max()) + 1) + other)
    known, codes = np.unique(joined, return_inverse=True)
    gap = int(known[0] == -1)
    levels = codes.reshape(joined.shape).astype(np.intp) - gap
    return RandomEffects(source, _named(source, name), levels, len(known) - gap)


def _named(source: Source, name: str) -> str:
    return f"{source.value} × {name}" if name else source.value
