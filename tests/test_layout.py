"""The package as it is shipped: one copy of the code, all of it checked, and the same wheel from tree and sdist."""

import ast
import json
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["tasks", "scorers"])
def test_the_top_level_folders_are_links_into_the_package(name: str) -> None:
    link = ROOT / name
    assert link.is_symlink()
    assert not link.readlink().is_absolute()
    assert link.resolve() == ROOT / "src" / "warm_inspect" / name


def printed(*command: str) -> str:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def sources(*folders: str) -> set[Path]:
    return {path for folder in folders for path in (ROOT / folder).rglob("*.py")}


def test_every_source_file_is_linted() -> None:
    linted = {Path(line) for line in printed("-m", "ruff", "check", "--show-files", ".").splitlines()}
    assert sources("src", "tests", "bench") <= linted


def test_every_source_file_is_typed() -> None:
    code = "import json, mypy.main as m; print(json.dumps([s.path for s in m.process_options([])[0]]))"
    typed = {ROOT / path for path in json.loads(printed("-c", code))}
    assert sources("src", "tests") <= typed


def test_every_package_has_a_place_in_the_layers() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = settings["contracts"][0]
    placed = {name.strip() for layer in layers["layers"] for name in layer.split("|")}
    there = {path.stem for path in (ROOT / "src" / "warm_inspect").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert there - {"__init__", "__pycache__", "content", *layers["exhaustive_ignores"]} == placed
    assert layers["exhaustive"], "a new package without a place breaks the contract"
    assert settings["root_package"] == "warm_inspect"


def test_the_slices_of_the_analysis_take_from_each_other_what_they_export() -> None:
    folder = ROOT / "src" / "warm_inspect" / "analysis"
    deep = []
    for path in sorted(folder.glob("*/*.py")):
        own = f"warm_inspect.analysis.{path.parent.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            if module.startswith("warm_inspect.analysis.") and not module.startswith(f"{own}."):
                deep += [f"{path.name}: {module}"] if module.count(".") > 2 else []
    assert not deep


def build(source: Path, out: Path, target: str) -> Path:
    code = f"import hatchling.build as b; print(b.build_{target}({str(out)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=True)
    return out / done.stdout.strip().splitlines()[-1]


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.slow
def test_the_wheel_from_the_sdist_is_the_wheel_from_the_tree(tmp_path: Path) -> None:
    from_tree = contents(build(ROOT, tmp_path / "a", "wheel"))
    with tarfile.open(build(ROOT, tmp_path / "b", "sdist")) as sdist:
        sdist.extractall(tmp_path / "c", filter="data")
    [unpacked] = (tmp_path / "c").iterdir()
    from_sdist = contents(build(unpacked, tmp_path / "d", "wheel"))
    assert from_tree.keys() == from_sdist.keys()
    assert from_tree == from_sdist
    for needed in ("tasks/truthfulqa.py", "scorers/correctness.py", "content/items/medqa.jsonl", "py.typed"):
        assert f"warm_inspect/{needed}" in from_tree


def test_no_file_is_in_the_wheel_twice_or_names_a_machine_path() -> None:
    for path in (ROOT / "src").rglob("*"):
        if path.is_file() and path.suffix in {".py", ".md", ".yaml", ".jsonl", ".j2", ".css", ".jinja"}:
            text = path.read_text(encoding="utf-8")
            assert "/home/" not in text
            assert "/root/" not in text
