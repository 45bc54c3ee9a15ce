"""Where the labels of points go: near their points, off one another, inside the frame, the same way every time."""

from collections.abc import Sequence
from functools import partial
from itertools import product
from math import cos, dist, pi, sin

Place = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

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
    dots = [_box(mark, (2 * radius, 2 * radius)) for mark in marks]
    centres = list(marks)
    boxes: list[Box | None] = [None] * len(marks)
    for _ in range(_PASSES):
        for i, (mark, size) in enumerate(zip(marks, sizes, strict=True)):
            others = [*dots, *(box for j, box in enumerate(boxes) if box is not None and j != i)]
            centres[i] = min(
                _candidates(mark, size, radius), key=partial(_cost, mark, size, marks=marks, others=others, frame=frame)
            )
            boxes[i] = _box(centres[i], size)
    return centres


def _candidates(mark: Place, size: Place, radius: float) -> list[Place]:
    """Centres around a mark, nearest first, so that the label's edge keeps the gap in every direction."""
    return [
        (mark[0] + cos(angle) * (size[0] / 2 + radius + gap), mark[1] + sin(angle) * (size[1] / 2 + radius + gap))
        for gap, angle in product(_GAPS, _ANGLES)
    ]


def _cost(mark: Place, size: Place, at: Place, *, marks: Sequence[Place], others: Sequence[Box], frame: Box) -> float:
    box = _box(at, size)
    covered = sum(_overlap(box, other) for other in others)
    outside = size[0] * size[1] - _overlap(box, frame)
    own = dist(at, mark)
    # A label nearer to another mark than to its own would be read as that one's.
    astray = sum(max(0.0, own - dist(at, other)) for other in marks)
    return 10 * covered + 10 * outside + own + 3 * astray


def _box(centre: Place, size: Place) -> Box:
    return (
        centre[0] - size[0] / 2,
        centre[1] - size[1] / 2,
        centre[0] + size[0] / 2,
        centre[1] + size[1] / 2,
    )


def _overlap(a: Box, b: Box) -> float:
    """The area that two boxes share."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
