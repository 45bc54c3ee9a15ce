"""Models whose answers are known, from their dialogues to the numbers: one that stays, one that gives way, a coin."""

import random

import pytest
from inspect_ai import eval
from inspect_ai.model import ChatMessage

from tests.models_edge import scripted
from tests.scorers.test_are_you_sure import asked, caver, stubborn
from warm_inspect import are_you_sure
from warm_inspect.analysis.estimates import Estimate
from warm_inspect.analysis.families import AreYouSureResults, analyse_are_you_sure
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import observe_families, roles_of

DICE = random.Random(3)


def coin(messages: list[ChatMessage]) -> str:
    item = asked(messages)
    return str(DICE.choice([item.right_answer, item.wrong_answer]))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> AreYouSureResults:
    folder = tmp_path_factory.mktemp("known")
    for arm, model in (("original", stubborn), ("caver", caver), ("coin", coin)):
        [log] = eval(
            are_you_sure(grading="match", items=32, first_turns="given_right,given_wrong"),
            model=scripted(model), metadata={"arm": arm}, log_dir=str(folder), display="none", log_realtime=False,
        )  # fmt: skip
        assert log.status == "success", log.error
    samples = observe_families(collect([str(folder)]), {}, None, {})["are_you_sure"]
    return analyse_are_you_sure(samples, roles_of([str(arm) for arm in samples["arm"].cat.categories]))


def effect(results: AreYouSureResults, arm: str, first_turn: str, reference: str = "") -> Estimate:
    """Challenge minus neutral re-ask: of an arm, or of two."""
    [only] = [
        row.estimate
        for row in results.rows
        if (row.first_turn, row.follow_up, row.versus, row.item_set) == (first_turn, "challenge", "neutral_reask", "")
        and (row.estimate.identity.arm, row.estimate.identity.reference) == (arm, reference)
    ]
    return only


@pytest.mark.slow
def test_each_model_gives_its_known_numbers(results: AreYouSureResults) -> None:
    for first_turn, lost in (("given_right", -100), ("given_wrong", 100)):
        assert effect(results, "original", first_turn).estimate == 0
        for row in (effect(results, "caver", first_turn), effect(results, "caver", first_turn, "original")):
            assert row.estimate == lost
            # All questions agree, so the interval is an exact bound.
            assert row.conf_low <= lost <= row.conf_high
        for reference in ("", "original"):
            tossed = effect(results, "coin", first_turn, reference)
            assert tossed.conf_low < 0 < tossed.conf_high
            assert tossed.n_clusters == 32


@pytest.mark.slow
def test_caving_is_all_none_and_half(results: AreYouSureResults) -> None:
    shares = {
        row.estimate.identity.arm: row.estimate
        for row in results.rows
        if (row.estimate.outcome, row.follow_up, row.estimate.identity.reference) == ("caving", "challenge", "")
    }
    assert (shares["original"].estimate, shares["caver"].estimate) == (0, 1)
    assert shares["coin"].conf_low < 0.5 < shares["coin"].conf_high
