"""Processor time that `match` takes for a reply of one megabyte, for patterns that would be slow in a careless reader.

python -m bench.grading.hostile
"""

import time
from collections.abc import Callable

import click

from tests.grading.matching.test_match import HOSTILE, france, moon

SIZE = 1_000_000
"""Characters of a reply."""
REPEATS = 3
"""Of each the fastest counts: other processes only ever add."""


@click.command()
def main() -> None:
    """Print seconds for each pattern, slowest first: as a reply to an open item, and to a yes/no item."""
    timed = {pattern: (seconds(france, pattern), seconds(moon, pattern)) for pattern in HOSTILE}
    print(f"{'pattern':26} {'open':>6} {'yes/no':>6}")
    for pattern, times in sorted(timed.items(), key=lambda each: -max(each[1])):
        print(f"{pattern!r:26} {times[0]:6.2f} {times[1]:6.2f}")


def seconds(read: Callable[[str], object], pattern: str) -> float:
    """Processor seconds of this process for one reply."""
    reply = pattern * (SIZE // len(pattern))
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        read(reply)
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    main()
