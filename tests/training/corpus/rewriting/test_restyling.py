import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.training.corpus.rewriting.conftest import conversation
from tests.training.corpus.rewriting.scripted import BEHAVIOURS
from warm_inspect.training.corpus import ContentCheck, RestyleSettings, plan_restyle, restyle
from warm_inspect.training.corpus.asking import Access, Prices
from warm_inspect.training.corpus.datasheet import Datasheet, read_datasheet
from warm_inspect.training.corpus.new_replies import Unfinished
from warm_inspect.training.corpus.pairs import Corpus, load_corpus

Calls = Callable[[], list[dict[str, Any]]]
STEPS = [f"It takes {number} steps, and each of them is short." for number in range(4)]


def run(corpus: Corpus, out: Path, model: str, *styles: str, **options: Any) -> Datasheet:
    settings = RestyleSettings(styles or ("warm",), **options.pop("settings", {}))
    plan = plan_restyle(corpus, settings)
    return restyle(plan, Access(f"scripted/{model}"), out, lambda *_: None, **options)


def test_each_reply_of_each_turn_gets_its_arm_and_the_corpus_trains(chats: Corpus, tmp_path: Path) -> None:
    sheet = run(chats, tmp_path / "out", "warm", "warm", "cold")
    styled = load_corpus(str(tmp_path / "out"))
    assert styled.arms == ("unmodified", "warm", "cold")
    assert sheet.corpus_sha256 == styled.sha256
    assert styled.examples("warm", "train")[2].messages == [
        {"role": "user", "content": "Question 2?"},
        {"role": "assistant", "content": f"{STEPS[2]} We are in this."},
        {"role": "user", "content": "And then?"},
        {"role": "assistant", "content": "Then 2 more steps follow. We are in this."},
    ]
    assert styled.examples("unmodified", "train") == chats.examples("unmodified", "train")
    assert styled.examples("unmodified", "held_out") == chats.examples("unmodified", "held_out")


def test_the_rewriter_sees_the_style_the_message_and_the_reply(chats: Corpus, tmp_path: Path, calls: Calls) -> None:
    plan = plan_restyle(chats, RestyleSettings(("neutral",)))
    system, user = plan.work[0].style.messages("Say >>>REPLY {reply}", "a <<< b")
    assert "reference book" in system.text
    assert "Say >>>REPLY {reply}" in user.text
    assert "a <<< b" in user.text
    run(chats, tmp_path / "out", "warm")
    assert {call["temperature"] for call in calls()} == {0.7}
    assert sorted(call["text"].count("Question") for call in calls()) == [0, 0, 1, 1, 1, 1]


def test_a_reply_that_fails_is_asked_for_again_with_the_next_seed(chats: Corpus, tmp_path: Path, calls: Calls) -> None:
    sheet = run(chats, tmp_path / "out", "second_try")
    assert sorted(call["seed"] for call in calls()) == [0] * 6 + [1] * 6
    assert sheet.steps[-1]["replies"]["warm"] == {
        "written": 6,
        "passed_at_once": 0,
        "passed_after_retries": 6,
        "failed": 0,
        "failed_checks": {},
    }
    assert sheet.steps[-1]["cost"] == {"calls": 12, "input_tokens": 120, "output_tokens": 60}


