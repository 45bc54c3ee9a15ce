"""Which distribution each installed module is of, which Inspect asks for every task that it runs."""

from functools import cache
from importlib import metadata
from unittest.mock import patch


def read_distributions_once() -> None:
    """Keep the answer, which takes half a second; to be called before Inspect is imported."""
    patch.object(metadata, "packages_distributions", cache(metadata.packages_distributions)).start()
