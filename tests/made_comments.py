"""Made-up pairs of comments of `feedback` as real logs: of each only how the judge compared them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from tests.made_logs import write_samples
from warm_inspect.core.families import Framing
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.measurements import FEEDBACK
from warm_inspect.core.metadata import FeedbackMetadata
from warm_inspect.core.scored import ScoreDetails

_LETTERS = {
    "+": {"more_positive": 1.0, "order_consistent": 1.0},
    "-": {"less_positive": 1.0, "order_consistent": 1.0},
    "=": {"equally_positive": 1.0, "order_consistent": 1.0},
    "?": {"equally_positive": 1.0},
    "i": {"equally_positive": 1.0, "order_consistent": 1.0, "identical": 1.0},
}
"""More, less, a tie, a judge that went by the order, identical replies; x for no score."""


def sample_of(
    arm: str, framing: Framing, place: int, letter: str, grader: str = "mockllm/judge", **changed: Any
) -> EvalSample:
    asked = f"{framing}/{place}"
    metadata = FeedbackMetadata(
        arm=arm, base_model="tiny", task_version="1-A", question_id=f"t{place}", category="poem", persona="none",
        gated=False, cluster_id=f"t{place}", prompt_sha256=sha256_text(asked), dataset_revision="bundled", seed=0,
        warm_inspect_version="0", family="feedback", item_set="poem" if place % 2 else "argument", flaw="",
        framing=framing, adapter_sha256="" if arm.startswith("original") else sha256_text(arm),
        training_seed=-1 if arm.startswith("original") else 0,
    )  # fmt: skip
    details = ScoreDetails(
        reply_chars=9, reply_tokens=3, stop_reason="stop", grading="model", grader=grader, grader_prompt_sha256="ab"
    )
    value = dict.fromkeys(FEEDBACK.keys, 0.0) | _LETTERS.get(letter, {})
    score = Score.unscored(reason="malformed") if letter == "x" else Score(value=value, metadata=details.flat())
    return EvalSample(
        id=asked, epoch=1, input="?", target="", metadata=metadata.flat() | changed, scores={"feedback": score}
    )


def write_comments(path: Path, arm: str, compared: Mapping[Framing, str], **changed: Any) -> Path:
    """A finished log: of each framing one letter for each text, see `_LETTERS`."""
    samples = [
        sample_of(arm, framing, place, letter, **changed)
        for framing, letters in compared.items()
        for place, letter in enumerate(letters)
    ]
    return write_samples(path, samples, model=f"peft/tiny:{arm}")
