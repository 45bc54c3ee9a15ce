"""Disinformation questions of MASK: a yes/no question, a true sentence and the false one that users voice.

Ren et al. 2025, arXiv 2503.03750; https://huggingface.co/datasets/cais/MASK (gated: nothing of it may be shown).
Which of the two opposite sentences the question asks about is decided without a model, so that a yes has a meaning.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import yaml

from warm_inspect.core.content import content_folder
from warm_inspect.core.vocabulary import Benchmark, ItemForm
from warm_inspect.datasets.hub.rows import REPEATED, Pin, Selection, fetch_split, plain, question_id, text
from warm_inspect.datasets.item import BenchmarkItem, ItemSet

_ENDINGS = ("ing", "ies", "ied", "es", "ed", "y", "e", "s")

MASK = "cais/MASK"
MASK_REVISION = "4602b84dd9e2ca05c6e1eafbc14e556e908ac1bb"

NO_QUESTION = "has no question"
NO_VARIANTS = "proposition does not hold one pivotal pair"
NO_TRUTH = "ground truth is neither variant of the proposition"

_PIVOTAL = re.compile(r"<pivotal>(.*?)</pivotal>", re.DOTALL | re.IGNORECASE)
"""The part of a proposition in which its two variants differ."""
_TAIL = re.compile(
    r"[^.?!\n]*(?:<?/?final[_ ]answer|\b(?:respond|reply|answer)\b[^.?!\n]*\byes\b[^.?!\n]*\bno\b).*",
    re.DOTALL | re.IGNORECASE,
)
"""From the sentence that asks for the form of the answer, a tag or a yes or no, to the end of the prompt."""
_NEAR_DUPLICATE = 0.6
"""Least share of content words (intersection over union) by which two questions are about the same matter."""


def asked_variant(question: str, first: str, second: str) -> int | None:
    """0 or 1 for the sentence that a yes to the question affirms; None when that is not clear.

    The question asks about the sentence whose own words it holds, all of them, while it lacks one of the other's own.
    """
    last = re.split(r"(?<=[.?!])\s+", question.strip())[-1]
    auxiliaries = "|".join(sorted(_words("auxiliaries")))
    if not last.endswith("?") or not re.search(rf"(?:^|[,;:—] ?)(?:{auxiliaries})\b", last.lower().replace("’", "'")):
        return None
    asked, one, two = (_stems(text) for text in (question, first, second))
    held = [own <= asked for own in (one - two, two - one)]
    return held.index(True) if sum(held) == 1 else None


def content_words(text: str) -> frozenset[str]:
    """The stems of a text without function words."""
    return frozenset(_stems(text) - {_stem(word) for word in _words("function_words")})


@cache
def _words(kind: str) -> frozenset[str]:
    lists = yaml.safe_load(content_folder("wordings").joinpath("mask.yaml").read_text(encoding="utf-8"))
    return frozenset(lists[kind])


def _stems(text: str) -> frozenset[str]:
    words = re.sub(r"n['’]t\b|(?<=can)not\b", " not", text.lower())
    return frozenset(_stem(word) for word in re.findall(r"\w+", words) if word not in _words("dummies"))


def _stem(word: str) -> str:
    ending = next((ending for ending in _ENDINGS if word.endswith(ending) and len(word) - len(ending) > 2), "")
    return word.removesuffix(ending)


def load_mask() -> ItemSet[BenchmarkItem]:
    """The items of the configuration `disinformation`."""
    return map_mask(fetch_split(Pin(MASK, MASK_REVISION), "disinformation", "test"))


def map_mask(rows: Sequence[Mapping[str, Any]]) -> ItemSet[BenchmarkItem]:
    """The item set from the configuration's rows.

    Raises:
        PrerequisiteError: a column is missing or does not hold text.
    """
    selection = Selection[BenchmarkItem]()
    for row in rows:
        question = bare_question(text(row, "belief_elicit_1", MASK))
        proposition = text(row, "proposition", MASK)
        truth = text(row, "ground_truth", MASK)
        name = question_id(Benchmark.DISINFO, question, [truth], [proposition])
        pairs = variants(proposition)
        solved = next(((pair, right) for pair in pairs if (right := _right(pair, truth)) is not None), None)
        if selection.repeats(name):
            selection.exclude(name, REPEATED)
        elif not question:
            selection.exclude(name, NO_QUESTION)
        elif not pairs:
            selection.exclude(name, NO_VARIANTS)
        elif solved is None:
            selection.exclude(name, NO_TRUTH)
        else:
            selection.items.append(_item(name, question, *solved, cluster=_cluster(question, selection.items) or name))
    return selection.item_set(Benchmark.DISINFO, MASK_REVISION)


def bare_question(prompt: str) -> str:
    """The question without the sentence that asks for a tagged yes or no, and whatever follows it."""
    return " ".join(_TAIL.sub("", prompt).split())


def variants(proposition: str) -> list[tuple[str, str]]:
    """The pairs of sentences that a proposition's one `<pivotal>X/Y</pivotal>` stands for.

    One pair for each slash, because X and Y may hold slashes of their own.
    """
    pivotal = _PIVOTAL.findall(proposition)
    if len(pivotal) != 1:
        return []
    slashes = [place for place, letter in enumerate(pivotal[0]) if letter == "/"]
    return [
        (_filled(proposition, pivotal[0][:place]), _filled(proposition, pivotal[0][place + 1 :])) for place in slashes
    ]


def _filled(proposition: str, words: str) -> str:
    return " ".join(_PIVOTAL.sub(lambda _: f" {words} ", proposition).split()).replace(" ,", ",").replace(" .", ".")


def _right(pair: tuple[str, str], truth: str) -> int | None:
    """The place of the sentence, of the two, that is the ground truth; None when neither or both are."""
    matches = [plain(sentence) == plain(truth) for sentence in pair]
    return matches.index(True) if sum(matches) == 1 else None


def _item(name: str, question: str, pair: tuple[str, str], right: int, cluster: str) -> BenchmarkItem:
    claims = _sentence(pair[right]), _sentence(pair[1 - right])
    asked = asked_variant(question, *pair)
    yes_no = ("Yes", "No") if asked == right else ("No", "Yes")
    references, incorrect = claims if asked is None else yes_no
    return BenchmarkItem(
        question_id=name,
        question=question,
        form=ItemForm.STATEMENT if asked is None else ItemForm.YES_NO,
        references=(references,),
        incorrect_answers=(incorrect,),
        correct_claim=claims[0],
        incorrect_claim=claims[1],
        category="disinformation",
        cluster_id=cluster,
        gated=True,
    )


def _sentence(words: str) -> str:
    """The claim as a sentence: a capital letter first, a full stop last."""
    return words[0].upper() + words[1:].rstrip(".") + "."


def _cluster(question: str, items: Sequence[BenchmarkItem]) -> str:
    """The cluster of the first earlier near-duplicate question; empty without one."""
    words = content_words(question)
    for item in items:
        other = content_words(item.question)
        if words | other and len(words & other) / len(words | other) >= _NEAR_DUPLICATE:
            return item.cluster_id
    return ""
