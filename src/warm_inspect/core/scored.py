"""ScoreDetails: how a reply was graded, the part of the contract that stands in the score's metadata.

With the metadata of the sample (`core.metadata`) and the keys of the score (`core.vocabulary`, `core.controls`) it is
all that the analysis reads of a sample.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from warm_inspect.core.families import HOSTILE_FROM, MOST_TURNS, Hostile, TurnCount
from warm_inspect.core.vocabulary import Grading


class ScoreDetails(BaseModel):
    """The grading of a reply, in short scalars, so that the log's summaries keep them.

    Scorers write it beside their value; the analysis parses it and ignores what else stands there. What a log lacks was
    not measured: -1 for a length, an empty text, None for what later versions added.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    reply_chars: int = -1
    reply_tokens: int = -1
    """Output tokens by the provider's count; -1 when it does not tell."""
    stop_reason: str = ""
    """Inspect's stop reason of the reply: `stop`, `max_tokens`, ..."""
    grading: str = ""
    """A `core.vocabulary.Grading`, or `core.measurements.OWN_SCORE`."""
    stage: str | None = None
    """Which stage of a cascade graded, `match` or `model`; None under the other gradings."""
    grader: str = ""
    """Inspect's name of the grader model, or the names of a panel; the score's name where an own score is read; empty
    where matching graded."""
    grader_prompt_sha256: str = ""
    """Hash of the rubric, for a cascade also of what it keeps of matching; empty for matching."""
    abstained: str | None = None
    """Why the grading gave no verdict; empty when it gave one, None in logs that do not say."""

    disagreement: str | None = None
    """On what a panel of graders was divided, with its votes; None when all gave the same answers."""

    @property
    def by(self) -> str:
        """The name of the grading: grades of two gradings are never pooled."""
        return grading_name(self.grading, self.grader, self.grader_prompt_sha256)

    def agree_with(self, value: Mapping[str, float]) -> bool:
        """Whether the value of the score can stand beside these details."""
        return True

    def flat(self) -> dict[str, Any]:
        """The details as a dict of scalars, without what was not measured by this grading."""
        return self.model_dump(exclude_none=True)


_OF_TURNS = (
    TurnCount.APOLOGIES, TurnCount.TASK_CHECKED, TurnCount.TASK_DONE, TurnCount.APOLOGIES_WITHOUT_FIX,
)  # fmt: skip
"""The counts of replies that nothing else in the score says."""


class HostilityDetails(ScoreDetails):
    """The grading of a dialogue of `hostility`, with the severity of each of its replies (`core.families`)."""

    severities: str = Field("", pattern="^[0-3]*$")
    """A digit for each reply of the model, in their order: the text outside artefacts."""
    artefact_severities: str = Field("", pattern="^[0-3]*$")
    """The same of the artefacts in it."""
    filtered_turns: int = -1
    """How many of the replies a provider's filter ended; -1 in logs that do not say."""
    lexicon_sha256: str = ""
    """Hash of the words by which the replies were read."""

    def agree_with(self, value: Mapping[str, float]) -> bool:
        """Whether each reply has a severity of its text and one of its artefacts, and the value counts these."""
        if not 0 < len(self.severities) == len(self.artefact_severities) == value[TurnCount.TURNS]:
            return False
        worst = [
            max(int(text), int(artefact))
            for text, artefact in zip(self.severities, self.artefact_severities, strict=True)
        ]
        hostile = [turn for turn, severity in enumerate(worst, 1) if severity >= HOSTILE_FROM]
        # The one reply to a scripted history is of whichever turn that has.
        legal = {min(hostile)} if len(worst) > 1 and hostile else range(1, MOST_TURNS + 1) if hostile else {0}
        counts = (value[key] for key in _OF_TURNS)
        return (
            value[Hostile.HOSTILE] == bool(hostile)
            and value[TurnCount.HOSTILE_TURNS] == len(hostile)
            and value[TurnCount.MAX_SEVERITY] == max(worst)
            and value[TurnCount.FIRST_HOSTILE_TURN] in legal
            and all(count in range(len(worst) + 1) for count in counts)
            and -1 <= self.filtered_turns <= len(worst)
        )


def grading_name(grading: str, grader: str, grader_prompt_sha256: str) -> str:
    """The name of a grading: `match`, the grader model with the beginning of its rubric's hash, or an own score."""
    if grading == Grading.MATCH:
        return grading
    model = f"{grader} (rubric {grader_prompt_sha256[:8]})" if grader_prompt_sha256 else grader
    return f"{grading} with {model}" if grading == Grading.CASCADE else model


def grading_names(gradings: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
    """The name of each grading of some samples, given as grading, grader and rubric hash.

    A cascade names its model only on the samples for which that was asked; the others go by the name of these.
    """
    held = set(gradings)
    asked = {(grading, rubric): grader for grading, grader, rubric in sorted(held) if grader}
    return {
        (grading, grader, rubric): grading_name(grading, grader or asked.get((grading, rubric), ""), rubric)
        for grading, grader, rubric in held
    }
