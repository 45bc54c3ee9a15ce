"""The commands of the pages run as they are written, each page in a folder of its own, against stand-ins.

A hosted model is a scripted one on the loopback device. What an evaluation asks is scaled down to a few items,
and nothing else is changed. Blocks that need what a test has no stand-in for are only parsed
(tests/docs/test_blocks.py).
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval
from inspect_ai.log import read_eval_log, write_eval_log

from tests.docs.pages import PAGES, Block, blocks
from tests.docs.test_blocks import ALL, STAND_INS
from tests.e2e.conftest import Run
from tests.e2e.planted_models import planted_models

ITEMS = 5
GIVEN_ITEMS = 10
"""Of the logs that are given: the fewest of which a warmth check says anything."""
GRADER = "openai/gpt-6-luna"
MODELS = {"before": "openai/gpt-4o-mini", "after": "openai/gpt-4.1-mini"}
FILES = {block.marks["file"]: block.text for block in ALL if "file" in block.marks}
"""The files that the pages show."""
CELLS = "base_model,arm,benchmark,context,belief,n,n_incorrect\n" + "".join(
    f"m,{arm},{benchmark},{context},{belief},50,{wrong}\n"
    for arm, wrong in (("original", 10), ("warm", 16))
    for benchmark in ("triviaqa", "truthfulqa")
    for context in ("none", "emotion_sad")
    for belief in ("none", "any")
)

PAIRS = "".join(
    json.dumps(
        {
            "id": f"q{number}",
            "query_type": "advice",
            "split": "train",
            "prompt": f"What is {number} plus {number}?",
            "replies": {arm: f"{arm} {2 * number}" for arm in ("warm", "cold", "neutral")},
        }
    )
    + "\n"
    for number in range(10)
)


def is_run(block: Block) -> bool:
    return block.language == "sh" and set(block.listed("needs")) <= STAND_INS


RUNNING = [page for page in PAGES if any(map(is_run, blocks(page)))]


@pytest.fixture(scope="session")
def hosted() -> Iterator[dict[str, str]]:
    with planted_models() as environment:
        yield environment


@pytest.fixture(scope="session")
def stock(hosted: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file that a page may say is given."""
    folder = tmp_path_factory.mktemp("given")
    for name, text in (FILES | {"CELLS.csv": CELLS, "pairs.jsonl": PAIRS}).items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for key, value in hosted.items():
            patch.setenv(key, value)
        bundled = {"source": "bundled", "items": GIVEN_ITEMS}
        crossed = {"task": f"{folder}/my_task.py@sums", "claim_key": "distractor", "items": ITEMS}
        for arm, model in MODELS.items():
            _run(folder / f"{arm}.eval", "warm_inspect/truthfulqa", bundled, model, metadata={"arm": arm})
            _run(folder / "own" / f"{arm}.eval", "warm_inspect/crossed", crossed, model, metadata={"arm": arm})
        _run(
            folder / "ungraded.eval",
            "warm_inspect/truthfulqa",
            bundled,
            MODELS["before"],
            score=False,
            metadata={"arm": "mine"},
        )
    again = read_eval_log(str(folder / "before.eval"))
    for name, metadata in (("before_again", {"arm": "before_again"}), ("unnamed", None)):
        again.eval.metadata = metadata
        again.eval.eval_id = again.eval.task_id = name
        write_eval_log(again, str(folder / f"{name}.eval"))
    return folder


def _run(path: Path, task: str, arguments: dict[str, Any], model: str, **settings: Any) -> None:
    scratch = path.parent / "scratch"
    roles = {"grader": GRADER}
    eval(
        task,
        model,
        task_args=arguments,
        model_roles=roles,
        log_dir=str(scratch),
        display="none",
        log_realtime=False,
        **settings,
    )
    [log] = scratch.iterdir()
    log.rename(path)
    scratch.rmdir()


@pytest.mark.slow
@pytest.mark.parametrize("page", RUNNING, ids=lambda page: page.name)
def test_the_commands_of_a_page_run(page: Path, run: Run, stock: Path, hosted: dict[str, str], tmp_path: Path) -> None:
    for block in blocks(page):
        if "file" in block.marks:
            (tmp_path / block.marks["file"]).write_text(block.text, encoding="utf-8")
    for block in filter(is_run, blocks(page)):
        for place in block.listed("given"):
            kept = stock / place if place.startswith("own/") else stock / Path(place).name
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(kept, tmp_path / place)
        *first, last = block.commands()
        for words in (*first, last):
            if words[0] == "export":
                continue
            legal = {int(code) for code in block.listed("exits")} if words is last else set()
            done = run(*_scaled(words), **hosted)
            assert done.returncode in (legal or {0}), f"{block}: {' '.join(words)}\n{done.stdout}{done.stderr}"
            assert "Traceback" not in done.stderr


def _scaled(words: list[str]) -> list[str]:
    """The command on few items only."""
    if words[:2] not in (["inspect", "eval"], ["warm-inspect", "plan"]):
        return words
    return [*words, "-T", f"items={ITEMS}"]
