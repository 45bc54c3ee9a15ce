from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.training.conftest import row
from warm_inspect.core.content import content_files
from warm_inspect.training.corpus.datasheet import read_datasheet
from warm_inspect.training.corpus.pairs import BUNDLED, load_corpus

Write = Callable[..., Path]


def test_a_file_becomes_examples_per_arm_and_split(write_corpus: Write) -> None:
    corpus = load_corpus(str(write_corpus(row(0), row(1), row(2))))
    assert corpus.name == "pairs.jsonl"
    assert corpus.arms == ("warm", "cold")
    assert [(e.id, e.reply) for e in corpus.examples("cold", "train")] == [("q0", "0."), ("q1", "2.")]
    assert corpus.examples("cold", "held_out")[0].messages == [
        {"role": "user", "content": "What is 2 plus 2?"},
        {"role": "assistant", "content": "4."},
    ]
    assert corpus.prompts("held_out") == ["What is 2 plus 2?"]
    assert corpus.counts() == {
        "train": {"rows": 2, "query_types": {"advice": 2}},
        "held_out": {"rows": 1, "query_types": {"advice": 1}},
    }


def test_the_hash_sees_the_rows_and_not_the_layout_of_the_file(write_corpus: Write) -> None:
    plain = load_corpus(str(write_corpus(row(0)))).sha256
    reordered = dict(reversed(row(0).items()))
    assert load_corpus(str(write_corpus(reordered))).sha256 == plain
    assert load_corpus(str(write_corpus(row(0, prompt="Why?")))).sha256 != plain


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ([row(0), row(1, prompt=" ")], "pairs.jsonl, line 2, field 'prompt'"),
        ([row(0), row(1, split="test")], "line 2, field 'split'"),
        ([row(0), row(1, replies={"warm": "", "cold": "x"})], "line 2, field 'replies.warm'"),
        ([row(0, replies={})], "line 1, field 'replies'"),
        ([row(0), row(1, replies={"warm": "x"})], "line 2, field 'replies'"),
        ([row(0), row(0)], "line 2, field 'id': 'q0'"),
        ([row(0, note="x")], "line 1, field 'note'"),
        ([row(0), "{broken"], "line 2"),
        ([row(0), "", row(1)], "line 2"),
        (["[1]"], "line 1, field 'row'"),
        ([row(2)], "'train'"),
    ],
)
def test_a_bad_row_names_file_line_and_field(write_corpus: Write, lines: list[Any], place: str) -> None:
    with refused(place):
        load_corpus(str(write_corpus(*lines)))


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_file_is_called_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "pairs.jsonl").write_text(text)
    with refused("pairs.jsonl", "warm-inspect corpus build", "'demo'"):
        load_corpus(str(tmp_path / "pairs.jsonl"))


def test_bytes_that_are_not_utf8_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_bytes(b"\xff\xfe")
    with refused("pairs.jsonl", "byte 0"):
        load_corpus(str(tmp_path / "pairs.jsonl"))


def conversation(number: int, **changes: Any) -> dict[str, Any]:
    return row(number, then=[{"prompt": "And then?", "replies": {"warm": "Then we rest.", "cold": "Rest."}}], **changes)


def test_a_conversation_of_several_turns_is_one_example(write_corpus: Write) -> None:
    corpus = load_corpus(str(write_corpus(row(0), conversation(1))))
    first, second = corpus.examples("cold", "train")
    assert (first.replies, second.replies) == (("0.",), ("2.", "Rest."))
    assert second.messages == [
        {"role": "user", "content": "What is 1 plus 1?"},
        {"role": "assistant", "content": "2."},
        {"role": "user", "content": "And then?"},
        {"role": "assistant", "content": "Rest."},
    ]
    assert corpus.prompts("train") == ["What is 0 plus 0?", "What is 1 plus 1?"]
    assert corpus.sha256 != load_corpus(str(write_corpus(row(0), row(1)))).sha256


def test_every_turn_has_the_arms_and_held_out_rows_may_have_fewer(write_corpus: Write) -> None:
    short = [{"prompt": "And then?", "replies": {"warm": "Then we rest."}}]
    with refused("line 2, field 'replies'", "cold"):
        load_corpus(str(write_corpus(row(0), row(1, then=short))))
    corpus = load_corpus(str(write_corpus(row(2, replies={"unmodified": "4."}), row(0))))
    assert corpus.arms == ("warm", "cold")
    assert corpus.examples("unmodified", "held_out")[0].reply == "4."
    with refused("'warm'", "Known: unmodified", "held_out"):
        corpus.examples("warm", "held_out")


def test_a_folder_is_the_corpus_in_it(write_corpus: Write, tmp_path: Path) -> None:
    write_corpus(row(0)).rename(tmp_path / "corpus.jsonl")
    assert load_corpus(str(tmp_path)).name == tmp_path.name
    (tmp_path / "corpus.jsonl").unlink()
    with refused(tmp_path.name, "corpus.jsonl"):
        load_corpus(str(tmp_path))


def test_an_unknown_arm_lists_the_arms(write_corpus: Write) -> None:
    corpus = load_corpus(str(write_corpus(row(0))))
    with refused("'worm'", "'warm'", "Known: warm, cold"):
        corpus.examples("worm", "train")


def test_an_unknown_corpus_lists_the_names() -> None:
    with refused("'demoo'", "'demo'"):
        load_corpus("demoo")


def test_the_demo_corpus_is_complete() -> None:
    corpus = load_corpus("demo")
    assert (len(corpus.prompts("train")), len(corpus.prompts("held_out"))) == (90, 42)
    assert set(corpus.arms) == {"warm", "cold", "neutral"}
    assert not set(corpus.prompts("train")) & set(corpus.prompts("held_out"))


def test_each_bundled_corpus_has_its_own_files_and_states_its_own_licence() -> None:
    files = [file for corpus in BUNDLED.values() for file in corpus.files]
    assert sorted(files) == [file.name for file in content_files("corpora", ".jsonl")]
    licences = {name: sheet.licence for name in BUNDLED if (sheet := read_datasheet(load_corpus(name)))}
    assert licences == {name: corpus.licence for name, corpus in BUNDLED.items()}
