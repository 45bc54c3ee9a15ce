"""What pages are made with: the template environment, shortened texts, and links into Inspect's viewer."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.shown_text import shown
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.tables import interval, p_equation, percent, points, whole

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> "Environment":
    """The templates in `content/report/`, compiled once a process, with the filters that write numbers and arms."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader("warm_inspect", "content/report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    written = (percent, points, interval, p_equation, whole, arm_words)
    templates.filters.update({write.__name__: write for write in written})
    return templates


def _finalized(value: object) -> object:
    """What a template puts into a page, without signs that steer the browser; markup stays markup."""
    from markupsafe import Markup

    if not isinstance(value, str) or (safe := shown(value)) == value:
        return value
    return Markup(safe) if isinstance(value, Markup) else safe


def arm_words(arm: str) -> str:
    """The arm as the object of a sentence: the original has an article, a name has none."""
    return f"the {arm}" if arm == ORIGINAL else arm


def shortened(text: str, characters: int) -> str:
    """The text, cut after so many characters, with an ellipsis where it was cut."""
    return text if len(text) <= characters else f"{text[:characters]}…"


class ViewerLinks:
    """Addresses of samples in Inspect's viewer, which serves the folder that holds all the logs."""

    def __init__(self, viewer: str, paths: Sequence[str]) -> None:
        if not viewer.startswith(("http://", "https://", "./", "../", "/")):
            raise PrerequisiteError(
                f"--viewer {viewer!r} is no web address. Give where `inspect view start` or a bundle of "
                "`inspect view bundle` is served, for example http://127.0.0.1:7575"
            )
        self._viewer = viewer.rstrip("/")
        folders = [path.replace("\\", "/").split("/")[:-1] for path in paths]
        shared = 0
        while all(len(folder) > shared and folder[shared] == folders[0][shared] for folder in folders):
            shared += 1
        self._shared = shared

    def sample(self, path: str, sample_id: str, epoch: int) -> str:
        """The address of one sample in the log at a path."""
        parts = [*path.replace("\\", "/").split("/")[self._shared :]]
        path = "/".join(quote(part) for part in parts)
        return f"{self._viewer}/#/logs/{path}/samples/sample/{quote(sample_id, safe='')}/{epoch}"
