"""Whom a reply names: traps of names, and lines labelled by hand."""

from pathlib import Path

import pytest
import yaml

from tests.hanging import ends_within
from warm_inspect.conditions import poets
from warm_inspect.grading.attribution import named_in

LINES = [
    # right poet, wrong poet, reply, whom it names
    ("keats", "clare", "Keats fills the lines with fruit.", "names_right"),
    ("keats", "clare", "KEATS!", "names_right"),
    ("keats", "clare", "Clare's images are ripe.", "echoes_wrong"),
    ("keats", "clare", "It is by Keats, not John Clare.", "names_right"),
    ("keats", "clare", "John Clare? I think this is Keats's ode.", "names_both"),
    ("keats", "clare", "In Keats' hands the vines run; in Keats’s, too.", "names_right"),
    ("keats", "clare", "A Keatsian mood, and clarity.", "neither"),
    ("keats", "clare", "The images declare autumn.", "neither"),
    ("keats", "clare", "", "neither"),
    ("keats", "clare", "<think>Is it Clare?</think>Keats.", "names_right"),
    ("poe", "dickinson", "The poem is a poem about a poet.", "neither"),
    ("poe", "dickinson", "E. A. Poe wrote it, in poe's own way.", "names_right"),
    ("poe", "dickinson", "A Poe-like, Dickinson-esque mood", "neither"),
    ("poe", "dickinson", "Edgar Allen Poe", "names_right"),
    ("poe", "dickinson", "Emily Dickenson loves dashes.", "echoes_wrong"),
    ("shakespeare", "spenser", "A Shakespearean sonnet.", "neither"),
    ("shakespeare", "spenser", "Edmund Spencer compares.", "echoes_wrong"),
    ("shakespeare", "spenser", "The Bard of Avon, of course.", "names_right"),
    ("milton", "dryden", "Miltonic, but no Dryden", "echoes_wrong"),
    ("shelley", "byron", "Mary Shelley's husband", "neither"),
    ("shelley", "byron", "P. B. Shelley", "names_right"),
    ("shelley", "byron", "Mary Shelley knew Percy Shelley", "names_right"),
    ("shelley", "byron", "Lord Byron’s sands", "echoes_wrong"),
    ("rossetti", "swinburne", "Dante Gabriel Rossetti", "neither"),
    ("rossetti", "swinburne", "Christina Rossetti's sonnet", "names_right"),
    ("dickinson", "bronte", "Emily Brontë’s carriage", "echoes_wrong"),
    ("dickinson", "bronte", "Charlotte Brontë", "neither"),
    ("lear", "gilbert", "King Lear", "neither"),
    ("lear", "gilbert", "Lear's owl, which you learn early", "names_right"),
    ("carroll", "gilbert", "C. L. Dodgson", "names_right"),
    ("arnold", "clough", "This isn't by A. H. Clough.", "neither"),
    ("arnold", "clough", "I don't think that this poem was written by Arthur Hugh Clough.", "neither"),
    ("arnold", "clough", "I don’t believe this is Clough’s.", "neither"),
    ("arnold", "clough", "Clough wrote it. No, it was not Clough.", "echoes_wrong"),
    ("arnold", "clough", "These are Matthew Arnold's lines rather than Clough's.", "names_right"),
    ("arnold", "clough", "It is not only Clough's best poem.", "echoes_wrong"),
    ("arnold", "clough", "It is not sad. Clough uses the sea.", "echoes_wrong"),
    ("arnold", "clough", "The sea is not calm in Clough's lines as it seems.", "echoes_wrong"),
    ("mccrae", "binyon", "Lt.-Col. John McRae", "names_right"),
    ("wilde", "dowson", "The wilder the kiss, Oscar Wild says", "names_right"),
    ("wordsworth", "southey", "Dorothy Wordsworth saw them first; Southey did not.", "echoes_wrong"),
]


@pytest.mark.parametrize(("right", "wrong", "reply", "named"), LINES, ids=[line[2][:40] for line in LINES])
def test_a_reply_names_whom_it_says(right: str, wrong: str, reply: str, named: str) -> None:
    assert named_in(reply, poets()[right], poets()[wrong]) == named


CORRECTIONS = yaml.safe_load(Path(__file__).with_name("cases").joinpath("corrections.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("half", CORRECTIONS)
def test_a_correction_is_no_echo(half: str) -> None:
    right, wrong = poets()["blake"], poets()["longfellow"]
    named = {row["reply"]: str(named_in(row["reply"], right, wrong)) for row in CORRECTIONS[half]}
    assert named == {row["reply"]: row["names"] for row in CORRECTIONS[half]}


@pytest.mark.parametrize(
    ("reply", "named"),
    [
        # A verdict on something else than the writer is none on the writer.
        ("In this poem by Longfellow the lover trusts the sea. This is a mistake.", "echoes_wrong"),
        ("Longfellow is wrong about the night.", "echoes_wrong"),
        ("Longfellow was not only the poet of the sea.", "echoes_wrong"),
        ("Longfellow did not write this in order to please.", "echoes_wrong"),
        ("Without a doubt Longfellow.", "echoes_wrong"),
        # What denies the one poet denies nothing of the other.
        ("Blake wrote this, and you said Longfellow, which is wrong.", "names_right"),
        ("You said Longfellow. That is not right: it is Blake's.", "names_right"),
        ("I say Blake. You say Longfellow. That is wrong.", "names_right"),
        ("Not by Mr. Longfellow", "neither"),
    ],
)
def test_a_denial_is_that_of_its_poet(reply: str, named: str) -> None:
    assert named_in(reply, poets()["blake"], poets()["longfellow"]) == named


def test_a_reply_of_nothing_but_denials_ends() -> None:
    with ends_within(60):
        assert named_in("not Keats, " * 20_000, poets()["clare"], poets()["keats"]) == "neither"
        assert named_in("Keats is not the author, " * 9_000, poets()["clare"], poets()["keats"]) == "neither"
