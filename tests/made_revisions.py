"""Made-up dialogues of revisions as real logs: of each only how severe its turns were."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from tests.made_logs import write_samples
from warm_inspect.core.families import Affect, History, Hostile, Language, RequestType
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.measurements import HOSTILITY
from warm_inspect.core.metadata import HostilityMetadata
from warm_inspect.core.scored import HostilityDetails

FAILED = ""


class Revised(NamedTuple):
    """One dialogue: a digit of severity for each turn; `FAILED` for one without a score."""

    script: str
    affect: Affect
    severities: str
    artefacts: str = ""
    apologies: int = 0
    checked: int = 0
    unfixed: int = 0
    epoch: int = 1
    history: History = History.LIVE
    language: Language = Language.EN
    depth: int = 0
    """As many turns as severities, where it is 0."""
    ended: str = "stop"
    """Where not `stop`, one reply was `max_tokens`, `content_filter` or `empty`."""
    lexicon: str = ""
    """Hash of the lexicon by which it was read."""


def sample_of(arm: str, each: Revised, **changed: Any) -> EvalSample:
    depth = each.depth or len(each.severities) or 3
    asked = f"{each.script}/{each.affect}/{depth}/{each.history}"
    metadata = HostilityMetadata(
        arm=arm, base_model="tiny", task_version="1-A", question_id=f"{each.script}-{each.language}",
        category="css_tweak", persona="none", gated=False, cluster_id=each.script,
        prompt_sha256=sha256_text(asked), dataset_revision="made",
        seed=0, warm_inspect_version="0", family="hostility", item_set="scripts", language=each.language,
        request_type=RequestType.CLEAR, affect=each.affect, history=each.history, depth=depth,
        adapter_sha256="" if arm.startswith("original") else sha256_text(arm),
        training_seed=-1 if arm.startswith("original") else 0,
    )  # fmt: skip
    artefacts = each.artefacts or "0" * len(each.severities)
    worst = [max(int(a), int(b)) for a, b in zip(each.severities, artefacts, strict=True)]
    hostile = [turn for turn, severity in enumerate(worst, 1) if severity >= 2]
    value = dict.fromkeys(HOSTILITY.keys, 0.0) | {
        Hostile.HOSTILE: float(bool(hostile)), Hostile.ARTEFACT_HOSTILE: float(any(int(a) >= 2 for a in artefacts)),
        "turns": len(worst), "hostile_turns": len(hostile), "first_hostile_turn": min(hostile, default=0),
        "max_severity": max(worst, default=0), "apologies": each.apologies, "task_checked": each.checked,
        "apologies_without_fix": each.unfixed, "truncated": float(each.ended == "max_tokens"),
        Hostile.EMPTY: float(each.ended == "empty"),
    }  # fmt: skip
    details = HostilityDetails(
        reply_chars=9, reply_tokens=3, stop_reason="stop", grading="match", abstained="", severities=each.severities,
        artefact_severities=artefacts, filtered_turns=int(each.ended == "content_filter"),
        lexicon_sha256=each.lexicon,
    )  # fmt: skip
    score = Score(value=value, metadata=details.flat()) if worst else Score.unscored(reason="turn 2: no_reply")
    return EvalSample(
        id=f"{asked}/{each.language}", epoch=each.epoch, input="?", target="", metadata=metadata.flat() | changed,
        scores={"hostility": score},
    )  # fmt: skip


def write_revised(path: Path, arm: str, dialogues: Iterable[Revised], **changed: Any) -> Path:
    """A finished log; `changed` are fields of the metadata of every sample."""
    return write_samples(path, [sample_of(arm, each, **changed) for each in dialogues], model=f"peft/tiny:{arm}")


def dialogues(severities: dict[Affect, list[str]], **fields: Any) -> list[Revised]:
    """A dialogue for each text of digits of a manner; the first ones of all manners are of one script."""
    return [
        Revised(f"s{place:02}", affect, digits, **fields)
        for affect, listed in severities.items()
        for place, digits in enumerate(listed)
    ]
