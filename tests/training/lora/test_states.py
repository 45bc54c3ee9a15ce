from pathlib import Path

from warm_inspect.training.lora.states import complete_states, mark_complete, remove_earlier, remove_unusable


def test_only_complete_states_count(tmp_path: Path) -> None:
    for step in (20, 100, 40):
        (tmp_path / "now" / f"checkpoint-{step}").mkdir(parents=True)
    (tmp_path / "before").mkdir()
    mark_complete(tmp_path / "now", 100)
    mark_complete(tmp_path / "now", 20)
    remove_unusable(tmp_path / "now", 100)
    states = complete_states(tmp_path / "now")
    assert [state.step for state in states] == [20, 100]
    assert {path.name for path in tmp_path.rglob("*")} == {"now", "checkpoint-20", "checkpoint-100", "whole"}
    remove_earlier(states[-1])
    assert complete_states(tmp_path / "now") == states[1:]
    remove_unusable(tmp_path / "now", 99)
    assert complete_states(tmp_path / "now") == []
