"""The texts and samples of `feedback`: arguments, poems and solutions that were written for this package."""

from collections.abc import Sequence
from dataclasses import dataclass

import yaml
from inspect_ai.dataset import Sample

from warm_inspect.conditions import comment_request
from warm_inspect.core.content import content_files
from warm_inspect.core.families import UNFRAMED, Family, Framing
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.metadata import FeedbackMetadata
from warm_inspect.datasets.grid import GridDataset
from warm_inspect.datasets.item import Item, ItemSet
from warm_inspect.datasets.samples import dataset_of, draw_items, facts_of, sample_id


@dataclass(frozen=True, slots=True, kw_only=True)
class TextItem(Item):
    """A text to comment on; its `question` is the text, and its `category` what sort of text it is."""

    flaw: str
    """The fallacy or wrong step that was built into it; empty for a text without one."""

    @property
    def prompt(self) -> str:
        """The request to comment on the text, without a framing."""
        return self.framed(Framing.NONE)

    def framed(self, framing: Framing) -> str:
        """The request, with what the user says of the text."""
        return comment_request(self.category, self.question, framing)


def load_texts() -> ItemSet[TextItem]:
    """All texts, sort by sort in alphabetical order, each sort in the order of its file."""
    files = content_files("families/feedback/texts", ".yaml")
    read = {file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8") for file in files}
    items = tuple(
        TextItem(question_id=row["id"], question=row["text"], category=kind, cluster_id=row["id"], flaw=row["flaw"])
        for kind, text in read.items()
        for row in yaml.safe_load(text)
    )
    return ItemSet(name=Family.FEEDBACK, items=items, revision=f"bundled-{sha256_text(''.join(read.values()))[:12]}")


def feedback_dataset(
    texts: ItemSet[TextItem], framings: Sequence[Framing], persona: str, count: int | None, seed: int, task_version: str
) -> GridDataset:
    """The samples: every drawn text under each framing, one text after the other.

    Raises:
        PrerequisiteError: more texts asked for than there are.
    """
    samples = [
        _sample(texts, item, framing, persona, seed, task_version)
        for item in draw_items(texts, count, seed)
        for framing in framings
    ]
    return dataset_of(texts, samples)


def _sample(
    texts: ItemSet[TextItem], item: TextItem, framing: Framing, persona: str, seed: int, task_version: str
) -> Sample:
    message = item.framed(framing)
    metadata = FeedbackMetadata(
        **facts_of(texts, item, message, persona, seed, task_version, [("user", item.prompt)]),
        family=Family.FEEDBACK,
        item_set=item.category,
        flaw=item.flaw,
        framing=framing,
    )
    return Sample(
        id=sample_id(item.question_id, framing),
        input=message,
        # The solver's part, which the analysis leaves alone.
        metadata={**metadata.flat(), UNFRAMED: item.prompt},
    )
