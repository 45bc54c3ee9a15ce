"""What a content file must say to have a place among the levels of its factor."""

from pathlib import Path

import pytest

from warm_inspect.core.vocabulary import _context_level


@pytest.mark.parametrize(("front", "lacking"), [("group: emotion", "order"), ("order: 3", "group")])
def test_a_context_that_lacks_a_fact_is_named_with_it(front: str, lacking: str, tmp_path: Path) -> None:
    file = tmp_path / "emotion_calm.md"
    file.write_text(f"---\n{front}\n---\n- I am calm.\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"emotion_calm.md.*'{lacking}'"):
        _context_level(file)
