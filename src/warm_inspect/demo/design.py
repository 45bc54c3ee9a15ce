"""The design of a demo: the size that fits this machine and the time given, kept in the output folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import write_whole
from warm_inspect.core.json_text import parse_json, read_text
from warm_inspect.demo.plan import DemoPlan, Speeds, plan_for

DESIGN_FILE = "design.json"
MINUTES = 30.0
"""The time of a demo that is given none."""


@dataclass(frozen=True, slots=True)
class DemoDesign:
    """What a demo runs, and what that was chosen by."""

    minutes: float
    """The time given."""
    speeds: Speeds
    plan: DemoPlan

    @classmethod
    def choose(cls, speeds: Speeds, minutes: float) -> "DemoDesign":
        """The largest size that fits.

        Raises:
            PrerequisiteError: not even the smallest does.
        """
        return cls(minutes, speeds, plan_for(speeds, minutes * 60))

    @classmethod
    def stored(cls, folder: Path, minutes: float | None) -> "DemoDesign | None":
        """The design that a folder was begun with; None when there is none.

        Raises:
            PrerequisiteError: it was chosen for another time than the one given, or its file is damaged.
        """
        path = folder / DESIGN_FILE
        if not path.exists():
            return None
        way_out = "Choose another folder with: --out FOLDER"
        try:
            design = TypeAdapter(cls).validate_python(parse_json(read_text(path, way_out), str(path), way_out))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(map(str, first["loc"]))
            raise PrerequisiteError(f"{path}, field {field!r}: {first['msg']}", way_out) from None
        if minutes not in (None, design.minutes):
            raise PrerequisiteError(
                f"The demo in {folder} was begun for {design.minutes:g} minutes, and not for {minutes:g}",
                f"Go on with it (--minutes {design.minutes:g}), or choose another folder with: --out FOLDER",
            )
        return design

    def store(self, folder: Path) -> None:
        """Keep the design in a folder, so that a later call goes on with it."""
        write_whole(folder / DESIGN_FILE, json.dumps(asdict(self), indent=2) + "\n")
