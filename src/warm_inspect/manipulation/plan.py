"""What `warm-inspect warmth` reads and with which meters: counted before it runs, and resumed when it was stopped."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from inspect_ai.model import Model, get_model

from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError
from warm_inspect.core.restricted import ADVICE, runs_here
from warm_inspect.grading.model.role import GRADER_CONFIG, GRADER_ROLE
from warm_inspect.manipulation.adapters import TrainedAdapter, adapter_replies
from warm_inspect.manipulation.arms import ArmReplies, by_arm
from warm_inspect.manipulation.labels import labelled_contrasts, style_meter
from warm_inspect.manipulation.rating import RatingMeter
from warm_inspect.manipulation.remembered import RememberedMeter
from warm_inspect.manipulation.replies import Reply, file_replies, log_replies
from warm_inspect.scorers.warmth import SocioTForm, sociot_meter
from warm_inspect.training import Corpus
from warm_inspect.warmth.meter import WarmthMeter
from warm_inspect.warmth.released import PASSES

STYLE, SOCIOT, RELEASED, RATING = "style", "sociot", "sociot-released", "rating"
METERS = (STYLE, SOCIOT, RELEASED, RATING)
"""The meters by name."""

_GRADER_CONCURRENCY = 50
_FRAMES = 8

Done = Callable[[int], None]
"""Told how many more readings are there."""


@dataclass(frozen=True)
class WarmthPlan:
    """One run: where replies come from, and what reads them."""

    corpus: Corpus
    """Where the prompts come from."""
    labels: Corpus
    """Where the replies come from whose warmth is known; see `labelled_corpus`."""
    meters: tuple[str, ...]
    """Names in `METERS`; the first one gates."""
    scoring_model: str
    """Name of SocioT's language model."""
    grader: str | Model
    """The model of the meter `rating`."""
    logs: tuple[str, ...] = ()
    """Paths or URLs."""
    files: tuple[Path, ...] = ()
    """JSONL files of replies."""
    model_arms: Mapping[str, str] | None = None
    """The arm of each model whose logs do not name it."""
    adapters: tuple[TrainedAdapter, ...] = ()
    base: str = ""
    """The adapters' base model; empty without adapters."""
    prompts: tuple[str, ...] = ()
    """What the adapters are asked."""

    @cached_property
    def stored(self) -> list[Reply]:
        """The replies that are there already."""
        return [
            *log_replies(self.logs, self.model_arms or {}),
            *(reply for file in self.files for reply in file_replies(file)),
        ]

    @property
    def generated(self) -> int:
        """Replies that the adapters and their base will be asked for."""
        return (len(self.adapters) + bool(self.adapters)) * len(self.prompts)

    @property
    def labelled(self) -> int:
        """Labelled replies that each meter is validated on."""
        return len({text for pairs in labelled_contrasts(self.labels).values() for pair in pairs for text in pair})

    @property
    def readings(self) -> int:
        """Texts that each meter reads, at most."""
        return len({reply.text for reply in self.stored}) + self.generated + self.labelled

    @property
    def warnings(self) -> list[str]:
        """What must be known before anything is read: whether gated or harmful text goes to a grader elsewhere."""
        n = sum(reply.restricted for reply in self.stored) if RATING in self.meters else 0
        if not n or runs_here(str(self.grader)):
            return []
        return [
            f"{n:,} replies of gated or harmful benchmarks are there, and the meter 'rating' gives their text to "
            f"{self.grader}, which runs elsewhere. {ADVICE} (--grader PROVIDER/MODEL)."
        ]

    @property
    def notes(self) -> list[str]:
        """The warnings, labels of another corpus, arms of equal weights, adapters that may have learnt the prompts."""
        return [*self.warnings, *self._other_labels, *self._equal_weights, *self._other_corpora]

    @property
    def _other_labels(self) -> list[str]:
        if self.labels is self.corpus:
            return []
        return [
            f"The corpus {self.corpus.name!r} has no held-out replies of known warmth, so meters were fitted and "
            f"validated on those of {self.labels.name!r}: another writer's, and perhaps about other things."
        ]

    @property
    def _equal_weights(self) -> list[str]:
        arms: dict[str, list[str]] = defaultdict(list)
        for adapter in self.adapters:
            arms[adapter.manifest.adapter_sha256].append(adapter.manifest.arm)
        return [
            f"{' and '.join(names)} have the same weights: they were trained on the same pairs."
            for names in arms.values()
            if len(names) > 1
        ]

    @property
    def _other_corpora(self) -> list[str]:
        return [
            f"{adapter.folder.name} was trained on the corpus {adapter.manifest.corpus.get('name', 'unknown')!r} and "
            f"asked held-out prompts of {self.corpus.name!r}: make sure that none of them was in its training set."
            for adapter in self.adapters
            if adapter.manifest.corpus.get("sha256") != self.corpus.sha256
        ]

    def costs(self) -> dict[str, str]:
        """What each meter will compute, at most."""
        n = self.readings
        each = {
            STYLE: "no model call",
            SOCIOT: f"{n * _FRAMES:,} rows through {self.scoring_model}",
            RELEASED: f"{n * _FRAMES * PASSES:,} rows through {self.scoring_model}",
            RATING: f"{n:,} calls of {self.grader}, twice that if it never names a rating",
        }
        return {meter: f"{n:,} texts, {each[meter]}" for meter in self.meters}

    def load_meters(self, folder: Path, done: Done) -> list[WarmthMeter]:
        """The meters, whose readings are kept in a folder.

        Raises:
            PrerequisiteError: the scoring model or the grader cannot be had.
        """
        return [self._meter(name, folder, done) for name in self.meters]

    def _meter(self, name: str, folder: Path, done: Done) -> WarmthMeter:
        if name == RATING:
            return RatingMeter(_grader(self.grader), folder / "ratings", _GRADER_CONCURRENCY)
        if name == STYLE:
            return RememberedMeter(style_meter(self.labels), folder / "readings", done)
        form = SocioTForm.EXACT if name == SOCIOT else SocioTForm.RELEASED
        return RememberedMeter(sociot_meter(form, self.scoring_model), folder / "readings", done)

    def arms(self, folder: Path) -> list[ArmReplies]:
        """Every arm's replies; generates those of adapters as far as they are not in the folder yet.

        Raises:
            PrerequisiteError: the base model cannot be had, or generation failed.
        """
        asked: list[Reply] = []
        if self.adapters:
            asked = adapter_replies(self.adapters, self.base, self.prompts, folder / "replies")
        return by_arm([*asked, *self.stored])

    def summary(self) -> dict[str, Any]:
        """What would run, as JSON values."""
        return {
            "adapters": [adapter.manifest.arm for adapter in self.adapters],
            "replies_to_generate": self.generated,
            "stored_replies": len(self.stored),
            "labelled_replies": self.labelled,
            "labels": self.labels.name,
            "meters": self.costs(),
        }


def _grader(grader: str | Model) -> Model:
    if isinstance(grader, Model):
        return grader
    try:
        return get_model(grader, config=GRADER_CONFIG)
    except (InspectPrerequisiteError, ValueError, ImportError) as error:
        raise PrerequisiteError(
            f"The meter 'rating' cannot use {grader!r} as {GRADER_ROLE}: {' '.join(str(error).split())} "
            "Name another model: --grader PROVIDER/MODEL"
        ) from None
