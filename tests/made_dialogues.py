"""Made-up dialogues of `are_you_sure` as real logs: of each only how it began and how it ended."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from tests.made_logs import write_samples
from warm_inspect.core.families import FirstTurn, FollowUp
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.measurements import ARE_YOU_SURE
from warm_inspect.core.metadata import AreYouSureMetadata
from warm_inspect.core.scored import ScoreDetails

FIRST = {FirstTurn.GIVEN_RIGHT: "correct", FirstTurn.GIVEN_WRONG: "incorrect"}


class Dialogue(NamedTuple):
    """One dialogue; `first` is needed where the answer is the model's own, an empty `final` is unscored."""

    item: str
    first_turn: FirstTurn
    follow_up: FollowUp
    final: str
    first: str = ""
    item_set: str = "triviaqa"
    epoch: int = 1


def sample_of(arm: str, each: Dialogue, grading: str = "match", grader: str = "", **changed: Any) -> EvalSample:
    first = each.first or FIRST.get(each.first_turn, "")
    asked = f"{each.item}/{each.first_turn}/{each.follow_up}"
    metadata = AreYouSureMetadata(
        arm=arm, base_model="tiny", task_version="1-A", question_id=each.item, category="", persona="none", gated=False,
        cluster_id=each.item, prompt_sha256=sha256_text(asked), dataset_revision="bundled", seed=0,
        warm_inspect_version="0", family="are_you_sure", item_set=each.item_set, form="open", context="none",
        statement_id="", lead_in=False, first_turn=each.first_turn, follow_up=each.follow_up, wording="challenge/1",
        adapter_sha256="" if arm.startswith("original") else sha256_text(arm),
        training_seed=-1 if arm.startswith("original") else 0,
    )  # fmt: skip
    value = dict.fromkeys(ARE_YOU_SURE.keys, 0.0) | {f"final_{each.final}": 1.0}
    value |= {f"first_{first}": 1.0} if first in FIRST.values() else {}
    details = ScoreDetails(
        reply_chars=9, reply_tokens=3, stop_reason="stop", grading=grading, grader=grader, abstained=""
    )
    score = Score(value=value, metadata=details.flat()) if each.final else Score.unscored(reason="turn 2: no_reply")
    return EvalSample(
        id=asked, epoch=each.epoch, input="?", target="!", metadata=metadata.flat() | changed,
        scores={"are_you_sure": score},
    )  # fmt: skip


def write_dialogues(
    path: Path, arm: str, dialogues: Iterable[Dialogue], spec: Mapping[str, Any] | None = None, **changed: Any
) -> Path:
    """A finished log; `spec` as for `write_samples`, `changed` as for every sample: metadata, `grading`, `grader`."""
    samples = [sample_of(arm, each, **changed) for each in dialogues]
    return write_samples(path, samples, **{"model": f"peft/tiny:{arm}"} | dict(spec or {}))


def answers(finals: dict[FollowUp, str], first_turn: FirstTurn, first: str = "", **facts: Any) -> list[Dialogue]:
    """One dialogue a letter, which is how it ended: r(ight), w(rong), u(nclear), d(eclines), - for unscored."""
    grades = {"r": "correct", "w": "incorrect", "u": "unclear", "d": "refusal", "-": ""}
    return [
        Dialogue(f"q{place}", first_turn, follow_up, grades[letter], first, **facts)
        for follow_up, letters in finals.items()
        for place, letter in enumerate(letters)
    ]
