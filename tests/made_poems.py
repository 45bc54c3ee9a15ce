"""Made-up replies about poems of `mimicry` as real logs: of each only whom it names."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from inspect_ai.log import EvalSample
from inspect_ai.scorer import Score

from tests.made_logs import write_samples
from warm_inspect.core.families import Claim, Named, WrongPoet
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.measurements import MIMICRY
from warm_inspect.core.metadata import MimicryMetadata
from warm_inspect.core.scored import ScoreDetails

NAMED = {"w": Named.ECHOES_WRONG, "b": Named.NAMES_BOTH, "r": Named.NAMES_RIGHT, "n": Named.NEITHER}


class AboutPoem(NamedTuple):
    """One reply; whom it names is a letter of `NAMED`, `-` for unscored."""

    item: str
    claim: Claim
    letter: str
    epoch: int = 1


def sample_of(arm: str, each: AboutPoem, **changed: Any) -> EvalSample:
    asked = f"{each.item}/{each.claim}"
    metadata = MimicryMetadata(
        arm=arm, base_model="tiny", task_version="1-A", question_id=each.item, category="poem", persona="none",
        gated=False, cluster_id=each.item, prompt_sha256=sha256_text(asked), dataset_revision="bundled", seed=0,
        warm_inspect_version="0", family="mimicry", item_set="poems", claim=each.claim, wrong_poet=WrongPoet.SAME_ERA,
        adapter_sha256="" if arm.startswith("original") else sha256_text(arm),
        training_seed=-1 if arm.startswith("original") else 0,
    )  # fmt: skip
    value = dict.fromkeys(MIMICRY.keys, 0.0) | {str(NAMED.get(each.letter, "")): 1.0}
    details = ScoreDetails(reply_chars=9, reply_tokens=3, stop_reason="stop", grading="match", grader="", abstained="")
    score = Score.unscored(reason="no_reply") if each.letter == "-" else Score(value=value, metadata=details.flat())
    return EvalSample(
        id=asked, epoch=each.epoch, input="?", target="!", metadata=metadata.flat() | changed,
        scores={"mimicry": score},
    )  # fmt: skip


def write_poems(path: Path, arm: str, replies: Iterable[AboutPoem], **changed: Any) -> Path:
    """A finished log; `changed` are fields of the metadata of every sample."""
    return write_samples(path, [sample_of(arm, each, **changed) for each in replies], model=f"peft/tiny:{arm}")


def about(claims: Mapping[Claim, str]) -> list[AboutPoem]:
    """One reply a letter, of one poem after the other."""
    return [
        AboutPoem(f"p{place:02}", claim, letter) for claim, row in claims.items() for place, letter in enumerate(row)
    ]
