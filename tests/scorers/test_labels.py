"""`labels`: what readers said, as Inspect's precomputed scores beside the grading's."""

import json
from pathlib import Path

from inspect_ai import score
from inspect_ai.log import read_eval_log

from tests.made_logs import reply, write_log
from warm_inspect.scorers import labels


def test_labels_stand_beside_the_grades_and_count_only_where_there_are_some(tmp_path: Path) -> None:
    log = write_log(tmp_path / "one.eval", [reply("q1"), reply("q2", "incorrect"), reply("q3")])
    records = [
        {
            "id": "none/none · q1",
            "epoch": 1,
            "value": {"correct": 1, "incorrect": 0},
            "explanation": None,
            "metadata": {},
        },
        {
            "id": "none/none · q2",
            "epoch": 1,
            "value": {"correct": 0, "incorrect": 1},
            "explanation": "odd",
            "metadata": {},
        },
    ]
    file = tmp_path / "one.json"
    file.write_text(json.dumps(records))
    scored = score(read_eval_log(str(log)), labels(str(file)), action="append", display="none")
    assert scored.samples
    assert [set(sample.scores or {}) for sample in scored.samples] == [
        {"correctness", "labels"},
        {"correctness", "labels"},
        {"correctness"},
    ]
    assert scored.results
    means = {each.name: each.metrics["mean"].value for each in scored.results.scores if each.scorer == "labels"}
    assert means == {"correct": 0.5, "incorrect": 0.5}
