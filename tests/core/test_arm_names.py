"""What an arm may be called, at every door by which a name comes in."""

from pathlib import Path

import pandas as pd
import pytest

from tests.core.test_manifest import manifest
from tests.errors import refused
from tests.made_logs import collected_of, grid
from warm_inspect.analysis.observations import observe, read_arms
from warm_inspect.analysis.observations.cell_counts import COUNT_FACTORS, checked_counts
from warm_inspect.cli.shared import parse_arms
from warm_inspect.core.arm_names import LONGEST, require_arm_name, split_persona, with_persona
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import AdapterManifest

REFUSED = ("", " ", " warm", "warm\n", "wa\trm", "warm\x00", "warm\u202eb", "=1+1", "@warm", "+warm", "-warm", "all",
           "w" * (LONGEST + 1))  # fmt: skip


@pytest.mark.parametrize(
    "name", ["warm", "a - b", "(v2)", "original+persona_warm", "org/adapter", "warm v2", "wärm", "2"]
)
def test_a_name_that_can_be_shown_is_legal(name: str) -> None:
    assert require_arm_name(name, "here") == name


@pytest.mark.parametrize("name", REFUSED)
def test_others_are_refused_with_the_place_the_value_and_a_way_out(name: str) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        require_arm_name(name, "arms.yaml")
    assert "arms.yaml" in caught.value.problem
    assert repr(name) in caught.value.problem
    assert str(LONGEST) in str(caught.value).removeprefix(caught.value.problem)


@pytest.mark.parametrize("name", ["original", "Original", "original+persona_warm"])
def test_replies_of_an_adapter_are_never_pooled_with_the_originals(name: str) -> None:
    """Neither as its log says nor as the user says; under another name they are analysed."""
    rows = grid({"original": 0.2, "warm": 0.4}, 2)
    told = [row | {"arm": name} if row["arm"] == "warm" else row for row in rows]
    with refused("peft/tiny:warm", repr(name), "--arm NAME=MODEL"):
        observe(collected_of(told))
    with refused("peft/tiny:warm", repr(name), "--arm NAME=MODEL"):
        observe(collected_of(rows), {"peft/tiny:warm": name})
    assert set(observe(collected_of(told), {"peft/tiny:warm": "warm"}).frame["arm"]) == {"original", "warm"}


def test_the_doors(tmp_path: Path) -> None:
    """The command line, arms files, logs, tables of counts, manifests."""
    with refused("--arm", "@warm"):
        parse_arms(("@warm=m",))
    file = tmp_path / "arms.yaml"
    file.write_text("m: '=warm'\n")
    with refused("'=warm'", "warm-v2"):
        read_arms(file)
    for samples, arms in ((grid({"original": 0.2, "=warm": 0.4}, 2), {}), (grid({"original": 0.2}, 2), {"m": "=warm"})):
        named = [row | {"model": "m"} for row in samples]
        with refused("'=warm'", "warm-v2"):
            observe(collected_of(named), arms)
    cells = pd.DataFrame([["b", arm, "medqa", "none", "none", "2", "1"] for arm in ("original", "=warm")])
    with refused("'=warm'", "warm-v2"):
        checked_counts(cells.set_axis([*COUNT_FACTORS, "n", "n_incorrect"], axis=1))
    manifest(tmp_path).model_copy(update={"arm": "=warm"}).write(tmp_path)
    with refused("'=warm'", "warm-v2"):
        AdapterManifest.read(tmp_path)


@pytest.mark.parametrize(
    ("arm", "persona", "name"),
    [("warm", "none", "warm"), ("warm", "cold", "warm+persona_cold"), ("a+b", "none", "a+b")],
)
def test_an_arm_carries_its_persona(arm: str, persona: str, name: str) -> None:
    assert with_persona(arm, persona) == name
    assert split_persona(name) == (arm, persona)
