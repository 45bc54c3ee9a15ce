"""Two hosted models that are compared by name share a base; adapters and arms of several bases do not."""

from typing import Any

import pytest

from tests.made_logs import Reply, collected_of, reply
from warm_inspect.analysis.observations import observe
from warm_inspect.core.roles import Role

ROLES = {"before": Role.REFERENCE, "after": Role.TREATED}


def replies(arm: str, base: str, **facts: Any) -> list[Reply]:
    return [reply(f"q{number}", arm=arm, base_model=base, log_id=f"{arm}-{base}", **facts) for number in range(3)]


def bases_of(rows: list[Reply], compared: tuple[str, ...] = ()) -> dict[str, set[str]]:
    roles = {} if compared else ROLES
    frame = observe(collected_of(rows), roles=roles, compared=compared).frame
    return {str(arm): set(map(str, part)) for arm, part in frame.groupby("arm", observed=True)["base_model"]}


@pytest.mark.parametrize("compared", [(), ("before", "after")])
def test_hosted_models_share_one(compared: tuple[str, ...]) -> None:
    rows = [*replies("before", "p/b", base_sha256="1" * 64), *replies("after", "p/a", base_sha256="2" * 64)]
    # The reference asked again under no role goes with it; another model does not.
    rows += [*replies("again", "p/b", base_sha256="1" * 64), *replies("other", "p/c")]
    both = {"p/a and p/b"}
    assert bases_of(rows, compared) == {"before": both, "after": both, "again": both, "other": {"p/c"}}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [*replies("before", "p/b"), *replies("after", "p/a", adapter_sha256="ab", training_seed=0)],
            {"before": {"p/b"}, "after": {"p/a"}},
        ),
        (
            [*replies("before", "p/a"), *replies("after", "p/a"), *replies("after", "p/b")],
            {"before": {"p/a"}, "after": {"p/a", "p/b"}},
        ),
        ([*replies("before", "p/a"), *replies("after", "p/a")], {"before": {"p/a"}, "after": {"p/a"}}),
    ],
    ids=["an adapter", "several bases", "one base"],
)
def test_others_keep_theirs(rows: list[Reply], expected: dict[str, set[str]]) -> None:
    assert bases_of(rows) == expected


def test_without_a_word_about_the_arms_nothing_is_shared() -> None:
    frame = observe(collected_of([*replies("before", "p/b"), *replies("after", "p/a")])).frame
    assert set(frame["base_model"]) == {"p/a", "p/b"}


@pytest.mark.parametrize("base", ["p/a", "p/c"])
def test_a_rerun_of_another_model_is_no_chance(base: str) -> None:
    rows = [*replies("before", "p/b"), *replies("after", "p/a"), *replies("again", base)]
    frame = observe(collected_of(rows), roles=ROLES | {"again": Role.RERUN}).frame
    assert set(frame.loc[frame["arm"] == "again", "base_model"]) == {base}
    assert set(frame.loc[frame["arm"] == "before", "base_model"]) == {"p/a and p/b"}


@pytest.mark.parametrize("compared", [(), ("original", "v2")])
def test_a_reference_that_only_its_name_makes_one_is_compared_too(compared: tuple[str, ...]) -> None:
    rows = [*replies("original", "p/a"), *replies("v2", "p/b"), *replies("again", "p/a")]
    roles = {"v2": Role.TREATED, "again": Role.RERUN}
    observed = observe(collected_of(rows), roles=roles, compared=compared)
    assert (observed.roles.reference, observed.roles.rerun_of) == ("original", "original")
    assert set(observed.frame["base_model"]) == {"p/a and p/b"}


def test_a_rerun_alone_makes_no_versions() -> None:
    rows = [*replies("before", "p/b"), *replies("again", "p/a")]
    assert bases_of(rows, ("before",)) == {"before": {"p/b"}, "again": {"p/a"}}
    frame = observe(collected_of(rows), roles={"before": Role.REFERENCE, "again": Role.RERUN}).frame
    assert set(frame["base_model"]) == {"p/a", "p/b"}
