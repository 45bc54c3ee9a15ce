"""The items of our own control tasks, and the samples made of them: one per item, without contexts or beliefs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from string import ascii_uppercase
from typing import Any

from inspect_ai.dataset import MemoryDataset, Sample

from warm_inspect import __version__
from warm_inspect.conditions.prompt import rendered_sha256
from warm_inspect.core.controls import OPTIONS, ControlMetadata
from warm_inspect.core.documents import content_folder
from warm_inspect.core.errors import missing_extra
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.vocabulary import Source
from warm_inspect.datasets.item import Exclusion
from warm_inspect.datasets.samples import drawn_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlItem:
    """One item of a control task after mapping."""

    question_id: str
    question: str
    category: str
    options: tuple[str, ...] = ()
    """The options of a multiple-choice item, in the order in which they are shown; empty for others."""
    target: str = ""
    """The right number, or the letter of the right option; empty for requests."""

    @property
    def prompt(self) -> str:
        """What the user asks: the question, and below it the lettered options, one a line."""
        lines = [f"{letter}) {option}" for letter, option in zip(ascii_uppercase, self.options, strict=False)]
        return "\n".join([self.question, *lines])


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSet:
    """All usable items of a control task from one source."""

    name: str
    items: tuple[ControlItem, ...]
    exclusions: tuple[Exclusion, ...] = ()
    revision: str
    """The pinned Hub commit, or the sha256 of the bundled file."""
    harmful: bool = False
    """Whether the items ask for something harmful, so that no report may show their text."""


def load_capability() -> ControlSet:
    """The capability set in the package: short arithmetic and general knowledge, newly written and fact-checked."""
    return _bundled("capability", harmful=False)


def load_requests(source: Source) -> ControlSet:
    """The harmful requests of `advbench`: those of the Hub's data set, or newly written mild ones in the package.

    Raises:
        PrerequisiteError: the data set cannot be read, or its columns are not the ones expected.
    """
    if source is Source.BUNDLED:
        return _bundled("advbench", harmful=True)
    try:
        from warm_inspect.datasets.hub.advbench import load_advbench
    except ImportError as error:
        raise missing_extra("source=hub", "hub", error) from error
    return load_advbench()


def control_sets(name: str) -> dict[Source, Callable[[], ControlSet]]:
    """Loaders of a control benchmark's questions, one for each source that has them.

    MMLU and GSM8K are tasks of inspect_evals, so theirs are for comparing texts only. A loader raises PrerequisiteError
    where its data set cannot be read.
    """
    sets: dict[str, dict[Source, Callable[[], ControlSet]]] = {
        "capability": {Source.BUNDLED: load_capability},
        "advbench": {source: partial(load_requests, source) for source in (Source.BUNDLED, Source.HUB)},
        "mmlu_0_shot": {Source.HUB: _load_mmlu},
        "gsm8k": {Source.HUB: _load_gsm8k},
    }
    return sets[name]


def control_dataset(found: ControlSet, count: int | None, persona: str, seed: int, task_version: str) -> MemoryDataset:
    """The samples of a control task: the drawn items in the set's order.

    Raises:
        PrerequisiteError: more items asked for than there are.
    """
    drawn = drawn_ids(found.name, [item.question_id for item in found.items], len(found.exclusions), count, seed)
    samples = [_sample(found, item, persona, seed, task_version) for item in found.items if item.question_id in drawn]
    return MemoryDataset(samples, name=f"{found.name}@{found.revision}", shuffled=False)


def _load_mmlu() -> ControlSet:
    from warm_inspect.datasets.hub.inspect_evals import load_mmlu

    return load_mmlu()


def _load_gsm8k() -> ControlSet:
    from warm_inspect.datasets.hub.inspect_evals import load_gsm8k

    return load_gsm8k()


def _bundled(name: str, harmful: bool) -> ControlSet:
    text = content_folder("items").joinpath(f"{name}.jsonl").read_text(encoding="utf-8")
    items = tuple(_item(json.loads(line)) for line in text.splitlines() if line.strip())
    return ControlSet(name=name, items=items, revision=f"bundled-{sha256_text(text)[:12]}", harmful=harmful)


def _item(row: dict[str, Any]) -> ControlItem:
    return ControlItem(
        question_id=row["question_id"],
        question=row["question"],
        category=row["category"],
        options=tuple(row.get("options", ())),
        target=row.get("target", ""),
    )


def _sample(found: ControlSet, item: ControlItem, persona: str, seed: int, task_version: str) -> Sample:
    metadata = ControlMetadata(
        control=found.name,
        task_version=task_version,
        question_id=item.question_id,
        category=item.category,
        persona=persona,
        gated=found.harmful,
        harmful=found.harmful,
        cluster_id=item.question_id,
        prompt_sha256=rendered_sha256(item.prompt, persona),
        dataset_revision=found.revision,
        seed=seed,
        warm_inspect_version=__version__,
    )
    return Sample(
        id=item.question_id,
        input=item.prompt,
        target=item.target,
        # The options are the scorer's part, which the analysis leaves alone.
        metadata={**metadata.model_dump(), OPTIONS: list(item.options)},
    )
