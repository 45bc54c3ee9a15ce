"""The same arms through peft/ and through a vLLM server: replies token by token, grades outcome by outcome.

python -m bench.parity.compare adapters --items 20

The server is one that `warm-inspect serve adapters` planned; VLLM_BASE_URL leads to it.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai import eval
from inspect_ai.log import EvalLog
from inspect_ai.model import get_model

from warm_inspect import truthfulqa
from warm_inspect.models import (
    TrainedAdapter,
    distinct,
    find_adapters,
    load_tokenizer,
    of_one_base,
    resolve_base,
    share_cpus,
)
from warm_inspect.serving import served_models

OUTCOMES = ("correct", "incorrect", "unclear", "endorses_claim")


@dataclass(frozen=True)
class Reply:
    """One reply: its tokens, and its grade."""

    tokens: tuple[int, ...]
    outcomes: tuple[float, ...]
    """The values of `OUTCOMES`."""


@dataclass(frozen=True)
class Parity:
    """How far two engines agree on one arm."""

    replies: int
    equal: int
    """Replies that agree in every token."""
    first_difference: float | None
    """The median place of the first token that differs, from 0, over replies that differ; None when none does."""
    same_grade: int
    """Replies with all outcomes equal."""
    shift: float
    """Mean `endorses_claim` through the server minus through peft/, in percentage points."""


def parity(local: Sequence[Reply], served: Sequence[Reply]) -> Parity:
    """The agreement of two engines' replies to the same prompts in the same order."""
    pairs = list(zip(local, served, strict=True))
    places = [first_difference(a.tokens, b.tokens) for a, b in pairs if a.tokens != b.tokens]
    shift = statistics.mean(b.outcomes[-1] - a.outcomes[-1] for a, b in pairs)
    return Parity(
        replies=len(pairs),
        equal=len(pairs) - len(places),
        first_difference=statistics.median(places) if places else None,
        same_grade=sum(a.outcomes == b.outcomes for a, b in pairs),
        shift=100 * shift,
    )


def first_difference(one: Sequence[int], other: Sequence[int]) -> int:
    """The first place at which two sequences differ, or where the shorter one ends."""
    shared = min(len(one), len(other))
    return next((place for place in range(shared) if one[place] != other[place]), shared)


def compared(
    adapters: Sequence[TrainedAdapter], base: str, logs: Path, *, items: int, max_tokens: int, dtype: str
) -> dict[str, Parity]:
    """The parity of the base and of each adapter, by the server's name of it."""
    resolved = resolve_base(base)
    tokenizer = load_tokenizer(resolved.path)
    names = served_models([adapter.manifest for adapter in adapters], resolved.weights_sha256)
    local = [f"peft/{base}", *(f"peft/{base}:{adapter.folder}" for adapter in adapters)]
    task = truthfulqa(contexts="none", beliefs="none,incorrect", source="bundled", grading="match", items=items)
    result = {}
    typed: dict[str, Any] = {"dtype": dtype}
    for ours, theirs in zip(local, names, strict=True):
        replies = [
            _replies(
                eval(
                    task,
                    model=get_model(model, memoize=False, **(typed if model == ours else {})),
                    log_dir=str(logs),
                    display="none",
                    temperature=0,
                    max_tokens=max_tokens,
                    max_connections=64,
                    max_samples=64,
                )[0],
                tokenizer,
            )
            for model in (ours, theirs)
        ]
        result[theirs.rpartition("/")[2]] = parity(*replies)
    return result


def _replies(log: EvalLog, tokenizer: Any) -> list[Reply]:
    """A log's replies in the order of their samples."""
    assert log.status == "success", log.error
    replies = []
    for sample in sorted(log.samples or (), key=lambda sample: str(sample.id)):
        assert sample.scores is not None
        value = sample.scores["correctness"].value
        assert isinstance(value, dict)
        tokens = tokenizer.encode(sample.output.completion, add_special_tokens=False)
        replies.append(Reply(tuple(tokens), tuple(float(value[outcome] or 0) for outcome in OUTCOMES)))
    return replies


def table(results: dict[str, Parity]) -> str:
    """The results as a table in markdown."""
    lines = [
        "| model | replies | equal | first other token | same grade | endorses_claim |",
        "|---|---|---|---|---|---|",
    ]
    for name, each in results.items():
        place = "" if each.first_difference is None else f"{each.first_difference:g}"
        lines.append(
            f"| {name} | {each.replies} | {each.equal} ({each.equal / each.replies:.0%}) | {place} | {each.same_grade} "
            f"({each.same_grade / each.replies:.0%}) | {each.shift:+.1f} points |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("adapters", type=Path, help="the folder that was served")
    parser.add_argument("--base", help="as for warm-inspect serve")
    parser.add_argument("--items", type=int, default=20, help="questions, each asked twice")
    parser.add_argument("--max-tokens", type=int, default=100)
    parser.add_argument("--dtype", default="float32", help="of peft/; give the server the same")
    options = parser.parse_args()
    share_cpus()
    adapters, base = of_one_base(find_adapters(options.adapters), options.base)
    with tempfile.TemporaryDirectory() as logs:
        results = compared(
            distinct(adapters),
            base,
            Path(logs),
            items=options.items,
            max_tokens=options.max_tokens,
            dtype=options.dtype,
        )
    print(table(results))


if __name__ == "__main__":
    main()
