"""Where the labels of points go: near their points, off one another, inside the frame, the same way every time."""

from collections.abc import Sequence
from itertools import product
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

Place = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""
Floats = NDArray[np.float64]

_ANGLES = tuple(step * pi / 8 for step in range(16))
_GAPS = (1.0, 5.0, 10.0, 16.0, 24.0)
"""Distances of a label's edge from its mark, in points."""
_PASSES = 3


def place_labels(marks: Sequence[Place], sizes: Sequence[Place], frame: Box, radius: float) -> list[Place]:
    """The centre of each label, in the unit of the marks.

    Each label in turn takes the place that covers the least of the other labels and marks, then the nearest; later
    passes move it once the others stand.

    Args:
        marks: the centres of the points.
        sizes: width and height of each label.
        frame: what labels must stay within.
        radius: half the width of a mark.
    """
    points = np.array(marks, dtype=np.float64).reshape(-1, 2)
    dots = _boxes(points, (2 * radius, 2 * radius))
    centres = points.copy()
    boxes = np.full((len(points), 4), np.nan)  # of the labels that stand
    for _ in range(_PASSES):
        for i, (mark, size) in enumerate(zip(points, sizes, strict=True)):
            stands = ~np.isnan(boxes[:, 0])
            stands[i] = False
            candidates = _candidates(mark, size, radius)
            costs = _costs(mark, size, candidates, points, np.concatenate([dots, boxes[stands]]), frame)
            # Rounded, so that equal costs stay equal whatever the order a processor sums in: the nearest comes first.
            centres[i] = candidates[np.argmin(costs.round(6))]
            boxes[i] = _boxes(centres[i], size)
    return [(float(x), float(y)) for x, y in centres]


def _candidates(mark: Floats, size: Place, radius: float) -> Floats:
    """(candidates, 2) centres around a mark, nearest first: the label's edge keeps the gap in every direction."""
    return np.array(
        [
            (mark[0] + cos(angle) * (size[0] / 2 + radius + gap), mark[1] + sin(angle) * (size[1] / 2 + radius + gap))
            for gap, angle in product(_GAPS, _ANGLES)
        ]
    )


def _costs(mark: Floats, size: Place, at: Floats, marks: Floats, others: Floats, frame: Box) -> Floats:
    """What each candidate centre costs. Shapes: mark (2), at (candidates, 2), marks (points, 2), others (boxes, 4)."""
    boxes = _boxes(at, size)
    covered = _overlaps(boxes, others).sum(axis=1)
    outside = size[0] * size[1] - _overlaps(boxes, np.array([frame]))[:, 0]
    own = np.hypot(*(at - mark).T)
    # A label nearer to another mark than to its own would be read as that one's.
    to_marks = np.hypot(*(at[:, None, :] - marks).transpose(2, 0, 1))
    astray = np.maximum(0.0, own[:, None] - to_marks).sum(axis=1)
    costs: Floats = 10 * covered + 10 * outside + own + 3 * astray
    return costs


def _boxes(centres: Floats, size: Place) -> Floats:
    """Boxes of one size: (..., 4) for centres (..., 2)."""
    half = np.array(size) / 2
    return np.concatenate([centres - half, centres + half], axis=-1)


def _overlaps(a: Floats, b: Floats) -> Floats:
    """(len(a), len(b)): the area that two boxes share."""
    low = np.maximum(a[:, None, :2], b[:, :2])
    high = np.minimum(a[:, None, 2:], b[:, 2:])
    shared: Floats = np.maximum(0.0, high - low).prod(axis=2)
    return shared
