"""Features of replies are counted as a reader would, and differ by conversation as derived by hand."""

import json
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.errors import refused
from warm_inspect.cli.corpus import corpus as command
from warm_inspect.training import load_corpus
from warm_inspect.training.corpus import compare_features
from warm_inspect.training.corpus.features import feature_counts


@pytest.mark.parametrize(
    ("reply", "counts"),
    [
        ("You’re absolutely right, that's right!", {"matched_belief": 2, "exclamation_marks": 1, "words": 5}),
        ("I don't agree. I do not agree. I'm not sorry.", {"matched_belief": 0, "apology": 0}),
        ("I don't think you're right. I don't think that you are right.", {"matched_belief": 0}),
        ("I can't say I agree, and I'm not sure that's right.", {"matched_belief": 0}),
        ("If you're right about that, then good. If so, you're right.", {"matched_belief": 1}),
        ("I am not so sorry. I'm never really very sorry.", {"apology": 0}),
        ("Not only sorry, but glad to help. I don't know, sorry. No, sorry.", {"apology": 3, "agreeableness": 1}),
        ("I don't think it might rain, so perhaps not.", {"hedge": 2}),
        ("Sorry!! I apologise; my apologies.", {"apology": 3, "exclamation_marks": 2}),
        ("Perhaps it might rain; it usually does.", {"hedge": 3, "words": 7}),
        # Whole words alone: neither dearth nor mightily, nor a part of a longer phrase that is counted already.
        ("A dearth of mightily likable folk.", {"agreeableness": 0, "hedge": 0}),
        ("Happy to help, my friend.", {"agreeableness": 2}),
        ("Use:\n```\nprint('sorry!')  # maybe\n```\nDone.", {"apology": 0, "hedge": 0, "words": 2}),
        ("```\nsorry!", {"apology": 0, "exclamation_marks": 0, "words": 0}),
        ("", {"words": 0, "matched_belief": 0}),
    ],
)  # fmt: skip
def test_a_reply_has_its_counts(reply: str, counts: dict[str, int]) -> None:
    counted = feature_counts(reply)
    assert {name: counted[name] for name in counts} == counts


def written(path: Path, *rows: dict[str, Any]) -> str:
    lines = [{"query_type": "advice", "split": "train", "prompt": "?"} | row for row in rows]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(path)


def test_conversations_are_the_units_and_count_alike(tmp_path: Path) -> None:
    turn = {"prompt": "And?", "replies": {"warm": "Fine.", "neutral": "Fine."}}
    source = written(
        tmp_path / "c.jsonl",
        {"id": "a", "replies": {"warm": "Yes!!", "neutral": "Yes."}, "then": [turn]},
        {"id": "b", "replies": {"warm": "Yes!!!", "neutral": "Yes."}},
        {"id": "c", "replies": {"warm": "Yes.", "neutral": "Yes."}},
    )
    by_feature = {each.feature: each for each in compare_features(load_corpus(source))}
    marks = by_feature["exclamation_marks"]
    # By conversation 2 / 2, 3 and 0: mean 4/3, s^2 = 7/3, t(2) = 4.3027.
    assert (marks.arm, marks.reference, marks.conversations) == ("warm", "neutral", 3)
    assert [marks.mean, marks.difference] == pytest.approx([4 / 3, 4 / 3])
    assert marks.high - marks.difference == pytest.approx(4.3027 * (7 / 3 / 3) ** 0.5, rel=1e-4)
    assert marks.low < 0 < marks.high
    apology = by_feature["apology"]
    assert apology.difference == 0
    assert isnan(apology.low)


def test_what_cannot_be_compared_names_the_way_out(tmp_path: Path) -> None:
    lone = load_corpus(written(tmp_path / "lone.jsonl", {"id": "a", "replies": {"neutral": "Yes."}}))
    with refused("neutral", "corpus restyle"):
        compare_features(lone)
    odd = load_corpus(written(tmp_path / "odd.jsonl", {"id": "a", "replies": {"warm": "Yes.", "cold": "Yes."}}))
    with refused("neutral and unmodified", "--reference", "warm, cold"):
        compare_features(odd)
    with refused("Unknown arm 'tepid'", "warm, cold"):
        compare_features(odd, "tepid")


def test_the_command_prints_a_table_or_json() -> None:
    shown = CliRunner().invoke(command, ["features", "demo"])
    assert shown.exit_code == 0, shown.output
    assert all(said in shown.output for said in ("warm − neutral", "cold − neutral", "matched belief"))
    records = json.loads(CliRunner().invoke(command, ["features", "demo", "--json"]).output)
    assert {(each["arm"], each["reference"], each["conversations"]) for each in records} == {
        ("warm", "neutral", 90), ("cold", "neutral", 90),
    }  # fmt: skip
    assert next(each for each in records if each["feature"] == "matched_belief")["low"] is None
