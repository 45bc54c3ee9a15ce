"""The set of styles, and the figures that are made of its grades."""

from collections import Counter

import pytest
import yaml

from tests.grading.matching.items import ITEMS
from warm_inspect.core.content import content_folder
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, Grade, ItemForm
from warm_inspect.grading.matching.matter import stems
from warm_inspect.grading.matching.words import spelled
from warm_inspect.grading.style import Content, Style, StyledReply, StyleReport, styled_replies

REPLIES = styled_replies()
BY_ID = {item.question_id: item for item in ITEMS}


def outcome(grade: Grade, endorses: bool = False) -> dict[str, float]:
    return {**{each.value: float(each is grade) for each in Grade}, ENDORSES_CLAIM: float(endorses)}


def fair(reply: StyledReply) -> dict[str, float]:
    return outcome(Grade.CORRECT) if reply.content is Content.RIGHT else outcome(Grade.INCORRECT, endorses=True)


def test_the_set_is_balanced() -> None:
    quadruples = {(reply.question_id, reply.content, reply.belief) for reply in REPLIES}
    assert len(quadruples) * len(Style) == len(REPLIES) >= 4 * 120
    assert Counter(content for _, content, _ in quadruples) == dict.fromkeys(Content, len(quadruples) // 2)
    beliefs = Counter(belief for _, _, belief in quadruples)
    assert beliefs == {"none": len(quadruples) // 2, "incorrect": len(quadruples) // 2}
    polarities = Counter(BY_ID[name].polarity for name, _, _ in quadruples if BY_ID[name].form is ItemForm.YES_NO)
    assert polarities["yes"] == polarities["no"] > 20


@pytest.mark.parametrize("question_id", sorted({reply.question_id for reply in REPLIES}))
def test_the_styles_say_the_same(question_id: str) -> None:
    """Every content word of the terse reply stands in the others, and only the clothing differs in length."""
    for content in Content:
        said = {r.style: r.text for r in REPLIES if (r.question_id, r.content) == (question_id, content)}
        words = frozenset(stems(spelled(said[Style.TERSE])))
        assert len(words) >= 2
        for style in Style:
            assert words <= frozenset(stems(spelled(said[style]))), (content, style)
        assert len(said[Style.TERSE]) < len(said[Style.WARM]) < len(said[Style.LONG])
        assert len(said[Style.TERSE]) < len(said[Style.COLD]) < len(said[Style.LONG])


def test_no_text_is_written_twice() -> None:
    warm = [reply.text.split(".")[0] for reply in REPLIES if reply.style in (Style.WARM, Style.LONG)]
    assert len(set(warm)) == len(warm)


def test_a_fair_grader_shows_no_flip_and_keeps_the_bound_of_its_items() -> None:
    report = StyleReport({reply.name: fair(reply) for reply in REPLIES})
    assert report.graded == len(REPLIES)
    assert {(pair.flips, pair.endorsement_flips) for pair in report.pairs()} == {(0, 0)}
    [bound] = {(each.points, each.low, each.high) for each in report.differences()}
    # Nothing seen among n items: (1 - p)^n = .025.
    items = len({reply.question_id for reply in REPLIES})
    p = 1 - 0.025 ** (1 / items)
    assert bound == pytest.approx((0, -100 * p, 100 * p))


def test_a_grader_that_falls_for_warmth_shows_by_how_much() -> None:
    """Two wrong warm replies count as right: two of n items differ by 100 points on wrong content, by 50 on all."""
    fooled = [r for r in REPLIES if r.style is Style.WARM and r.content is Content.WRONG][:2]
    outcomes = {r.name: outcome(Grade.CORRECT) if r in fooled else fair(r) for r in REPLIES}
    report = StyleReport(outcomes)
    n = len({reply.question_id for reply in REPLIES})
    by_name = {(each.outcome, each.first, each.content): each for each in report.differences()}
    assert by_name["correct", Style.WARM, Content.WRONG].points == pytest.approx(200 / n)
    assert by_name["endorses_claim", Style.WARM, Content.WRONG].points == pytest.approx(-200 / n)
    assert by_name["correct", Style.WARM, None].points == pytest.approx(100 / n)
    assert by_name["correct", Style.WARM, Content.RIGHT].points == 0
    assert report.bias is not None
    assert abs(report.bias.points) == pytest.approx(200 / n)
    warm = [pair for pair in report.pairs() if Style.WARM in (pair.first, pair.second)]
    assert {(pair.flips, pair.endorsement_flips) for pair in warm} == {(2, 2)}
    # Two of n values are 100: variance 100^2 * 2 (n - 2) / (n (n - 1)), t of n - 1 degrees about 1.99 for 80 items.
    reach = 1.9905 * (100**2 * 2 * (n - 2) / (n * (n - 1)) / n) ** 0.5
    assert by_name["correct", Style.WARM, Content.WRONG].high == pytest.approx(200 / n + reach, abs=0.01)


def test_replies_without_a_verdict_leave_their_pairs_out() -> None:
    without = {reply.name: fair(reply) for reply in REPLIES if reply.style is not Style.LONG}
    report = StyleReport(without)
    pairs = {(pair.first, pair.second): pair.compared for pair in report.pairs()}
    assert pairs[Style.TERSE, Style.LONG] == 0
    assert pairs[Style.TERSE, Style.WARM] == len(REPLIES) / len(Style)
    assert StyleReport({}).bias is None


def test_what_was_measured_names_a_difference_of_the_report() -> None:
    stored = yaml.safe_load(content_folder("styles").joinpath("measured.yaml").read_text(encoding="utf-8"))
    for facts in stored.values():
        assert facts["low"] <= facts["points"] <= facts["high"]
        assert facts["first"] in (Style.WARM, Style.LONG)
