"""The benches, which no type checker reads and no test runs, import names that the package has."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]


def imported() -> Iterator[tuple[Path, str, str]]:
    """Each bench with a module of the package and a name that it imports of it."""
    for bench in sorted((ROOT / "bench").rglob("*.py")):
        for node in ast.walk(ast.parse(bench.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("warm_inspect"):
                yield from ((bench.relative_to(ROOT), str(node.module), alias.name) for alias in node.names)


def names_of(module: str) -> set[str]:
    """The names that a module defines or imports, and the modules below it."""
    path = ROOT / "src" / Path(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    tree = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    defined = {node.name for node in tree if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    assigned = {node.id for node in tree if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    taken = {alias.asname or alias.name for node in tree if isinstance(node, ast.ImportFrom) for alias in node.names}
    below = {each.stem for each in path.iterdir()} if path.is_dir() else set()
    return defined | assigned | taken | below


def test_a_bench_imports_what_is_there() -> None:
    names = list(imported())
    assert len(names) > 50
    assert [each for each in names if each[2] not in names_of(each[1])] == []
