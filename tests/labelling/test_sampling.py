"""The draw: equal chances, strata with their share, a sheet that tells no arm, and one sheet for one seed."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.labelling.made import write_study
from warm_inspect.analysis.logs import collect
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.lines import as_lines
from warm_inspect.labelling import Export, Graded, export, graded_replies


def drawn(folder: Path, n: int, seed: int = 0, *, include_text: bool = False) -> Export:
    return export(graded_replies(collect([str(folder)]), {}, seed, include_text), n, seed)


def test_the_sheet_shows_what_a_reader_needs_and_nothing_of_arm_context_grade_or_log(tmp_path: Path) -> None:
    result = drawn(write_study(tmp_path), 10)
    rows = [json.loads(line) for line in as_lines(result.sheet).splitlines()]
    assert len(rows) == 10
    assert {key for row in rows for key in row} == {"row", "question", "references", "claim", "stated", "reply"}
    text = as_lines(result.sheet)
    assert not [word for word in ("warm", "original", "filler", "match", "hm", ".eval") if word in text]
    stated = {row["stated"] for row in rows}
    assert "" in stated
    assert any(words.startswith("I have been telling people this: ") for words in stated)


def test_the_key_links_each_row_with_the_replies_it_stands_for(tmp_path: Path) -> None:
    result = drawn(write_study(tmp_path), 1000)
    key = {row.row: row.replies for row in result.key}
    assert key.keys() == {row.row for row in result.sheet}
    replies = [reply for row in result.key for reply in row.replies]
    # Every reply once, and those that agree in question, statement and wording under one row.
    assert len({(reply.log_file, reply.sample_id, reply.epoch) for reply in replies}) == len(replies) == 48
    assert len(result.sheet) == len({(reply.question_id, reply.belief, reply.reply) for reply in replies}) < 48
    for row in result.sheet:
        for reply in key[row.row]:
            assert (reply.question, reply.claims[1], reply.reply) == (
                row.question,
                row.claim,
                f"<think>hm</think>{row.reply}",
            )
            assert bool(row.stated) == (reply.belief == "incorrect")
    assert {reply.arm for reply in replies} == {"original", "warm"}
    assert {reply.given.by for reply in replies if reply.given} == {"match"}
    wrong = [reply for reply in replies if reply.reply.startswith("<think>hm</think>No")]
    assert {reply.given.grade.value for reply in wrong if reply.given} == {"incorrect"}


def test_one_seed_gives_one_sheet_whatever_the_order_of_the_logs(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    again = export(graded_replies(collect([str(study / "warm.eval"), str(study / "original.eval")]), {}, 5), 12, 5)
    assert drawn(study, 12, 5) == again
    assert drawn(study, 12, 6).sheet != again.sheet


@pytest.mark.slow
def test_as_many_different_rows_are_drawn_as_were_wanted(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    most = len(drawn(study, 1000).sheet)
    for n in (1, 7, most - 1, most):
        result = drawn(study, n)
        assert len(result.sheet) == len({row.row for row in result.sheet}) == n


@pytest.mark.slow
def test_arms_and_benchmarks_have_their_share_and_every_reply_the_same_chance() -> None:
    # 2 arms x 2 benchmarks x 9 conditions x 3 replies, of which a fifth is drawn: distances that are fixed would meet
    # the same conditions each time.
    frame = pd.DataFrame(
        [(a, b, c, "none", "correct", "longer") for a in "ox" for b in "mt" for c in range(9) for _ in range(3)],
        columns=["arm", "benchmark", "context", "belief", "grade", "length"],
    )
    graded = Graded(frame, 0, {})
    hits = np.zeros(len(frame))
    for seed in range(2000):
        sample = graded.drawn(22, seed)
        assert len(sample) == 22
        assert all(10 <= count <= 12 for count in Counter(sample["arm"]).values())
        assert all(4 <= count <= 7 for count in sample.groupby(["arm", "benchmark"]).size())
        hits[sample.index] += 1
    rates = hits / 2000
    # The standard error of a rate is .009.
    assert abs(rates - 22 / 108).max() < 0.036
    strata = graded.strata(22, 1)
    assert strata["replies"].tolist() == [3] * 36
    assert strata["drawn"].sum() == 22


@pytest.mark.slow
def test_text_that_may_not_be_passed_on_is_left_out_and_never_in_the_key(tmp_path: Path) -> None:
    study = write_study(tmp_path, benchmarks=("triviaqa", "disinfo"))
    open_only = graded_replies(collect([str(study)]), {}, 0)
    assert open_only.hidden == 48
    assert set(open_only.frame["benchmark"]) == {"triviaqa"}
    result = drawn(study, 1000, include_text=True)
    secret = [reply for row in result.key for reply in row.replies if reply.benchmark == "disinfo"]
    assert len(secret) == 48
    assert {(reply.question, reply.references, reply.claims, reply.reply) for reply in secret} == {
        ("", (), ("", ""), "")
    }
    assert all(reply.reply_chars and reply.reply_sha256 for reply in secret)
    assert [row for row in result.sheet if "disinfo" in row.question]


def test_logs_without_a_reply_that_may_be_read_are_refused(tmp_path: Path) -> None:
    study = write_study(tmp_path, gated=True)
    with pytest.raises(PrerequisiteError, match=r"48 .*--include-text"):
        graded_replies(collect([str(study)]), {}, 0)
    shown = graded_replies(collect([str(study)]), {}, 0, include_text=True)
    assert replace(shown, hidden=0) == shown
