"""Replies labelled by reading: a blind sample of logs, a local page to label it on, and the labels joined with grades.

`graded_replies` and `export` draw a sheet and its key from logs; a `LabelPage` over a `LabelFile` takes the labels;
`labelled_replies` joins them with the key, and `write_scores` hands them to Inspect.
"""

from warm_inspect.labelling.files import (
    key_of_labels,
    key_path,
    labels_path,
    read_key,
    read_marks,
    read_sheet,
    sheet_path,
)
from warm_inspect.labelling.joining import labelled_replies, write_scores
from warm_inspect.labelling.label_file import LabelFile
from warm_inspect.labelling.page import LabelPage
from warm_inspect.labelling.sampling import STRATA, Export, Graded, export, graded_replies

__all__ = [
    "STRATA",
    "Export",
    "Graded",
    "LabelFile",
    "LabelPage",
    "export",
    "graded_replies",
    "key_of_labels",
    "key_path",
    "labelled_replies",
    "labels_path",
    "read_key",
    "read_marks",
    "read_sheet",
    "sheet_path",
    "write_scores",
]
