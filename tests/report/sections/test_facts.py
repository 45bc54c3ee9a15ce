"""Facts of a study; expectations by hand."""

from tests.made_logs import grid, study_of
from warm_inspect.report.sections.facts import facts


def test_facts_come_from_the_logs() -> None:
    known = facts(study_of(grid({"original": 0.3, "warm": 0.3}, questions=6, contexts=("none", "filler"))))
    assert known.benchmarks == [("triviaqa", 6, "bundled-0123456789ab")]
    assert (known.replies, known.questions, known.statements, known.prompts) == (48, 6, 5, 24)
    assert known.seeds == [("warm", 1)]
    assert known.settings == [("temperature", "0.8"), ("token limit", "300")]
    assert (known.bundled, known.matched, known.few_seeds, known.repeated) == (True, True, True, False)
