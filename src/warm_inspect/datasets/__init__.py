"""Items of benchmarks and controls, and the samples made of them.

`load_items` and `load_control` read an `ItemSet` from the package or, at a pinned revision, from the Hugging Face Hub
(`hub`); `crossed_dataset` and `control_dataset` make Inspect samples of it. `fetch_file` gives any one file of a pinned
Hub data set.
"""

from warm_inspect.datasets.are_you_sure import are_you_sure_dataset, load_are_you_sure
from warm_inspect.datasets.feedback import TextItem, feedback_dataset, load_texts
from warm_inspect.datasets.grid import GridDataset
from warm_inspect.datasets.hostility import hostility_dataset, hostility_scripts
from warm_inspect.datasets.hub import HubUnreachable, Pin, fetch_file, hub_access
from warm_inspect.datasets.item import AnsweredItem, BenchmarkItem, ControlItem, Item, ItemSet, ItemT
from warm_inspect.datasets.load import load_bundled, load_control, load_items
from warm_inspect.datasets.mimicry import load_poems, mimicry_dataset
from warm_inspect.datasets.problems import make_problems, reliability_dataset
from warm_inspect.datasets.samples import control_dataset, crossed_dataset, draw_items, drawn_names, sample_id

__all__ = [
    "AnsweredItem",
    "BenchmarkItem",
    "ControlItem",
    "GridDataset",
    "HubUnreachable",
    "Item",
    "ItemSet",
    "ItemT",
    "Pin",
    "TextItem",
    "are_you_sure_dataset",
    "control_dataset",
    "crossed_dataset",
    "draw_items",
    "drawn_names",
    "feedback_dataset",
    "fetch_file",
    "hostility_dataset",
    "hostility_scripts",
    "hub_access",
    "load_are_you_sure",
    "load_bundled",
    "load_control",
    "load_items",
    "load_poems",
    "load_texts",
    "make_problems",
    "mimicry_dataset",
    "reliability_dataset",
    "sample_id",
]
