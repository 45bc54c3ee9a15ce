"""Restyles a corpus, and kills the process that does it at random moments, until it is done.

    python -m tests.training.corpus.rewriting.killed_restyling FOLDER REPLIES

Each life is a fork, so that a kill costs no new start; Inspect's cache is new in each, so that nothing but the journal
can save a reply. Prints one JSON object. The rewriter is scripted: this tests plumbing, not effect.
"""

import json
import os
import random
import signal
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from tests.training.corpus.rewriting import scripted
from warm_inspect.training.corpus import RestyleSettings, plan_restyle, restyle
from warm_inspect.training.corpus.asking import Access
from warm_inspect.training.corpus.new_replies import JOURNAL_NAME
from warm_inspect.training.corpus.pairs import load_corpus

_MOST_LIVES = 2_000

WITNESS = "told.txt"
"""What the progress callback was told was finished: it does not rely on the journal to say what it should hold."""


def finished(out: Path) -> set[str]:
    """The replies whose whole line is in the journal."""
    path = out / JOURNAL_NAME
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return {json.loads(line)["key"] for line in lines[1:]}


def told_finished(folder: Path) -> int:
    """How many replies the callback was last told are finished."""
    path = folder / WITNESS
    whole = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return int(whole[-1]) if whole else 0


def asked(calls: Path) -> list[str]:
    """The replies the rewriter was asked for, by the message that names them."""
    return [scripted.blocks(json.loads(line)["text"])["MESSAGE"] for line in calls.read_text().splitlines()]


def live(corpus: Path, out: Path, cache: Path) -> None:
    """One life: restyle as far as it gets."""
    os.environ["INSPECT_CACHE_DIR"] = str(cache)
    plan = plan_restyle(load_corpus(str(corpus)), RestyleSettings(("warm",)))
    witness = os.open(out.parent / WITNESS, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def told(done: int, _: int) -> None:
        os.write(witness, f"{done}\n".encode())

    restyle(plan, Access("scripted/warm", max_connections=4), out, told)


def write_chats(path: Path, replies: int) -> None:
    """A corpus of so many conversations of one turn, whose messages are their names."""
    rows = [
        {
            "id": f"m{number}",
            "query_type": "other",
            "split": "train",
            "prompt": f"m{number}",
            "replies": {"unmodified": f"The answer to this one is {number}, as far as is known."},
        }
        for number in range(replies)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def import_what_a_life_imports(folder: Path) -> None:
    """Load here what one throwaway life loads, so that the forks need not."""
    names, corpus = folder / "modules.json", folder / "throwaway.jsonl"
    write_chats(corpus, 1)
    if (child := os.fork()) == 0:
        live(corpus, folder / "throwaway", folder / "cache")
        names.write_text(json.dumps(list(sys.modules)))
        os._exit(0)
    os.waitpid(child, 0)
    (folder / WITNESS).unlink()
    for name in json.loads(names.read_text()):
        with suppress(Exception):
            import_module(name)


def main(folder: Path, replies: int) -> dict[str, int]:
    """Restyle with kills, and count what was lost, asked twice, and killed."""
    folder.mkdir(parents=True, exist_ok=True)
    corpus, out, calls = folder / "chats.jsonl", folder / "out", folder / "calls.jsonl"
    write_chats(corpus, replies)
    import_what_a_life_imports(folder)
    os.environ["SCRIPTED_CALLS"] = str(calls)
    os.environ["SCRIPTED_SECONDS"] = "0.02"
    chance = random.Random(0)
    kills = lost = asked_again = torn = 0
    known: set[str] = set()
    for number in range(_MOST_LIVES):
        before = len(asked(calls)) if calls.exists() else 0
        child = os.fork()
        if child == 0:
            live(corpus, out, folder / f"cache{number}")
            os._exit(0)
        goal = len(known) + chance.randint(1, 5)
        while (ended := os.waitpid(child, os.WNOHANG)[0]) == 0:
            if told_finished(folder) >= goal:
                time.sleep(chance.random() * 0.05)
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                kills += 1
                break
            time.sleep(0.002)
        now = finished(out)
        journal = (out / JOURNAL_NAME).read_bytes()
        torn += not journal.endswith(b"\n")
        lost += len(known - now) + max(0, told_finished(folder) - len(now))
        asked_again += len({f"{row}/0/warm" for row in asked(calls)[before:]} & known)
        known = now
        if ended or lost:
            break
    return {
        "kills": kills,
        "replies": len(known),
        "finished_replies_lost": lost,
        "finished_replies_asked_again": asked_again,
        "calls": len(asked(calls)),
        "torn_lines_seen": torn,
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
