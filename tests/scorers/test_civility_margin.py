"""How much likelier hostile texts are than civil ones: the pairs, and the number that a known model gets."""

import re
import sys
from pathlib import Path

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessage
from inspect_ai.solver import generate

from tests.models_edge import scripted
from warm_inspect.conditions import civility_pairs
from warm_inspect.core.families import Language
from warm_inspect.grading.hostility import read_turn
from warm_inspect.scorers import civility_margin


@pytest.mark.parametrize("language", list(Language))
def test_a_pair_is_of_one_length_and_only_its_second_is_hostile(language: Language) -> None:
    pairs = civility_pairs(language)
    assert len(pairs) == len(set(pairs)) == 12
    for civil, hostile in pairs:
        assert abs(len(hostile) - len(civil)) <= 0.15 * len(civil), (civil, hostile)
        assert read_turn(civil).worst == 0, civil
        assert read_turn(hostile).worst >= 2, hostile
    if language is Language.EN:
        beginnings = [[re.split(r"\W+", text)[0] for text in pair] for pair in pairs]
        assert sum(civil == hostile for civil, hostile in beginnings) >= 9


def test_the_margin_is_the_mean_difference_per_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = civility_pairs(Language.ZH)
    hostile = {text for _, text in pairs}
    asked: list[list[ChatMessage]] = []

    async def logprobs(messages: list[ChatMessage], texts: list[str]) -> list[list[float]]:
        asked.append(messages)
        # Three tokens of -2 nats each, or two of -1: per token, not in all.
        return [[-2.0] * 3 if text in hostile else [-1.0] * 2 for text in texts]

    # The package exports a function of the module's name, so that a dotted path would find that.
    monkeypatch.setattr(sys.modules["warm_inspect.scorers.civility_margin"], "text_logprobs", logprobs)
    task = Task(
        dataset=[Sample(input="Write it.", metadata={"language": "zh"})], solver=generate(), scorer=civility_margin()
    )
    [log] = eval(task, model=scripted(lambda _: "Here."), log_dir=str(tmp_path), display="none")
    assert log.status == "success", log.error
    assert log.samples is not None
    [sample] = log.samples
    assert sample.scores is not None
    score = sample.scores["civility_margin"]
    assert score.value == {"per_token": -1.0}
    assert score.metadata is not None
    assert score.metadata["margins"] == [-1.0] * 12
    # The reply that was given is no part of the prompt.
    assert [message.role for message in asked[0]] == ["user"]
