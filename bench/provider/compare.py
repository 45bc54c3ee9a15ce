"""Our provider against Inspect's hf provider and bare transformers, in interleaved runs.

python -m bench.provider.compare --repeats 5
"""

import argparse
import statistics
import time

from bench.provider.contestants import Contestant, Run
from bench.provider.workload import MODEL, model_folder

BATCHES = (32, 64, 128, 256)


def best(name: str, model: str, batches: list[int]) -> int:
    """The batch size that answers the workload fastest, one run each."""
    seconds = {}
    for batch in batches:
        contestant = Contestant(name, model, batch)
        seconds[batch] = contestant.run().seconds
        contestant.close()
        print(f"  {name} at batch {batch}: {256 / seconds[batch]:.2f} samples/s", flush=True)
    return min(seconds, key=lambda batch: seconds[batch])


def peak_flops(seconds: float = 2.0) -> float:
    """Floating point operations per second of large bf16 matrix products here, two per multiply-add."""
    import torch

    size = 2_048
    one, other = (torch.randn(size, size).bfloat16() for _ in range(2))
    one @ other
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        one @ other
        done += 1
    return done * 2.0 * size**3 / (time.perf_counter() - start)


def workload_flops(run: Run, name: str) -> float:
    """Matrix work that the workload cannot do without: each weight once per token, logits per written token only."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(
            AutoConfig.from_pretrained(model_folder(name), trust_remote_code=False), trust_remote_code=False
        )
    head = model.get_output_embeddings().weight.numel()
    body = sum(weights.numel() for weights in model.parameters() if weights.dim() == 2) - head
    return 2.0 * (body * (run.input_tokens + run.output_tokens) + head * run.output_tokens)


def shown(ratios: list[float]) -> str:
    return f"{min(ratios):.2f} / {statistics.median(ratios):.2f} / {max(ratios):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=MODEL, help="alias or folder of the base model")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batches", type=int, nargs="+", default=list(BATCHES), help="tried for the other two")
    parser.add_argument("--ours", type=int, default=192, help="our batch size")
    arguments = parser.parse_args()
    sizes = {"ours": arguments.ours} | {
        name: best(name, arguments.model, arguments.batches) for name in ("hf", "transformers")
    }
    contestants = {name: Contestant(name, arguments.model, batch) for name, batch in sizes.items()}
    runs: dict[str, list[Run]] = {name: [] for name in contestants}
    peaks = []
    for repeat in range(arguments.repeats):
        # Every other round in the opposite order, so that nobody always runs first.
        for name in list(contestants)[:: (-1) ** repeat]:
            runs[name].append(contestants[name].run())
        peaks.append(peak_flops())
    for contestant in contestants.values():
        contestant.close()
    for name, batch in sizes.items():
        speeds = [run.samples / run.seconds for run in runs[name]]
        print(f"{name:>12} (batch {batch}): {shown(speeds)} samples/s, peak {runs[name][-1].peak_rss / 2**30:.2f} GiB, "
              f"tokens in each run: {', '.join(f'{run.output_tokens:,}' for run in runs[name])}")  # fmt: skip
    for other in ("hf", "transformers"):
        pairs = list(zip(runs["ours"], runs[other], strict=True))
        samples = [theirs.seconds / ours.seconds for ours, theirs in pairs]
        # Greedy bf16 replies part ways where two tokens are nearly as likely, and then differ in length.
        tokens = [
            ratio * ours.output_tokens / theirs.output_tokens
            for ratio, (ours, theirs) in zip(samples, pairs, strict=True)
        ]
        print(f"ours is {shown(samples)} times as fast as {other} in samples, {shown(tokens)} in tokens "
              f"(min / median / max of {len(pairs)} pairs)")  # fmt: skip
    limits = [
        workload_flops(run, arguments.model) / peak / run.seconds for run, peak in zip(runs["ours"], peaks, strict=True)
    ]
    print(f"ours takes {shown([1 / limit for limit in limits])} times as long as its matrix products would at the "
          f"measured peak of {statistics.median(peaks) / 1e9:.0f} GFLOP/s")  # fmt: skip


if __name__ == "__main__":
    main()
