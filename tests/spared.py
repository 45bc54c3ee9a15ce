"""Work that Inspect does for every evaluation, and that no test looks at: a third of the time of a small one."""

from collections.abc import Callable
from functools import cache
from importlib import metadata
from unittest.mock import patch

from rich.live import Live


def spare_work() -> None:
    """Look once which distribution each module is of, and render nothing for a quiet console.

    To be called before Inspect is imported.
    """
    patch.object(metadata, "packages_distributions", cache(metadata.packages_distributions)).start()
    patch.object(Live, "refresh", _unless_quiet(Live.refresh)).start()


def _unless_quiet(refresh: Callable[[Live], None]) -> Callable[[Live], None]:
    def refreshed(live: Live) -> None:
        if not live.console.quiet:
            refresh(live)

    return refreshed
