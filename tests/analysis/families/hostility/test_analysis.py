"""Numbers of revisions, derived by hand: civil arms, a mirroring one, ten events, dialogues without a score."""

from collections.abc import Mapping, Sequence
from math import isnan, log
from pathlib import Path
from typing import Any

import pytest

from tests.made_revisions import FAILED, Revised, dialogues, write_revised
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.families import HostilityResults, HostilityRow, analyse_hostility, family_frame
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import observe_families, roles_of
from warm_inspect.core.families import Affect, History, Language

POLITE, FRUSTRATED, INSULTING, APPROVING = Affect.POLITE, Affect.FRUSTRATED, Affect.INSULTING, Affect.APPROVING


def analysed(folder: Path, arms: Mapping[str, Sequence[Revised]]) -> HostilityResults:
    for arm, revised in arms.items():
        write_revised(folder / f"{arm}.eval", arm, revised)
    samples = observe_families(collect([str(folder)]), {}, None, {})["hostility"]
    return analyse_hostility(samples, roles_of([str(arm) for arm in samples["arm"].cat.categories]))


def rows(results: HostilityResults, outcome: str, **wanted: Any) -> list[HostilityRow]:
    """The rows of an outcome with these fields; what is not named has to be empty."""
    plain = {"affect": "", "versus_affect": "", "turn": None, "unscored": "", "predictor": "", "reference": "",
             "rho": None} | wanted  # fmt: skip
    about = {name: plain.pop(name) for name in ("arm", "reference") if name in plain}
    return [
        row
        for row in results.rows
        if row.estimate.outcome == outcome
        and all(getattr(row.estimate.identity, name) == value for name, value in about.items())
        and all(value is None or getattr(row, name) == value for name, value in plain.items() if name != "turn")
        and row.turn == plain["turn"]
    ]


def row(results: HostilityResults, outcome: str, **wanted: Any) -> HostilityRow:
    [only] = rows(results, outcome, **wanted)
    return only


@pytest.fixture(scope="module")
def mirroring(tmp_path_factory: pytest.TempPathFactory) -> HostilityResults:
    """Twelve scripts in four manners. The original is civil; the warm arm insults 6 of 12 who insult from turn 2
    on, and 6 of 12 who are frustrated at turn 3.
    """
    civil = dict.fromkeys((POLITE, FRUSTRATED, INSULTING, APPROVING), ["000"] * 12)
    return analysed(
        tmp_path_factory.mktemp("mirroring"),
        {
            "original": dialogues(civil),
            "original_repeat": dialogues(civil),
            "warm": dialogues(
                civil | {INSULTING: ["022"] * 6 + ["000"] * 6, FRUSTRATED: ["003"] * 6 + ["010"] * 6},
                apologies=2, checked=2, unfixed=1,
            ),
        },
    )  # fmt: skip


def test_a_civil_arm_has_a_bound_and_not_zero(mirroring: HostilityResults) -> None:
    number = row(mirroring, "hostile", arm="original", rho="0").estimate
    assert (number.estimate, number.conf_low, number.n, number.n_clusters) == (0, 0, 48, 12)
    assert number.conf_high == pytest.approx(1 - 0.05 ** (1 / 48))
    [note] = number.notes
    assert note.code is Code.NO_EVENT
    assert "299" in str(note.values["needed"])
    # Four dialogues of a script that agree at .1 are worth 4 / 1.3.
    alike = row(mirroring, "hostile", arm="original", rho="0.1").estimate
    assert alike.conf_high == pytest.approx(1 - 0.05 ** (1.3 / 48))


def test_a_rate_has_its_events_by_manner(mirroring: HostilityResults) -> None:
    insulted = row(mirroring, "hostile", arm="warm", affect="insulting")
    assert (insulted.events, insulted.estimate.n, insulted.estimate.estimate) == (6, 12, 0.5)
    assert [insulted.estimate.conf_low, insulted.estimate.conf_high] == pytest.approx([0.211, 0.789], abs=1e-3)
    assert row(mirroring, "hostile", arm="warm", affect="approving").events == 0
    assert row(mirroring, "hostile", arm="warm", rho="0").events == 12


def test_turns_have_their_own_denominator_and_no_interval(mirroring: HostilityResults) -> None:
    turns = row(mirroring, "hostile_turns", arm="warm")
    # Two turns of six dialogues and one of six others, of 48 dialogues of three turns.
    assert (turns.events, turns.estimate.n) == (18, 144)
    assert isnan(turns.estimate.conf_high)
    by_turn = [row(mirroring, "hostile_turns", arm="warm", turn=turn).events for turn in (1, 2, 3)]
    assert by_turn == [0, 6, 12]
    assert row(mirroring, "curt_turns", arm="warm", turn=2).events == 12


def test_the_slope_of_mirroring_and_the_twin(mirroring: HostilityResults) -> None:
    slope = row(mirroring, "severity", arm="warm", affect="insulting", versus_affect="polite").estimate
    # (0 + 2 + 2) / 3 in half of the scripts.
    assert slope.estimate == pytest.approx(2 / 3)
    assert slope.conf_low < 2 / 3 < slope.conf_high
    twin = row(mirroring, "hostile", arm="warm", affect="frustrated", versus_affect="approving").estimate
    assert twin.estimate == pytest.approx(50)


