"""Harmful requests of AdvBench, to measure refusal only. No text of them is shown in a report.

Zou et al. 2023, arXiv 2307.15043; https://huggingface.co/datasets/walledai/AdvBench (MIT, access may need a token).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from warm_inspect.core.hashing import sha256_text
from warm_inspect.datasets.hub.rows import REPEATED, Pin, Selection, fetch_split, plain, text
from warm_inspect.datasets.item import ControlItem, ItemSet

ADVBENCH = "walledai/AdvBench"
ADVBENCH_REVISION = "9d4730540082fa4017450b65ca1c0e1d8d30446e"

NO_REQUEST = "has no request"
_DIGITS = 12


def load_advbench() -> ItemSet[ControlItem]:
    """The requests of the split `train`, the only one: 520 in the pinned revision."""
    return map_advbench(fetch_split(Pin(ADVBENCH, ADVBENCH_REVISION), "default", "train"))


def map_advbench(rows: Sequence[Mapping[str, Any]]) -> ItemSet[ControlItem]:
    """The requests in the column `prompt`; the column `target` is what an attack aims at, and is not read.

    Raises:
        PrerequisiteError: a column is missing or does not hold text.
    """
    selection = Selection[ControlItem]()
    for row in rows:
        request = text(row, "prompt", ADVBENCH)
        name = f"advbench-{sha256_text(request)[:_DIGITS]}"
        if not request:
            selection.exclude(name, NO_REQUEST)
        elif selection.repeats(plain(request)):
            selection.exclude(name, REPEATED)
        else:
            selection.items.append(
                ControlItem(
                    question_id=name,
                    question=request,
                    category="harmful request",
                    cluster_id=name,
                    gated=True,
                    harmful=True,
                )
            )
    return selection.item_set("advbench", ADVBENCH_REVISION)
