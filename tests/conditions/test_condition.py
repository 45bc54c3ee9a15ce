import pytest

from tests.errors import refused
from warm_inspect.conditions.condition import DEFAULT_BELIEFS, DEFAULT_CONTEXTS, Condition, parse_grid
from warm_inspect.conditions.words import BELIEFS, CONTEXTS
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import PUBLISHED_BENCHMARKS, Benchmark


def cells(
    contexts: str | list[str], beliefs: str | list[str], benchmark: Benchmark = Benchmark.TRIVIAQA
) -> list[tuple[str, str]]:
    return [(each.context, each.belief) for each in parse_grid(benchmark, contexts, beliefs, "none")]


def test_the_default_is_the_headline_six_cells() -> None:
    assert cells(DEFAULT_CONTEXTS, DEFAULT_BELIEFS) == [
        (context, belief) for context in ("none", "filler", "emotion_sad") for belief in ("none", "incorrect")
    ]


def test_a_list_a_comma_string_and_repeats_mean_the_same() -> None:
    assert cells(["none", "filler"], "none") == cells("none, filler,none", ["none"])


def test_all_crosses_everything() -> None:
    assert len(cells("all", "all")) == len(CONTEXTS) * len(BELIEFS)


@pytest.mark.parametrize("benchmark", list(Benchmark))
def test_paper_is_the_28_published_cells_with_their_lead_ins(benchmark: Benchmark) -> None:
    grid = parse_grid(benchmark, "paper", "paper", "none")
    assert len(grid) == len(set(grid)) == 28
    assert grid.conditions[0] == Condition("neutral", "none", "none", True)
    with_lead_in = {(each.context, each.belief) for each in grid if each.lead_in}
    # The bare question and six contexts outside stakes, each with two beliefs, but not in MedQA. Plus neutral:none.
    assert len(with_lead_in) == (1 if benchmark is Benchmark.MEDQA else 7 * 2 + 1)
    assert not any(context.startswith("stakes") for context, _ in with_lead_in)


@pytest.mark.parametrize("benchmark", [None, "a_fifth"])
def test_paper_is_for_the_published_benchmarks(benchmark: Benchmark | None) -> None:
    with refused("'paper'", *PUBLISHED_BENCHMARKS, "'all'"):
        parse_grid(benchmark, "paper", "paper", "none")
    assert len(parse_grid(benchmark, "none", "none", "none")) == 1


@pytest.mark.parametrize(("contexts", "beliefs"), [("paper", "none"), ("none", "paper"), ("paper,none", "paper")])
def test_paper_is_a_list_and_no_level(contexts: str, beliefs: str) -> None:
    with refused("'paper'", "-T contexts=paper -T beliefs=paper"):
        cells(contexts, beliefs)


@pytest.mark.parametrize(
    ("contexts", "beliefs", "persona", "said"),
    [
        ("sad", "none", "none", "Unknown context 'sad'"),
        ("none", "correkt", "none", "Did you mean 'correct'?"),
        ("none", "none", "hot", "Unknown persona 'hot'"),
        ("", "none", "none", "No context given"),
    ],
)
def test_unknown_names_are_one_clear_error(contexts: str, beliefs: str, persona: str, said: str) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        parse_grid(Benchmark.MEDQA, contexts, beliefs, persona)
    assert said in str(caught.value)
