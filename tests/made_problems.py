"""Made-up replies to problems of `reliability` as real logs: of each only what it was."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from tests.made_logs import write_samples
from warm_inspect.core.families import Design, Domain, Judged
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.measurements import RELIABILITY
from warm_inspect.core.metadata import ReliabilityMetadata
from warm_inspect.core.scored import ScoreDetails

ANSWERED = {"c": "correct", "i": "incorrect", "e": "avoidant_epistemic", "f": "avoidant_form", "-": ""}


JUDGED = {"c": Judged.CORRECT, "i": Judged.INCORRECT, "u": Judged.UNSURE}


class Solved(NamedTuple):
    """One reply; what it was is a letter of `ANSWERED`."""

    item: str
    difficulty: int
    template: str
    letter: str
    repetition: int = 1
    design: Design = Design.NATURAL
    epoch: int = 1
    judged: str = ""
    """What a grader took it for: a letter of `JUDGED`; empty where none was asked."""


def sample_of(arm: str, each: Solved, **changed: Any) -> EvalSample:
    asked = f"{each.item}/{each.template}"
    metadata = ReliabilityMetadata(
        arm=arm, base_model="tiny", task_version="1-A", question_id=each.item, category="", persona="none", gated=False,
        cluster_id=each.item, prompt_sha256=sha256_text(asked), dataset_revision="made", seed=0,
        warm_inspect_version="0", family="reliability", item_set=Domain.ADDITION, design=each.design,
        difficulty=each.difficulty, template=each.template, repetition=each.repetition,
        adapter_sha256="" if arm.startswith("original") else sha256_text(arm),
        training_seed=-1 if arm.startswith("original") else 0,
    )  # fmt: skip
    answered = ANSWERED[each.letter]
    value = dict.fromkeys((*RELIABILITY.one_of, *RELIABILITY.flags), 0.0) | {answered: 1.0}
    if each.judged:
        value |= {judged: float(judged == JUDGED[each.judged]) for judged in Judged}
    details = ScoreDetails(reply_chars=9, reply_tokens=3, stop_reason="stop", grading="match", grader="")
    score = Score(value=value, metadata=details.flat()) if answered else Score.unscored(reason="no_reply")
    return EvalSample(
        id=f"{asked}/{each.repetition}", epoch=each.epoch, input="?", target="!", metadata=metadata.flat() | changed,
        scores={"reliability": score},
    )  # fmt: skip


def write_solved(path: Path, arm: str, solved: Iterable[Solved], **changed: Any) -> Path:
    """A finished log; `changed` are fields of the metadata of every sample."""
    return write_samples(path, [sample_of(arm, each, **changed) for each in solved], model=f"peft/tiny:{arm}")


def replies(levels: dict[int, list[str]], design: Design = Design.NATURAL) -> list[Solved]:
    """A problem for each word of a level: one letter a template; behind a slash the letter of a further reply to it."""
    return [
        Solved(f"{design}-{level}-{place}", level, f"{column:02}", letter, repetition, design)
        for level, words in levels.items()
        for place, word in enumerate(words)
        for repetition, letters in enumerate(word.split("/"), 1)
        for column, letter in enumerate(letters, 1)
    ]
