"""Paper mode on logs: the published rows, their refusals, McNemar's test in each cell."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.made_logs import Reply, observations, reply, write_log
from warm_inspect.analysis.estimates import Code, Note, adjust, estimates_frame, not_estimable
from warm_inspect.analysis.observations import Observations
from warm_inspect.analysis.published import CELL_COLUMNS, MCNEMAR, MCNEMAR_POOLED, analyse_as_published
from warm_inspect.analysis.published.as_published import published_rows
from warm_inspect.core.errors import PrerequisiteError

CONTEXTS = ("none", "emotion_sad", "stakes_low")


def replies(arm: str, wrong: dict[tuple[str, str], int], questions: int = 20, **changes: Any) -> list[Reply]:
    """Replies of each condition, the first `wrong` questions of it incorrect."""
    return [
        reply(f"q{i}", "incorrect" if i < count else "correct", arm=arm, context=context, belief=belief) | changes
        for (context, belief), count in wrong.items()
        for i in range(questions)
    ]


def grid(plain: int, wrong: int, rejected: int) -> dict[tuple[str, str], int]:
    beliefs = {"none": plain, "incorrect": wrong, "rejects_correct": rejected}
    return {(context, belief): count for context in CONTEXTS for belief, count in beliefs.items()}


@pytest.fixture
def study(tmp_path: Path) -> Observations:
    lead_in = {("neutral", "none"): 9}
    extra = {("filler", "none"): 1, ("none", "third_party"): 1}
    return observations(
        write_log(tmp_path / "1.eval", replies("original", grid(5, 6, 7) | lead_in | extra)),
        write_log(tmp_path / "2.eval", replies("warm", grid(8, 12, 9) | lead_in | extra)),
    )


@pytest.mark.slow
def test_rows_stand_under_the_published_levels_and_what_is_left_out_is_counted(study: Observations) -> None:
    rows, left_out = published_rows(study.frame)
    assert list(rows["context"].cat.categories) == list(CONTEXTS)
    assert list(rows["belief"].cat.categories) == ["none", "any"]
    cells = rows[rows["arm"] == "warm"].groupby(["context", "belief"], observed=True)["incorrect"].agg(["size", "sum"])
    # The lead-in belongs to the baseline; the two templates are one belief.
    by_condition = cells.to_dict("index")
    assert by_condition["none", "none"] == {"size": 40, "sum": 8 + 9}
    assert by_condition["emotion_sad", "any"] == {"size": 40, "sum": 12 + 9}
    counts = left_out[left_out["arm"] == "warm"].set_index("reason")["n"].to_dict()
    assert counts == {"paper mode: context not in the study": 20, "paper mode: belief not in the study": 20}


def test_refusals_are_dropped_on_three_benchmarks_and_correct_on_disinfo(tmp_path: Path) -> None:
    logs = [
        write_log(
            tmp_path / f"{benchmark}-{arm}.eval",
            [reply("q0", "refusal", arm=arm, benchmark=benchmark), reply("q1", other, arm=arm, benchmark=benchmark)],
        )
        for arm in ("original", "warm")
        for benchmark, other in (("disinfo", "correct"), ("medqa", "incorrect"))
    ]
    used, left_out = published_rows(observations(*logs).frame)
    assert used.groupby("benchmark", observed=True)["incorrect"].agg(["size", "sum"]).to_dict("index") == {
        "medqa": {"size": 2, "sum": 2},
        "disinfo": {"size": 4, "sum": 0},
    }
    assert left_out["n"].sum() == 2
    assert set(left_out["reason"]) == {"paper mode: refusal, dropped as published"}


def test_another_benchmark_is_never_pooled_with_the_published_four(tmp_path: Path) -> None:
    logs = {
        (benchmark, arm): write_log(
            tmp_path / f"{benchmark}-{arm}.eval", replies(arm, {("none", "none"): 3}, 6, benchmark=benchmark)
        )
        for benchmark in ("medqa", "geography")
        for arm in ("original", "warm")
    }
    both = analyse_as_published(observations(*logs.values()))
    one = analyse_as_published(observations(*(log for (benchmark, _), log in logs.items() if benchmark == "medqa")))
    assert repr(both.estimates) == repr(one.estimates)
    assert both.exclusions[["reason", "benchmark", "n"]].drop_duplicates().to_numpy().tolist() == [
        ["paper mode: benchmark not in the study", "geography", 6],
    ]
    with pytest.raises(PrerequisiteError) as error:
        analyse_as_published(observations(*(log for (benchmark, _), log in logs.items() if benchmark == "geography")))
    assert all(word in str(error.value) for word in ("--paper", "medqa", "geography"))


@pytest.mark.slow
def test_mcnemar_in_each_cell_by_hand(study: Observations) -> None:
    estimates = estimates_frame(adjust(analyse_as_published(study).estimates))
    cells = estimates[(estimates["analysis"] == MCNEMAR) & (estimates["term"] == "difference")]
    assert len(cells) == 2 * 3
    row = cells[(cells["context"] == "emotion_sad") & (cells["belief"] == "any")].iloc[0]
    # 6 more wrong of 20, and 2 more of 20, all on one side: 8 discordant of 40 pairs, P = 2 / 2 ** 8.
    assert (row["estimate"], row["statistic"], row["n"]) == (20, 8, 40)
    assert row["p_value"] == pytest.approx(2 / 2**8)
    assert row["p_adjusted"] == pytest.approx(2 / 2**8)
    plain = cells[(cells["context"] == "emotion_sad") & (cells["belief"] == "none")].iloc[0]
    assert plain["p_value"] == pytest.approx(2 / 2**3)
    g = estimates[
        (estimates["term"] == "cohens_g") & (estimates["context"] == "emotion_sad") & (estimates["belief"] == "any")
    ].iloc[0]
    assert (g["estimate"], g["unit"]) == (0.5, "share")
    assert cells.groupby("family").size().to_dict() == {
        f"{MCNEMAR}: warm, tiny, truthfulqa, belief={belief}": 3 for belief in ("none", "any")
    }


def test_pooled_tests_add_the_pairs_of_all_benchmarks(tmp_path: Path) -> None:
    wrong = {("truthfulqa", "original"): 2, ("truthfulqa", "warm"): 6, ("medqa", "original"): 9, ("medqa", "warm"): 8}
    logs = [
        write_log(tmp_path / f"{benchmark}-{arm}.eval", replies(arm, {("none", "none"): count}, benchmark=benchmark))
        for (benchmark, arm), count in wrong.items()
    ]
    analysed = analyse_as_published(observations(*logs))
    (pooled,) = [row for row in analysed.estimates if row.analysis == MCNEMAR_POOLED]
    # 4 pairs go one way and 1 the other, of 40: P = 2 (1 + 5) / 2 ** 5.
    assert (pooled.contrast, pooled.n) == ("warm - original | base_model=tiny, context=none, belief=none", 40)
    assert (pooled.estimate, pooled.statistic, pooled.p_value) == pytest.approx((7.5, 4, 0.375))
    assert pooled.family == f"{MCNEMAR_POOLED}: warm, tiny, belief=none"
    cells = analysed.cells.set_index(["arm", "benchmark"])[["n", "n_incorrect"]].to_dict("index")
    assert cells["warm", "medqa"] == {"n": 20, "n_incorrect": 8}
    assert tuple(analysed.cells.columns) == CELL_COLUMNS


def test_no_discordant_pair_gives_the_exact_bound(tmp_path: Path) -> None:
    arms = ("original", "warm")
    logs = [write_log(tmp_path / f"{arm}.eval", replies(arm, {("none", "none"): 3})) for arm in arms]
    estimates = analyse_as_published(observations(*logs)).estimates
    cell, g = (row for row in estimates if row.analysis == MCNEMAR)
    assert (cell.estimate, cell.p_value) == (0, 1)
    # 0 of 20 pairs differ: at most 1 - .05 ** (1 / 20) = 13.9 % do.
    assert (cell.conf_low, cell.conf_high) == pytest.approx((-13.911, 13.911), abs=1e-3)
    assert g.notes == (not_estimable(Code.NO_DISCORDANT_PAIR),)


def seeded(folder: Path, arm: str, wrong: int, seeds: int) -> list[Path]:
    """One log for each adapter of an arm, which makes one error more from seed to seed."""
    return [
        write_log(
            folder / f"{arm}{seed}.eval",
            replies(arm, {("none", "none"): wrong + seed}, training_seed=seed, adapter_sha256=f"{arm}{seed}"),
        )
        for seed in range(seeds)
    ]


def test_a_prompt_that_several_adapters_answered_is_not_tested_as_independent_pairs(tmp_path: Path) -> None:
    logs = [
        write_log(tmp_path / "original.eval", replies("original", {("none", "none"): 3})),
        *seeded(tmp_path, "warm", 7, 3),
        *seeded(tmp_path, "cold", 4, 3),
    ]
    rows = [row for row in analyse_as_published(observations(*logs)).estimates if row.analysis == MCNEMAR]
    tests = {row.identity.pair: row for row in rows if row.term == "difference"}
    # Arms pair by seed, 20 prompts each: 7, 8 and 9 wrong against 4, 5 and 6; against 3 of the original's.
    assert {name: (row.n, row.statistic) for name, row in tests.items()} == {
        "warm - original": (60, 4 + 5 + 6),
        "cold - original": (60, 1 + 2 + 3),
        "warm - cold": (60, 9),
    }
    for row in tests.values():
        assert np.isnan([row.p_value, row.conf_low, row.conf_high]).all()
        assert row.notes == (Note(Code.SEVERAL_ADAPTERS),)


def test_trained_arms_are_tested_over_the_one_seed_that_both_have(tmp_path: Path) -> None:
    logs = [*seeded(tmp_path, "warm", 7, 3), *seeded(tmp_path, "cold", 1, 1)]
    (row,) = [
        row
        for row in analyse_as_published(observations(*logs)).estimates
        if row.analysis == MCNEMAR and row.term == "difference"
    ]
    assert (row.identity.pair, row.n, row.statistic) == ("warm - cold", 20, 6)
    assert row.p_value == pytest.approx(2 / 2**6)


def test_length_is_an_association(tmp_path: Path) -> None:
    # A difference of 400 characters goes with one of 30 points, in both arms alike: the arm itself does nothing.
    logs = [
        write_log(
            tmp_path / f"{arm}.eval",
            [
                reply(f"{size}{i}", "incorrect" if i < wrong else "correct", arm=arm, reply_chars=size)
                for size, wrong in ((200, 2), (600, 8))
                for i in range(20)
            ],
        )
        for arm in ("original", "warm")
    ]
    rows = [row for row in analyse_as_published(observations(*logs)).estimates if row.analysis == "paper_1b"]
    effect, _, length = rows
    assert effect.estimate == pytest.approx(0, abs=1e-6)
    assert (length.term, length.contrast) == ("length_association", "reply_chars + 100 | warm - original")
    beta = (np.log(8 / 12) - np.log(2 / 18)) / 400
    assert length.estimate == pytest.approx(100 * 100 * beta * (0.1 * 0.9 + 0.4 * 0.6) / 2, rel=1e-6)
    # Two free logits, 40 replies each, of variance 1 / (40 p q); derivatives of 25 (l2 - l1) (p1 q1 + p2 q2) / 2.
    change = np.log(8 / 12) - np.log(2 / 18)
    low, high = 25 * (-0.165 + change * 0.09 * 0.8 / 2), 25 * (0.165 + change * 0.24 * 0.2 / 2)
    assert length.std_error == pytest.approx(np.sqrt(low**2 / (40 * 0.09) + high**2 / (40 * 0.24)), rel=1e-6)
    assert Note(Code.ASSOCIATION) in length.notes


def test_a_system_prompt_is_an_arm_of_its_own(tmp_path: Path) -> None:
    plain = write_log(tmp_path / "1.eval", replies("original", {("none", "none"): 4}))
    prompted = write_log(tmp_path / "2.eval", replies("original", {("none", "none"): 9}, persona="warm"))
    estimates = analyse_as_published(observations(plain, prompted)).estimates
    (effect,) = [row for row in estimates if (row.analysis, row.term) == ("paper_1", "marginal_effect")]
    assert (effect.contrast, effect.n) == ("original+persona_warm - original", 40)
    assert effect.estimate == pytest.approx(25)
