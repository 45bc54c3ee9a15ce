"""The template environment that every page of the package is rendered in: all values escaped, none missing."""

from typing import TYPE_CHECKING

from warm_inspect.tables import interval, p_value, percent, points, whole

if TYPE_CHECKING:
    from jinja2 import Environment


def environment() -> "Environment":
    """The templates in `content/report/`, with the filters that write numbers."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader("warm_inspect", "content/report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update({write.__name__: write for write in (percent, points, interval, p_value, whole)})
    return templates
