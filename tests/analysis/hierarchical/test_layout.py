"""Which replies share which effects."""

from itertools import product
from typing import Any

import pandas as pd
import pytest

from warm_inspect.analysis.hierarchical.layout import Layout, Source, layout_of


def rows(**levels: Any) -> pd.DataFrame:
    """One reply for each combination of the levels; the cluster is the question unless given."""
    factors: dict[str, list[Any]] = {
        "base_model": ["tiny"],
        "arm": ["neutral", "warm"],
        "training_seed": [0],
        "context": ["none"],
        "belief": ["none"],
        "benchmark": ["medqa"],
        "question_id": ["q1", "q2"],
    }
    factors |= {name: levels[name] for name in levels if isinstance(levels[name], list)}
    frame = pd.DataFrame(list(product(*factors.values())), columns=list(factors))
    spoken = frame["context"] + "/" + frame["question_id"]
    return frame.assign(
        cluster=levels.get("cluster", frame["benchmark"] + ":" + frame["question_id"]),
        statement_id=spoken.where(frame["context"] == "filler", ""),
        wrong=[float(place % 3 == 0) for place in range(len(frame))],
    )


def names(layout: Layout) -> list[str]:
    return [each.name for each in layout.effects]


def test_replies_are_counted_by_question_and_column() -> None:
    frame = pd.concat([rows(), rows().query("arm == 'warm'")])
    layout = layout_of(frame, "wrong")
    # The wrong replies are those of place 0 and 3 of each frame: (neutral, q1) and (warm, q2), and the second twice.
    assert layout.columns["arm"].tolist() == ["neutral", "warm"]
    assert layout.hits.tolist() == [[1, 0], [0, 2]]
    assert layout.replies.tolist() == [[1, 2], [1, 2]]
    # A repeated prompt tells what is of the prompt from what is of sampling.
    assert names(layout) == ["question", "question × arm", "question × arm × belief × context"]
    assert layout.latent == 2 * (1 + 2 + 2)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({}, ["question"]),
        ({"arm": ["warm"]}, ["question"]),
        (
            {"belief": ["none", "incorrect"]},
            ["question", "question × arm", "question × belief"],
        ),
        (
            {"context": ["none", "filler"]},
            [
                "question", "question × arm", "question × context", "statement", "statement × arm",
            ],
        ),
        (
            {"context": ["none", "neutral"], "belief": ["none", "incorrect"], "arm": ["warm"]},
            ["question", "question × belief", "question × context"],
        ),
        ({"training_seed": [0, 1]}, ["question", "question × arm", "seed"]),
        ({"training_seed": [-1]}, ["question"]),
        (
            {"base_model": ["tiny", "small"], "arm": ["warm"], "benchmark": ["medqa", "triviaqa"]},
            ["question", "base model", "base model × benchmark"],
        ),
        ({"cluster": "one"}, ["question", "cluster", "cluster × arm"]),
    ],
)  # fmt: skip
def test_effects_are_those_of_which_there_are_several_levels(levels: dict[str, Any], expected: list[str]) -> None:
    assert names(layout_of(rows(**levels), "wrong")) == expected


def test_levels_reach_the_cells_that_share_them() -> None:
    frame = rows(context=["none", "filler"])
    effects = {each.name: each for each in layout_of(frame, "wrong").shared}
    # Columns: neutral filler, neutral none, warm filler, warm none; each question has its own statement of the filler.
    assert effects["statement"].codes.tolist() == [[0, -1, 0, -1], [1, -1, 1, -1]]
    assert effects["statement × arm"].codes.tolist() == [[0, -1, 1, -1], [2, -1, 3, -1]]
    assert effects["statement × arm"].levels == 4


def test_what_was_never_trained_has_no_seed() -> None:
    frame = pd.concat([rows(arm=["warm"], training_seed=[0, 1]), rows(arm=["original"], training_seed=[-1])])
    layout = layout_of(frame, "wrong")
    (seed,) = [each for each in layout.shared if each.source is Source.SEED]
    assert layout.columns["training_seed"].tolist() == [-1, 0, 1]
    assert seed.codes.tolist() == [[-1, 0, 1], [-1, 0, 1]]
