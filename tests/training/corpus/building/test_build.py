import json
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.training.corpus.building.conftest import PROMPTS, WordFilter, chat, chats
from warm_inspect.core.controls import CONTROL_BENCHMARKS
from warm_inspect.core.vocabulary import Benchmark, Source
from warm_inspect.datasets.load import load_bundled, load_control
from warm_inspect.training.corpus import BuildSettings, build_corpus, open_source, survey
from warm_inspect.training.corpus.datasheet import Datasheet, read_datasheet
from warm_inspect.training.corpus.equal_sampling import equal_shares
from warm_inspect.training.corpus.pairs import load_corpus


def build(
    folder: Path, records: Iterable[Any], toxicity: WordFilter | None = None, out: str = "out", **settings: Any
) -> Datasheet:
    path = folder / "chats.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    chosen = BuildSettings(**({"train": 20, "held_out": 12} | settings))
    return build_corpus(open_source(str(path)), chosen, toxicity or WordFilter(), folder / out, lambda *_: None)


def marked(records: list[dict[str, Any]], rude: set[str]) -> list[dict[str, Any]]:
    """The records, with the filter's word in the texts of some."""
    return [
        chat(
            record["id"],
            *(turn["value"] + (" unseemly" if record["id"] in rude else "") for turn in record["conversations"]),
        )
        for record in records
    ]


def test_the_published_sizes_are_the_defaults_and_shared_equally() -> None:
    assert list(equal_shares(1_617).values()) == [270, 270, 270, 269, 269, 269]
    assert list(equal_shares(1_500).values()) == [250] * 6
    assert sum(BuildSettings().wanted.values()) == 1_617 + 1_500


def test_types_are_drawn_equally_into_splits_without_overlap(tmp_path: Path) -> None:
    sheet = build(tmp_path, chats(20))
    corpus = load_corpus(str(tmp_path / "out"))
    assert sheet.counts["train"]["query_types"] == dict(zip(PROMPTS, [4, 4, 3, 3, 3, 3], strict=True))
    assert sheet.counts["held_out"]["query_types"] == dict.fromkeys(PROMPTS, 2)
    assert not set(corpus.prompts("train")) & set(corpus.prompts("held_out"))
    assert sheet.corpus_sha256 == corpus.sha256
    assert corpus.arms == ("unmodified",)


def test_a_file_of_which_nothing_can_be_used_is_an_error_that_says_why(tmp_path: Path) -> None:
    records = [{"prompt": "Hi.", "completion": "Hello."}] * 3
    with refused("chats.jsonl", "3 records", "3 record without a list of turns", "{messages: [{role, content}"):
        build(tmp_path, records, allow_short=True)
    with refused("3 record without a list of turns"):
        survey(open_source(str(tmp_path / "chats.jsonl")), BuildSettings(20, 12), lambda *_: None)


def test_the_draw_depends_on_the_seed_and_not_on_the_order_of_the_source(tmp_path: Path) -> None:
    shuffled = chats(20)
    random.Random(1).shuffle(shuffled)
    first = build(tmp_path, chats(20)).corpus_sha256
    assert build(tmp_path, shuffled, out="shuffled").corpus_sha256 == first
    assert build(tmp_path, chats(20), out="other", seed=1).corpus_sha256 != first


def test_a_short_type_is_an_error_that_lists_the_counts_unless_allowed(tmp_path: Path) -> None:
    records = [record for record in chats(8) if record["id"] not in {f"advice-{n}" for n in range(3, 8)}]
    with refused("advice 3 of 5 (available 3, 0", "--allow-short"):
        build(tmp_path, records)
    assert not (tmp_path / "out" / "corpus.jsonl").exists()
    sheet = build(tmp_path, records, allow_short=True)
    assert sheet.steps[0]["short"] == {"advice": {"drawn": 3, "wanted": 5}}
    assert sheet.steps[0]["settings"]["allow_short"] is True
    assert sheet.counts["train"]["query_types"]["advice"] + sheet.counts["held_out"]["query_types"]["advice"] == 3


def test_the_filter_reads_what_is_needed_and_nothing_toxic_is_drawn(tmp_path: Path) -> None:
    records = marked(chats(40), {f"{kind}-{n}" for kind in PROMPTS for n in range(0, 40, 2)})
    words = WordFilter()
    sheet = build(tmp_path, records, words)
    assert "unseemly" not in (tmp_path / "out" / "corpus.jsonl").read_text()
    filtered = sheet.steps[0]["nsfw_filter"]
    assert filtered["read"] == len(words.read) < len(records)
    assert filtered["left_out"] == sum("unseemly" in text for text in words.read) > 0
    assert filtered["left_out_share"] == pytest.approx(filtered["left_out"] / filtered["read"])
    assert sum(kind["drawn"] for kind in sheet.steps[0]["query_types"].values()) == 32


