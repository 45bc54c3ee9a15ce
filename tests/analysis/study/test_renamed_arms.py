"""What an arm is for decides, never what it is called: renamed arms with declared roles give the same study."""

import pandas as pd
import pytest

from tests.made_logs import Reply, collected_of, grid, study_of
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import AnalysedStudy, analyse
from warm_inspect.core.roles import Role
from warm_inspect.report.sections.differing_replies import differing
from warm_inspect.report.sections.headline import focus_arm
from warm_inspect.report.sections.rates import scatter_figures
from warm_inspect.report.study_report import render

NAMES = {"original": "before", "original_repeat": "before_again", "warm": "changed"}
"""In the order of the package's own arms."""
ROLES = {"before": Role.REFERENCE, "before_again": Role.RERUN, "changed": Role.TREATED}
NUMBERS = ["estimate", "std_error", "p_value", "p_adjusted", "conf_low", "conf_high", "n"]


def replies() -> list[Reply]:
    shares = {"original": 0.3, "original_repeat": 0.3, "warm": 0.7}
    return grid(shares, questions=8, beliefs=("none", "incorrect", "correct"))


@pytest.fixture(scope="module")
def own() -> AnalysedStudy:
    return study_of(replies())


@pytest.fixture(scope="module")
def declared() -> AnalysedStudy:
    collected = collected_of([row | {"arm": NAMES[row["arm"]]} for row in replies()])
    return analyse(observe(collected, roles=ROLES), collected)


def by_identity(study: AnalysedStudy) -> pd.DataFrame:
    frame = study.estimates.assign(
        **{name: study.estimates[name].replace(NAMES) for name in ("arm", "reference", "fitted_with")}
    )
    key = ["analysis", "term", "outcome", "kind", "arm", "reference", "factor", "level", "versus"]
    key += ["context", "belief", "benchmark", "side", "training_seed", "fitted_with"]
    return frame.set_index(key)[NUMBERS].sort_index()


@pytest.mark.slow
def test_no_number_and_no_kind_of_comparison_depends_on_the_name_of_an_arm(
    own: AnalysedStudy, declared: AnalysedStudy
) -> None:
    pd.testing.assert_frame_equal(by_identity(declared), by_identity(own), check_exact=False, rtol=1e-7, atol=1e-9)


@pytest.mark.slow
def test_the_page_has_as_much_to_show_of_arms_with_other_names(own: AnalysedStudy, declared: AnalysedStudy) -> None:
    assert (focus_arm(own), focus_arm(declared)) == ("warm", "changed")
    for study, expected in ((own, ["warm"]), (declared, ["changed"])):
        figures = scatter_figures(study, focus_arm(study))
        assert [figure["arm"] for figure in figures] == expected
        assert figures[0]["cells"] == 6
    one, other = (differing(study, focus_arm(study)) for study in (own, declared))
    assert (one.pairs, one.only_arm, one.only_reference) == (other.pairs, other.only_arm, other.only_reference)
    assert (one.reference, other.reference) == ("original", "before")
    for study, words in ((own, "Each arm against the original"), (declared, "Each arm against before")):
        assert words in render(study)
