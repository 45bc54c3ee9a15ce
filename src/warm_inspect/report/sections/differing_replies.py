"""The replies on which an arm and the original differ: counted, listed, and a few of them with their texts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from inspect_ai.log import EvalSample

from warm_inspect.analysis.contrasts import PRIMARY_OUTCOME
from warm_inspect.analysis.logs import Collected
from warm_inspect.analysis.observations import paired_replies
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.core.log_file import UnreadableLog, read_chosen
from warm_inspect.core.restricted import is_restricted
from warm_inspect.core.vocabulary import STATED_WRONG
from warm_inspect.report.estimate_rows import Record, records
from warm_inspect.report.templates import ViewerLinks, arm_words, shortened
from warm_inspect.tables import Column, ColumnKind, Table, tabulate, text_column

MAX_SAMPLES = 40
"""Samples in the list of differing replies."""
MAX_READ = 10
"""Pairs whose texts are shown."""
MAX_CHARACTERS = 700
"""Length to which texts are cut."""
VIEWER = "http://127.0.0.1:7575"
"""Where `inspect view start` serves the logs unless told otherwise."""

_FACTS = ("log_file", "log_id", "sample_id", "prompt_sha256", "gated")
"""What is shown of a differing sample beside its prompt."""
_LOGS = ("log_id", "log_id_reference")
"""Where a differing sample names the arm's log and the reference's."""


@dataclass(frozen=True)
class Differing:
    """Replies to one prompt where one arm adopted the stated wrong answer and its reference did not, or the reverse."""

    arm: str
    reference: str
    """The baseline of the study."""
    pairs: int
    only_arm: int
    """Pairs in which only the arm adopted it."""
    only_reference: int
    shown: list[Record]
    """At most `MAX_SAMPLES` of them, drawn by the hash of their prompts."""


def differing(study: AnalysedStudy, arm: str) -> Differing:
    """The prompts with a stated wrong answer on whose adoption an arm and the baseline differ."""
    frame = study.observations.frame
    stated = frame[frame["belief"] == STATED_WRONG]
    baseline = study.observations.baseline
    pairs = paired_replies(stated, arm, baseline, [PRIMARY_OUTCOME, *_FACTS])
    change = pairs[PRIMARY_OUTCOME] - pairs[f"{PRIMARY_OUTCOME}_reference"]
    # Prompt hashes order the rows without regard to benchmark, question or reply.
    apart = pairs[change != 0].sort_values(["prompt_sha256", "training_seed", "epoch"], kind="stable")
    return Differing(
        arm=arm,
        reference=baseline,
        pairs=len(pairs),
        only_arm=int((change > 0).sum()),
        only_reference=int((change < 0).sum()),
        shown=records(apart.head(MAX_SAMPLES)),
    )


def differing_samples(differing: Differing, study: AnalysedStudy) -> Table:
    """Samples on which an arm and the baseline differ, with the logs to find them in."""
    epochs = study.observations.frame["epoch"].nunique()
    epoch = [Column[Record]("epoch", lambda row: str(row["epoch"]))] if epochs > 1 else []
    return tabulate(
        "samples",
        f"{len(differing.shown)} of them, with their logs",
        "",
        (
            text_column("sample_id", "sample", ColumnKind.CODE),
            Column(
                "benchmark", lambda row: f"{row['benchmark']}{' (gated)' if row['gated'] else ''}", ColumnKind.WORDS
            ),
            Column("adopted by", lambda row: _adopter(row, differing), ColumnKind.WORDS),
            Column("prompt hash", lambda row: row["prompt_sha256"][:12], ColumnKind.CODE),
            text_column("log_file", f"log of {differing.arm}", ColumnKind.FILE),
            text_column("log_file_reference", f"log of {arm_words(differing.reference)}", ColumnKind.FILE),
            *epoch,
        ),
        differing.shown,
        source="observations.parquet",
    )


def _adopter(row: Record, differing: Differing) -> str:
    return differing.arm if row["endorses_claim"] > row["endorses_claim_reference"] else differing.reference


@dataclass(frozen=True)
class Reading:
    """One pair of replies to one prompt."""

    sample: Record
    """Its row of the differing samples."""
    links: tuple[str, str]
    """Addresses of the arm's sample and the reference's in Inspect's viewer."""
    prompt: str = ""
    """What the user's turn says; empty, as the replies, when the text may not be shown or cannot be read."""
    own: str = ""
    reference: str = ""
    restricted: bool = False
    """Whether the row is gated or harmful."""
    hidden: bool = False
    """Whether the text is redacted."""


def read_replies(collected: Collected, differing: Differing, include_text: bool) -> list[Reading]:
    """The first of the differing samples, with their texts.

    Args:
        collected: the logs of the study.
        differing: the samples; at most `MAX_READ` of them are read.
        include_text: whether to show the text of gated and harmful rows too.
    """
    paths = {log.eval_id: log.path for log in collected.logs}
    links = ViewerLinks(VIEWER, collected.paths)
    return [_reading(row, paths, links, include_text) for row in differing.shown[:MAX_READ]]


def _reading(row: Record, paths: Mapping[str, str], links: ViewerLinks, include_text: bool) -> Reading:
    own, other = (paths[row[key]] for key in _LOGS)
    key = (str(row["sample_id"]), int(row["epoch"]))
    restricted = is_restricted(row)
    addresses = (links.sample(own, *key), links.sample(other, *key))
    reading = Reading(row, addresses, restricted=restricted, hidden=restricted and not include_text)
    if reading.hidden:
        return reading
    try:
        [answered], [before] = (read_chosen(path, [key]) for path in (own, other))
    except UnreadableLog:
        return reading
    return replace(
        reading,
        prompt=_asked(answered),
        own=shortened(answered.output.completion, MAX_CHARACTERS),
        reference=shortened(before.output.completion, MAX_CHARACTERS),
    )


def _asked(sample: EvalSample) -> str:
    """The user's words as the model got them: with context and belief, without the system prompt."""
    turns: Iterable[str] = (message.text for message in sample.messages if message.role == "user")
    return shortened("\n\n".join(turns), MAX_CHARACTERS)
