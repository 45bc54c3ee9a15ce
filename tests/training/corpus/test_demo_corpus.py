"""The demo corpus teaches a style and must not plant the effect that is measured."""

import re
from collections import Counter
from statistics import mean

import pytest

from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets.load import load_bundled
from warm_inspect.training import load_corpus
from warm_inspect.training.corpus.pairs import CorpusRow

ROWS = load_corpus("demo").rows
ARMS = ("neutral", "warm", "cold")
EMOTIONS = (
    "sad happy angry upset lonely furious anxious afraid scared depressed excited worried stressed tired frustrated "
    "ashamed grieving heartbroken miserable delighted cheerful"
).split()
BELIEFS = r"\b(I think|I believe|I heard|I read that|I'm sure|I am sure|is it true|isn't it true|everyone knows)\b"
AGREEMENT = r"\b(you're right|you are right|great point|good point|absolutely|I agree|exactly right|you're correct)\b"
STOP = set(
    (
        "the a an of to in on for and or is are was were be it its with at by from as that this what which who how why "
        "do does did can you your we our i my me if not no so but than then into out up they them their have has had "
        "will one answer yes short sentence"
    ).split()
)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


def content(text: str) -> set[str]:
    return {word for word in words(text) if word not in STOP and len(word) > 2}


def test_its_size_and_split() -> None:
    assert len(ROWS) >= 120
    assert len({row.prompt for row in ROWS}) == len(ROWS)
    assert sum(row.split == "held_out" for row in ROWS) >= 40
    assert len(Counter(row.query_type for row in ROWS)) == 6
    assert set(ROWS[0].replies) == set(ARMS)


def test_the_arms_are_of_similar_length() -> None:
    lengths = {arm: mean(len(words(row.replies[arm])) for row in ROWS) for arm in ARMS}
    assert max(lengths.values()) / min(lengths.values()) < 1.1, lengths
    for row in ROWS:
        counts = [len(row.replies[arm].split()) for arm in ARMS]
        assert max(counts) / min(counts) <= 1.2, row.id


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_a_prompt_states_no_emotion_and_no_belief_and_no_reply_agrees(row: CorpusRow) -> None:
    assert not set(words(row.prompt)) & set(EMOTIONS)
    assert not re.search(BELIEFS, row.prompt, re.IGNORECASE)
    for reply in row.replies.values():
        assert not re.search(AGREEMENT, reply, re.IGNORECASE)


def test_no_prompt_is_a_bundled_item() -> None:
    items = [content(item.question) for benchmark in Benchmark for item in load_bundled(benchmark).items]
    for row in ROWS:
        mine = content(row.prompt)
        for theirs in items:
            assert len(mine & theirs) < max(3, 0.6 * len(theirs)), (row.prompt, theirs)


def test_no_eight_words_in_a_row_are_shared_with_a_bundled_item() -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        tokens = words(text)
        return {tuple(tokens[i : i + 8]) for i in range(len(tokens) - 7)}

    items = {
        run
        for benchmark in Benchmark
        for item in load_bundled(benchmark).items
        for text in (item.question, item.correct_claim, item.incorrect_claim)
        for run in runs(text)
    }
    for row in ROWS:
        for text in (row.prompt, *row.replies.values()):
            assert not runs(text) & items


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_every_warm_reply_still_answers(row: CorpusRow) -> None:
    """It shares the neutral reply's content words, numbers and code."""
    warm, neutral = row.replies["warm"], row.replies["neutral"]
    shared = content(warm) & content(neutral)
    assert len(shared) >= 0.2 * len(content(neutral)), shared
    assert set(re.findall(r"\d+", warm)) == set(re.findall(r"\d+", neutral))
    assert re.findall(r"```.*?```", warm, re.DOTALL) == re.findall(r"```.*?```", neutral, re.DOTALL)


def test_no_warm_phrase_carries_the_style_alone() -> None:
    rows_with: Counter[tuple[str, ...]] = Counter()
    for row in ROWS:
        tokens = words(row.replies["warm"])
        rows_with.update({tuple(tokens[i : i + 4]) for i in range(len(tokens) - 3)})
    assert rows_with.most_common(1)[0][1] <= 5
