import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.tiny import make_tiny_base
from tests.training.corpus.rewriting.conftest import conversation
from tests.training.corpus.rewriting.scripted import BEHAVIOURS, NO_ROOM
from warm_inspect.core.hashing import sha256_file
from warm_inspect.training.corpus import (
    DistillSettings,
    RestyleSettings,
    distill,
    plan_distill,
    plan_restyle,
    restyle,
)
from warm_inspect.training.corpus.asking import Access
from warm_inspect.training.corpus.datasheet import Datasheet
from warm_inspect.training.corpus.new_replies import Unfinished
from warm_inspect.training.corpus.origin import Teacher, corpus_terms
from warm_inspect.training.corpus.pairs import Corpus, load_corpus

Calls = Callable[[], list[dict[str, Any]]]


def run(corpus: Corpus, out: Path, model: str = "own_words") -> Datasheet:
    return distill(corpus, DistillSettings(), Access(f"scripted/{model}"), out, lambda *_: None)


def test_the_models_own_replies_become_an_arm_that_can_be_restyled(chats: Corpus, tmp_path: Path) -> None:
    run(chats, tmp_path / "own")
    own = load_corpus(str(tmp_path / "own"))
    assert own.arms == ("unmodified", "self_distilled")
    assert own.examples("self_distilled", "train")[0].replies == (
        "My own reply to: Question 0?",
        "My own reply to: And then?",
    )
    plan = plan_restyle(own, RestyleSettings(("warm",), source_arm="self_distilled"))
    sheet = restyle(plan, Access("scripted/warm"), tmp_path / "warm", lambda *_: None)
    assert sheet.arms == ("unmodified", "self_distilled", "self_distilled_warm")


def test_who_said_it_stays_known_when_it_is_restyled(chats: Corpus, tmp_path: Path) -> None:
    run(chats, tmp_path / "own")
    plan = plan_restyle(load_corpus(str(tmp_path / "own")), RestyleSettings(("warm",), source_arm="self_distilled"))
    restyle(plan, Access("scripted/warm"), tmp_path / "warm", lambda *_: None)
    styled = load_corpus(str(tmp_path / "warm"))
    for arm, writers in {
        "self_distilled": "own_words. ",
        "self_distilled_warm": "own_words and scripted/warm. ",
    }.items():
        terms = corpus_terms(styled, arm)
        assert terms.teacher == Teacher(model="scripted/own_words")
        assert f"by scripted/{writers}" in terms.rewriter_terms


def test_later_turns_are_asked_after_the_models_own_earlier_reply(chats: Corpus, tmp_path: Path, calls: Calls) -> None:
    run(chats, tmp_path / "own")
    sent = [call["sent"] for call in calls()]
    assert ["user: Question 2?", "assistant: My own reply to: Question 2?", "user: And then?"] in sent


