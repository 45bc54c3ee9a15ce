"""What any task's sample says of itself."""

from typing import Any

import pytest

from warm_inspect.core.metadata import cluster_of


@pytest.mark.parametrize(
    ("metadata", "cluster"),
    [
        ({"cluster_id": "q1"}, "q1"),
        ({}, "7"),
        ({"cluster_id": ""}, "7"),
        ({"warm_inspect_own_task": "mine/sums", "warm_inspect_cluster_id": "q2", "cluster_id": "theirs"}, "q2"),
    ],
)
def test_the_cluster_of_a_sample_is_what_it_declares_else_its_id(metadata: dict[str, Any], cluster: str) -> None:
    assert cluster_of(metadata, 7) == cluster
