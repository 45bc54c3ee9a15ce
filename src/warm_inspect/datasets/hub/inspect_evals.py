"""Questions of the control tasks of inspect_evals: to keep them out of training data, not to run them.

Revisions and splits are those that the tasks of inspect_evals 0.26 read, so what it has loaded serves here too. MMLU:
Hendrycks et al. 2021, arXiv 2009.03300. GSM8K: Cobbe et al. 2021, arXiv 2110.14168.
"""

from collections.abc import Mapping
from typing import Any

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_json
from warm_inspect.datasets.hub.rows import Pin, column, fetch_parquet, text
from warm_inspect.datasets.item import ControlItem, ItemSet

MMLU = Pin("cais/mmlu", "c30699e8356da336a370243923dbaf21066bb9fe")
GSM8K = Pin("openai/gsm8k", "cc7b047b6e5bb11b4f1af84efc572db110a51b3c")

MMLU_FILE = "all/test-00000-of-00001.parquet"
GSM8K_FILE = "main/test-00000-of-00001.parquet"

_INSTEAD = "continue without it: the datasheet names what was not compared"
_DIGITS = 12


def load_mmlu() -> ItemSet[ControlItem]:
    """The questions of MMLU's test split with their options.

    Raises:
        PrerequisiteError: the data set cannot be read, or its columns are not the ones expected.
    """
    rows = fetch_parquet(MMLU, MMLU_FILE, _INSTEAD)
    items = tuple(_item("mmlu", row, MMLU.repo, text(row, "subject", MMLU.repo), _options(row)) for row in rows)
    return ItemSet(name="mmlu_0_shot", items=items, revision=MMLU.revision)


def load_gsm8k() -> ItemSet[ControlItem]:
    """The questions of GSM8K's test split.

    Raises:
        PrerequisiteError: the data set cannot be read, or its columns are not the ones expected.
    """
    rows = fetch_parquet(GSM8K, GSM8K_FILE, _INSTEAD)
    items = tuple(_item("gsm8k", row, GSM8K.repo, "arithmetic", ()) for row in rows)
    return ItemSet(name="gsm8k", items=items, revision=GSM8K.revision)


def _options(row: Mapping[str, Any]) -> tuple[str, ...]:
    options = column(row, "choices", MMLU.repo)
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        raise PrerequisiteError(
            f"Column 'choices' of the data set {MMLU.repo} does not hold a list of texts",
            "It is not the version this package reads: empty its folder in the Hub cache and try again.",
        )
    return tuple(options)


def _item(name: str, row: Mapping[str, Any], dataset: str, category: str, options: tuple[str, ...]) -> ControlItem:
    question = text(row, "question", dataset)
    question_id = f"{name}-{sha256_json([question, *options])[:_DIGITS]}"
    return ControlItem(
        question_id=question_id,
        question=question,
        category=category,
        cluster_id=question_id,
        options=options,
    )