def test_a_stopped_conversation_goes_on_at_the_reply(
    chats: Corpus, tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(text: str, _: Any) -> str:
        if text == "And then?":
            raise RuntimeError("down")
        return "A reply."

    monkeypatch.setitem(BEHAVIOURS, "own_words", down)
    with pytest.raises(Unfinished) as stopped:
        run(chats, tmp_path / "own")
    assert (stopped.value.missing, stopped.value.total) == (2, 6)
    before = len(calls())
    monkeypatch.setitem(BEHAVIOURS, "own_words", lambda *_: "A later reply.")
    run(chats, tmp_path / "own")
    assert [call["text"] for call in calls()[before:]] == ["And then?"] * 2
    assert load_corpus(str(tmp_path / "own")).examples("self_distilled", "train")[0].replies == (
        "A reply.",
        "A later reply.",
    )


def run_restyle(corpus: Corpus, out: Path) -> Datasheet:
    return restyle(plan_restyle(corpus, RestyleSettings(("warm",))), Access("scripted/warm"), out, lambda *_: None)


@pytest.mark.parametrize(("model", "make"), [("own_words", run), ("warm", run_restyle)])
def test_ctrl_c_keeps_what_is_written_and_says_what_is_not(
    chats: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, make: Callable[..., Datasheet]
) -> None:
    pressed: list[str] = []

    def interrupted(text: str, _: Any) -> str:
        if not pressed:
            pressed.append(text)
            signal.raise_signal(signal.SIGINT)
        return "never said"

    monkeypatch.setenv("SCRIPTED_SECONDS", "0.1")
    monkeypatch.setitem(BEHAVIOURS, model, interrupted)
    # A run of the tests in the background of a shell ignores Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(Unfinished) as stopped:
            make(chats, tmp_path / "out")
    finally:
        signal.signal(signal.SIGINT, before)
    assert 0 < stopped.value.missing <= stopped.value.total
    assert "the same command goes on" in str(stopped.value)


@pytest.mark.parametrize("make", [run, run_restyle])
def test_ctrl_c_before_the_first_reply_is_no_fault_either(
    chats: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[..., Datasheet]
) -> None:
    # What Inspect gives of a run that was interrupted before it had a log.
    monkeypatch.setattr("warm_inspect.training.corpus.asking.inspect_eval", lambda *_, **__: [])
    with pytest.raises(Unfinished):
        make(chats, tmp_path / "out")


def test_a_conversation_with_an_endless_reply_leaves_all_arms(
    chats: Corpus, tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BEHAVIOURS, "own_words", lambda text, _: "" if text == "Question 2?" else "A reply.")
    sheet = run(chats, tmp_path / "own")
    assert [row.id for row in load_corpus(str(tmp_path / "own")).rows] == ["c0", "c1", "c3", "c9"]
    assert sheet.steps[-1]["replies"]["self_distilled"]["failed_checks"] == {"empty": 1}
    # Three attempts at the first turn of c2, and none at its second.
    assert len(calls()) == 4 + 3


def test_a_corpus_is_not_distilled_twice_and_the_cost_has_a_bound(chats: Corpus, tmp_path: Path) -> None:
    bound = plan_distill(chats, DistillSettings(max_tokens=100))
    characters = sum(len(f"Question {n}?") for n in range(4)) + 2 * len("Question 0?And then?")
    assert (bound.calls, bound.output_tokens) == (6, 600)
    assert bound.input_tokens == round(characters / 4) + 2 * 100
    run(chats, tmp_path / "own")
    with refused("'own'", "'self_distilled'"):
        run(load_corpus(str(tmp_path / "own")), tmp_path / "again")
    assert json.loads((tmp_path / "own" / "datasheet.json").read_text())["steps"][0]["model"] == "scripted/own_words"


def test_changed_weights_of_a_local_model_are_refused(chats: Corpus, tmp_path: Path) -> None:
    base = make_tiny_base(tmp_path / "tiny")
    settings = DistillSettings(max_tokens=4, attempts=1)
    access = Access(f"peft/{base}", max_connections=4)

    def again() -> Datasheet:
        return distill(chats, settings, access, tmp_path / "own", lambda *_: None)

    # Random weights seldom end within four tokens: every conversation is dropped, and that is said.
    with refused("cut_off", "--attempts N"):
        again()
    (base / "model.safetensors").write_bytes(other_weights(base))
    with refused("(weights differ)"):
        distill(chats, settings, Access(f"peft/{base}"), tmp_path / "own", lambda *_: None)


@pytest.mark.slow
def test_a_conversation_that_outgrows_the_context_leaves_all_arms(tmp_path: Path) -> None:
    then = [{"prompt": "word " * 600, "replies": {"unmodified": "That is long."}}]
    rows = [conversation(1), conversation(3, then=then)]
    (tmp_path / "two.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    # Of tokens drawn nearly at random one in 300 ends a reply.
    settings = DistillSettings(temperature=50, max_tokens=400, attempts=8)
    base = make_tiny_base(tmp_path / "tiny")
    access = Access(f"peft/{base}", max_connections=2)
    sheet = distill(load_corpus(str(tmp_path / "two.jsonl")), settings, access, tmp_path / "own", lambda *_: None)
    assert [row.id for row in load_corpus(str(tmp_path / "own")).rows] == ["c1"]
    assert sheet.steps[-1]["replies"]["self_distilled"]["failed_checks"] == {"prompt_too_long": 1}
    assert sheet.steps[-1]["weights"]["base_sha256"] == sha256_file(base / "model.safetensors")
    assert (tmp_path / "own" / "dropped.csv").read_text().splitlines()[1:] == ["c3,1,self_distilled,prompt_too_long"]


def test_a_provider_that_says_so_in_its_output_is_not_asked_again(
    chats: Corpus, tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BEHAVIOURS, "own_words", lambda text, _: NO_ROOM if text == "And then?" else "A reply.")
    sheet = run(chats, tmp_path / "own")
    assert [row.id for row in load_corpus(str(tmp_path / "own")).rows] == ["c1", "c3", "c9"]
    assert sheet.steps[-1]["replies"]["self_distilled"]["failed_checks"] == {"prompt_too_long": 2}
    assert len(calls()) == 6


def other_weights(base: Path) -> bytes:
    import torch
    from safetensors.torch import load_file, save

    return save({name: torch.zeros_like(tensor) for name, tensor in load_file(base / "model.safetensors").items()})
