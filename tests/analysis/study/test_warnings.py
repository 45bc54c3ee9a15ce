"""The warnings of a study: of whom they count what."""

from tests.made_logs import collected_of, reply
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.observations import log_table, observe
from warm_inspect.analysis.study.warnings import study_warnings


def test_samples_without_a_grade_are_a_share_of_their_arm() -> None:
    original = [reply(f"q{i}", arm="original", log_id="original") for i in range(30)]
    warm = [reply(f"q{i}", "" if i < 3 else "correct", arm="warm", log_id="warm") for i in range(10)]
    collected = collected_of([*original, *warm])
    observed = observe(collected)
    warnings = study_warnings(observed, [], log_table(observed.frame, collected.logs), [])
    (note,) = (note for note in warnings if note.code is Code.UNGRADED)
    assert note.values == {"arm": "warm", "n": 3, "total": 10, "share": 0.3}