def test_filtering_while_drawing_equals_filtering_first(tmp_path: Path) -> None:
    records = chats(60)
    rude = {record["id"] for place, record in enumerate(records) if place % 10 < 9}
    # Nine of ten are toxic: more than was kept at first, so the source is read again.
    lazily = build(tmp_path, marked(records, rude), train=6, held_out=6)
    before = build(tmp_path, [record for record in records if record["id"] not in rude], out="b", train=6, held_out=6)
    assert lazily.corpus_sha256 == before.corpus_sha256


def test_a_second_call_classifies_nothing_and_gives_the_same_rows(tmp_path: Path) -> None:
    first, words = build(tmp_path, chats(20)), WordFilter()
    assert build(tmp_path, chats(20), words) == first
    assert words.read == []
    with refused("(nsfw_filter differ)"):
        build(tmp_path, chats(20), WordFilter("other"))
    with refused("(source differ)"):
        build(tmp_path, chats(21), WordFilter())
    assert build(tmp_path, chats(20), words, train=12).counts["train"]["rows"] == 12


def test_repeated_pieces_prompts_and_ids_are_counted(tmp_path: Path) -> None:
    odd = [
        chat("AbcDef1_0", "A first piece.", "Yes."),
        chat("AbcDef1_7", "A later piece.", "Yes."),
        chat("identity_1", "Not a piece.", "Yes."),
        chat("identity_2", "Not a piece either.", "Yes."),
        chat("again", "a FIRST piece!", "Yes."),
        chat("other-0", "Another text.", "Yes."),
        "no record",
    ]
    step = build(tmp_path, [*chats(20), *odd]).steps[0]
    assert step["dropped"] == {
        "another piece of a chat that is in": 1,
        "a first prompt that came before": 1,
        "an id that came before": 1,
        "record without a list of turns": 1,
    }
    assert step["records_read"] == 127
    available = sum(kind["available_before_filter"] for kind in step["query_types"].values())
    assert available + sum(step["dropped"].values()) == step["records_read"]


def test_conversations_with_a_benchmark_item_are_counted_by_source(tmp_path: Path) -> None:
    questions = [load_bundled(benchmark).items[0].question for benchmark in Benchmark]
    controls = ("capability", "advbench")
    questions += [load_control(name, Source.BUNDLED).items[0].question for name in controls]
    records = [chat(f"b{n}", f"Please: {question}", "It is so.") for n, question in enumerate(questions)]
    step = build(tmp_path, [*chats(20), *records]).steps[0]
    assert step["dropped"] == {"shares a run of words with a benchmark item": len(questions)}
    counts = Counter(name.partition(" ")[0] for name in step["decontamination"]["dropped_by_source"])
    assert counts == dict.fromkeys([*Benchmark, *controls], 1)
    compared = step["decontamination"]
    assert {name.partition(" ")[0] for name in (*compared["items_compared"], *compared["not_compared"])} == {
        *Benchmark,
        *CONTROL_BENCHMARKS,
    }


def test_the_datasheet_states_licence_notice_hashes_and_no_text(tmp_path: Path) -> None:
    build(tmp_path, chats(20))
    sheet = read_datasheet(load_corpus(str(tmp_path / "out")))
    assert sheet is not None
    assert sheet.licence == "none stated"
    assert "personal data" in sheet.personal_data
    assert sheet.rewriter_terms == ""
    assert len(sheet.steps[0]["source"]["file_sha256"]) == 64
    readable = (tmp_path / "out" / "datasheet.md").read_text()
    for text in ("Licence: **none stated**", "| settings: seed | 0 |", "13 words in a row", sheet.corpus_sha256):
        assert text in readable
    assert "topic" not in readable.lower()
    assert str(tmp_path) not in readable


def test_later_turns_are_kept_to_train_on_and_left_out_of_held_out_prompts(tmp_path: Path) -> None:
    records = [
        {**record, "conversations": [*record["conversations"], *chat("", "More?", "More.")["conversations"]]}
        for record in chats(20)
    ]
    build(tmp_path, records)
    corpus = load_corpus(str(tmp_path / "out"))
    assert {(row.split, len(row.turns)) for row in corpus.rows} == {("train", 2), ("held_out", 1)}


def test_wrong_sizes_and_an_empty_source_are_one_message(tmp_path: Path) -> None:
    with refused("--train 6"):
        BuildSettings(train=5)
    with refused("chats.jsonl", "1 records read, dropped: 1 an empty list of turns; 0"):
        build(tmp_path, [chat("a")], allow_short=True)
