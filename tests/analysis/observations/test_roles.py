"""What each arm is for: as declared, else by the table of the package's own arms."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.made_logs import collected_of, grid
from warm_inspect.analysis.observations import Roles, observe, read_arms, roles_of
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.roles import Role

OWN: dict[str, Any] = {"rerun": "original_repeat", "rerun_of": "original"}


@pytest.mark.parametrize(
    ("arms", "roles"),
    [
        (("original", "warm"), Roles("warm", "original")),
        (("original", "original_repeat", "neutral", "warm"), Roles("warm", "neutral", **OWN)),
        (("original", "self_distilled", "warm"), Roles("warm", "self_distilled")),
        (("self_distilled", "neutral", "self_distilled_warm"), Roles("self_distilled_warm", "self_distilled")),
        (("original", "unmodified", "warm", "cold"), Roles("warm", "original", controls=("unmodified", "cold"))),
        (("original", "original_repeat"), Roles(**OWN)),
        (("original", "original+persona_cold", "original+persona_warm"), Roles("original+persona_warm", "original")),
        (("neutral", "warm", "warm+persona_warm"), Roles("warm", "neutral")),
        (("warm",), Roles()),
        (("original", "cold"), Roles(controls=("cold",))),
        (("before", "after"), Roles()),
        (("agreeing", "answering", "neutral", "warm"),
         Roles("warm", "neutral", positive_control="agreeing", positive_reference="answering")),
        (("agreeing", "original"), Roles(positive_control="agreeing", positive_reference="original")),
    ],
)  # fmt: skip
def test_the_arms_of_the_package_come_with_their_roles(arms: tuple[str, ...], roles: Roles) -> None:
    assert roles_of(arms) == roles


@pytest.mark.parametrize(
    ("arms", "declared", "roles"),
    [
        ("ab", {"b": Role.TREATED, "a": Role.REFERENCE}, Roles("b", "a")),
        ("abc", {"b": Role.TREATED, "a": Role.REFERENCE, "c": Role.RERUN}, Roles("b", "a", "c", "a")),
        ("ab", {"b": Role.RERUN}, Roles(rerun="b", rerun_of="a")),
        ("abc", {"a": Role.REFERENCE, "b": Role.RERUN, "c": Role.TREATED}, Roles("c", "a", "b", "a")),
        ("abc", {"b": Role.TREATED, "a": Role.REFERENCE, "c": Role.CONTROL}, Roles("b", "a", controls=("c",))),
        ("abc", {"b": Role.TREATED, "a": Role.REFERENCE, "c": Role.POSITIVE_CONTROL},
         Roles("b", "a", positive_control="c", positive_reference="a")),
        (["original", "x"], {"x": Role.TREATED}, Roles("x", "original")),
        (["original", "warm"], {"warm": Role.REFERENCE, "original": Role.TREATED}, Roles("original", "warm")),
        (["warm", "again", "neutral"], {"again": Role.RERUN}, Roles("warm", "neutral", "again", "neutral")),
    ],
)  # fmt: skip
def test_a_declared_role_goes_before_the_table(arms: list[str], declared: dict[str, Role], roles: Roles) -> None:
    assert roles_of(list(arms), declared) == roles


@pytest.mark.parametrize(
    ("arms", "declared", "baseline", "compared"),
    [
        (["original", "original_repeat", "neutral", "warm"], {}, "original", ["neutral", "warm"]),
        (["a", "b", "c"], {"a": Role.REFERENCE, "b": Role.TREATED, "c": Role.RERUN}, "a", ["b"]),
        (["a", "b", "c", "d"], {"a": Role.REFERENCE, "b": Role.TREATED, "c": Role.CONTROL}, "a", ["b", "c"]),
        (["original", "a", "b"], {"a": Role.REFERENCE, "b": Role.TREATED}, "original", ["a", "b"]),
        (["original", "again"], {"again": Role.RERUN}, "original", []),
        (["a", "b"], {}, "", []),
    ],
)
def test_what_the_others_are_held_against(
    arms: list[str], declared: dict[str, Role], baseline: str, compared: list[str]
) -> None:
    roles = roles_of(arms, declared)
    assert (roles.baseline(arms), roles.compared(arms)) == (baseline, compared)
    assert {pair for pair in product(arms, arms) if roles.repeats(*pair)} == {
        (roles.rerun, roles.rerun_of) for _ in [0] if roles.rerun
    }


@pytest.mark.parametrize(
    ("arms", "declared", "parts"),
    [
        ("ab", {"c": Role.TREATED}, ("'c'", "a, b")),
        ("ab", {"a": Role.TREATED}, ("--treated a", "--reference ARM", "b")),
        ("ab", {"a": Role.REFERENCE}, ("--reference a", "--treated ARM", "b")),
        ("abc", {"c": Role.RERUN}, ("--rerun c", "--reference ARM", "a, b")),
        ("abc", {"a": Role.TREATED, "b": Role.TREATED}, ("treated", "a, b")),
    ],
)
def test_a_role_that_fits_no_arm_is_refused(arms: str, declared: dict[str, Role], parts: tuple[str, ...]) -> None:
    with pytest.raises(PrerequisiteError) as error:
        roles_of(list(arms), declared)
    assert all(part in str(error.value) for part in parts)


def test_an_arms_file_declares_roles_and_an_option_goes_before_it(tmp_path: Path) -> None:
    file = tmp_path / "arms.yaml"
    file.write_text("m/a: {arm: a, role: reference}\nm/b: {arm: b, role: treated}\n")
    rows = [row | {"arm": "", "model": f"m/{row['arm']}"} for row in grid({"a": 0.5, "b": 0.5}, 2)]
    arms = read_arms(file)
    assert observe(collected_of(rows), arms).roles == Roles("b", "a")
    swapped = {"a": Role.TREATED, "b": Role.REFERENCE}
    assert observe(collected_of(rows), arms, roles=swapped).roles == Roles("a", "b")
    file.write_text("m/a: {arm: a, role: placebo}\n")
    with pytest.raises(PrerequisiteError, match=r"'placebo'.*positive_control"):
        read_arms(file)
