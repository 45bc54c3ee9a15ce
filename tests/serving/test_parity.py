"""The bench that compares peft/ with a server: its counting, and its way through the loopback server."""

from pathlib import Path

import pytest

from bench.parity.compare import Parity, Reply, compared, first_difference, parity, table
from tests.serving.conftest import Arms
from tests.serving.loopback_vllm import LoopbackVLLM
from warm_inspect.models import TrainedAdapter


def test_agreement_is_counted_by_token_and_by_grade() -> None:
    right, wrong = (1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 1.0)
    local = [Reply((1, 2, 3), right), Reply((1, 2), right), Reply((5,), wrong), Reply((), right)]
    served = [Reply((1, 2, 3), right), Reply((1, 2, 9), right), Reply((6,), right), Reply((), wrong)]
    # Places 2 and 0 differ; of four grades two are equal; the claim is endorsed once either way.
    assert parity(local, served) == Parity(replies=4, equal=2, first_difference=1, same_grade=2, shift=0)
    assert parity(local, local) == Parity(replies=4, equal=4, first_difference=None, same_grade=4, shift=0)
    assert "| 2 (50%) | 1 | 2 (50%) | +0.0 points |" in table({"warm": parity(local, served)})


@pytest.mark.parametrize(("one", "other", "place"), [((1, 2), (1, 3), 1), ((1,), (1, 2), 1), ((), (4,), 0)])
def test_the_first_difference(one: tuple[int, ...], other: tuple[int, ...], place: int) -> None:
    assert first_difference(one, other) == place


@pytest.mark.slow
def test_equal_engines_agree_and_a_server_with_other_weights_does_not(
    arms: Arms, server: LoopbackVLLM, tmp_path: Path
) -> None:
    adapters = [TrainedAdapter.read(arms.folder("warm"))]
    results = compared(adapters, str(arms.base), tmp_path, items=2, max_tokens=6, dtype="float32")
    assert list(results) == [arms.base_name, arms.name("warm")]
    assert all(each.equal == each.same_grade == each.replies == 4 for each in results.values())
    server.unload(arms.name("warm"))
    server.load(arms.name("warm"), str(arms.folder("cold")))
    swapped = compared(adapters, str(arms.base), tmp_path, items=2, max_tokens=6, dtype="float32")
    assert swapped[arms.name("warm")].equal < 4, "the canary sees a difference, parity that it is the wrong one"
