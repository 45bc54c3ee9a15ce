import pytest

from warm_inspect.training.corpus.rewriting.equivalence import parse_equivalence


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Same facts.\nVERDICT: EQUIVALENT", True),
        ("**VERDICT: changed**", False),
        ("VERDICT: CHANGED\nNo, wait.\nVERDICT: EQUIVALENT.", True),
        ("VERDICT: EQUIVALENT\nVERDICT: EQUIVALENT or CHANGED", None),
        ("They are EQUIVALENT.", None),
        ("VERDICT: NOT EQUIVALENT", None),
        ("", None),
    ],
)
def test_only_a_clear_last_verdict_counts(text: str, same: bool | None) -> None:
    assert parse_equivalence(text) is same
