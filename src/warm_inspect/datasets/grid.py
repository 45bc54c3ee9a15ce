"""GridDataset: samples of questions in several conditions, which warns when a run leaves out a part of a grid."""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import overload

from inspect_ai.dataset import Dataset, MemoryDataset, Sample

from warm_inspect.core.metadata import contract_fields

logger = logging.getLogger(__name__)


class GridDataset(MemoryDataset):
    """An in-memory dataset whose questions are asked in every condition.

    Inspect takes a slice of it for `--limit`, after `--sample-shuffle` has mixed it. A slice that holds a question in
    some of its conditions only is logged as a warning, once: contrasts compare the conditions of one question.
    """

    _warned = False

    @overload
    def __getitem__(self, index: int) -> Sample: ...

    @overload
    def __getitem__(self, index: slice) -> Dataset: ...

    def __getitem__(self, index: int | slice) -> Sample | Dataset:
        """The sample, or a plain dataset of the samples in a slice."""
        part = super().__getitem__(index)
        if isinstance(part, Dataset):
            self._warn_of_cut(list(part))
        return part

    def _warn_of_cut(self, kept: Sequence[Sample]) -> None:
        conditions = len(self) // max(1, len({_question(sample) for sample in self}))
        samples = Counter(map(_question, kept))
        cut = sum(count < conditions for count in samples.values())
        if cut and not self._warned:
            self._warned = True
            logger.warning(
                "%s: of %d samples %d are run, and %d of their %d questions lack some of the %d conditions that are "
                "compared within a question. Instead of --limit and --sample-shuffle give -T items=%d.",
                self.name, len(self), len(kept), cut, len(samples), conditions, max(1, len(kept) // conditions),
            )  # fmt: skip


def _question(sample: Sample) -> object:
    return contract_fields(sample.metadata or {})["question_id"]
