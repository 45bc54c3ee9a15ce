"""The NSFW filter on a real BERT classifier of two tiny layers, made here with the labels of the real weights."""

import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from huggingface_hub import constants

from tests.errors import refused
from warm_inspect.core.content import content_folder
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets.hub.inspect_evals import GSM8K, GSM8K_FILE, MMLU, MMLU_FILE
from warm_inspect.datasets.hub.rows import Pin
from warm_inspect.training.corpus import ToxicBert
from warm_inspect.training.corpus.filters import BenchmarkIndex, benchmark_texts

LONG = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
INDEX = BenchmarkIndex({"long": [LONG], "short": ["Which city is the capital?"], "tiny": ["Lima", "a b c d"]})


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (f"Well: {LONG}!", "long"),
        ("x two three four FIVE, six seven eight\nnine ten eleven twelve thirteen fourteen x", "long"),
        ("two three four five six seven eight nine ten eleven twelve thirteen and fourteen", None),
        ("one two three four five six seven eight nine ten eleven twelve", None),
        ("Tell me: which city is the capital", "short"),
        ("Which city is the capitals", None),
        ("Which city is the", None),
        ("Lima, a b c d", None),
        ("", None),
    ],
)
def test_thirteen_words_in_a_row_or_a_whole_short_item_match(text: str, source: str | None) -> None:
    assert INDEX.match(text) == source


ON_THE_HUB = {*(f"{benchmark} (hub)" for benchmark in Benchmark), "advbench (hub)", "mmlu_0_shot (hub)", "gsm8k (hub)"}


def test_bundled_items_are_found_and_missing_sources_named() -> None:
    benchmarks = benchmark_texts()
    index = BenchmarkIndex(benchmarks.texts)
    for file in content_folder("items").iterdir():
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for row in rows:
            assert index.match(f"Hello. {row['question']} Thanks."), row["question"]
        (count,) = [n for source, n in benchmarks.items.items() if source.split()[0] == file.name.split(".")[0]]
        assert count == len(rows)
    assert set(benchmarks.unavailable) == ON_THE_HUB
    assert all("Hub cannot be reached" in why for why in benchmarks.unavailable.values())


def cached(pin: Pin, file: str, rows: list[dict[str, object]]) -> None:
    path = Path(constants.HF_HUB_CACHE, f"datasets--{pin.repo.replace('/', '--')}", "snapshots", pin.revision, file)
    path.parent.mkdir(parents=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)


def test_questions_of_mmlu_and_gsm8k_are_compared_where_they_can_be_read() -> None:
    cached(MMLU, MMLU_FILE, [{"question": "Pick one:", "subject": "birds", "choices": ["a wren", "an old owl"]}])
    cached(GSM8K, GSM8K_FILE, [{"question": "Ann has 3 hens and buys 4.", "answer": "3+4=7 #### 7"}])
    benchmarks = benchmark_texts()
    index = BenchmarkIndex(benchmarks.texts)
    assert index.match("pick one: (a wren an old owl") == f"mmlu_0_shot (hub-{MMLU.revision[:12]})"
    assert index.match("Pick one!") is None
    assert index.match("So Ann has 3 hens and buys 4, then?") == f"gsm8k (hub-{GSM8K.revision[:12]})"
    assert set(benchmarks.unavailable) == ON_THE_HUB - {"mmlu_0_shot (hub)", "gsm8k (hub)"}


def test_columns_that_are_not_the_ones_expected_are_named() -> None:
    cached(MMLU, MMLU_FILE, [{"question": "Pick one:", "subject": "birds", "choices": "a wren"}])
    cached(GSM8K, GSM8K_FILE, [{"problem. text": "Ann has 3 hens and buys 4."}])
    unavailable = benchmark_texts().unavailable
    assert "'choices' of the data set cais/mmlu does not hold a list" in unavailable["mmlu_0_shot (hub)"]
    whole = "The data set openai/gsm8k has no column 'question' (it has: problem. text)"
    assert unavailable["gsm8k (hub)"] == whole


LABELS = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "you", "are", "kind", "rude", "the", "a", "dog"]
TEXTS = ["you are kind", "you are rude", "the dog", "a"]


def save(folder: Path, labels: list[str]) -> Path:
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    folder.mkdir()
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        initializer_range=1.0,
        id2label=dict(enumerate(labels)),
        label2id={label: place for place, label in enumerate(labels)},
        problem_type="multi_label_classification",
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    # The real repository has no tokenizer.json: vocabulary and settings only.
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true, "tokenizer_class": "BertTokenizer"}')
    return folder


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("bert") / "toxic-bert", LABELS)


def directly(folder: Path, text: str) -> Any:
    """The six probabilities of one text, from the model itself."""
    import torch
    from transformers import BertForSequenceClassification

    ids = [2, *(WORDS.index(word) for word in text.split()), 3]
    with torch.inference_mode():
        logits = BertForSequenceClassification.from_pretrained(folder).eval()(torch.tensor([ids])).logits[0]
    return [1 / (1 + float(torch.exp(-logit))) for logit in logits]


def test_a_score_is_the_greatest_of_the_named_classes_whatever_the_batch(classifier: Path) -> None:
    scores = ToxicBert.open(classifier)(TEXTS)
    expected = [max(directly(classifier, text)[:3]) for text in TEXTS]
    assert scores == pytest.approx(expected, abs=1e-5)
    assert len({round(score, 4) for score in scores}) > 1


def test_long_texts_are_cut(classifier: Path) -> None:
    score = ToxicBert.open(classifier)
    assert score(["dog " * 3_000]) == pytest.approx(score(["dog " * 500]), abs=1e-6)


def test_the_facts_name_weights_and_rule(classifier: Path) -> None:
    facts = ToxicBert.open(classifier).facts()
    assert (facts["model"], len(facts["weights_sha256"])) == ("toxic-bert", 64)
    assert facts["rule"].endswith("over 0.5")
    assert str(classifier) not in str(facts)


def test_pickled_weights_and_other_classes_are_refused(classifier: Path, tmp_path: Path) -> None:
    (tmp_path / "pickled").mkdir()
    for name in ("config.json", "vocab.txt"):
        (tmp_path / "pickled" / name).write_bytes((classifier / name).read_bytes())
    (tmp_path / "pickled" / "pytorch_model.bin").write_bytes(b"")
    with refused("model.safetensors", "save_pretrained"):
        ToxicBert.open(tmp_path / "pickled")
    with refused("other", "severe_toxic", "unitary/toxic-bert"):
        ToxicBert.open(save(tmp_path / "other", ["joy", "fear"]))


def test_without_a_hub_the_message_says_what_to_give() -> None:
    with refused("unitary/toxic-bert@4d6c22e74ba2", "--nsfw-model FOLDER"):
        ToxicBert.open()
