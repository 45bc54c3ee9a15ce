"""Notes on adapters whose warmth was not shown to be what their arm stands for."""

import pytest

from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.observations.cautions import warmth_cautions


@pytest.mark.parametrize(
    ("arm", "status", "code"),
    [
        ("warm", "passed", None),
        ("warm", "failed", Code.WARMTH_FAILED),
        ("neutral", "failed", Code.WARMTH_MOVED),
        ("neutral", "not_run", Code.WARMTH_NOT_CHECKED),
        ("mine", "not_run", Code.WARMTH_NOT_CHECKED),
        # Trained on claims: nothing is asked about their warmth.
        ("agreeing", "not_run", None),
        ("answering+persona_warm", "not_run", None),
    ],
)
def test_each_status_has_its_note(arm: str, status: str, code: Code | None) -> None:
    assert [note.code for note in warmth_cautions({arm: [status]})] == ([code] if code else [])
