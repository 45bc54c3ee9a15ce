"""What a drawing really shows: the values of its marks and lines, read back from the SVG by its own tick labels."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from warm_inspect.report.drawing import Drawing

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Scale:
    """The straight line from positions to the values that the tick labels claim."""

    slope: float
    offset: float

    def value(self, position: float) -> float:
        return self.slope * position + self.offset


@dataclass(frozen=True)
class Mark:
    """One mark in the values of the axes; y is 0 where the axis has words for ticks."""

    x: float
    y: float
    hollow: bool


class Read:
    """A drawing as its reader sees it."""

    def __init__(self, drawing: Drawing, name: str) -> None:
        self.name = name
        self.root = ElementTree.fromstring(str(drawing.svg))
        self.label = self.root.attrib["aria-label"]
        self.texts = [(text.text or "").strip() for text in self.root.iter(f"{SVG}text")]
        self.scales = {axis: self._scale(axis) for axis in ("x", "y")}

    def groups(self, pattern: str) -> dict[str, ElementTree.Element]:
        """The groups whose id matches after the drawing's name."""
        groups = {}
        for group in self.root.iter(f"{SVG}g"):
            match = re.fullmatch(f"{self.name}-({pattern})", group.get("id", ""))
            if match:
                groups[match[1]] = group
        return groups

    def _scale(self, axis: str) -> Scale | None:
        places, values = [], []
        for tick in self.groups(f"{axis}tick_\\d+").values():
            text, use = tick.find(f".//{SVG}text"), tick.find(f".//{SVG}use")
            label = (text.text or "").strip().replace("−", "-") if text is not None else ""
            if use is not None and re.fullmatch(r"-?[\d.]+", label):
                places.append(float(use.attrib[axis]))
                values.append(float(label))
        if len(values) < 2:
            return None
        slope, offset = np.polyfit(places, values, 1)
        assert np.allclose(np.polyval([slope, offset], places), values, atol=1e-3), "the axis is not linear"
        return Scale(float(slope), float(offset))

    def marks(self, pattern: str) -> dict[str, Mark]:
        """The marks whose name matches."""
        marks = {}
        for name, group in self.groups(pattern).items():
            (use,) = group.iter(f"{SVG}use")
            x, y = (self._value(axis, float(use.attrib[axis])) for axis in ("x", "y"))
            marks[name] = Mark(x, y, "fill-opacity: 0" in use.get("style", ""))
        return marks

    def labels(self, pattern: str) -> dict[str, str]:
        """The texts whose name matches."""
        return {
            name: "".join(text.text or "" for text in group.iter(f"{SVG}text")).strip()
            for name, group in self.groups(pattern).items()
        }

    def heights(self, pattern: str) -> dict[str, float]:
        """The values of level lines whose name matches."""
        heights = {}
        for name, group in self.groups(pattern).items():
            (path,) = group.iter(f"{SVG}path")
            levels = {round(float(y), 4) for y in re.findall(r"[ML] [-\d.]+ ([-\d.]+)", path.attrib["d"])}
            (level,) = levels
            heights[name] = self._value("y", level)
        return heights

    def _value(self, axis: str, position: float) -> float:
        scale = self.scales[axis]
        return scale.value(position) if scale else 0.0
