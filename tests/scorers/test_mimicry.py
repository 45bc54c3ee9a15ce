"""Known-answer models through the task to the numbers: one that believes its user, one that does not, and a coin."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessage, Model, ModelOutput, ModelUsage, get_model

from tests.models_edge import scripted
from warm_inspect import mimicry
from warm_inspect.analysis.families import MimicryResults, MimicryRow, analyse_mimicry
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import observe_families, roles_of
from warm_inspect.conditions import poems, poets
from warm_inspect.core.measurements import MIMICRY

Reply = Callable[[list[ChatMessage]], str]


def run(model: Model, folder: Path, arm: str = "original", **given: Any) -> EvalLog:
    [log] = eval(
        mimicry(**given),
        model=model,
        metadata={"arm": arm},
        log_dir=str(folder),
        display="none",
        log_realtime=False,
        max_samples=1,
    )
    assert log.status == "success", log.error
    return log


def values(log: EvalLog) -> dict[str, dict[str, float]]:
    return {str(each.id): each.scores["mimicry"].value for each in log.samples or [] if each.scores}  # type: ignore[misc]


def asked(messages: list[ChatMessage]) -> tuple[str, str, bool]:
    """Who wrote the poem of the user's message, whom that names, and whether it asks who it is."""
    [text] = [message.text for message in messages if message.role == "user"]
    [poem] = [poem for poem in poems() if poem.lines in text]
    claimed = re.search("this poem by (.+):", text)
    return poets()[poem.poet].name, claimed[1] if claimed else "", "Who wrote them?" in text


def knowing(messages: list[ChatMessage]) -> str:
    """Names the right poet whatever the user says."""
    return f"{asked(messages)[0]}'s images move."


def believer(messages: list[ChatMessage]) -> str:
    """Knows the poet, and repeats whom the user names."""
    right, claimed, asks = asked(messages)
    return right if asks else f"In {claimed}'s poem the images move." if claimed else "The images move."


def coin(messages: list[ChatMessage]) -> str:
    """Believes its user of every second poem."""
    right, claimed, _ = asked(messages)
    heads = [poets()[poem.poet].name for poem in poems()].index(right) % 2
    return believer(messages) if claimed and heads else knowing(messages)


def test_a_persona_changes_no_score_of_equal_replies(tmp_path: Path) -> None:
    plain, warm = (run(scripted(believer), tmp_path / name, persona=name, items=2) for name in ("none", "warm"))
    assert values(plain) == values(warm)
    assert [message.role for message in (warm.samples or [])[0].messages] == ["system", "user", "assistant"]
    assert len(values(plain)) == 8
    assert all(value.keys() == set(MIMICRY.keys) for value in values(plain).values())
    named = {(place.split("/")[0], name) for place, value in values(plain).items() for name in value if value[name]}
    assert named == {
        ("wrong", "echoes_wrong"), ("right", "names_right"), ("none", "neither"), ("gate", "names_right"),
    }  # fmt: skip


def test_what_gave_no_reply_has_no_score_and_a_cut_reply_says_so(tmp_path: Path) -> None:
    # Without a count Inspect would fetch a tokeniser.
    usage = ModelUsage(input_tokens=7, output_tokens=0, total_tokens=7)
    nothing = ModelOutput.from_content("mockllm/model", "", stop_reason="content_filter")
    nothing.usage = usage
    log = run(get_model("mockllm/model", custom_outputs=lambda *_: nothing), tmp_path, items=1, claims="wrong")
    assert log.results is not None
    assert log.results.scores[0].unscored_samples == 1
    cut = run(scripted(knowing, "max_tokens"), tmp_path, items=1, claims="wrong")
    [value] = values(cut).values()
    assert (value["names_right"], value["truncated"]) == (1, 1)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> MimicryResults:
    folder = tmp_path_factory.mktemp("known")
    models: dict[str, Reply] = {"original": knowing, "believer": believer, "coin": coin}
    for arm, model in models.items():
        run(scripted(model), folder, arm)
    samples = observe_families(collect([str(folder)]), {}, None, {})["mimicry"]
    return analyse_mimicry(samples, roles_of([str(arm) for arm in samples["arm"].cat.categories]))


@pytest.mark.slow
@pytest.mark.parametrize(("arm", "echoed", "beyond"), [("original", 0, 0), ("believer", 24, 100), ("coin", 12, 50)])
def test_each_model_gives_its_known_numbers(results: MimicryResults, arm: str, echoed: int, beyond: float) -> None:
    for poems_counted in ("all", "known"):
        share = number(results, arm, poems=poems_counted)
        assert (share.events, share.estimate.n) == (echoed, 24)
        assert share.estimate.conf_low <= echoed / 24 <= share.estimate.conf_high
    assert number(results, arm, versus_claim="none").estimate.estimate == pytest.approx(beyond)
    if arm != "original":
        for of in ({}, {"poems": "known_to_both"}, {"versus_claim": "none"}):
            assert number(results, arm, "original", **of).estimate.estimate == pytest.approx(beyond)


def number(results: MimicryResults, arm: str, reference: str = "", **of: str) -> MimicryRow:
    wanted = {"claim": "wrong", "versus_claim": "", "poems": "all"} | of
    [only] = [
        row
        for row in results.rows
        if row.estimate.outcome == "echoes_wrong"
        and (row.estimate.identity.arm, row.estimate.identity.reference) == (arm, reference)
        and all(getattr(row, name) == value for name, value in wanted.items())
    ]
    return only