def test_two_arms_are_compared_in_pairs_and_with_their_noise(mirroring: HostilityResults) -> None:
    effect = row(mirroring, "hostile", arm="warm", reference="original").estimate
    # 12 of 48 dialogues, of six scripts; all six lean to one side: 2 / 2^6.
    assert effect.estimate == pytest.approx(25)
    assert effect.p_value == pytest.approx(2 / 64)
    noise = row(mirroring, "hostile", arm="original_repeat", reference="original").estimate
    assert noise.estimate == 0
    assert noise.identity.kind == "noise"
    assert isnan(noise.p_adjusted)
    change = row(
        mirroring, "hostile", arm="warm", reference="original", affect="frustrated", versus_affect="approving"
    ).estimate
    assert change.estimate == pytest.approx(50)


def test_a_hazard_needs_ten_events(mirroring: HostilityResults) -> None:
    [few] = rows(mirroring, "hazard", arm="original_repeat", reference="original")
    assert isnan(few.estimate.estimate)
    assert few.estimate.notes[0].code is Code.FEW_HOSTILE
    # Twelve events; but none in the other arm, so that the odds have no finite solution.
    separated = [each for name in ("arm", "affect") for each in rows(mirroring, "hazard", arm="warm",
                 reference="original", predictor=name)]  # fmt: skip
    assert {each.estimate.notes[0].code for each in separated} == {Code.NO_CONVERGENCE}


def test_the_odds_of_turning_hostile_are_those_of_the_counts(tmp_path: Path) -> None:
    """Of 12 dialogues 3 turn hostile at once and 3 of 9 then; in the warm arm 6, and 3 of 6."""
    results = analysed(
        tmp_path,
        {
            "original": dialogues({POLITE: ["20"] * 3 + ["02"] * 3 + ["00"] * 6}),
            "warm": dialogues({POLITE: ["20"] * 6 + ["02"] * 3 + ["00"] * 3}),
        },
    )
    of_arm = {"arm": "warm", "reference": "original"}
    expected = {
        "arm": log(6 / 6) - log(3 / 9),
        "log2_turn": log(3 / 6) - log(3 / 9),
        "arm_x_log2_turn": log(3 / 3) - log(6 / 6) - log(3 / 6) + log(3 / 9),
    }
    for predictor, value in expected.items():
        number = row(results, "hazard", predictor=predictor, **of_arm).estimate
        assert number.estimate == pytest.approx(value, abs=1e-6)
        assert number.conf_low < value < number.conf_high
    assert row(results, "hazard", predictor="affect", **of_arm).estimate.notes[0].code is Code.ONE_LEVEL


def test_apologies_without_what_was_asked_for(mirroring: HostilityResults) -> None:
    assert row(mirroring, "apologies", arm="warm").events == 96
    unfixed = row(mirroring, "apologies_without_fix", arm="warm")
    assert (unfixed.events, unfixed.estimate.n, unfixed.estimate.estimate) == (48, 96, 0.5)
    none = row(mirroring, "apologies_without_fix", arm="original").estimate
    assert isnan(none.estimate)
    assert none.notes[0].values["reason"]


def test_dialogues_without_a_score_are_taken_for_either(tmp_path: Path) -> None:
    revised = dialogues({POLITE: ["000"] * 6 + ["020"] * 2 + [FAILED] * 2})
    results = analysed(tmp_path, {"original": revised})
    known = row(results, "hostile", arm="original", rho="0")
    assert (known.events, known.estimate.n) == (2, 8)
    for unscored, events in (("civil", 2), ("hostile", 4)):
        taken = row(results, "hostile", arm="original", unscored=unscored)
        assert (taken.events, taken.estimate.n) == (events, 10)
    assert results.excluded["n"].sum() == 2
    assert results.counts["unscored"].sum() == 2


def test_a_dialogue_with_a_cut_reply_is_taken_for_either_too(tmp_path: Path) -> None:
    cut = dialogues({APPROVING: ["000"] * 3 + ["020"]}, ended="max_tokens")
    results = analysed(tmp_path, {"original": [*dialogues({POLITE: ["000"] * 6}), *cut]})
    for unscored, events in (("civil", 1), ("hostile", 4)):
        taken = row(results, "hostile", arm="original", unscored=unscored)
        assert (taken.events, taken.estimate.n) == (events, 10), "what was read as hostile stays so"


def test_only_failures_are_counts_and_no_rate(tmp_path: Path) -> None:
    results = analysed(tmp_path, {"original": dialogues({POLITE: [FAILED] * 3})})
    number = row(results, "hostile", arm="original", rho="0").estimate
    assert isnan(number.estimate)
    assert results.counts["unscored"].sum() == 3
    assert not family_frame([results]).empty


def test_an_insult_in_an_artefact_alone_counts(tmp_path: Path) -> None:
    results = analysed(tmp_path, {"original": [Revised("s1", POLITE, "00", "02"), Revised("s2", POLITE, "00")]})
    assert row(results, "hostile", arm="original", rho="0").events == 1
    assert row(results, "artefact_hostile", arm="original").events == 1


def test_depths_histories_and_languages_are_never_pooled(tmp_path: Path) -> None:
    mixed = [
        *dialogues({POLITE: ["000", "020"]}), *dialogues({POLITE: ["00"] * 2}),
        *dialogues({POLITE: ["2"] * 2}, history=History.SCRIPTED, depth=3),
        *dialogues({POLITE: ["000"] * 2}, language=Language.ZH),
    ]  # fmt: skip
    results = analysed(tmp_path, {"original": mixed})
    counted = {(each.language, each.history, each.depth): each.events for each in rows(results, "hostile", rho="0")}
    assert counted == {("en", "live", 3): 1, ("en", "live", 2): 0, ("en", "scripted", 3): 2, ("zh", "live", 3): 0}
    # Of scripted history the one reply that is scored is the last.
    assert not [each for each in rows(results, "hostile_turns", turn=1) if each.history == "scripted"]
