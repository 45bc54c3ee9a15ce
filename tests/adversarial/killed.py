"""Runs a command, kills the process that does it at random moments, and gives the same command again.

    python -m tests.adversarial.killed COMMAND FOLDER KILLS

Every other kill comes at a random moment of the time that the command takes undisturbed; the others come right before a
random change of the folder that it writes: a file opened for writing, renamed, removed. Whoever looks at the folder
after a kill, or after the command has ended at last, must find in it what an undisturbed run writes, or less of it.

Each life is a fork, so that a kill costs no new start. Prints one JSON object.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.adversarial.written import COMMANDS, Command

CHANGES = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate"}
"""Audit events that come before the file system is changed; `open` where it is for writing."""


class Changes:
    """Counts this process's changes of a folder, and ends the process before one of them."""

    def __init__(self, folder: Path, last: int | None) -> None:
        self.count = 0
        self._folder, self._last = str(folder), last
        sys.addaudithook(self._see)

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in CHANGES or not str(arguments[0]).startswith(self._folder):
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            return
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def begin(work: Callable[[], object], said: Path, after: Callable[[], None] = lambda: None) -> int:
    """The number of a forked process that does the work and ends with its exit code, 70 after a traceback."""
    if child := os.fork():
        return child
    os.setsid()
    for stream in (1, 2):
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    code: object = 70
    try:
        code = work()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    with suppress(Exception):
        after()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0)


def ended(child: int, within: float | None = None) -> int | None:
    """The exit code of a process; None when it was killed, here after some seconds or by itself."""
    until = time.monotonic() + within if within is not None else None
    while (status := os.waitpid(child, os.WNOHANG))[0] == 0:
        if until is not None and time.monotonic() >= until:
            os.killpg(child, signal.SIGKILL)
            status = os.waitpid(child, 0)
            break
        time.sleep(0.002)
    return None if os.WIFSIGNALED(status[1]) else os.waitstatus_to_exitcode(status[1])


class Killing:
    """The lives of one command, and what was wrong in the folder after them."""

    def __init__(self, command: Command, folder: Path) -> None:
        self.command, self.folder = command, folder
        self.inputs, self.said = folder / "inputs", folder / "said.txt"
        self.inputs.mkdir(parents=True)
        assert ended(begin(lambda: command.prepare(self.inputs), self.said)) == 0, self.said.read_text()
        self.seconds, self.changes = self._undisturbed()
        self.expected = self.command.finished(folder / "undisturbed")
        self.old = self._state_before()
        self.faults: list[str] = []
        self.kills = self.rounds = 0

    def _state_before(self) -> dict[str, str]:
        out = self.folder / "old"
        out.mkdir()
        assert ended(begin(lambda: self.command.begin(self.inputs, out), self.said)) == 0
        return self.command.finished(out)

    def _undisturbed(self) -> tuple[float, int]:
        """Seconds and changes of a whole run, the second: this process imports what the first has."""
        facts = self.folder / "facts.json"
        for out in ("first", "undisturbed"):
            start = time.monotonic()
            child = self._live(self.folder / out, None, facts)
            code = ended(child)
            seconds = time.monotonic() - start
            assert code in self.command.codes, (code, self.said.read_text())
            told = json.loads(facts.read_text())
            for name in told["modules"]:
                with suppress(Exception):
                    import_module(name)
        return seconds, told["changes"]

    def _live(self, out: Path, last: int | None, facts: Path | None = None) -> int:
        counted: list[Changes] = []
        if not out.exists():
            out.mkdir()
            assert ended(begin(lambda: self.command.begin(self.inputs, out), self.said)) == 0, self.said.read_text()

        def work() -> object:
            counted.append(Changes(out, last))
            return self.command.run(self.inputs, out)

        def tell() -> None:
            if facts:
                facts.write_text(json.dumps({"changes": counted[0].count, "modules": list(sys.modules)}))

        return begin(work, self.said, tell)

    def killed(self, kills: int, chance: random.Random) -> dict[str, Any]:
        """Kill so often, in as many rounds as that takes, each until the command has ended."""
        while self.kills < kills and len(self.faults) < 5:
            self._round(self.folder / f"round{self.rounds}", kills, chance)
            self.rounds += 1
        return {
            "kills": self.kills,
            "rounds": self.rounds,
            "faults": self.faults,
            "things": len(self.expected),
            "seconds": round(self.seconds, 2),
            "changes": self.changes,
        }

    def _round(self, out: Path, kills: int, chance: random.Random) -> None:
        before: dict[str, str] = {}
        while True:
            enough = self.kills >= kills
            by_change = chance.random() < 0.5
            last = chance.randint(1, max(1, self.changes)) if by_change and not enough else None
            child = self._live(out, last)
            code = ended(child, None if by_change or enough else chance.random() * self.seconds)
            now = self.command.finished(out)
            self._compare(before, now, code)
            before = now
            if code is not None:
                return
            self.kills += 1

    def _compare(self, before: dict[str, str], now: dict[str, str], code: int | None) -> None:
        """Note what is false, lost or, after the end, missing."""
        when = f"after kill {self.kills} in round {self.rounds}"
        expected, known = dict(self.expected), dict(now)
        if not self.command.repeats:
            expected, known = dict.fromkeys(expected, ""), dict.fromkeys(known, "")
        if not known.items() <= self.old.items() and (wrong := sorted(known.items() - expected.items())):
            self.faults.append(f"{when}: false {wrong[:5]}")
        if self.command.resumes and (lost := sorted(before.items() - now.items())):
            self.faults.append(f"{when}: lost or changed {lost[:5]}")
        if code is not None and (code not in self.command.codes or known != expected):
            differing = sorted(dict(known.items() ^ expected.items()))
            said = self.said.read_text(errors="replace")[-1_500:]
            self.faults.append(f"{when}: ended with {code}; other at the end: {differing[:5]}; {said}")


if __name__ == "__main__":
    killing = Killing(COMMANDS[sys.argv[1]], Path(sys.argv[2]))
    print(json.dumps(killing.killed(int(sys.argv[3]), random.Random(0))))
