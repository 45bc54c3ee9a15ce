"""Each block of a page is what it says it is, and each command line is one that the program takes."""

import ast
import json
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from tests.docs.pages import MARKS, PAGES, Block, blocks, commands_in_sentences, prose
from tests.docs.syntax import faults

LANGUAGES = {"sh", "python", "yaml", "json", "text"}
NEEDS = {
    "registry": "packages from a registry",
    "hub": "data or models of the Hub",
    "gated": "access that the Hub grants to persons",
    "openai": "a key of a hosted model",
    "google": "a key of Google",
    "gpu": "an accelerator",
    "adapters": "adapters that were trained",
    "time": "minutes to hours of a processor",
    "person": "somebody who looks, reads or decides",
}
"""What a mark may say that a command needs."""
STAND_INS = {"openai"}
"""Needs that a test meets with a stand-in, so that the command runs all the same."""

ALL = [block for page in PAGES for block in blocks(page)]
SHELL = [block for block in ALL if block.language == "sh"]


def test_there_are_commands_on_the_pages() -> None:
    assert len(SHELL) > 40


@pytest.mark.parametrize("block", ALL, ids=str)
def test_a_block_has_a_language_and_marks_that_are_known(block: Block) -> None:
    assert block.language in LANGUAGES
    assert set(block.marks) <= set(MARKS)
    assert set(block.listed("needs")) <= set(NEEDS)
    assert block.language == "sh" or not {"needs", "given", "exits"} & set(block.marks)


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_a_block_that_no_test_can_run_says_what_it_needs(block: Block) -> None:
    """What needs nothing, or only what has a stand-in, is run by tests/e2e/test_documented_commands.py."""
    programs = {words[0] for words in block.commands()}
    assert programs <= {"warm-inspect", "inspect", "export"} or set(block.listed("needs")) - STAND_INS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_command_stands_outside_a_fence(page: Path) -> None:
    assert not [line for line in prose(page).splitlines() if line.startswith("    ") and line.strip()[:2] not in "- *"]


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_each_command_line_is_one_that_its_program_takes(block: Block) -> None:
    assert block.commands()
    assert not [fault for words in block.commands() for fault in faults(words)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_so_is_each_command_within_a_sentence(page: Path) -> None:
    assert not [fault for words in commands_in_sentences(page) for fault in faults(words)]


@pytest.mark.parametrize("block", [block for block in ALL if block.language != "sh"], ids=str)
def test_files_and_code_can_be_read(block: Block) -> None:
    match block.language:
        case "python":
            for node in ast.walk(ast.parse(block.text)):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("warm_inspect"):
                    assert all(hasattr(import_module(node.module or ""), name.name) for name in node.names)
        case "yaml":
            assert yaml.safe_load(block.text)
        case "json":
            assert json.loads(block.text)
        case _:
            assert block.text.strip()


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("warm-inspect analyse logs", "analyse"),
        ("warm-inspect analyze logs --outt analysis", "--outt"),
        ("warm-inspect demo --minutes soon", "soon"),
        ("warm-inspect regrade logs --missing --grader openai/m --out graded", "either --missing"),
        ("inspect eval warm_inspect/truthqa --model openai/m", "truthqa"),
        ("inspect eval warm_inspect/medqa -T context=none --model openai/m", "context"),
        ("inspect eval warm_inspect/medqa --no-scoring", "--no-scoring"),
        ("pip install 'warm-inspect[analyses]'", "analyses"),
        ("make tests", "tests"),
        ("python -m bench.gate.nothing", "bench/gate/nothing.py"),
        ("curl http://example.com", "curl"),
    ],
)
def test_a_line_that_no_program_takes_is_seen(line: str, part: str) -> None:
    [block] = [Block("page", 1, "sh", line, {})]
    [fault] = [fault for words in block.commands() for fault in faults(words)]
    assert part in fault
