"""Calls that nothing in the package may make: each has one safe form, or one door."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "warm_inspect"
LOG_READERS = {
    "read_eval_log", "read_eval_log_async", "read_eval_log_headers", "read_eval_log_sample",
    "read_eval_log_sample_summaries", "read_eval_log_samples", "read_eval_log_samples_by_id", "ZipFile", "is_zipfile",
}  # fmt: skip
MAY_OPEN_ARCHIVES = {"core/log_file.py", "models/fetch.py"}


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def calls(code: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call))


def runs_remote_code(code: str) -> list[int]:
    """The lines with a call of transformers that would ask whether to run the code of a model, or run it."""
    return [
        call.lineno
        for call in calls(code)
        if name_of(call) in {"from_pretrained", "from_config", "pipeline"}
        and not any(
            word.arg == "trust_remote_code" and isinstance(word.value, ast.Constant) and word.value.value is False
            for word in call.keywords
        )
    ]


def opens_logs(code: str) -> list[int]:
    return [call.lineno for call in calls(code) if name_of(call) in LOG_READERS]


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("AutoConfig.from_pretrained(folder)", [1]),
        ("\nkind.from_pretrained(folder, trust_remote_code=True)", [2]),
        ("kind.from_pretrained(folder, trust_remote_code=False, **options)", []),
    ],
)
def test_remote_code_is_seen(code: str, lines: list[int]) -> None:
    assert runs_remote_code(code) == lines


def test_no_model_brings_code_and_logs_are_opened_at_one_door() -> None:
    faults = []
    for path in sorted(SOURCE.rglob("*.py")):
        code, name = path.read_text(encoding="utf-8"), path.relative_to(SOURCE).as_posix()
        faults += [f"{name}:{line} without trust_remote_code=False" for line in runs_remote_code(code)]
        if name not in MAY_OPEN_ARCHIVES:
            faults += [f"{name}:{line} reads a log past core/log_file.py" for line in opens_logs(code)]
    assert not faults
