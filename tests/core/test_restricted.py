"""Restricted samples: one way from the metadata of any sample to whether its text may leave the machine."""

from typing import Any

import pytest

from warm_inspect.core.controls import CONTROL_BENCHMARKS, ControlKind
from warm_inspect.core.restricted import HARMFUL, is_restricted, item_set_of

OWN = {"warm_inspect_own_task": "mine/sums", "warm_inspect_benchmark": "sums", "warm_inspect_gated": False}


@pytest.mark.parametrize(
    ("metadata", "named", "restricted"),
    [
        ({}, "", False),
        ({"gated": True}, "", True),
        ({"benchmark": "medqa", "gated": False}, "medqa", False),
        ({"benchmark": "disinfo", "gated": False}, "disinfo", True),
        ({"control": "advbench"}, "advbench", True),
        ({"family": "are_you_sure", "item_set": "disinfo", "gated": False}, "disinfo", True),
        ({"family": "are_you_sure", "item_set": "medqa", "gated": False}, "medqa", False),
        (OWN, "sums", False),
        (OWN | {"warm_inspect_gated": True}, "sums", True),
        (OWN | {"control": "advbench"}, "sums", True),
        (OWN | {"warm_inspect_benchmark": "advbench"}, "advbench", True),
    ],
)
def test_a_sample_is_restricted_by_its_flag_or_by_the_set_of_its_item(
    metadata: dict[str, Any], named: str, restricted: bool
) -> None:
    assert (item_set_of(metadata), is_restricted(metadata)) == (named, restricted)


def test_every_control_of_harmful_requests_is_harmful() -> None:
    assert {each.name for each in CONTROL_BENCHMARKS.values() if each.kind is ControlKind.REFUSAL} <= set(HARMFUL)
