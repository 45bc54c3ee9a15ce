"""Errors as a user meets them: the value that is wrong and the way out, whatever the sentence around them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from warm_inspect.core.errors import PrerequisiteError


@contextmanager
def refused(*parts: str, by: type[Exception] = PrerequisiteError) -> Iterator[None]:
    """Expect an error whose message has all these parts."""
    with pytest.raises(by) as caught:
        yield
    for part in parts:
        assert part in str(caught.value)
