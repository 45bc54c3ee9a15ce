"""The NSFW filter on a real BERT classifier of two tiny layers, made here with the labels of the real weights."""

from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from warm_inspect.training.corpus.building import ToxicBert

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