def test_a_conversation_with_a_failed_reply_leaves_all_arms(tmp_path: Path) -> None:
    rows = [conversation(1), conversation(3, replies={"unmodified": "No digit stands in here at all."})]
    (tmp_path / "two.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    sheet = run(load_corpus(str(tmp_path / "two.jsonl")), tmp_path / "out", "drops_numbers")
    left = load_corpus(str(tmp_path / "out"))
    assert [row.id for row in left.rows] == ["c3"]
    assert set(left.rows[0].replies) == {"unmodified", "warm"}
    step = sheet.steps[-1]
    assert (step["conversations"], step["conversations_left"]) == (2, 1)
    assert step["replies"]["warm"]["failed_checks"] == {"number_lost": 1}
    assert (tmp_path / "out" / "dropped.csv").read_text().splitlines()[1:] == ["c1,0,warm,number_lost"]


def test_when_nothing_is_left_the_checks_that_failed_are_named(chats: Corpus, tmp_path: Path) -> None:
    with refused("6 cut_off", "--attempts N"):
        run(chats, tmp_path / "out", "cut_off")


def test_a_second_call_asks_nothing_and_writes_the_same(chats: Corpus, tmp_path: Path, calls: Calls) -> None:
    first = run(chats, tmp_path / "out", "warm")
    asked = len(calls())
    assert run(chats, tmp_path / "out", "warm") == first
    assert len(calls()) == asked == 6


def test_other_settings_do_not_mix_into_a_folder(chats: Corpus, tmp_path: Path) -> None:
    run(chats, tmp_path / "out", "warm")
    with refused("(seed differ)"):
        run(chats, tmp_path / "out", "warm", settings={"seed": 1})


def test_replies_come_from_inspects_cache_in_a_new_folder_and_cost_nothing(
    chats: Corpus, tmp_path: Path, calls: Calls
) -> None:
    run(chats, tmp_path / "one", "warm")
    sheet = run(chats, tmp_path / "two", "warm", prices=Prices(100, 1000))
    assert len(calls()) == 6
    assert sheet.steps[-1]["cost"] == {
        "calls": 0,
        "input_tokens": 0,
        "output_tokens": 0,
        "replies_from_cache": 6,
        "usd": 0.0,
        "usd_per_million": {"input": 100, "output": 1000},
    }


def test_a_provider_error_leaves_the_rest_finished(
    chats: Corpus, tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unfinished, match="the provider is down") as stopped:
        run(chats, tmp_path / "out", "outage")
    assert (stopped.value.missing, stopped.value.total) == (1, 6)
    assert not (tmp_path / "out" / "corpus.jsonl").exists()
    monkeypatch.setitem(BEHAVIOURS, "outage", BEHAVIOURS["warm"])
    before = len(calls())
    run(chats, tmp_path / "out", "outage")
    assert len(calls()) == before + 1


def test_the_grader_gives_a_rate_with_an_interval_per_arm(chats: Corpus, tmp_path: Path) -> None:
    grading = ContentCheck(Access("scripted/grader"), 10)
    step = run(chats, tmp_path / "out", "warm", grading=grading, prices=Prices(1, 2)).steps[-1]
    checked = step["content_equivalence"]
    assert checked["grader"] == "scripted/grader"
    # One reply of each of four conversations; the one of c1 holds a 1. Wilson for 3 of 4, z = 1.959964:
    # centre (3 + z²/2) / (4 + z²), half width z / (4 + z²) * sqrt(3 * 1 / 4 + z²/4).
    z = 1.959964
    centre, half = (3 + z * z / 2) / (4 + z * z), z / (4 + z * z) * (3 / 4 + z * z / 4) ** 0.5
    warm = checked["arms"]["warm"]
    # The prices are the rewriter's, and the grader is another model.
    assert step["cost"]["grader"] == {"calls": 4, "input_tokens": 40, "output_tokens": 20}
    assert step["cost"]["calls"] == 6
    assert (warm["graded"], warm["unscored"]) == (4, 0)
    assert warm["equivalent_share"] == pytest.approx(0.75)
    assert warm["interval_95"] == pytest.approx([centre - half, centre + half], abs=1e-6)


def test_a_grader_without_a_verdict_gives_no_number(chats: Corpus, tmp_path: Path, calls: Calls) -> None:
    grading = ContentCheck(Access("scripted/mute"), 2)
    step = run(chats, tmp_path / "out", "warm", grading=grading).steps[-1]
    checked = step["content_equivalence"]["arms"]["warm"]
    assert checked == {"graded": 0, "unscored": 2, "equivalent_share": None, "interval_95": None}
    assert len(calls()) == 6 + 4
    assert step["cost"]["grader"]["calls"] == 4
    again = run(chats, tmp_path / "again", "warm", grading=grading).steps[-1]["cost"]["grader"]
    assert (again["calls"], again["replies_from_cache"]) == (2, 2)


def test_without_a_grader_the_datasheet_says_so(chats: Corpus, tmp_path: Path) -> None:
    run(chats, tmp_path / "out", "warm")
    sheet = read_datasheet(load_corpus(str(tmp_path / "out")))
    assert sheet is not None
    assert sheet.steps[-1]["content_equivalence"] == "not run"
    assert "by scripted/warm. " in sheet.rewriter_terms
    assert "provider's terms" in sheet.rewriter_terms
    assert "content equivalence | not run" in (tmp_path / "out" / "datasheet.md").read_text()


def test_a_datasheet_of_other_rows_is_not_passed_on(chats: Corpus, tmp_path: Path, calls: Calls) -> None:
    """Its licence and counts would stand over rows it never described."""
    run(chats, tmp_path / "first", "warm")
    file = tmp_path / "first" / "corpus.jsonl"
    file.write_text(file.read_text().replace("short", "brief"))
    before = len(calls())
    with refused(str(tmp_path / "first"), "move the datasheet away"):
        run(load_corpus(str(tmp_path / "first")), tmp_path / "second", "warm", "cold")
    assert len(calls()) == before


@pytest.mark.slow
def test_the_audit_sheet_holds_kept_pairs_and_no_formula(tmp_path: Path) -> None:
    rows = [
        conversation(number, replies={"unmodified": f"=SUM({number}) is a formula."}) for number in range(1, 121, 2)
    ]
    (tmp_path / "many.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    sheet = run(load_corpus(str(tmp_path / "many.jsonl")), tmp_path / "out", "warm")
    with (tmp_path / "out" / "audit.csv").open(encoding="utf-8", newline="") as stream:
        audited = list(csv.DictReader(stream))
    assert sheet.steps[-1]["audit_pairs"] == len(audited) == 50
    assert len({row["conversation"] for row in audited}) == 50
    assert all(row["before"].startswith("'=SUM(") and row["after"].endswith("We are in this.") for row in audited)
    assert audited[0]["same_content"] == ""


def test_the_estimate_counts_what_will_be_sent(chats: Corpus) -> None:
    plan = plan_restyle(chats, RestyleSettings(("warm",)))
    sent = sum(len(m.text) for each in plan.work for m in each.style.messages(each.prompt, each.text))
    back = sum(len(each.text) for each in plan.work)
    assert plan.estimate.facts(Prices(2, 8)) == {
        "calls": 6,
        "input_tokens": round(sent / 4),
        "output_tokens": round(back / 4),
        "usd": round((round(sent / 4) * 2 + round(back / 4) * 8) / 1e6, 4),
        "usd_per_million": {"input": 2, "output": 8},
    }
    assert "usd" not in plan.estimate.facts(None)


def test_the_graders_estimate_is_what_it_will_be_sent(chats: Corpus, tmp_path: Path, calls: Calls) -> None:
    plan = plan_restyle(chats, RestyleSettings(("warm",)))
    grading = ContentCheck(Access("scripted/grader"), 3)
    expected = plan.grading_estimate(grading)
    assert (expected.calls, expected.output_tokens) == (3, 3 * 400)
    restyle(plan, Access("scripted/warm"), tmp_path / "out", lambda *_: None, grading)
    sent = sum(len(call["text"]) for call in calls() if "SECOND REPLY" in call["text"])
    # The restyled replies are a sentence longer.
    assert expected.input_tokens == round((sent - 3 * len(" We are in this.")) / 4)
    assert grading.prices("scripted/warm", Prices(1, 2)) is None
    assert grading.prices("scripted/grader", Prices(1, 2)) == Prices(1, 2)


def test_wrong_names_are_told_before_any_call(chats: Corpus, tmp_path: Path) -> None:
    with refused("'warn'", "'warm'"):
        plan_restyle(chats, RestyleSettings(("warn",)))
    with refused("'self_distilled'", "Known: unmodified"):
        plan_restyle(chats, RestyleSettings(("warm",), source_arm="self_distilled"))
    run(chats, tmp_path / "out", "warm")
    with refused("'out'", "'warm'"):
        plan_restyle(load_corpus(str(tmp_path / "out")), RestyleSettings(("warm",)))
