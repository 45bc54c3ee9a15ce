"""The engine on a card against transformers and vLLM: random weights of 1B and 8B shape, 1, 2 and 4 adapters.

python -m bench.gpu.compare

Downloads nothing and ends within eight minutes; what does not fit into them is left out and named.
"""

import argparse
import importlib.util
import json
import platform
import sys
import tempfile
import time
from pathlib import Path

from bench.gpu.contestants import Job, Measured, runs
from bench.gpu.workload import SHAPES, least_bytes, write_adapter, write_base

ARMS = (1, 2, 4)
_COPIED = 2**30
"""Bytes of the array whose copy measures the bandwidth."""


def bandwidth(device: str, size: int) -> float:
    """Bytes read and written per second by copying an array: the best of ten."""
    import torch

    seconds = _copying(device, size)
    if device == "cuda":
        # The contestants are other processes, one of which takes a share of what is free.
        torch.cuda.empty_cache()
    return 2 * size / min(seconds)


def _copying(device: str, size: int) -> list[float]:
    import torch

    source = torch.zeros(size, dtype=torch.uint8, device=device)
    target = source.clone()
    seconds = []
    for _ in range(10):
        start = time.perf_counter()
        target.copy_(source)
        if device == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return seconds


def machine(device: str) -> str:
    import torch

    name = torch.cuda.get_device_name() if device == "cuda" else f"processor ({platform.machine()})"
    return f"{name}, torch {torch.__version__}"


def row(shape: str, name: str, job: Job, measured: Measured, speed: float) -> str:
    """A line of the table."""
    requests = job.requests(measured.arms)
    tokens = sum(each.reply for each in requests)
    share = least_bytes(job.shape, requests, job.rows) / speed / measured.seconds
    return (
        f"| {shape} | {name} | {measured.arms} | {len(requests) / measured.seconds:.2f} | "
        f"{tokens / measured.seconds:,.0f} | {measured.memory / 2**30:.1f} | {share:.0%} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=["1b", "8b"])
    parser.add_argument("--contestants", nargs="+", default=["ours", "transformers", "vllm"])
    parser.add_argument("--requests", type=int, default=384)
    parser.add_argument("--rows", type=int, default=192, help="the most that decode at once, for all alike")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--vllm", default=sys.executable, help="the Python of the environment where vLLM is installed")
    parser.add_argument("--out", type=Path, help="a JSON file for the measurements")
    options = parser.parse_args()
    # A contestant's process is ended at the deadline; half a minute for what comes after it.
    deadline = time.monotonic() + 60 * options.minutes - 30
    names = [
        name
        for name in options.contestants
        if name != "vllm" or options.vllm != sys.executable or importlib.util.find_spec("vllm")
    ]
    speed = bandwidth(options.device, _COPIED)
    print(f"{machine(options.device)}; a copy moves {speed / 1e9:,.0f} GB/s")
    print(f"{options.requests} requests, {options.rows} rows at most; not installed: "
          f"{', '.join(sorted(set(options.contestants) - set(names))) or 'none'}\n", flush=True)  # fmt: skip
    print("| shape | | adapters | samples/s | tokens/s | GiB | share of the bandwidth |\n|---|---|---|---|---|---|---|")
    results, left_out = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for shape in options.shapes:
            folder = Path(scratch, shape)
            base = write_base(SHAPES[shape], folder / "base")
            adapters = [write_adapter(SHAPES[shape], folder / f"arm-{seed}", seed) for seed in range(max(ARMS))]
            job = Job(SHAPES[shape], base, adapters, ARMS, options.requests, options.rows, options.device)
            for name in names:
                done = 0
                try:
                    for measured in runs(name, job, options.vllm, deadline):
                        print(row(shape, name, job, measured, speed), flush=True)
                        results.append({"shape": shape, "contestant": name, **vars(measured)})
                        done += 1
                except RuntimeError as error:
                    print(f"{name} at {shape}: {error}", file=sys.stderr, flush=True)
                left_out += [f"{name} at {shape} with {arms}" for arms in ARMS[done:]]
    print(f"\nNot measured, by an error above or for want of time: {'; '.join(left_out) or 'nothing'}")
    if options.out:
        told = {"machine": machine(options.device), "bytes_per_second": speed, "results": results}
        options.out.write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
