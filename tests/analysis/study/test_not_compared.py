"""Arms that no number compares are named with what keeps them apart, and lead nothing."""

import pytest

from tests.made_logs import Reply, study_of, study_reply
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.report.sections.headline import headlines

STATED = ("none", "incorrect")


def replies(arm: str, condition: tuple[str, str] = STATED, benchmark: str = "triviaqa", first: int = 0) -> list[Reply]:
    grades = ["incorrect", "correct"]
    return [study_reply(arm, benchmark, i, condition, grades[i % 2]) for i in range(first, first + 6)]


def study(*others: Reply) -> AnalysedStudy:
    """Six questions of the original, and the other replies."""
    return study_of([*replies("original"), *others])


@pytest.mark.parametrize(
    ("warm", "code"),
    [
        ([row | {"base_model": "other"} for row in replies("warm")], Code.NO_SHARED_BASE),
        (replies("warm", benchmark="medqa"), Code.NO_SHARED_BENCHMARK),
        (replies("warm", condition=("none", "none")), Code.NO_SHARED_CELL),
        (replies("warm", first=6), Code.NO_SHARED_QUESTION),
    ],
)
def test_an_absent_comparison_says_why(warm: list[Reply], code: Code) -> None:
    result = study(*warm)
    rows = result.estimates
    assert rows[(rows["term"] == "contrast") & (rows["reference"] == "original")].empty
    note = result.warnings[0]
    assert note.codes == (Code.NOT_COMPARED, code)
    assert (note.values["arm"], note.values["reference"]) == ("warm", "original")
    # The levels that keep them apart are named, the arm's first.
    for level in {Code.NO_SHARED_BASE: ["other"], Code.NO_SHARED_BENCHMARK: ["medqa", "triviaqa"]}.get(code, []):
        assert level in note.words
    # The first sentence gives the reason, and no headline is promised that no number answers.
    (headline,) = headlines(result)
    reason = note.values["reason"]
    assert isinstance(reason, Note)
    assert headline.lead.endswith(reason.words)
    (design,) = result.designs
    assert (design.arm, design.questions) == ("warm", ())


def test_what_is_compared_is_not_called_absent() -> None:
    result = study(*replies("warm"))
    assert Code.NOT_COMPARED not in {note.code for note in result.warnings}
    assert result.designs[0].questions
