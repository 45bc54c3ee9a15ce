"""WarmthPlan: which replies a check reads and with which meters, counted before anything runs."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.restricted import ADVICE, runs_here
from warm_inspect.core.vocabulary import ORIGINAL, MeterName
from warm_inspect.grading.model import default_grader, grader_facts
from warm_inspect.manipulation.adapters import PEFT, PUBLISHED, adapter_replies
from warm_inspect.manipulation.meters import CachedMeter, RatingMeter
from warm_inspect.manipulation.replies import ArmReplies, ArmReply, by_arm, file_replies, log_replies
from warm_inspect.manipulation.validity import labelled_contrasts, labelled_corpus, require_decidable, style_meter
from warm_inspect.models import TrainedAdapter, distinct, find_adapters
from warm_inspect.study import GenerationSettings
from warm_inspect.training import Corpus
from warm_inspect.warmth import (
    DEFAULT_SCORING_MODEL,
    ReleasedSocioT,
    SocioT,
    WarmthMeter,
    rows_per_reply,
    scoring_model_path,
)


@dataclass(frozen=True)
class Sources:
    """The sources of replies whose warmth is measured: adapters that generate, files and logs."""

    adapters: tuple[TrainedAdapter, ...] = ()
    """One for each folder; several may hold the same arm with the same weights."""
    files: tuple[Path, ...] = ()
    """JSONL files of replies."""
    logs: tuple[str, ...] = ()
    """Files, folders, patterns or URLs of Inspect logs."""


def find_sources(paths: Sequence[str]) -> Sources:
    """What the paths are: folders with manifests hold adapters, `.jsonl` files replies, and anything else logs.

    Raises:
        PrerequisiteError: a folder holds both adapters and logs, or an adapter is damaged.
    """
    adapters: dict[Path, TrainedAdapter] = {}
    files, logs = [], []
    for text in paths:
        path = Path(text)
        inside = find_adapters(path) if path.is_dir() else []
        if inside and any(path.rglob("*.eval")):
            raise PrerequisiteError(f"{text} holds adapters and logs. Give the folder of the ones or of the others.")
        adapters |= {adapter.folder.resolve(): adapter for adapter in inside}
        if path.suffix == ".jsonl" and path.is_file():
            files.append(path)
        elif not inside:
            logs.append(text)
    return Sources(tuple(adapters.values()), tuple(files), tuple(logs))


@dataclass(frozen=True, kw_only=True)
class WarmthPlan:
    """One check: where replies come from, and what reads them."""

    meters: tuple[str, ...]
    """Values of `MeterName`; the first one decides."""
    corpus: Corpus
    """Where the prompts come from, and the labelled replies if it holds any out."""
    adapters: tuple[TrainedAdapter, ...] = ()
    """Of one base model. Those of one arm with equal weights are asked once."""
    base: str = ""
    """The adapters' base model; empty without adapters."""
    prompts: tuple[str, ...] = ()
    """Asked of the adapters and their base."""
    sampling: GenerationSettings = PUBLISHED
    """How the adapters' replies are sampled."""
    provider: str = PEFT
    """What runs adapters whose weights are on disk: `PEFT` or `VLLM`."""
    seeds: tuple[int, ...] | None = None
    """Sampling seed of the base and of each adapter; None makes one of each model's weights."""
    files: tuple[Path, ...] = ()
    """JSONL files of replies."""
    logs: tuple[str, ...] = ()
    """Paths or URLs of Inspect logs."""
    model_arms: Mapping[str, str] = field(default_factory=dict)
    """The arm of each model whose logs do not name it."""
    reference: str = ORIGINAL
    """The arm that every other one is compared with."""
    treated: str = ""
    """An arm that should be warmer than it, beside those that training moves in a known way; empty without one."""
    scoring_model: str = DEFAULT_SCORING_MODEL
    """Name of SocioT's language model."""
    scoring_dtype: str = "float32"
    """Numeric type of its weights."""
    grader: str = field(default_factory=default_grader)
    """The model of the meter `rating`, by Inspect's name."""

    @cached_property
    def labels(self) -> Corpus:
        """The corpus whose labelled replies fit and validate the meters."""
        return labelled_corpus(self.corpus)

    @cached_property
    def stored(self) -> list[ArmReply]:
        """The replies in logs and files."""
        in_files = (reply for path in self.files for reply in file_replies(path))
        return [*log_replies(self.logs, self.model_arms), *in_files]

    @property
    def asked(self) -> tuple[TrainedAdapter, ...]:
        """The adapters that are asked the prompts."""
        return distinct(self.adapters)

    @property
    def generated(self) -> int:
        """Replies that are generated, by the adapters and their base."""
        return (len(self.asked) + 1) * len(self.prompts) if self.adapters else 0

    @property
    def labelled(self) -> int:
        """Labelled replies that each meter is validated on."""
        return len({text for pairs in labelled_contrasts(self.labels).values() for pair in pairs for text in pair})

    @property
    def readings(self) -> int:
        """The most texts that each meter scores: distinct stored replies, new ones, and the labelled pairs."""
        return len({reply.text for reply in self.stored}) + self.generated + self.labelled

    @property
    def costs(self) -> dict[str, str]:
        """What each meter computes, at most."""
        n = self.readings
        rows = n * rows_per_reply()
        costs = {
            MeterName.STYLE: "no model call",
            MeterName.SOCIOT: f"{rows:,} rows through {self.scoring_model}",
            MeterName.SOCIOT_RELEASED: f"{rows * ReleasedSocioT.passes:,} rows through {self.scoring_model}",
            MeterName.RATING: f"{n:,} calls of {self.grader}, twice that if it never names a rating",
        }
        return {name: f"{n:,} texts, {costs[MeterName(name)]}" for name in self.meters}

    @property
    def summary(self) -> dict[str, Any]:
        """What would run, as JSON values.

        Raises:
            PrerequisiteError: the labels let no meter decide.
        """
        require_decidable(self.labels)
        return {
            "adapters": [adapter.manifest.arm for adapter in self.asked],
            "replies_to_generate": self.generated,
            "stored_replies": len(self.stored),
            "labelled_replies": self.labelled,
            "labels": self.labels.name,
            "meters": self.costs,
        }

    @property
    def warnings(self) -> list[str]:
        """What the user must know before anything is read: a grader's end, and gated text that a remote grader gets."""
        if MeterName.RATING not in self.meters:
            return []
        notice = grader_facts(self.grader).retirement(self.grader, date.today(), "--grader ")
        return [*([notice] if notice else []), *self._sent_elsewhere()]

    def _sent_elsewhere(self) -> list[str]:
        n = sum(reply.restricted for reply in self.stored)
        if not n or runs_here(self.grader):
            return []
        return [
            f"{n:,} replies of gated or harmful benchmarks are there, and the meter 'rating' gives their text to "
            f"{self.grader}, which runs elsewhere. {ADVICE} (--grader PROVIDER/MODEL)."
        ]

    @property
    def notes(self) -> list[str]:
        """The warnings, labels of another corpus, arms of equal weights, adapters that may have learnt the prompts."""
        return [*self.warnings, *self._other_labels(), *self._equal_weights(), *self._other_corpora()]

    def _other_labels(self) -> list[str]:
        if self.labels is self.corpus:
            return []
        return [
            f"The corpus {self.corpus.name!r} has no held-out replies of known warmth, so meters were fitted and "
            f"validated on those of {self.labels.name!r}: another writer's, and perhaps about other things."
        ]

    def _equal_weights(self) -> list[str]:
        arms: dict[str, list[str]] = defaultdict(list)
        for adapter in self.asked:
            arms[adapter.manifest.adapter_sha256].append(adapter.manifest.arm)
        return [
            f"{' and '.join(names)} have the same weights: they were trained on the same pairs."
            for names in arms.values()
            if len(names) > 1
        ]

    def _other_corpora(self) -> list[str]:
        return [
            f"{adapter.folder.name} was trained on the corpus {adapter.manifest.corpus.get('name', 'unknown')!r} and "
            f"asked held-out prompts of {self.corpus.name!r}: make sure that none of them was in its training set."
            for adapter in self.asked
            if adapter.manifest.corpus.get("sha256") != self.corpus.sha256
        ]

    def load_meters(self, folder: Path, on_readings: Callable[[int], None]) -> list[WarmthMeter]:
        """The meters, whose readings are kept in the folder.

        Raises:
            PrerequisiteError: the scoring model or the grader cannot be used.
        """
        return [self._meter(MeterName(name), folder, on_readings) for name in self.meters]

    def _meter(self, name: MeterName, folder: Path, on_readings: Callable[[int], None]) -> WarmthMeter:
        meter: WarmthMeter
        match name:
            case MeterName.RATING:
                return RatingMeter.by_name(self.grader, folder / "ratings")
            case MeterName.STYLE:
                meter = style_meter(self.labels)
            case MeterName.SOCIOT:
                meter = SocioT(scoring_model_path(self.scoring_model), self.scoring_dtype)
            case MeterName.SOCIOT_RELEASED:
                meter = ReleasedSocioT(scoring_model_path(self.scoring_model), self.scoring_dtype)
        return CachedMeter(meter, folder / "readings", on_readings)

    def arms(self, folder: Path) -> list[ArmReplies]:
        """Every arm's replies; those of adapters are generated as far as they are not in the folder yet.

        Raises:
            PrerequisiteError: the base model cannot be fetched, or generation failed.
        """
        generated: list[ArmReply] = []
        if self.adapters:
            generated = adapter_replies(
                self.asked, self.base, self.prompts, folder / "replies", self.sampling, self.seeds, self.provider
            )
        return by_arm([*generated, *self.stored])
